"""watch: who loses, judged of all legs together; and that chance names nobody else."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Mapping

import pytest

from emrnetcheck.evidence.watch import Moment, Sample, Watched, WatchSummary
from emrnetcheck.model import Failure, FailureKind, Segment
from emrnetcheck.placing import Leg
from emrnetcheck.placing.losses import Explained, Lost, likeliest, reached_by_router
from emrnetcheck.probes.watching.pace import EAGER, EAGER_INSIDE_S
from emrnetcheck.watching import Watching
from tests.watching.test_watching import LOST, TIMEOUT_S, USUAL_MS

USUAL = {Leg.PEER: 0.002, Leg.ROUTER: 0.002, Leg.ISP: 0.01, Leg.OUTSIDE: 0.01, Leg.SERVER_TCP: 0.01}
ALL = frozenset(USUAL)
LINE = frozenset({Leg.ISP, Leg.OUTSIDE, Leg.SERVER_TCP})


def seen(peer: str, router: str, isp: str, outside: str, emr: str) -> dict[Leg, Lost]:
    """Of each: lost/sent."""
    told = (each.split("/") for each in (peer, router, isp, outside, emr))
    return {leg: Lost(int(sent), int(lost)) for leg, (lost, sent) in zip(USUAL, told, strict=True)}


@pytest.mark.parametrize(
    ("what", "losing"),
    [
        (seen("20/200", "40/400", "5/80", "2/80", "9/80"), ALL),  # outside only by chance less
        (seen("0/200", "40/400", "5/80", "2/80", "9/80"), frozenset({Leg.ROUTER, *LINE})),
        (seen("0/200", "0/400", "9/80", "8/80", "7/80"), LINE),
        (seen("0/200", "0/400", "12/95", "6/95", "2/47"), LINE),
        (seen("0/200", "0/400", "0/80", "8/80", "9/80"), frozenset({Leg.OUTSIDE, Leg.SERVER_TCP})),
        (seen("0/200", "0/400", "0/80", "0/80", "9/80"), frozenset({Leg.SERVER_TCP})),
        # Who loses what does not get lost behind it only answers badly.
        (seen("0/200", "80/400", "0/80", "0/80", "0/80"), frozenset()),
        (seen("0/200", "0/400", "40/80", "0/80", "0/80"), frozenset()),
        (seen("0/487", "89/974", "17/194", "0/194", "0/194"), frozenset()),
        # Two things at once.
        (seen("20/200", "40/400", "8/80", "8/80", "40/80"), ALL),
        (seen("0/200", "60/400", "0/80", "0/80", "9/80"), frozenset({Leg.SERVER_TCP})),
    ],
)
def test_the_likeliest_explanation_of_what_is_lost(what: Mapping[Leg, Lost], losing: frozenset[Leg]) -> None:
    found = likeliest(what, USUAL, frozenset(), inside=False)
    assert (found.losing, found.open) == (losing, False)


def test_little_leaves_it_open_and_the_last_answer_holds() -> None:
    little = seen("0/30", "0/60", "0/12", "3/12", "3/12")
    path, far = frozenset({Leg.OUTSIDE, Leg.SERVER_TCP}), frozenset({Leg.SERVER_TCP})
    assert likeliest(little, USUAL, frozenset(), inside=False) == Explained(path, None, open=True, early=True)
    almost = seen("0/30", "0/60", "0/12", "1/12", "6/12")
    assert likeliest(almost, USUAL, path, inside=False).losing == path
    assert likeliest(almost, USUAL, far, inside=False).losing == far


def test_two_places_are_two() -> None:
    what = seen("0/487", "0/974", "12/194", "14/194", "60/194")
    assert likeliest(what, USUAL, frozenset(), inside=False) == Explained(LINE, Segment.FAR, open=False, early=False)


def test_an_emr_in_the_office_has_its_own_cable() -> None:
    what = seen("0/200", "0/400", "0/80", "0/80", "9/200")
    assert likeliest(what, USUAL, frozenset(), inside=True).losing == frozenset({Leg.SERVER_TCP})
    line = seen("0/200", "0/400", "8/80", "9/80", "0/200")
    assert likeliest(line, USUAL, frozenset(), inside=True).losing == frozenset({Leg.ISP, Leg.OUTSIDE})


CROSSES = {
    "peer": ("cable",),
    "router": ("cable",),
    "isp": ("cable", "line"),
    "outside": ("cable", "line", "path"),
    "name": ("cable", "line", "path"),
    "server_tcp": ("cable", "line", "path", "far"),
    "server_answer": ("cable", "line", "path", "far"),
}
HAIRPIN = {
    "router": ("cable", "router's"),
    "isp": ("cable", "router's", "line"),
    "outside": ("cable", "router's", "line", "path"),
    "server_tcp": ("cable", "router's", "router's"),
    "server_answer": ("cable", "router's", "router's"),
}
_RESENT_MS = {"name": (1500.0, 3000.0), "server_answer": (220.0, 440.0, 880.0, 1760.0)}


Faults = tuple[tuple[float, float, str, float], ...]
"""From when to when which place loses how much each way."""


def watched(
    seed: int,
    faults: Faults,
    *,
    inside: bool = False,
    end_s: float = 60.0,
    without: tuple[str, ...] = (),
    by_router: bool = False,
) -> WatchSummary:
    """A watch of a way with these faults; it asks as eagerly as it may. A place that is a leg only answers badly.
    by_router: the EMR in this office is asked at its public address."""
    chance = random.Random(seed)
    crosses = CROSSES | ({"server_tcp": ("cable",), "server_answer": ("cable",)} if inside else {})
    if by_router:
        crosses |= HAIRPIN
    crosses = {leg: (*places, leg) for leg, places in crosses.items() if leg not in without}
    emr = "45.76.10.20:8443" if by_router else "x"
    asked = [Watched(leg, emr if leg.startswith("server") else "x", "icmp") for leg in crosses]
    watching = Watching(asked, Moment(0.0, 1e9), inside=inside)
    watching.take(Sample("own", 0.0, None))
    due = [(0.05 * chance.random(), number, leg) for number, leg in enumerate(crosses)]
    heapq.heapify(due)
    waiting: list[tuple[float, int, Sample]] = []
    look_s, number = 1.0, 0

    def is_lost(leg: str, at_s: float) -> bool:
        here = [
            1.0 - (1.0 - ratio) ** (2 * crosses[leg].count(place))
            for begin_s, end, place, ratio in faults
            if begin_s <= at_s < end and place in crosses[leg]
        ]
        return any(chance.random() < share for share in here)

    def took_ms(leg: str, at_s: float) -> float:
        rtt_ms = 0.5 if inside and leg.startswith("server") else USUAL_MS[leg] * (1.0 + 0.05 * chance.random())
        again = _RESENT_MS.get(leg)
        if again is None:
            return LOST if is_lost(leg, at_s) else rtt_ms
        for wait_ms in again:
            if not is_lost(leg, at_s):
                break
            rtt_ms += wait_ms
        return rtt_ms

    while look_s <= end_s:
        if waiting and waiting[0][0] <= min(due[0][0], look_s):
            watching.take(heapq.heappop(waiting)[2])
        elif look_s <= due[0][0]:
            watching.look(Moment(look_s, 1e9 + look_s))
            look_s += 1.0
        else:
            at_s, order, leg = heapq.heappop(due)
            every_s = EAGER_INSIDE_S if inside and leg == "server_tcp" else EAGER.of(Leg(leg))
            heapq.heappush(due, (at_s + every_s, order, leg))
            rtt_ms, timeout_s = took_ms(leg, at_s), TIMEOUT_S.get(leg, 2.5)
            came = not math.isinf(rtt_ms) and rtt_ms <= timeout_s * 1000
            failure = None if came else Failure(FailureKind.TIMEOUT, "ping", "x")
            number += 1
            sample = Sample(leg, at_s, rtt_ms if came else None, failure)
            heapq.heappush(waiting, (at_s + (rtt_ms / 1000 if came else timeout_s), number, sample))
    watching.finish(Moment(end_s, 1e9 + end_s))
    return watching.summary(Moment(end_s, 1e9 + end_s))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("ratio", "place", "segment"), [(0.01, "router's", "router"), (0.05, "router's", "router"), (0.01, "cable", "lan")]
)
def test_an_emr_of_the_office_may_lose_twice_at_the_router(seed: int, ratio: float, place: str, segment: str) -> None:
    """To the router and back from it, by a cable that loses: that the EMR loses more is no second fault."""
    summary = watched(seed, ((0.0, 1e9, place, ratio),), inside=True, by_router=True, end_s=150.0)
    assert set(summary.by_segment) == {segment}


def test_what_goes_through_twice_loses_twice() -> None:
    """Else it would be as likely that the EMR's own cable loses, too."""
    what = seen("0/400", "10/400", "2/80", "2/80", "20/400")
    (near, far) = (likeliest(what, USUAL, inside=True, by_router=by_router) for by_router in (False, True))
    assert far == Explained(ALL - {Leg.PEER}, None, open=False, early=False)
    assert near.open


