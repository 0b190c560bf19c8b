"""What is said of the way out: packet sizes, delay and loss, and where they begin."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.checks.path import CHECK
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.path import Mtu, SizeTried, Trace
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, FailureKind, Segment, Site
from tests.checks.builders import (
    BACKBONE,
    ISP,
    RESOLVER,
    ROUTER,
    SECOND_SITE,
    SITE,
    UPLOAD,
    Row,
    case,
    codes_of,
    hop,
    judged,
    lan,
    limits,
    mtu,
    path,
    row,
    second_site,
    series,
    sizes,
    target,
    trace,
)


def way(*traces: Trace, site: Site = SITE, witnesses: tuple[Series, ...] = (), **changes: Any) -> Case:
    return case(site, path=path(*traces, witnesses=witnesses, **changes))


def packets(*mtus: Mtu, site: Site = SITE) -> Case:
    """Without an upload, which would show that large packets get out."""
    return case(site, path=path(mtus=mtus), upload=None)


def witnessed(*lost: int, end: Series | None = None, traces: bool = True) -> Case:
    """The target is silent (or as `end` says), witnesses that lost so many of 80; the router none."""
    silent = trace(
        hop(1, ROUTER, 0.5),
        hop(2, ISP, 10.0, asked=series(ISP, 10.0, 80, 14), probed=series(ISP, 10.0, 10, 5)),
        end=end or series(RESOLVER, None),
    )
    others = tuple(series(f"8.8.8.{number}", 20.0, 80, each) for number, each in enumerate(lost))
    seen = path(silent, witnesses=others)
    return case(path=seen if traces else replace(seen, traces=()))


def line(end_ms: float, isp_ms: float = 10.0) -> Trace:
    """A delay that begins between the router and the provider's first router."""
    return trace(hop(1, ROUTER, 0.5), hop(2, ISP, isp_ms), end=series(RESOLVER, end_ms))


def lossy(lost: int, *clean: int, end: int = 80, hops: int = 3) -> Trace:
    """`lost` of 80 are missing at the end, and at each router but the clean ones."""

    def one(ttl: int, address: str, ms: float) -> Any:
        missing = 0 if ttl in clean else lost
        return hop(ttl, address, ms, asked=series(address, ms, 80, missing), probed=series(address, ms, 10, 5))

    rows = (one(1, ROUTER, 0.5), one(2, ISP, 10.0), one(3, BACKBONE, 15.0))[:hops]
    return trace(*rows, end=series(RESOLVER, 20.0, end, lost))


def inside(lost: int) -> Case:
    return case(path=path(lossy(lost, hops=1), witnesses=()), lan=lan(target(lost=lost)))


SILENT_END = trace(end=series(RESOLVER, None))
HOLE = mtu(*sizes(1400, silent=True), tcp_packet_bytes=1500)
CLAMPED = mtu(*sizes(1400, silent=True), tcp_packet_bytes=1400)
UNTRIED = replace(mtu(), sizes=(), method="none", failure=Failure(FailureKind.PERMISSION, "measure packet size"))
SILENT_SIZES = mtu(SizeTried(1500, 3, 0), SizeTried(84, 3, 0))
SECOND_HOLE = replace(HOLE, address="8.8.8.8", towards="8.8.8.8")
FAR_HOLE = replace(HOLE, address=SECOND_SITE, towards="site2.example.org", role="second_site")
FAR_FINE = mtu(towards="site2.example.org", role="second_site", address=SECOND_SITE)
BAD_LINE = mtu(*(SizeTried(size, 5, 0) for size in (1500, 1492)), SizeTried(1480, 5, 1), SizeTried(84, 5, 1))
MIXED = mtu(SizeTried(1500, 5, 0), SizeTried(1492, 1, 1), SizeTried(1480, 5, 0), SizeTried(84, 1, 1))

