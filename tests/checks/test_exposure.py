"""What is said of doors that must be shut (netfacts.md 3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.exposure import CHECK
from emrnetcheck.checks.exposure.held_back import HELD_BACK
from emrnetcheck.diagnosis import causes_of, headline_of, verdict_of
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.exposure import HeldBack, Listener
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Access, Failure, FailureKind, Site, Verdict
from emrnetcheck.profiles import PROFILES, closed_ports
from tests.checks.builders import (
    CONTROL,
    DOORS,
    LINK,
    OLD,
    PUBLIC,
    SERVER,
    SITE,
    Row,
    case,
    codes_of,
    doors,
    exposure,
    judged,
    limits,
    listener,
    outside,
    port,
    row,
)

VPN = replace(SITE, access=Access.VPN)
EVERYTHING = doors(*DOORS, CONTROL)
NOBODY = doors(unanswered=(*DOORS, CONTROL))


def seen(*tries: OutsideTry, site: Site = SITE, **changes: Any) -> Case:
    return case(site, exposure=exposure(*tries, **changes))


def here(*listeners: Listener) -> Case:
    """All shut from outside, and these listen on the server."""
    return seen(listeners=listeners)


TABLE = [
    row("all shut", seen(), "exposure.ok"),
    row("all shut, VPN", seen(site=VPN), "exposure.ok"),
    row("address not told by the service", seen(*doors(dialled=None)), "exposure.ok"),
    row("database open", seen(*doors(3306)), "exposure.dangerous_open"),
    row("database open, VPN", seen(*doors(3306), site=VPN), "exposure.dangerous_open"),
    row("several open, one finding", seen(*doors(3306, 8080, 3389, 23)), "exposure.dangerous_open"),
    row("open resolver", seen(*doors(53)), "exposure.open_resolver"),
    row("SSH open", seen(*doors(22)), "exposure.ssh_open"),
    row("web open, the server listens there", seen(*doors(80), listeners=(listener(80, "::"),)), "exposure.web_open"),
    row("web open, the server does not", seen(*doors(80, 443)), "exposure.router_page"),
    row("web open, from another computer", seen(*doors(443), is_emr_host=False, listeners=None), "exposure.web_open"),
    row(
        "one of each kind",
        seen(*doors(8009, 53, 22, 80)),
        "exposure.dangerous_open",
        "exposure.open_resolver",
        "exposure.ssh_open",
        "exposure.router_page",
    ),
    row("the control port is open", seen(*doors(3306, CONTROL)), "exposure.says_all_open"),
    row("all are open", seen(*EVERYTHING), "exposure.says_all_open"),
    row("all but the filtered are open", seen(*doors(*DOORS[:-2], CONTROL)), "exposure.says_all_open"),
    row("control not tried, most open", seen(*doors(*DOORS[:10], unanswered=(CONTROL,))), "exposure.says_all_open"),
    row("control not tried, half open", seen(*doors(*DOORS[:9], unanswered=(CONTROL,))), "exposure.dangerous_open"),
    row("control not tried, one open", seen(*doors(3306, unanswered=(CONTROL,))), "exposure.dangerous_open"),
    row("one lies, the other does not", seen(*EVERYTHING, *doors(service="two")), "exposure.ok"),
    row("one lies, the other finds one", seen(*EVERYTHING, *doors(23, service="two")), "exposure.dangerous_open"),
    row("nobody answered", seen(*NOBODY), "exposure.unverified"),
    row("the second answered", seen(*NOBODY, *doors(service="two")), "exposure.ok"),
    row("one without an answer", seen(*doors(unanswered=(445,))), "exposure.unverified"),
    row(
        "one without an answer, another open",
        seen(*doors(23, unanswered=(445,))),
        "exposure.dangerous_open",
        "exposure.unverified",
    ),
    row(
        "just under the limit",
        seen(*doors(unanswered=DOORS[:10]), site=limits("exposure", answered_ratio=0.5)),
        "exposure.unverified",
    ),
    row(
        "just over the limit",
        seen(*doors(unanswered=DOORS[:9]), site=limits("exposure", answered_ratio=0.5)),
        "exposure.ok",
    ),
    row("on the limit", seen(*doors(), site=limits("exposure", answered_ratio=1.0)), "exposure.ok"),
    row("another place dialled, shut", seen(*doors(dialled=OLD)), "exposure.unverified"),
    row("another place dialled, open", seen(*doors(3306, dialled=OLD)), "exposure.unverified"),
    *(row(f"held back: {why}", seen(held_back=why), "exposure.unverified") for why in HeldBack),
    row("database on loopback", here(listener(3306, "127.0.0.1")), "exposure.ok"),
    row("database on IPv6 loopback", here(listener(3306, "::1")), "exposure.ok"),
    row("database on all", here(listener(3306, "0.0.0.0")), "exposure.ok", "exposure.listens_widely"),
    row("database on all of IPv6", here(listener(3306, "127.0.0.1", "::")), "exposure.ok", "exposure.listens_widely"),
    row("database on the LAN address", here(listener(5432, SERVER)), "exposure.ok", "exposure.listens_widely"),
    row("database on a container's network", here(listener(3306, "172.17.0.1")), "exposure.ok"),
    row("AJP and shutdown", here(listener(8009, "::"), listener(8005, "::")), "exposure.ok", "exposure.listens_widely"),
    row("plain Tomcat on all", here(listener(8080, "0.0.0.0")), "exposure.ok", "exposure.listens_in_office"),
    row("usual in an office", here(listener(22, "::"), listener(445, "::"), listener(443, "::")), "exposure.ok"),
    row("another computer's", seen(is_emr_host=False, listeners=None), "exposure.ok"),
    row(
        "table not readable",
        seen(listeners=None, listeners_failure=Failure(FailureKind.PERMISSION)),
        "exposure.ok",
    ),
    row(
        "held back, but seen here",
        seen(held_back=HeldBack.OFFLINE, listeners=(listener(3306, "::", by="mariadbd"), listener(10000, "0.0.0.0"))),
        "exposure.unverified",
        "exposure.listens_widely",
        "exposure.listens_in_office",
    ),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_exposure_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


def test_the_finding_names_ports_services_and_reasons() -> None:
    (finding,) = judged(CHECK, seen(*doors(3306, 8009)))
    assert finding.facts["ports"] == "port 3306 (MariaDB or MySQL database), port 8009 (Tomcat's AJP)"
    assert finding.facts["numbers"] == "ports 3306, 8009"
    reasons = finding.facts["reasons"]
    assert isinstance(reasons, tuple)
    assert "Ghostcat" in reasons[1]
    assert "patient" in str(finding.facts["reason"])


def test_an_old_runs_door_that_is_no_longer_on_the_list_is_still_an_open_door() -> None:
    old = exposure(OutsideTry("echo.example", PUBLIC, 4711, True, None), *doors(), ports=(*DOORS, 4711))
    (finding,) = judged(CHECK, case(exposure=old))
    assert (finding.code, finding.facts["ports"]) == ("exposure.dangerous_open", "port 4711")


@pytest.mark.parametrize(
    ("listening", "words"),
    [
        (listener(3306, "0.0.0.0", by="mariadbd"), "bind-address = 127.0.0.1"),
        (listener(3306, "0.0.0.0", by="docker-proxy"), "127.0.0.1:3306:3306"),
        (listener(8009, "::", by="java"), "server.xml"),
        (listener(5432, "::"), "own settings"),
    ],
)
def test_how_to_bind_it_is_told_by_what_holds_it(listening: Listener, words: str) -> None:
    finding = judged(CHECK, here(listening))[-1]
    assert words in str(finding.facts["how"])


def test_every_reason_to_hold_back_has_words() -> None:
    assert set(HELD_BACK) == set(HeldBack)
    assert all(why and how and not f"{why}{how}".endswith(".") for why, how in HELD_BACK.values())


@pytest.mark.parametrize("profile", [*PROFILES, "unknown"])
@pytest.mark.parametrize("own_port", [8443, 443, 8080, 22])
def test_the_list_has_at_most_nineteen_ports_each_once_and_never_the_emrs_own(profile: str, own_port: int) -> None:
    ports = [each.port for each in closed_ports(profile, own_port)]
    assert len(ports) == len(set(ports)) <= 19
    assert own_port not in ports
    assert {3306, 3389, 445, 23} <= set(ports)
    assert all(each.service and each.reason.endswith(".") for each in closed_ports(profile, own_port))


def test_the_lists_of_oscar_has_what_its_recipes_publish() -> None:
    assert {3306, 8080, 8081, 8009, 8005} <= set(DOORS)


def test_an_open_database_is_the_headline_before_all_else() -> None:
    site = replace(SITE, access=Access.VPN)
    clinic = case(site, port=port(outside(True)), exposure=exposure(*doors(3306, 53)), upload=None)
    results = judge_all([CHECK], clinic, {}, {}, strict=True)
    causes = causes_of(results, {})
    assert [cause.code for cause in causes] == ["exposure.dangerous_open", "exposure.open_resolver"]
    assert verdict_of(results) is Verdict.NOT_READY
    assert "3306" in headline_of(verdict_of(results), causes)


def test_a_tunnels_own_way_out_explains_what_was_not_tried() -> None:
    from emrnetcheck.checks import ALL

    clinic = case(link=replace(LINK, vpn=True), exposure=exposure(held_back=HeldBack.VPN))
    results = {result.id: result for result in judge_all(ALL, clinic, {}, {}, strict=True)}
    assert results["exposure"].skipped_because == "link"
