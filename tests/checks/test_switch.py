"""What is said of the office network through the switch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.switch import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.model import Site
from tests.checks.builders import LINK, PEER, SITE, Row, case, codes_of, lan, limits, row, silent, target

PHONE = "192.168.1.30"


def peer(site: Site = SITE, *, wifi: bool = False, **changes: Any) -> Case:
    medium = "wifi" if wifi else "wired"
    return case(site, lan=lan(target(), target("peer", PEER, **changes)), link=replace(LINK, medium=medium))


def seen(*targets: LanTarget, peers_from: str = "settings") -> Case:
    return case(lan=lan(target(), *targets, peers_from=peers_from))


QUICK = target("peer", PEER)
SLOW_PHONE = target("peer", PHONE, p95_ms=140.0)
LOSSY_PHONE = target("peer", PHONE, lost=20)

TABLE = [
    row("all well", peer(), "switch.ok"),
    row("p95 4.9 ms by cable", peer(p95_ms=4.9), "switch.ok"),
    row("p95 5 ms by cable", peer(p95_ms=5.0), "switch.ok"),
    row("p95 5.1 ms by cable", peer(p95_ms=5.1), "switch.slow"),
    row("p95 30 ms on Wi-Fi", peer(wifi=True, p95_ms=30.0), "switch.ok"),
    row("p95 30.1 ms on Wi-Fi", peer(wifi=True, p95_ms=30.1), "switch.slow"),
    row("p95 5.1 ms, limit 6", peer(limits("switch", slow_wired_ms=6), p95_ms=5.1), "switch.ok"),
    row("p95 31 ms on Wi-Fi, limit 32", peer(limits("switch", slow_wifi_ms=32), wifi=True, p95_ms=31), "switch.ok"),
    row("1 of 100 lost", peer(lost=1), "switch.ok"),
    row("2 of 100 lost", peer(lost=2), "switch.ok"),
    row("3 of 100 lost", peer(lost=3), "switch.loss"),
    row("3 of 100 lost, limit 0.04", peer(limits("switch", loss_ratio=0.04), lost=3), "switch.ok"),
    row("slow and lossy", peer(lost=30, p95_ms=50), "switch.loss", "switch.slow"),
    row("nobody to ask", seen(), "switch.no_peer"),
    row("nobody in the table", seen(peers_from="none"), "switch.no_peer"),
    row("the named peer is silent", seen(silent("peer", PEER)), "switch.silent"),
    row("one named peer is silent", seen(QUICK, silent("peer", PHONE)), "switch.ok", "switch.silent"),
    row("one picked peer is silent", seen(QUICK, silent("peer", PHONE), peers_from="neighbour table"), "switch.ok"),
    row("all picked peers are silent", seen(silent("peer", PHONE), peers_from="neighbour table"), "switch.silent"),
    row("probes could not be sent", seen(silent("peer", PEER, sent=0)), "switch.silent"),
    # One neighbour that is quick shows that the switch is: a telephone asleep on Wi-Fi is no fault of it.
    row("a picked telephone is slow", seen(QUICK, SLOW_PHONE, peers_from="neighbour table"), "switch.ok"),
    row("a picked telephone loses", seen(LOSSY_PHONE, QUICK, peers_from="neighbour table"), "switch.ok"),
    row("a named peer is slow", seen(QUICK, SLOW_PHONE), "switch.ok", "switch.slow"),
    row("all picked peers are slow", seen(SLOW_PHONE, peers_from="neighbour table"), "switch.slow"),
    row(
        "the EMR server is slow beside a quick peer",
        seen(QUICK, target("emr_host", PHONE, p95_ms=50), peers_from="neighbour table"),
        "switch.ok",
        "switch.slow",
    ),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_switch_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