TABLE = [
    row("all well", case(), "path.ok"),
    row("nothing about sizes", packets(), "path.mtu_unmeasured"),
    row("sizes not allowed to be tried", packets(UNTRIED), "path.mtu_unmeasured"),
    row("sizes not tried, a large upload got out", case(path=path(mtus=(UNTRIED,))), "path.ok"),
    row(
        "sizes not tried, of the upload nothing was confirmed",
        case(path=path(mtus=(UNTRIED,)), upload=replace(UPLOAD, goodput_mbps=None)),
        "path.mtu_unmeasured",
    ),
    row(
        "sizes not tried, a small upload",
        case(path=path(mtus=(UNTRIED,)), upload=replace(UPLOAD, sent_bytes=99_999)),
        "path.mtu_unmeasured",
    ),
    row("the first is silent, not the second", packets(SILENT_SIZES, replace(mtu(), address="8.8.8.8")), "path.ok"),
    row("nobody answers to any size", packets(SILENT_SIZES), "path.mtu_unmeasured"),
    row("not outside, but to the second site", packets(UNTRIED, FAR_FINE), "path.ok"),
    row("nobody answers, though routers do", way(SILENT_END, mtus=()), "path.unmeasured"),
    row("the target is silent, a witness answers", way(SILENT_END, witnesses=(series("8.8.8.8", 9.0),)), "path.ok"),
    # sizes
    row("1500 bytes", packets(mtu(*sizes(1500))), "path.ok"),
    row("1492 bytes, told", packets(mtu(*sizes(1492, ISP))), "path.ok"),
    row("1480 bytes, told", packets(mtu(*sizes(1480, ISP))), "path.mtu_small"),
    row("1400 bytes, by this computer itself", packets(mtu(*sizes(1400))), "path.mtu_small"),
    row("1280 bytes, told", packets(mtu(*sizes(1280, ISP))), "path.mtu_small"),
    row("1000 bytes, told", packets(mtu(*sizes(1000, ISP))), "path.mtu_tiny"),
    row(
        "1480 bytes, usual set to 1480",
        packets(mtu(*sizes(1480, ISP)), site=limits("path", usual_bytes=1480)),
        "path.ok",
    ),
    row("1280, least 1400", packets(mtu(*sizes(1280, ISP)), site=limits("path", least_bytes=1400)), "path.mtu_tiny"),
    row("large ones vanish to one host alone", packets(HOLE), "path.mtu_unmeasured"),
    row(
        "and it is seen where, but no second host could be asked",
        packets(replace(HOLE, lost_after=ROUTER, lost_before=ISP)),
        "path.mtu_unmeasured",
    ),
    row("to one host alone, a large upload got out", case(path=path(mtus=(HOLE,))), "path.ok"),
    row("to two", packets(HOLE, SECOND_HOLE), "path.mtu_black_hole"),
    row("to one of two", packets(HOLE, replace(mtu(), address="8.8.8.8")), "path.ok"),
    row("the second answers nothing at all", packets(HOLE, mtu(*sizes(0, silent=True))), "path.mtu_unmeasured"),
    row("TCP's packets are smaller", packets(CLAMPED, SECOND_HOLE), "path.mtu_clamped"),
    row("TCP's are not known", packets(replace(HOLE, tcp_packet_bytes=None), SECOND_HOLE), "path.mtu_black_hole"),
    row("to the second site alone", packets(mtu(), FAR_HOLE), "path.mtu_black_hole_far"),
    row("to the second site, nothing else known", packets(FAR_HOLE), "path.mtu_black_hole_far"),
    row("to the second site and outside", packets(HOLE, FAR_HOLE), "path.mtu_black_hole"),
    row("outside, not to the second site", packets(HOLE, FAR_FINE), "path.ok"),
    row("a line that loses four of five", packets(BAD_LINE, SECOND_HOLE), "path.mtu_unmeasured"),
    row("a line that loses four of five, alone", packets(BAD_LINE), "path.mtu_unmeasured"),
    row("no order in what vanishes", packets(MIXED, MIXED), "path.ok"),
    row(
        "behind the provider's first router",
        packets(replace(HOLE, lost_after=ISP, lost_before=BACKBONE), SECOND_HOLE),
        "path.mtu_black_hole_far",
    ),
    # delay
    row("150 ms to the end", way(line(150.0, 100.0)), "path.ok"),
    row("151 ms to the end", way(line(151.0, 90.0)), "path.slow_line"),
    row("100 ms on the line", way(line(101.0, 100.5)), "path.ok"),
    row("101 ms on the line", way(line(102.0, 101.5)), "path.slow_line"),
    row("101 ms, limit 110", way(line(102.0, 101.5), site=limits("path", slow_stretch_ms=110)), "path.ok"),
    row("151 ms, limit 160", way(line(151.0, 90.0), site=limits("path", slow_end_ms=160)), "path.ok"),
    row(
        "slow between the provider's routers",
        way(trace(hop(1, ROUTER, 0.5), hop(2, ISP, 10.0), hop(3, BACKBONE, 130.0), end=series(RESOLVER, 135.0))),
        "path.slow_hop",
    ),
    row(
        "the target alone is slow",
        way(trace(end=series(RESOLVER, 250.0)), witnesses=(series("8.8.8.8", 20.0),)),
        "path.ok",
    ),
    row(
        "all targets are slow",
        way(trace(end=series(RESOLVER, 250.0)), witnesses=(series("8.8.8.8", 260.0),)),
        "path.slow_hop",
    ),
    row(
        "a router answers late, all behind it do not",
        way(trace(hop(1, ROUTER, 0.5), hop(2, ISP, 400.0), hop(3, BACKBONE, 15.0))),
        "path.ok",
    ),
    row(
        "the office's router answers late and forwards well",
        way(trace(hop(1, ROUTER, 300.0), hop(2, ISP, 12.0))),
        "path.ok",
    ),
    row(
        "slow in the office already",
        way(trace(hop(1, ROUTER, 120.0), hop(2, ISP, 130.0), end=series(RESOLVER, 140.0))),
        "path.slow_inside",
    ),
    row(
        "the second site's own end is slow", way(trace(), second_site(end=series(SECOND_SITE, 190.0))), "path.slow_hop"
    ),
    row(
        "the line is slow to both",
        way(line(152.0, 140.0), second_site(hop(1, ROUTER, 0.5), hop(2, ISP, 141.0), end=series(SECOND_SITE, 160.0))),
        "path.slow_line",
    ),
    # loss
    row("1 of 80 lost", way(lossy(1, 1, 2)), "path.ok"),
    row("2 of 80 lost", way(lossy(2, 1, 2)), "path.ok"),
    row("3 of 80 lost, where cannot be seen", way(lossy(3)), "path.loss_somewhere"),
    row("3 of 80, limit 0.02", way(lossy(3), site=limits("path", loss_ratio=0.02)), "path.ok"),
    row("8 lost behind the office's router", way(lossy(8, 1)), "path.loss_line"),
    row("8 lost behind the provider's first router", way(lossy(8, 1, 2)), "path.loss"),
    row("8 lost behind the last router", way(lossy(8, 1, 2, 3)), "path.loss"),
    row(
        "a middle router loses, none behind it",
        way(
            trace(
                hop(1, ROUTER, 0.5), hop(2, ISP, 10.0, asked=series(ISP, 10.0, 80, 60), probed=series(ISP, 10.0, 10, 9))
            )
        ),
        "path.ok",
    ),
    row("nothing but the first router is clean, behind one that limits", way(lossy(8, 3)), "path.loss"),
    row(
        "the target limits its answers, a witness loses nothing",
        way(lossy(20, 1, 2, 3), witnesses=(series("8.8.8.8", 20.0),)),
        "path.ok",
    ),
    row("every witness loses", way(lossy(8, 1), witnesses=(series("8.8.8.8", 20.0, 80, 7),)), "path.loss_line"),
    row(
        "a witness that never answers tells nothing",
        way(lossy(8, 1), witnesses=(series("8.8.8.8", None),)),
        "path.loss_line",
    ),
    row("the target is silent, the witnesses lose", witnessed(19, 12), "path.loss_line"),
    row("the target is silent, one of two witnesses loses", witnessed(19, 0), "path.ok"),
    row("the target is silent, one witness limits, the other loses", witnessed(60, 12), "path.loss_line"),
    row("the target is silent, the witnesses lost 1 each", witnessed(1, 1), "path.ok"),
    row("the target is silent, and so is all else", witnessed(80, 80), "path.unmeasured"),
    row("the target limits, the witnesses lose", witnessed(9, 9, end=series(RESOLVER, 20.0, 80, 60)), "path.loss_line"),
    row("no trace, the witnesses lose", witnessed(16, 16, traces=False), "path.loss_somewhere"),
    row("no trace, the witnesses lost 1 each", witnessed(1, 1, traces=False), "path.ok"),
    row("lost in the office already", inside(8), "path.loss_inside"),
    row("the router answers seldom, and answered all before", way(lossy(8, hops=1)), "path.loss_somewhere"),
    row(
        "the second site is silent",
        way(trace(), second_site(end=series(SECOND_SITE, None))),
        "path.ok",
        "path.far_silent",
    ),
    row(
        "lost on the way to the second site alone",
        way(trace(), replace(second_site(), end=series(SECOND_SITE, 25.0, 80, 10))),
        "path.loss",
    ),
]


