"""What is said of the office network through the switch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.switch import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.evidence.lan_load import LanWay
from emrnetcheck.model import Failure, FailureKind, Site
from tests.checks.builders import (
    DOWNLOAD,
    LINK,
    PEER,
    REFUSED,
    SITE,
    UPLOAD,
    Row,
    case,
    codes_of,
    judged,
    lan,
    lan_load,
    lan_way,
    limits,
    office_series,
    row,
    silent,
    target,
)

PHONE = "192.168.1.30"
PICKED = "neighbour table"
QUICK = target("peer", PEER)
TWO = ("52:54:00:00:00:01", "52:54:00:00:00:02")


def peer(site: Site = SITE, *, wifi: bool = False, **changes: Any) -> Case:
    """A router that is well, and one peer."""
    medium = "wifi" if wifi else "wired"
    return case(site, lan=lan(target(), target("peer", PEER, **changes)), link=replace(LINK, medium=medium))


def both(site: Site = SITE, *, wifi: bool = False, **changes: Any) -> Case:
    """The same of the router and of one peer, from a cable or Wi-Fi of this computer."""
    medium = "wifi" if wifi else "wired"
    hosts = (target(**changes), target("peer", PEER, **changes))
    return case(site, lan=lan(*hosts), link=replace(LINK, medium=medium), upload=None, download=None)


def seen(*targets: LanTarget, peers_from: str = "settings", gateway: LanTarget | None = None, **changes: Any) -> Case:
    return case(lan=lan(gateway or target(), *targets, peers_from=peers_from, **changes))


def flooded(per_s: float | None, unasked: float | None = 0.9, site: Site = SITE, **changes: Any) -> Case:
    """Of so many packets a second this share is for nobody here."""
    hosts = (target(**changes), target("peer", PEER, **changes))
    return case(site, lan=lan(*hosts, received_per_s=per_s, sent_per_s=40.0, unasked_ratio=unasked))


def untold(sent_per_s: float, n_bytes: float | None) -> Case:
    """2000 packets a second of so many bytes; whose they are is not told."""
    counts: dict[str, Any] = {"received_per_s": 2000.0, "sent_per_s": sent_per_s, "received_bytes": n_bytes}
    return case(lan=lan(target(), QUICK, **counts))


def busy(mine_ms: float, others_ms: float, *, way: str = "upload", site: Site = SITE, **changes: Any) -> Case:
    """p95 of the router and of a peer while the line, or this network, was full."""
    hosts = (office_series(p95_ms=mine_ms, **changes), office_series(PEER, p95_ms=others_ms, **changes))
    if way == "upload":
        return case(site, upload=replace(UPLOAD, office=hosts))
    if way == "download":
        return case(site, download=replace(DOWNLOAD, office=hosts))
    return case(site, lan_load=lan_load(lan_way(hosts=hosts[:1], idle_rtt_ms=0.5, loaded_rtt_ms=others_ms - 0.4)))


def carries(up: float | None, down: float | None = 94.0, site: Site = SITE, **changes: Any) -> Case:
    return case(site, lan_load=lan_load(lan_way(up, **changes), lan_way(down)))


STALLED = Failure(FailureKind.STALLED, "upload", "x:1", "nothing more came through")
UNCONFIRMED = Failure(FailureKind.TIMEOUT, "upload", "x:1", "it confirmed nothing of the data")


def stopped(sending: Failure | None, receiving: Failure | None) -> Case:
    """Each way either well, or failed so."""
    ways = [lan_way() if why is None else lan_way(None, failure=why) for why in (sending, receiving)]
    return case(lan_load=lan_load(*ways))


def lost_of_300(lost: int, site: Site = SITE, **changes: Any) -> Case:
    """While the network was full, each way."""
    hosts = (office_series(sent=150), office_series(PEER, sent=150, lost=lost // 2, **changes))
    rest = (office_series(sent=150), office_series(PEER, sent=150, lost=lost - lost // 2, **changes))
    return case(site, lan_load=lan_load(lan_way(hosts=hosts), lan_way(hosts=rest)))


def failed(kind: FailureKind) -> Case:
    way = LanWay(None, 0.0, 0, failure=Failure(kind, "connect", "x:1"))
    return case(lan_load=lan_load(way, way))


SLOW_PHONE = target("peer", PHONE, p95_ms=140.0)
LOSSY_PHONE = target("peer", PHONE, lost=20)
EMR = "192.168.1.40"
SLOW_EMR = target("emr_host", EMR, p95_ms=50)

TABLE = [
    row("all well", peer(), "switch.ok"),
    row("p95 4.9 ms by cable", peer(p95_ms=4.9), "switch.ok"),
    row("p95 5 ms by cable", peer(p95_ms=5.0), "switch.ok"),
    row("p95 5.1 ms by cable", peer(p95_ms=5.1), "switch.slow"),
    row("p95 30 ms on Wi-Fi", peer(wifi=True, p95_ms=30.0), "switch.ok"),
    row("p95 30.1 ms on Wi-Fi", peer(wifi=True, p95_ms=30.1), "switch.slow"),
    row("p95 5.1 ms, limit 6", peer(limits("switch", slow_wired_ms=6), p95_ms=5.1), "switch.ok"),
    row("p95 31 ms on Wi-Fi, limit 32", peer(limits("switch", slow_wifi_ms=32), wifi=True, p95_ms=31), "switch.ok"),
    row("1 of 60 lost", peer(sent=60, lost=1), "switch.ok"),
    row("3 of 60 lost", peer(sent=60, lost=3), "switch.loss"),
    row("2 of 400 lost", peer(sent=400, lost=2), "switch.ok"),
    row("3 of 60 lost, limit 0.02", peer(limits("switch", loss_ratio=0.02), sent=60, lost=3), "switch.ok"),
    row("jitter 3 ms", peer(jitter_ms=3.0), "switch.ok"),
    row("jitter 3.1 ms", peer(jitter_ms=3.1), "switch.jitter"),
    row("jitter 30 ms on Wi-Fi", peer(wifi=True, jitter_ms=30.0), "switch.ok"),
    row("jitter 30.1 ms on Wi-Fi", peer(wifi=True, jitter_ms=30.1), "switch.jitter"),
    row("slow and lossy", peer(lost=30, p95_ms=50), "switch.loss", "switch.slow"),
    row(
        "lost beside the line's load",
        case(upload=replace(UPLOAD, office=(office_series(), office_series(PEER, lost=6)))),
        "switch.loss",
    ),
    row("nobody to ask", seen(), "switch.no_peer"),
    row("nobody in the table", seen(peers_from="none"), "switch.no_peer"),
    row("the named peer is silent", seen(silent("peer", PEER)), "switch.silent"),
    row("one named peer is silent", seen(QUICK, silent("peer", PHONE)), "switch.ok", "switch.silent"),
    row("one picked peer is silent", seen(QUICK, silent("peer", PHONE), peers_from=PICKED), "switch.ok"),
    row("all picked peers are silent", seen(silent("peer", PHONE), peers_from=PICKED), "switch.silent"),
    row("probes could not be sent", seen(silent("peer", PEER, sent=0)), "switch.silent"),
    # One neighbour that is quick shows that the switch is: a telephone asleep on Wi-Fi is no fault of it.
    row("a picked telephone is slow", seen(QUICK, SLOW_PHONE, peers_from=PICKED), "switch.ok"),
    row("a picked telephone loses", seen(LOSSY_PHONE, QUICK, peers_from=PICKED), "switch.ok"),
    row("a named peer is slow", seen(QUICK, SLOW_PHONE), "switch.ok", "switch.slow"),
    row("all picked peers are slow, the router is not", seen(SLOW_PHONE, peers_from=PICKED), "switch.slow_device"),
    row(
        "all picked peers are slow, the router is silent",
        seen(SLOW_PHONE, peers_from=PICKED, gateway=silent()),
        "switch.slow",
    ),
    row(
        "the EMR server is slow beside a quick peer",
        seen(QUICK, SLOW_EMR, peers_from=PICKED),
        "switch.ok",
        "switch.emr_slow",
    ),
    row("the EMR server is slow, the router is not", seen(SLOW_EMR, peers_from="none"), "switch.emr_slow"),
    row("the EMR server alone is seen", seen(SLOW_EMR, peers_from="none", gateway=silent()), "switch.slow"),
    row("of the EMR server 2 of 100 are lost", seen(target("emr_host", EMR, lost=2)), "switch.emr_loss"),
    row("of the EMR server 3 of 100 are lost", seen(target("emr_host", EMR, lost=3)), "switch.emr_heavy_loss"),
    row("of the EMR server 6 of 300 are lost", seen(target("emr_host", EMR, sent=300, lost=6)), "switch.emr_loss"),
    row(
        "of the EMR server 15 of 300 are lost",
        seen(target("emr_host", EMR, sent=300, lost=15)),
        "switch.emr_heavy_loss",
    ),
    row(
        "11 of 100, bad from 0.11",
        replace(seen(target("emr_host", EMR, lost=11)), site=limits("switch", bad_loss_ratio=0.11)),
        "switch.emr_loss",
    ),
    # What all have is the way to them.
    row("5 ms to everybody", both(p95_ms=5.0), "switch.ok"),
    row("5.1 ms to everybody", both(p95_ms=5.1), "switch.all_slow"),
    row("5.1 ms to everybody, limit 6", both(limits("switch", slow_wired_ms=6), p95_ms=5.1), "switch.ok"),
    row("2 of 100 lost to everybody", both(lost=2), "switch.all_loss"),
    row("3 of 100 lost to everybody", both(lost=3), "switch.all_heavy_loss"),
    row("3.1 ms uneven to everybody", both(jitter_ms=3.1), "switch.all_jitter"),
    row("3.1 ms uneven, limit 4", both(limits("switch", jitter_wired_ms=4), jitter_ms=3.1), "switch.ok"),
    row(
        "everything of everybody",
        both(lost=20, p95_ms=50, jitter_ms=9),
        "switch.all_heavy_loss",
        "switch.all_slow",
    ),
    row("everybody slow on Wi-Fi", both(wifi=True, p95_ms=31.0), "switch.wifi"),
    row("everybody lossy on Wi-Fi", both(wifi=True, lost=9), "switch.wifi"),
    row("2 of 300 lost on Wi-Fi", both(wifi=True, sent=300, lost=2), "switch.ok"),
    row(
        "5 of 300, Wi-Fi limit 0.01",
        both(limits("switch", loss_wifi_ratio=0.01), wifi=True, sent=300, lost=5),
        "switch.ok",
    ),
    row(
        "31 ms on Wi-Fi uneven, limit 40",
        both(limits("switch", jitter_wifi_ms=40), wifi=True, jitter_ms=31),
        "switch.ok",
    ),
    row("the router slow alone", seen(QUICK, gateway=target(p95_ms=50)), "switch.ok"),
    row(
        "the router and the EMR server slow, one peer quick",
        seen(QUICK, SLOW_EMR, gateway=target(p95_ms=50)),
        "switch.ok",
        "switch.emr_slow",
    ),
    row(
        "the router is silent, two others are slow",
        seen(target("peer", PEER, p95_ms=20), SLOW_PHONE, gateway=silent()),
        "switch.all_slow",
    ),
    # A flood: many packets come in, few go out.
    row("1000 packets a second", flooded(1000.0), "switch.ok"),
    row("1001 packets a second", flooded(1001.0), "switch.flooded", "switch.ok"),
    row("1001 packets a second, everybody slow", flooded(1001.0, p95_ms=30.0), "switch.storm"),
    row("1001 packets a second, all lossy", flooded(1001.0, lost=20), "switch.storm"),
    row("a transfer: half of it is for this computer", flooded(9000.0, 0.5), "switch.ok"),
    row("a little more than half is not", flooded(9000.0, 0.51), "switch.flooded", "switch.ok"),
    row("not told: small ones, few go out", untold(199.0, 699.0), "switch.flooded", "switch.ok"),
    row("not told: small ones, a tenth goes out", untold(200.0, 699.0), "switch.ok"),
    row("not told: large ones", untold(199.0, 700.0), "switch.ok"),
    row("not told: of no known size", untold(199.0, None), "switch.ok"),
    row("1001, limit 2000", flooded(1001.0, site=limits("switch", storm_per_s=2000)), "switch.ok"),
    row("packets are not counted", flooded(None, None), "switch.ok"),
    row(
        "nobody answers in the flood",
        case(lan=lan(silent(), silent("peer", PEER), received_per_s=5000.0, sent_per_s=3.0, unasked_ratio=1.0)),
        "switch.storm",
    ),
    # Two of what there should be one of.
    row("another has this computer's address", seen(QUICK, own_holders=TWO[:1]), "switch.duplicate_own", "switch.ok"),
    row("nobody else has it", seen(QUICK, own_holders=()), "switch.ok"),
    row("two have a peer's address", seen(target("peer", PEER, holders=TWO)), "switch.duplicate_address", "switch.ok"),
    row("two share a peer's address", seen(target("peer", PEER, holders=("00:00:5e:00:01:0a", TWO[0]))), "switch.ok"),
    row("one has a peer's address", seen(target("peer", PEER, holders=TWO[:1])), "switch.ok"),
    row("two have the router's address", seen(QUICK, gateway=target(holders=TWO)), "switch.ok"),  # router.duplicate
    row("nobody to ask, but a duplicate", seen(own_holders=TWO), "switch.duplicate_own"),
    # Under the line's load, and under this network's own.
    *(
        case_row
        for way in ("upload", "download", "lan")
        for case_row in (
            row(f"all 30 ms later while busy ({way})", busy(30.9, 30.9, way=way), "switch.ok"),
            row(
                f"all 30.1 ms later while busy ({way})",
                busy(31.0, 31.0, way=way),
                "switch.slow_under_load",
                "switch.ok",
            ),
            row(f"the router alone later ({way})", busy(80.0, 1.0, way=way), "switch.ok"),
        )
    ),
    row("all 31 ms later, of too few answers", busy(32.0, 32.0, sent=19), "switch.ok"),
    row("the second PC is late alone", busy(1.0, 80.0, way="lan"), "switch.ok"),
    row(
        "the second PC's times are not known",
        case(lan_load=lan_load(lan_way(hosts=(office_series(p95_ms=80.0),), loaded_rtt_ms=None))),
        "switch.ok",
    ),
    row("all 31 ms later, limit 40", busy(32.0, 32.0, site=limits("switch", more_under_load_ms=40)), "switch.ok"),
    row("94 Mbps each way", carries(94.0), "switch.ok"),
    row("20 Mbps", carries(20.0), "switch.ok"),
    row("19.9 Mbps", carries(19.9), "switch.throughput_low", "switch.ok"),
    row("19.9 Mbps the other way", carries(94.0, 19.9), "switch.throughput_low", "switch.ok"),
    row("8 Mbps", carries(8.0), "switch.throughput_low", "switch.ok"),
    row("7.9 Mbps", carries(7.9), "switch.throughput_bad", "switch.ok"),
    row("15 Mbps, limit 10", carries(15.0, site=limits("switch", low_mbps=10)), "switch.ok"),
    row("7.9 Mbps, bad from 5", carries(7.9, site=limits("switch", bad_mbps=5)), "switch.throughput_low", "switch.ok"),
    # A busy computer hides its own direction alone.
    row(
        "19.9 Mbps, but this computer was busy",
        carries(19.9, tester_limited="busy"),
        "switch.throughput_unclear",
        "switch.ok",
    ),
    row("20 Mbps, and this computer was busy", carries(20.0, tester_limited="busy"), "switch.ok"),
    row(
        "3 Mbps, this computer was busy; 4 Mbps the other way, it was not",
        carries(3.0, 4.0, tester_limited="busy"),
        "switch.throughput_bad",
        "switch.throughput_unclear",
        "switch.ok",
    ),
    # What had begun and stopped is a fault of that direction; what could not begin tells nothing.
    row("one way stalled, the other is well", stopped(STALLED, None), "switch.load_stopped", "switch.ok"),
    row("the other way stalled", stopped(None, STALLED), "switch.load_stopped", "switch.ok"),
    row("both ways stalled", stopped(STALLED, STALLED), "switch.load_stopped", "switch.ok"),
    row("nothing was confirmed", stopped(UNCONFIRMED, None), "switch.load_stopped", "switch.ok"),
    row("one way could not connect", carries(None), "switch.load_one_way", "switch.ok"),
    row(
        "one way could not connect, the other is slow",
        carries(None, 12.0),
        "switch.throughput_low",
        "switch.load_one_way",
        "switch.ok",
    ),
    row(
        "one way stalled, the other was refused",
        stopped(STALLED, REFUSED),
        "switch.load_stopped",
        "switch.load_one_way",
        "switch.ok",
    ),
    row("both ways failed", failed(FailureKind.REFUSED), "switch.load_unmeasured", "switch.ok"),
    row("both ways could not connect in time", failed(FailureKind.TIMEOUT), "switch.load_unmeasured", "switch.ok"),
    row("interrupted", failed(FailureKind.INTERRUPTED), "switch.ok"),
    row("interrupted in the second way", stopped(None, replace(REFUSED, kind=FailureKind.INTERRUPTED)), "switch.ok"),
    row("1 lost while full", lost_of_300(1), "switch.ok"),
    row("10 of 300 lost while full", lost_of_300(10), "switch.ok"),  # 1.8 % for sure
    row("12 of 300 lost while full", lost_of_300(12), "switch.load_loss", "switch.ok"),
    row("12 of 300, limit 0.03", lost_of_300(12, limits("switch", load_loss_ratio=0.03)), "switch.ok"),
    row("one that answers nothing has lost nothing", lost_of_300(300, p50_ms=None), "switch.ok"),
]


def test_the_slower_direction_is_told() -> None:
    finding = judged(CHECK, carries(94.0, 12.0))[0]
    told = CHECK.codes[finding.code].summary.format_map(finding.facts)
    assert "only 12.0 Mbps (receiving)" in told


def test_where_everything_is_slow_all_are_named() -> None:
    (finding,) = judged(CHECK, both(p95_ms=20.0))
    assert finding.facts["who"] == "192.168.1.1, 192.168.1.20"


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_switch_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