@pytest.mark.parametrize(
    ("address", "by_router"),
    [("45.76.10.20", True), ("192.168.1.10", False), ("100.64.0.1", False), ("2a0e:1::50", False), ("x", False)],
)
def test_an_emr_of_the_office_at_a_public_address_is_reached_by_the_router(address: str, by_router: bool) -> None:
    assert reached_by_router(address) is by_router


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("seed", range(12))
def test_what_the_own_cable_loses_is_nobody_elses(seed: int, inside: bool) -> None:
    assert list(watched(seed, ((10.0, math.inf, "cable", 0.05),), inside=inside).by_segment) == ["lan"]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("place", ["line", "path", "far"])
def test_what_is_lost_farther_away_is_found_where_it_is(place: str, seed: int) -> None:
    assert list(watched(seed, ((10.0, math.inf, place, 0.15),)).by_segment) == [place]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("place", "ratio"), [("line", 1.0), ("far", 1.0), ("line", 0.05), ("far", 0.15)])
def test_what_comes_after_a_loss_near_by_is_told_as_what_it_is(place: str, ratio: float, seed: int) -> None:
    found = watched(seed, ((60.0, 120.0, "cable", 0.05), (150.0, 230.0, place, ratio)), end_s=300.0).by_segment
    assert found.keys() == {"lan", place}
    assert found["lan"].bad_s <= 61.0
    assert found[place].bad_s <= 82.0
    assert ratio < 0.1 or found[place].bad_s >= 55.0  # of a small loss, what is lost comes seldom


