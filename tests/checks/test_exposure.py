"""What is said of doors that must be shut (netfacts.md 3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.exposure import CHECK
from emrnetcheck.checks.exposure.held_back import HELD_BACK
from emrnetcheck.diagnosis import causes_of, headline_of, meanings_of, verdict_of
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.exposure import HeldBack, Listener
from emrnetcheck.evidence.port import Arrivals, OutsideTry, Port
from emrnetcheck.evidence.wan import PortMapping, Wan
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Access, Failure, FailureKind, Site, Verdict
from emrnetcheck.profiles import PROFILES, closed_ports
from tests.checks.builders import (
    CONTROL,
    DOORS,
    LINK,
    OLD,
    PUBLIC,
    ROUTER,
    SERVER,
    SITE,
    Row,
    address,
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
    spoken,
)

VPN = replace(SITE, access=Access.VPN)
EVERYTHING = doors(*DOORS, CONTROL)
NOBODY = doors(unanswered=(*DOORS, CONTROL))


def seen(*tries: OutsideTry, site: Site = SITE, **changes: Any) -> Case:
    return case(site, exposure=exposure(*tries, **changes))


def here(*listeners: Listener) -> Case:
    """All shut from outside, and these listen on the server."""
    return seen(listeners=listeners)


def web(open_: int, *listeners: Listener) -> Case:
    return seen(*doors(open_), listeners=listeners)


def by_v6(*listeners: Listener) -> Case:
    """All shut from outside by IPv4, and these listen on the server, which has IPv6."""
    return case(address=IPV6, exposure=exposure(listeners=listeners))


def by_arrivals(*, accepted: int = 0, refused: int = 0) -> Port:
    """Nobody outside got through, and this was seen to arrive."""
    return port(outside(False), arrivals=Arrivals(outside=1, accepted=accepted, refused=refused), syn_seen=True)


def mapped(client: str) -> Address:
    """The router says that it forwards the EMR's port there."""
    told = Wan(ROUTER, mapping=PortMapping(8443, client, 8443, True, "", None))
    return address(router=told)