@pytest.mark.parametrize("row_", TABLE, ids=lambda row_: row_.what)
def test_path_says_exactly_this(row_: Row) -> None:
    assert codes_of(CHECK, row_.case) == row_.codes


@pytest.mark.parametrize(
    ("code", "segment"),
    [
        ("path.slow_line", Segment.LINE),
        ("path.slow_hop", Segment.PATH),
        ("path.slow_inside", Segment.LAN),
        ("path.loss_line", Segment.LINE),
        ("path.loss", Segment.PATH),
        ("path.mtu_black_hole", Segment.LINE),
    ],
)
def test_each_place_has_its_segment(code: str, segment: Segment) -> None:
    assert (CHECK.codes[code].segment or CHECK.segment) is segment


def test_the_place_of_a_black_hole_is_told() -> None:
    seen = packets(replace(HOLE, lost_after=ROUTER, lost_before=ISP), SECOND_HOLE)
    (finding,) = judged(CHECK, seen)
    assert finding.facts["where"] == f"between {ROUTER} and {ISP}"


def test_loss_that_only_a_witness_saw_is_told_of_the_witness() -> None:
    (finding,) = judged(CHECK, witnessed(19, 12, traces=False))
    assert (finding.facts["towards"], finding.facts["lost"], finding.facts["sent"]) == ("8.8.8.1", 31, 160)


def test_of_those_that_answer_the_one_that_lost_least_is_told() -> None:
    (finding,) = judged(CHECK, witnessed(19, 0))
    assert (finding.facts["towards"], finding.facts["lost"]) == ("8.8.8.1", 0)


def test_why_the_sizes_are_not_known_is_told() -> None:
    (finding,) = judged(CHECK, packets(UNTRIED))
    assert "privilege" in str(finding.facts["why"])
    (finding,) = judged(CHECK, packets(replace(HOLE, lost_after=ROUTER, lost_before=ISP)))
    assert f"larger than 1400 bytes to {RESOLVER} vanish between {ROUTER} and {ISP}" in str(finding.facts["why"])
