"""What is said of the router's answer times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.router import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.model import Failure, FailureKind, Site
from tests.checks.builders import LINK, SITE, Row, address, case, codes_of, judged, lan, limits, row, silent, target


def gateway(site: Site = SITE, *, wifi: bool = False, **changes: Any) -> Case:
    medium = "wifi" if wifi else "wired"
    return case(site, lan=lan(target(**changes)), link=replace(LINK, medium=medium))


def seen(*targets: LanTarget, **others: Any) -> Case:
    return case(lan=lan(*targets), **others)


CUT = address(outside_reached=())
NOT_ASKED = LanTarget(
    "192.168.1.1", "gateway", 0, 0, None, None, None, None, "none", Failure(FailureKind.PERMISSION, "echo")
)

TABLE = [
    row("all well", gateway(), "router.ok"),
    row("p95 4.9 ms by cable", gateway(p95_ms=4.9), "router.ok"),
    row("p95 5 ms by cable", gateway(p95_ms=5.0), "router.ok"),
    row("p95 5.1 ms by cable", gateway(p95_ms=5.1), "router.slow"),
    row("p95 29.9 ms on Wi-Fi", gateway(wifi=True, p95_ms=29.9), "router.ok"),
    row("p95 30 ms on Wi-Fi", gateway(wifi=True, p95_ms=30.0), "router.ok"),
    row("p95 30.1 ms on Wi-Fi", gateway(wifi=True, p95_ms=30.1), "router.slow"),
    row("p95 5.1 ms with the limit set to 6", gateway(limits("router", slow_wired_ms=6), p95_ms=5.1), "router.ok"),
    row("p95 31 ms on Wi-Fi, limit 32", gateway(limits("router", slow_wifi_ms=32), wifi=True, p95_ms=31), "router.ok"),
    row("1 of 100 lost", gateway(lost=1), "router.ok"),
    row("2 of 100 lost", gateway(lost=2), "router.ok"),
    row("3 of 100 lost", gateway(lost=3), "router.loss"),
    row("10 of 100 lost", gateway(lost=10), "router.loss"),
    row("11 of 100 lost", gateway(lost=11), "router.heavy_loss"),
    row("1 of 100 with the limit set to 0.001", gateway(limits("router", loss_ratio=0.001), lost=1), "router.loss"),
    row("3 of 100, bad from 0.02", gateway(limits("router", bad_loss_ratio=0.02), lost=3), "router.heavy_loss"),
    row("jitter 2.9 ms by cable", gateway(jitter_ms=2.9), "router.ok"),
    row("jitter 3 ms by cable", gateway(jitter_ms=3.0), "router.ok"),
    row("jitter 3.1 ms by cable", gateway(jitter_ms=3.1), "router.jitter"),
    row("jitter 30 ms on Wi-Fi", gateway(wifi=True, jitter_ms=30.0), "router.ok"),
    row("jitter 30.1 ms on Wi-Fi", gateway(wifi=True, jitter_ms=30.1), "router.jitter"),
    row("jitter 3.1 ms, limit 4", gateway(limits("router", jitter_wired_ms=4), jitter_ms=3.1), "router.ok"),
    row(
        "jitter 31, Wi-Fi limit 32", gateway(limits("router", jitter_wifi_ms=32), wifi=True, jitter_ms=31), "router.ok"
    ),
    row("no jitter from too few answers", gateway(jitter_ms=None), "router.ok"),
    row(
        "everything wrong",
        gateway(lost=50, p95_ms=80, jitter_ms=40),
        "router.heavy_loss",
        "router.slow",
        "router.jitter",
    ),
    row("link not measured counts as a cable", case(link=None, lan=lan(target(p95_ms=6.0))), "router.slow"),
    row("silent, but it forwards", seen(silent()), "router.silent"),
    row("silent, and nothing outside answers", seen(silent(), address=CUT), "router.unreachable"),
    # Offline, or no evidence: a router may be set not to answer, so silence alone is no fault (netfacts 5.3).
    row("silent, and the Internet was not tried", seen(silent(), address=None), "router.unmeasured"),
    row("nobody answers ARP", seen(silent(kind=FailureKind.HOST_UNREACHABLE), address=None), "router.unreachable"),
    row("no answer even to ARP", seen(replace(silent(), answers_arp=False), address=None), "router.unreachable"),
    row("there by ARP alone", seen(replace(silent(), answers_arp=True), address=None), "router.unmeasured"),
    row(
        "there by ARP alone, Internet cut", seen(replace(silent(), answers_arp=True), address=CUT), "router.unmeasured"
    ),
    row("there by ARP alone, it forwards", seen(replace(silent(), answers_arp=True)), "router.silent"),
    row("probes could not be sent", seen(NOT_ASKED, address=None), "router.unmeasured"),
    row("probes could not be sent, it forwards", seen(NOT_ASKED), "router.unmeasured"),
    row("probes could not be sent, Internet cut", seen(NOT_ASKED, address=CUT), "router.unmeasured"),
    row("no gateway", seen(address=CUT), "router.none"),
    row("no gateway, Internet not tried", seen(address=None), "router.none"),
    row("no gateway, yet the Internet answers", seen(), "router.unmeasured"),
    row("a peer is no router", seen(target("peer"), address=CUT), "router.none"),
    row(
        "two gateways, one slow", seen(target(), target(address="192.168.1.2", p95_ms=9.0)), "router.ok", "router.slow"
    ),
]


def test_loss_is_told_as_counts() -> None:
    (finding,) = judged(CHECK, gateway(lost=5))
    assert finding.actual == "5 of 100 lost"


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_router_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
