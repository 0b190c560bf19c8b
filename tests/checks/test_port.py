"""What is said of the EMR's port (netfacts.md 3.2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks.port import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.port import OutsideTry, Port
from emrnetcheck.model import Access, Failure, FailureKind, Site
from tests.checks.builders import (
    OLD,
    PUBLIC,
    SITE,
    Row,
    case,
    codes_of,
    judged,
    limits,
    outside,
    port,
    row,
    tried,
)

VPN = replace(SITE, access=Access.VPN)
LAN_ONLY = replace(SITE, access=Access.LAN_ONLY)
TUNNEL = replace(SITE, access=Access.TUNNEL)
NO = outside(None, kind=FailureKind.NO_CONSENT)
YES = outside(True)
SHUT = outside(False)


def seen(port_: Port, site: Site = SITE) -> Case:
    return case(site, port=port_)


def remote(kind: FailureKind | None) -> Port:
    """The server, seen from another computer of the office."""
    lan = tried(True) if kind is None else tried(False, kind=kind)
    return port(YES, is_emr_host=False, listening=None, bind=(), loopback=None, lan=lan)


TABLE = [
    row("all well", seen(port(YES)), "port.open"),
    row("nothing listens", seen(port(YES, listening=False, lan=tried(False))), "port.not_listening"),
    row("IPv4 loopback", seen(port(YES, bind=("127.0.0.1",))), "port.loopback_only"),
    row("IPv6 loopback", seen(port(YES, bind=("::1", "127.0.0.2"))), "port.loopback_only"),
    row("mapped loopback", seen(port(YES, bind=("::ffff:127.0.0.1",))), "port.loopback_only"),
    row("loopback and all", seen(port(YES, bind=("127.0.0.1", "::"))), "port.open"),
    row("bind not readable", seen(port(YES, listening=None, bind=())), "port.open"),
    row("firewall drops", seen(port(YES, lan=tried(False))), "port.host_firewall"),
    row("firewall refuses", seen(port(YES, lan=tried(False, kind=FailureKind.REFUSED))), "port.host_firewall"),
    row(
        "firewall, seen by loopback alone",
        seen(port(YES, listening=None, bind=(), lan=tried(False))),
        "port.host_firewall",
    ),
    row("from another computer, open", seen(remote(None)), "port.open"),
    row("from another computer, refused", seen(remote(FailureKind.REFUSED)), "port.not_listening"),
    row("from another computer, silent", seen(remote(FailureKind.TIMEOUT)), "port.host_silent"),
    row("from another computer, no ARP", seen(remote(FailureKind.HOST_UNREACHABLE)), "port.host_silent"),
    row("LAN address could not be tried", seen(port(YES, lan=tried(None))), "port.open"),
    row("not forwarded", seen(port(SHUT)), "port.not_forwarded"),
    row("not forwarded, hairpin fails too", seen(port(SHUT, hairpin=tried(False, PUBLIC))), "port.not_forwarded"),
    row("no consent", seen(port(NO)), "port.unverified"),
    row("nobody asked", seen(port()), "port.unverified"),
    row("hairpin works is no proof", seen(port(hairpin=tried(True, PUBLIC))), "port.unverified"),
    row("one answer, limit 1", seen(port(YES, NO)), "port.open"),
    row("one answer, limit 2", seen(port(YES, NO), limits("port", outside_answers=2)), "port.unverified"),
    row("two answers, limit 2", seen(port(YES, YES), limits("port", outside_answers=2)), "port.open"),
    row("no hairpin", seen(port(YES, hairpin=tried(False, PUBLIC))), "port.open", "port.no_hairpin"),
    row("the name leads elsewhere", seen(port(YES, hairpin=tried(False, OLD))), "port.open"),
    row("hairpin not tried", seen(port(YES, hairpin=tried(None, PUBLIC))), "port.open"),
    row("hairpin unknown", seen(port(YES, hairpin=None)), "port.open"),
    row("one of two got through", seen(port(YES, SHUT)), "port.open", "port.outside_disagree"),
    row("another place dialled, open", seen(port(outside(True, dialled=OLD))), "port.other_address"),
    row("another place dialled, shut", seen(port(outside(False, dialled=OLD))), "port.other_address"),
    row("one dialled elsewhere, the other got in", seen(port(YES, outside(False, dialled=OLD))), "port.open"),
    row("one dialled elsewhere, the other did not", seen(port(SHUT, outside(True, dialled=OLD))), "port.not_forwarded"),
    row("address not told by the service", seen(port(outside(True, dialled=None))), "port.open"),
    row("public address not known", case(port=port(outside(True, dialled=OLD)), address=None), "port.open"),
    row("VPN, shut", seen(port(SHUT), VPN), "port.not_applicable"),
    row("VPN, open", seen(port(YES), VPN), "port.exposed"),
    row("office only, open", seen(port(YES), LAN_ONLY), "port.exposed"),
    row("office only, shut", seen(port(SHUT), LAN_ONLY), "port.not_applicable"),
    row("office only, EMR down", seen(port(SHUT, listening=False), LAN_ONLY), "port.not_listening"),
    row("VPN, open for one", seen(port(SHUT, YES), VPN), "port.exposed"),
    row("VPN, not tested", seen(port(NO), VPN), "port.not_tested"),
    row("tunnel, shut", seen(port(SHUT), TUNNEL), "port.not_applicable"),
    row("tunnel, open", seen(port(YES), TUNNEL), "port.exposed"),
    row("VPN, EMR down", seen(port(SHUT, listening=False), VPN), "port.not_listening"),
]


def test_the_reason_for_no_test_is_told_once() -> None:
    (finding,) = judged(CHECK, seen(port(NO, NO)))
    assert str(finding.facts["why"]).count("consent") == 1


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_port_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


@pytest.mark.parametrize(
    ("service", "kind", "way"),
    [
        ("globalping", FailureKind.NO_CONSENT, "name a service"),
        ("echoip+https://echo.example.org", FailureKind.NO_CONSENT, "consent = true"),
        ("echoip+https://echo.example.org", FailureKind.TIMEOUT, "again later"),
    ],
)
def test_the_other_way_to_find_out_is_one_that_helps(service: str, kind: FailureKind, way: str) -> None:
    untold = port(OutsideTry(service, None, 8443, None, Failure(kind)))
    (finding,) = CHECK.judge(seen(untold), CHECK.limits)
    assert finding.code == "port.unverified"
    assert way in str(finding.facts["another_way"])