@pytest.mark.parametrize("seed", range(3))
def test_a_loss_of_the_line_stays_one_when_the_office_loses_after_it(seed: int) -> None:
    found = watched(seed, ((60.0, 300.0, "line", 0.1), (320.0, 360.0, "cable", 0.1)), end_s=450.0).by_segment
    assert found.keys() == {"lan", "line"}
    assert found["lan"].bad_s <= 41.0
    assert found["line"].bad_s >= 220.0


@pytest.mark.parametrize("seed", range(3))
def test_two_places_that_lose_at_once_are_both_told(seed: int) -> None:
    found = watched(seed, ((60.0, 180.0, "line", 0.06), (60.0, 180.0, "far", 0.2)), end_s=220.0)
    assert found.by_segment.keys() == {"line", "far"}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("places", "without"), [(("router",), ("peer",)), (("router", "isp"), ()), (("isp",), ())])
def test_who_only_answers_badly_is_no_fault(places: tuple[str, ...], without: tuple[str, ...], seed: int) -> None:
    faults = tuple((20.0, 120.0, place, 0.1) for place in places)
    assert watched(seed, faults, end_s=140.0, without=without).by_segment == {}


@pytest.mark.parametrize(
    ("place", "seed", "begin_s"),
    [("line", 1, 63.0), ("line", 80, 69.0), ("path", 107, 63.0), ("path", 197, 63.0), ("path", 280, 63.0)],
)
def test_what_chance_named_first_is_taken_back(place: str, seed: int, begin_s: float) -> None:
    """In these few of some hundred the loss shows farther away first, clearly enough to be told."""
    found = watched(seed, ((begin_s, math.inf, place, 0.05),), end_s=160.0)
    assert any(event.withdrawn for event in found.events)
    assert list(found.by_segment) == [place]


@pytest.mark.parametrize("turn_s", [2.0, 4.0])
def test_what_is_lost_in_turns_is_not_over_after_each(turn_s: float) -> None:
    """As where two computers have an address: each has it for some seconds."""
    turns = tuple((12.0 + 2 * turn_s * each, 12.0 + turn_s * (2 * each + 1), "cable", 1.0) for each in range(20))
    found = watched(3, turns, inside=True, end_s=40.0)
    assert list(found.by_segment) == ["lan"]
    assert found.by_segment["lan"].events == 1
