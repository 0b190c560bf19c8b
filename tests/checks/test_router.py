"""What is said of the router's answer times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.router import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.evidence.path import Path, Trace, TraceHop
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, FailureKind, Site
from tests.checks.builders import (
    LINK,
    PEER,
    ROUTER,
    SITE,
    UPLOAD,
    Row,
    address,
    case,
    codes_of,
    judged,
    lan,
    limits,
    office_series,
    row,
    silent,
    target,
)

ONLY_HERE: dict[str, Any] = {"address": address(hops=()), "upload": None, "download": None, "path": None}
"""Nobody behind the router was asked."""
OTHER = "192.168.1.30"
PHONE = target("peer", PEER, p95_ms=140.0)
FINE = target("peer", PEER)


def by_tcp(lost: int = 0, sent: int = 100, **changes: Any) -> Series:
    """Connections to the router, while it was asked by ping."""
    return replace(office_series(sent=sent, lost=lost, method="tcp:53"), **changes)


def gateway(
    site: Site = SITE, *, wifi: bool = False, peer: LanTarget | None = None, tcp: Series | None = None, **changes: Any
) -> Case:
    """A router that nobody else can be compared with, unless there is a peer; nor itself, unless it answers TCP."""
    medium = "wifi" if wifi else "wired"
    peers = (peer,) if peer is not None else ()
    return case(
        site, lan=lan(target(**changes), *peers, router_by_tcp=tcp), link=replace(LINK, medium=medium), **ONLY_HERE
    )


def seen(*targets: LanTarget, **others: Any) -> Case:
    return case(lan=lan(*targets), **others)


def behind(ms: tuple[float, float] = (20.0, 22.0), n: int = 16, hop_ms: float | None = None, **changes: Any) -> Case:
    """With connections through the router, of median and p95 ms, and perhaps an answer of the hop behind it."""
    upload = replace(UPLOAD, idle_rtt_ms=ms[0], idle_rtt_p95_ms=ms[1], idle_probes=n)
    hops = (Hop(1, ROUTER, 0.1),) if hop_ms is None else (Hop(1, ROUTER, 0.1), Hop(2, "93.184.0.1", hop_ms))
    return case(lan=lan(target(**changes), FINE), upload=upload, download=None, path=None, address=address(hops=hops))


def on_the_way(n: int, missing: int, later: tuple[str, ...] = (), **changes: Any) -> Case:
    """With a trace of which the end answered so. later: who was seen to have the router's address meanwhile."""
    end = Series("1.1.1.1", n, missing, 20.0, 22.0, 23.0, 24.0, 0.4, "icmp")
    way = Path((Trace("1.1.1.1", "outside", "1.1.1.1", (), end, "icmp", 10),), (), router_holders=later)
    hosts = lan(target(**changes), target("peer", PEER, sent=300))
    return case(lan=hosts, upload=None, download=None, path=way, address=address(hops=()))


def limiting() -> Case:
    """Two routers that answer only so many probes, and nothing else that tells of loss."""
    isp = TraceHop(
        2, "45.76.10.1", (), Series("45.76.10.1", 30, 24, 10.0, 11.0, 12.0, 12.0, 0.4, "icmp"), None, end=False
    )
    silent = Series("1.1.1.1", 80, 80, None, None, None, None, None, "none")
    way = Path((Trace("1.1.1.1", "outside", "1.1.1.1", (isp,), silent, "icmp", 30),), ())
    hosts = lan(target(sent=300, lost=180), FINE)
    return case(lan=hosts, upload=None, download=None, path=way, address=address(hops=()))


def loaded(mine_ms: float, others_ms: float | None, **changes: Any) -> Case:
    """p95 of the router, and of a peer, while the line was full of upload."""
    others = (office_series(PEER, p95_ms=others_ms),) if others_ms is not None else ()
    return case(upload=replace(UPLOAD, office=(office_series(p95_ms=mine_ms, **changes), *others)))


def silent_holders() -> LanTarget:
    return replace(silent(), holders=TWO)


TWO = ("52:54:00:00:00:01", "52:54:00:00:00:02")
TWO_SAID = ("router.jitter", "router.slow_icmp")
CUT = address(outside_reached=())
NOT_ASKED = LanTarget(ROUTER, "gateway", 0, 0, None, None, None, None, "none", Failure(FailureKind.PERMISSION, "echo"))