V6 = "2a00::10"
IPV6 = address(public_v6=V6)
SHUT = port(outside(False))
CONTRADICTED = port(outside(False), outside(True, "two"))
HAIRPIN = port(outside(False), spoken_lan=spoken("a" * 64), spoken_hairpin=spoken("a" * 64))
MAPPED, MAPPED_WRONG = mapped(SERVER), mapped("192.168.1.77")


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
    row(
        "web open, from another computer", seen(*doors(443), is_emr_host=False, listeners=None), "exposure.web_unknown"
    ),
    row("web open, at the server's own loopback", web(80, listener(80, "127.0.0.1", "::1")), "exposure.router_page"),
    row("web open, at a container's network", web(80, listener(80, "172.17.0.1")), "exposure.router_page"),
    row("web open at 80, the server has 443", web(80, listener(443, "::")), "exposure.router_page"),
    row("web open, at the server's own address", web(443, listener(443, SERVER)), "exposure.web_open"),
    row(
        "web open at both, the server has 443",
        seen(*doors(80, 443), listeners=(listener(443, "0.0.0.0"),)),
        "exposure.router_page",
        "exposure.web_open",
    ),
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
    row("one lies, the other does not", seen(*EVERYTHING, *doors(service="two")), "exposure.none_seen"),
    row("one lies, the other finds one", seen(*EVERYTHING, *doors(23, service="two")), "exposure.dangerous_open"),
    row("nobody answered", seen(*NOBODY), "exposure.unverified"),
    row("the second answered", seen(*NOBODY, *doors(service="two")), "exposure.none_seen"),
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
    row("EMR's port was not tried", case(port=None), "exposure.none_seen"),
    row("EMR's port shut for it, too", case(port=SHUT), "exposure.none_seen"),
    row("EMR's port shut for it, as it should be", case(VPN, port=SHUT), "exposure.none_seen"),
    row("got through elsewhere", case(port=port(outside(True, dialled=OLD))), "exposure.none_seen"),
    row("EMR's port shut for it, another got through", case(port=CONTRADICTED), "exposure.unverified"),
    row(
        "EMR's port shut for it, all shut for the other",
        case(port=CONTRADICTED, exposure=exposure(*doors(), *doors(service="two"))),
        "exposure.ok",
    ),
    row(
        "EMR's port shut for it, but a door open",
        case(port=CONTRADICTED, exposure=exposure(*doors(3306))),
        "exposure.dangerous_open",
    ),
    row("EMR's port shut for it, somebody let in", case(port=by_arrivals(accepted=1)), "exposure.unverified"),
    row("EMR's port shut for it, refused by the server", case(port=by_arrivals(refused=1)), "exposure.none_seen"),
    row("EMR's port shut for it, but forwarded", case(port=HAIRPIN), "exposure.unverified"),
    row("EMR's port shut for it, as mapped", case(port=SHUT, address=MAPPED), "exposure.unverified"),
    row("EMR's port shut for it, mapped elsewhere", case(port=SHUT, address=MAPPED_WRONG), "exposure.none_seen"),
    row("IPv6, the server listens on it", by_v6(listener(22, "::")), "exposure.ok", "exposure.ipv6_untried"),
    row("IPv6, the server listens at its address", by_v6(listener(22, V6)), "exposure.ok", "exposure.ipv6_untried"),
    row("IPv6, the server listens by IPv4 only", by_v6(listener(22, "0.0.0.0")), "exposure.ok"),
    row("IPv6, the server listens on its loopback", by_v6(listener(3306, "::1")), "exposure.ok"),
    row(
        "IPv6, from another computer",
        case(address=IPV6, exposure=exposure(is_emr_host=False, listeners=None)),
        "exposure.ok",
        "exposure.ipv6_untried",
    ),
    row("IPv6, held back", case(address=IPV6, exposure=exposure(held_back=HeldBack.NO_CONSENT)), "exposure.unverified"),
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
        ([listener(3306, "0.0.0.0", by="mariadbd")], ["bind-address = 127.0.0.1"]),
        ([listener(3306, "0.0.0.0", by="docker-proxy")], ["127.0.0.1:3306:3306"]),
        ([listener(8009, "::", by="java")], ["server.xml"]),
        ([listener(5432, "::")], ["listen_addresses"]),
        (
            [
                listener(3306, "0.0.0.0", by="docker-proxy"),
                listener(5432, "0.0.0.0", by="docker-proxy"),
                listener(6379, "0.0.0.0"),
                listener(8009, "::"),
            ],
            ["127.0.0.1:3306:3306, 127.0.0.1:5432:5432", "Redis: bind 127.0.0.1", "AJP: address="],
        ),
        ([listener(6379, "0.0.0.0"), listener(5432, "::", by="docker-proxy")], ["127.0.0.1:5432:5432", "Redis"]),
    ],
)
def test_how_to_bind_it_is_told_for_each_by_what_holds_it(listening: list[Listener], words: list[str]) -> None:
    finding = judged(CHECK, here(*listening))[-1]
    how = str(finding.facts["how"])
    assert finding.expected == f"127.0.0.1 ({how})"
    assert "docker-proxy" not in str(finding.facts["ports"])
    assert all(each in how for each in words)
    assert "127.0.0.1:6379:6379" not in how


def test_what_listens_on_ipv6_is_told_to_be_behind_the_firewall_alone() -> None:
    *_, bare = judged(CHECK, by_v6(listener(3306, "::")))
    *_, inside = judged(CHECK, here(listener(3306, "::")))
    assert (bare.code, inside.code) == ("exposure.listens_widely",) * 2
    assert "firewall" in str(bare.facts["ipv6"])
    assert inside.facts["ipv6"] == ""


def test_the_services_limit_is_told_once_with_the_longest_time() -> None:
    told = [
        OutsideTry(
            "a", None, port_, None, Failure(FailureKind.RATE_LIMITED, "ask", "a.example", f"try again in {wait}")
        )
        for port_, wait in ((3306, "7 s"), (5432, "2 min"), (445, "9 s"))
    ]
    (finding,) = judged(CHECK, seen(*told))
    assert str(finding.facts["why"]).count("try again") == 1
    assert "in 2 min" in str(finding.facts["why"])


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
    causes = causes_of(results, meanings_of([CHECK]))
    assert [cause.code for cause in causes] == ["exposure.dangerous_open", "exposure.open_resolver"]
    assert verdict_of(results) is Verdict.NOT_READY
    assert "3306" in headline_of(verdict_of(results), causes)


def test_a_tunnels_own_way_out_explains_what_was_not_tried() -> None:
    from emrnetcheck.checks import ALL

    clinic = case(link=replace(LINK, vpn=True), exposure=exposure(held_back=HeldBack.VPN))
    results = {result.id: result for result in judge_all(ALL, clinic, {}, {}, strict=True)}
    assert results["exposure"].skipped_because == "link"