TABLE = [
    row("all well", gateway(), "router.ok"),
    row("all well, with everything seen", case(), "router.ok"),
    row("p95 4.9 ms by cable", gateway(p95_ms=4.9), "router.ok"),
    row("p95 5 ms by cable", gateway(p95_ms=5.0), "router.ok"),
    row("p95 5.1 ms by cable", gateway(p95_ms=5.1), "router.slow"),
    row("p95 5.1 ms by cable, a peer is quick", gateway(p95_ms=5.1, peer=FINE), "router.slow"),
    row("p95 29.9 ms on Wi-Fi", gateway(wifi=True, p95_ms=29.9), "router.ok"),
    row("p95 30 ms on Wi-Fi", gateway(wifi=True, p95_ms=30.0), "router.ok"),
    row("p95 30.1 ms on Wi-Fi", gateway(wifi=True, p95_ms=30.1), "router.wifi"),
    row("p95 30.1 ms on Wi-Fi, and a peer", gateway(wifi=True, p95_ms=30.1, peer=PHONE), "router.wifi"),
    row("p95 30.1 ms on Wi-Fi, a peer is quick", gateway(wifi=True, p95_ms=30.1, peer=FINE), "router.slow"),
    row("p95 5.1 ms with the limit set to 6", gateway(limits("router", slow_wired_ms=6), p95_ms=5.1), "router.ok"),
    row("p95 31 ms on Wi-Fi, limit 32", gateway(limits("router", slow_wifi_ms=32), wifi=True, p95_ms=31), "router.ok"),
    # Loss by its lower bound: one is chance, and what is told is more than the limit for sure.
    row("1 of 60 lost", gateway(sent=60, lost=1), "router.ok"),
    row("1 of 50 lost", gateway(sent=50, lost=1), "router.ok"),
    row("2 of 340 lost", gateway(sent=340, lost=2), "router.loss"),
    row("2 of 400 lost", gateway(sent=400, lost=2), "router.ok"),
    row("3 of 60, limit 0.02", gateway(limits("router", loss_ratio=0.02), sent=60, lost=3), "router.ok"),
    # More than one in 50 is a failure, where not only its answers to probes show it.
    row("6 of 300 lost", gateway(sent=300, lost=6, tcp=by_tcp(2)), "router.loss"),
    row("7 of 300 lost", gateway(sent=300, lost=7, tcp=by_tcp(2)), "router.heavy_loss"),
    row("15 of 300 lost: a bad cable", gateway(sent=300, lost=15, peer=FINE, tcp=by_tcp(5)), "router.heavy_loss"),
    row("7 of 300, bad from 0.05", gateway(limits("router", bad_loss_ratio=0.05), sent=300, lost=7), "router.loss"),
    row(
        "7 of 300 lost of connections, it answers no ping",
        gateway(sent=300, lost=7, method="tcp:80"),
        "router.heavy_loss",
    ),
    row("7 of 300 lost, no connection is known", gateway(sent=300, lost=7), "router.loss_unclear"),
    row(
        "7 of 300 lost, no connection is known, a peer is fine",
        gateway(sent=300, lost=7, peer=target("peer", PEER, sent=300)),
        "router.loss_unclear",
    ),
    row(
        "180 of 300 lost, no connection answered",
        gateway(sent=300, lost=180, tcp=by_tcp(100, p50_ms=None)),
        "router.loss_unclear",
    ),
    # A router that limits pings, and nothing else.
    row("180 of 300 lost, of 100 connections none", gateway(sent=300, lost=180, tcp=by_tcp()), "router.slow_icmp"),
    row(
        "the same beside a peer that is fine", gateway(sent=300, lost=180, peer=FINE, tcp=by_tcp()), "router.slow_icmp"
    ),
    row(
        "the same beside a telephone that loses 2",
        gateway(sent=300, lost=180, peer=target("peer", PEER, lost=2), tcp=by_tcp()),
        "router.slow_icmp",
    ),
    row("the same, and the provider's limits its own", limiting(), "router.loss_unclear"),
    row("15 of 300 lost, and an end loses, too", on_the_way(80, 4, sent=300, lost=15), "router.heavy_loss"),
    row("the same on Wi-Fi", gateway(wifi=True, sent=300, lost=180, tcp=by_tcp()), "router.slow_icmp"),
    row(
        "16 of 300 lost, of 100 connections none: may be chance",
        gateway(sent=300, lost=16, tcp=by_tcp()),
        "router.loss_unclear",
    ),
    row("17 of 300 lost, of 100 connections none", gateway(sent=300, lost=17, tcp=by_tcp()), "router.slow_icmp"),
    row("180 of 300 lost, of 100 connections 10", gateway(sent=300, lost=180, tcp=by_tcp(10)), "router.heavy_loss"),
    row("of 19 connections nothing is told", gateway(sent=300, lost=180, tcp=by_tcp(sent=19)), "router.loss_unclear"),
    row(
        "slow to ping, quick to connect",
        gateway(p50_ms=30.0, p95_ms=60.0, jitter_ms=9.0, tcp=by_tcp()),
        "router.slow_icmp",
    ),
    row("slow to both", gateway(p50_ms=30.0, p95_ms=60.0, tcp=by_tcp(p95_ms=5.1)), "router.slow"),
    row("2 of 300 lost on Wi-Fi", gateway(wifi=True, sent=300, lost=2), "router.ok"),
    row("5 of 300 lost on Wi-Fi", gateway(wifi=True, sent=300, lost=5), "router.wifi"),
    row(
        "5 of 300, limit 0.01",
        gateway(limits("router", loss_wifi_ratio=0.01), wifi=True, sent=300, lost=5),
        "router.ok",
    ),
    row("15 of 300 lost on Wi-Fi", gateway(wifi=True, sent=300, lost=15, tcp=by_tcp(6)), "router.wifi"),
    row("16 of 300 lost on Wi-Fi", gateway(wifi=True, sent=300, lost=16, tcp=by_tcp(6)), "router.wifi_bad"),
    row("16 of 300 lost on Wi-Fi, no connection is known", gateway(wifi=True, sent=300, lost=16), "router.wifi"),
    row(
        "16 of 300, Wi-Fi limit 0.1",
        gateway(limits("router", bad_loss_wifi_ratio=0.1), wifi=True, sent=300, lost=16, tcp=by_tcp(6)),
        "router.wifi",
    ),
    row("jitter 2.9 ms by cable", gateway(jitter_ms=2.9), "router.ok"),
    row("jitter 3 ms by cable", gateway(jitter_ms=3.0), "router.ok"),
    row("jitter 3.1 ms by cable", gateway(jitter_ms=3.1), "router.jitter"),
    row("jitter 30 ms on Wi-Fi", gateway(wifi=True, jitter_ms=30.0), "router.ok"),
    row("jitter 30.1 ms on Wi-Fi", gateway(wifi=True, jitter_ms=30.1), "router.wifi"),
    row("jitter 3.1 ms, limit 4", gateway(limits("router", jitter_wired_ms=4), jitter_ms=3.1), "router.ok"),
    row(
        "jitter 31, Wi-Fi limit 32", gateway(limits("router", jitter_wifi_ms=32), wifi=True, jitter_ms=31), "router.ok"
    ),
    row("no jitter from too few answers", gateway(jitter_ms=None), "router.ok"),
    row(
        "everything wrong",
        gateway(lost=50, p95_ms=80, jitter_ms=40, tcp=by_tcp(50, p95_ms=80, jitter_ms=40)),
        "router.heavy_loss",
        "router.slow",
        "router.jitter",
    ),
    row(
        "link not measured counts as a cable", case(link=None, lan=lan(target(p95_ms=6.0)), **ONLY_HERE), "router.slow"
    ),
    # What all share is not the router's.
    row("slow, and so is everybody", gateway(p95_ms=20.0, peer=PHONE), "router.as_all"),
    row("lossy, and so is everybody", gateway(lost=9, peer=target("peer", PEER, lost=6)), "router.as_all"),
    row("5 of 100 lost, of a peer none: told apart", gateway(lost=5, peer=FINE), "router.loss_unclear"),
    row("3 of 100 lost, of a peer none: may be chance", gateway(lost=3, peer=FINE), "router.as_all"),
    row(
        "slow as all are, and lossy by itself",
        gateway(p95_ms=20.0, lost=20, peer=PHONE, tcp=by_tcp(20, p95_ms=20.0)),
        "router.as_all",
        "router.heavy_loss",
    ),
    # What is behind it answers better: it answers probes badly, and forwards well.
    row("p95 60 ms, 22 ms from behind", behind(p50_ms=50.0, p95_ms=60.0), "router.slow_icmp"),
    row("median 50 ms, 49 from behind", behind((49.0, 61.0), p50_ms=50.0, p95_ms=60.0), "router.slow_icmp"),
    row("median 50 ms, 50 from behind", behind((50.0, 59.0), p50_ms=50.0, p95_ms=60.0), "router.slow"),
    row("median 8 ms, 20 from behind: not known", behind(p50_ms=8.0, p95_ms=9.0), "router.slow"),
    row(
        "median 25 ms, the next hop in 12",
        behind((70.0, 72.0), hop_ms=12.0, p50_ms=25.0, p95_ms=26.0),
        "router.slow_icmp",
    ),
    row("median 25 ms, the next hop in 26", behind((70.0, 72.0), hop_ms=26.0, p50_ms=25.0, p95_ms=26.0), "router.slow"),
    row("some answers at 15 ms, 40 steady ones from behind", behind(n=40, p50_ms=0.4, p95_ms=15.0), "router.slow_icmp"),
    row("some answers at 15 ms, 39 are too few", behind(n=39, p50_ms=0.4, p95_ms=15.0), "router.slow"),
    row(
        "most late, 10 steady ones do",
        behind(n=10, p50_ms=25.0, p95_ms=60.0, jitter_ms=9.0),
        "router.slow_icmp",
    ),
    row(
        "most late, 9 are few",
        behind(n=9, p50_ms=25.0, p95_ms=60.0, jitter_ms=9.0),
        "router.jitter",
        "router.slow_icmp",
    ),
    row("some at 15 ms, as unsteady behind", behind((20.0, 36.0), n=40, p50_ms=0.4, p95_ms=15.0), "router.slow"),
    row("uneven, steady from behind", behind(n=40, p50_ms=0.4, p95_ms=4.9, jitter_ms=3.5), "router.slow_icmp"),
    row("uneven, as uneven behind", behind((20.0, 25.0), n=40, p50_ms=0.4, p95_ms=4.9, jitter_ms=3.5), "router.jitter"),
    # 40 of 100: at least 32 %. Of 16 connections none would have got through without a loss by less than 1 in 400.
    row("40 of 100 lost, of 16 from behind none", behind(lost=40), "router.slow_icmp"),
    row("40 of 100 lost, of 5 from behind none", behind(n=5, lost=40), "router.loss_unclear"),
    row("9 of 100 lost: 16 connections tell nothing", behind(lost=9), "router.loss_unclear"),
    row("40 of 100 lost, behind one had to be tried again", behind((20.0, 1022.0), lost=40), "router.heavy_loss"),
    row("40 of 100 lost, the last of 40 are not known", behind(n=40, lost=40), "router.loss_unclear"),
    row("40 of 100 lost, of 80 on the way 2", on_the_way(80, 2, lost=40), "router.slow_icmp"),
    row("9 of 100 lost, of 80 on the way none", on_the_way(80, 0, lost=9), "router.slow_icmp"),
    row("5 of 100 lost, of 80 on the way 3", on_the_way(80, 3, lost=5), "router.heavy_loss"),
    row("4 answers from the way prove nothing", on_the_way(4, 0, p50_ms=25.0, p95_ms=26.0), "router.slow"),
    row("5 answers from the way do", on_the_way(5, 0, p50_ms=25.0, p95_ms=26.0), "router.slow_icmp"),
    # Under the line's load.
    row("30 ms more under load, a peer not", loaded(30.9, 1.0), "router.ok"),
    row("30.1 ms more under load, a peer not", loaded(31.0, 1.0), "router.slow_under_load"),
    row("30.1 ms more under load, a peer too", loaded(31.0, 31.5), "router.ok"),
    row("30.1 ms more under load, no peer was asked", loaded(31.0, None), "router.ok"),
    row(
        "nothing came from it under load",
        case(upload=replace(UPLOAD, office=(office_series(p95_ms=None), office_series(PEER)))),
        "router.ok",
    ),
    row(
        "31 ms more, limit 40",
        replace(loaded(31.9, 1.0), site=limits("router", more_under_load_ms=40)),
        "router.ok",
    ),
    row(
        "lost while the line was busy",
        case(upload=replace(UPLOAD, office=(office_series(sent=200, lost=8), office_series(PEER, sent=200)))),
        "router.loss",
    ),
    row(
        "on Wi-Fi what is lost while the line is busy does not count",
        case(link=replace(LINK, medium="wifi"), upload=replace(UPLOAD, office=(office_series(sent=200, lost=8),))),
        "router.ok",
    ),
    # Two of what there should be one of.
    row("two ways out", case(lan=lan(target(), FINE, gateways=(ROUTER, OTHER))), "router.two_gateways", "router.ok"),
    row("one way out", case(lan=lan(target(), FINE, gateways=(ROUTER,))), "router.ok"),
    # Two hardware addresses are proof of nothing by themselves: one router may have two, or two may share one.
    row("two holders, nothing lost", seen(target(holders=TWO), FINE), "router.duplicate_maybe", "router.ok"),
    row("two holders, 1 of 100 lost", seen(target(holders=TWO, lost=1), FINE), "router.duplicate_maybe", "router.ok"),
    row(
        "two holders, 2 of 300 lost",
        seen(target(holders=TWO, sent=300, lost=2), target("peer", PEER, sent=300, lost=0)),
        "router.duplicate",
        "router.as_all",
    ),
    row(
        "first one answered, then the other",
        seen(target(holders=TWO, moved=True), FINE),
        "router.duplicate",
        "router.ok",
    ),
    row(
        "two holders, pings alone are lost",
        case(lan=lan(target(holders=TWO, sent=300, lost=180), FINE, router_by_tcp=by_tcp())),
        "router.duplicate_maybe",
        "router.slow_icmp",
    ),
    row("two holders, 4 of 80 lost beyond", on_the_way(80, 4, holders=TWO), "router.duplicate_maybe", "router.ok"),
    row("two holders, 5 of 80 lost beyond", on_the_way(80, 5, holders=TWO), "router.duplicate", "router.ok"),
    row("one holder, a second one later", on_the_way(80, 41, TWO, holders=TWO[:1]), "router.duplicate", "router.ok"),
    row("one holder, another later", on_the_way(80, 41, TWO[1:], holders=TWO[:1]), "router.duplicate", "router.ok"),
    row("one holder, the same later", on_the_way(80, 41, TWO[:1], holders=TWO[:1]), "router.ok"),
    row("two holders later, nothing lost", on_the_way(80, 0, TWO, holders=()), "router.duplicate_maybe", "router.ok"),
    row("two holders, silent", seen(silent_holders(), address=CUT), "router.duplicate", "router.unreachable"),
    row(
        "two holders, and nothing outside answers",
        seen(target(holders=TWO), FINE, address=CUT),
        "router.duplicate",
        "router.ok",
    ),
    row(
        "two holders, and the Internet was not tried",
        seen(target(holders=TWO), FINE, address=None),
        "router.duplicate_maybe",
        "router.ok",
    ),
    row("two holders, silent, but it forwards", seen(silent_holders()), "router.duplicate_maybe", "router.silent"),
    *(
        row(f"a pair of routers ({shared})", seen(target(holders=(shared, TWO[1]), moved=True), FINE), "router.ok")
        for shared in (
            "00:00:5e:00:01:0a",
            "00-00-5E-00-01-0A",
            "00:00:0c:07:ac:01",
            "00:00:0c:9f:f0:01",
            "00:07:b4:00:01:01",
        )
    ),
    row(
        "a pair of routers, and a third",
        seen(target(holders=("00:00:5e:00:01:0a", *TWO)), FINE),
        "router.duplicate_maybe",
        "router.ok",
    ),
    row("one holder", seen(target(holders=("52:54:00:00:00:01",)), FINE), "router.ok"),
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
]


def test_loss_is_told_as_counts() -> None:
    (finding,) = judged(CHECK, gateway(lost=5))
    assert finding.actual == "5 of 100 lost"


def test_none_lost_is_told_with_what_that_can_hide() -> None:
    (finding,) = judged(CHECK, gateway())
    told = CHECK.codes["router.ok"].summary.format_map(finding.facts)
    assert told == "The router (192.168.1.1) answers in 0.4 ms; 0 of 100 probes were lost (up to 3.0 % possible)."


def test_the_maker_is_told_where_it_is_known() -> None:
    (finding,) = judged(CHECK, gateway(maker="Cisco-Linksys, LLC"))
    assert "(192.168.1.1, by Cisco-Linksys, LLC)" in CHECK.codes["router.ok"].summary.format_map(finding.facts)


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_router_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes
