"""watch: what is said of simulated hours and days, whose truth is known. No clock runs: times are given."""

from __future__ import annotations

import heapq
import math
import pickle
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emrnetcheck.evidence.watch import Happening, Moment, Sample, Watched, WatchEvent, WatchSummary
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.watching import EVENTS_KEPT, Watching
from emrnetcheck.watching.limits import too_many_lost
from emrnetcheck.watching.sketch import Sketch

LEGS = ("router", "isp", "outside", "name", "server_tcp", "server_answer")
USUAL_MS = {
    "router": 0.4,
    "peer": 0.3,
    "isp": 12.0,
    "outside": 20.0,
    "name": 25.0,
    "server_tcp": 40.0,
    "server_answer": 60.0,
}
EVERY_S = {
    "router": 0.5,
    "peer": 1.0,
    "isp": 1.0,
    "outside": 1.0,
    "name": 5.0,
    "server_tcp": 2.0,
    "server_answer": 10.0,
}
TIMEOUT_S = {"name": 4.0, "server_answer": 8.0}
WALL_S = 1_800_000_000.0
LOST = math.inf

Course = Callable[[str, float], float]
"""(leg, second) -> round trip in ms, LOST for no answer."""


def usual(leg: str, _at_s: float) -> float:
    return USUAL_MS[leg]


def between(begin_s: float, end_s: float, changed: Mapping[str, float]) -> Course:
    """As usual, but these legs have these times in between."""

    def course(leg: str, at_s: float) -> float:
        return changed[leg] if begin_s <= at_s < end_s and leg in changed else USUAL_MS[leg]

    return course


@dataclass
class Simulated:
    """A watch in its own time. offset_s: what a wall clock that is set has more."""

    legs: tuple[str, ...] = LEGS
    inside: bool = False
    wireless: bool = False
    pace: float = 1.0
    now_s: float = 0.0
    events: list[WatchEvent] = field(default_factory=list)
    watching: Watching = field(init=False)

    def __post_init__(self) -> None:
        watched = [Watched(leg, "somebody", "icmp") for leg in self.legs]
        self.watching = Watching(watched, self.moment(), inside=self.inside, wireless=self.wireless, pace=self.pace)
        self.watching.take(Sample("own", 0.0, None))

    def moment(self) -> Moment:
        return Moment(self.now_s, WALL_S + self.now_s)

    def run(self, until_s: float, course: Course = usual) -> Simulated:
        for at_s, sample in _merged(
            samples(self.legs, self.now_s, until_s, course, self.pace), self.now_s, until_s, self.pace
        ):
            self.now_s = at_s
            if sample is None:
                self.events += self.watching.look(self.moment())
            else:
                self.watching.take(sample)
        self.now_s = until_s
        return self

    def finish(self) -> WatchSummary:
        self.events += self.watching.finish(self.moment())
        return self.watching.summary(self.moment())

    def told(self) -> list[tuple[str, str | None]]:
        """Kind and segment of what was told and not taken back."""
        kept: list[tuple[str, str | None]] = []
        for event in self.events:
            if event.withdrawn:
                begun = len(kept) - 1 - kept[::-1].index(("begin", event.segment))
                ended = ("end", event.segment) in kept[begun:]  # it may be over already
                kept = kept[:begun] + [each for each in kept[begun + 1 :] if not ended or each[1] != event.segment]
            else:
                kept.append((event.kind, event.segment))
        return kept


def samples(
    legs: tuple[str, ...], begin_s: float, end_s: float, course: Course, pace: float
) -> Iterator[tuple[float, Sample]]:
    """Every question of the time, when it is answered or given up."""
    due = [(begin_s + 0.01 * number, leg) for number, leg in enumerate(legs)]
    heapq.heapify(due)
    waiting: list[tuple[float, int, Sample]] = []
    number = 0
    while due:
        at_s, leg = heapq.heappop(due)
        while waiting and waiting[0][0] <= at_s:
            yield waiting[0][0], heapq.heappop(waiting)[2]
        if at_s >= end_s:
            continue
        heapq.heappush(due, (at_s + EVERY_S[leg] * pace, leg))
        rtt_ms, timeout_s = course(leg, at_s), TIMEOUT_S.get(leg, 2.5)
        came = rtt_ms <= timeout_s * 1000
        failure = None if came else Failure(FailureKind.TIMEOUT, "ping", "somebody")
        number += 1
        sample = Sample(leg, at_s, rtt_ms if came else None, failure)
        heapq.heappush(waiting, (at_s + (rtt_ms / 1000 if came else timeout_s), number, sample))
    while waiting:
        yield waiting[0][0], heapq.heappop(waiting)[2]


def _merged(
    answers: Iterator[tuple[float, Sample]], begin_s: float, end_s: float, every_s: float
) -> Iterator[tuple[float, Sample | None]]:
    """The answers, and a look each second (None)."""
    look_s = begin_s + every_s
    for at_s, sample in answers:
        while look_s <= min(at_s, end_s):
            yield look_s, None
            look_s += every_s
        if at_s <= end_s:
            yield at_s, sample
    while look_s <= end_s:
        yield look_s, None
        look_s += every_s


ALL_BEYOND = ("isp", "outside", "server_tcp")
SLOW_LINE = dict.fromkeys(ALL_BEYOND, 900.0) | {"name": 950.0, "server_answer": 900.0}
CUT_LINE = dict.fromkeys((*ALL_BEYOND, "name", "server_answer"), LOST)


@pytest.mark.parametrize(
    ("segment", "changed"),
    [
        ("line", SLOW_LINE),
        ("line", CUT_LINE),
        ("path", {"outside": 700.0, "server_tcp": 700.0}),
        ("far", {"server_tcp": 800.0}),
        ("far", {"server_tcp": LOST, "server_answer": LOST}),
        ("server", {"server_answer": 4000.0}),
        ("server", {"server_answer": LOST}),
        ("name", {"name": LOST}),
        ("name", {"name": 1500.0}),
        ("lan", {"router": 60.0} | {leg: USUAL_MS[leg] + 60.0 for leg in ALL_BEYOND}),
        ("lan", dict.fromkeys(("router", *CUT_LINE), LOST)),
        # The router answers last and forwards well.
        (None, {"router": 80.0}),
        (None, {"router": LOST}),
        (None, {"isp": LOST}),
        (None, {"isp": 400.0}),
    ],
)
@pytest.mark.parametrize("begin_s", [0.0, 300.0])
def test_the_right_segment_is_named_from_the_beginning_or_later(
    segment: str | None, changed: Mapping[str, float], begin_s: float
) -> None:
    seen = Simulated().run(begin_s + 200.0, between(begin_s + 7.3, begin_s + 67.3, changed)).run(begin_s + 400.0)
    summary = seen.finish()
    assert summary.segment == segment
    assert seen.told() == ([] if segment is None else [("begin", segment), ("end", segment)])
    if segment is not None:
        total = summary.by_segment[segment]
        assert (total.events, list(summary.by_segment)) == (1, [segment])
        slack_s = 21.0 if {"name", "server_answer"} & set(changed) == set(changed) else 11.0
        assert abs(total.bad_s - 60.0) <= slack_s, "as long as it was, within the time between two questions"


def test_an_event_says_what_was_before_what_was_normal_and_how_long_it_was() -> None:
    seen = Simulated().run(400.0, between(200.0, 240.0, SLOW_LINE))
    begin, end = seen.events
    assert (begin.kind, begin.segment, begin.fault, begin.sure) == ("begin", "line", "latency", "certain")
    assert begin.before_ms == 12.0
    assert begin.now_ms is not None
    assert begin.now_ms >= 900.0
    assert "router" in begin.normal
    assert abs(begin.at_unix_s - WALL_S - 200.0) <= 2.0
    assert end.duration_s is not None
    assert abs(end.duration_s - 40.0) <= 3.0


def test_in_the_office_the_way_to_the_emr_is_the_office_network() -> None:
    course = between(60.0, 120.0, {"server_tcp": 60.0})
    elsewhere = Simulated().run(200.0, course)
    assert elsewhere.told() == [], "a round trip that is usual in the Internet"

    def in_office(leg: str, at_s: float) -> float:
        return 0.5 if leg == "server_tcp" and not 60.0 <= at_s < 120.0 else course(leg, at_s)

    here = Simulated(inside=True).run(200.0, in_office)
    assert here.told() == [("begin", "lan"), ("end", "lan")]


def test_a_neighbour_shows_whose_fault_a_slow_router_is() -> None:
    beyond = {leg: USUAL_MS[leg] + 300.0 for leg in ALL_BEYOND}
    alone = Simulated(legs=("peer", *LEGS)).run(200.0, between(60.0, 120.0, {"router": 300.0} | beyond))
    both = Simulated(legs=("peer", *LEGS)).run(200.0, between(60.0, 120.0, {"router": 300.0, "peer": 300.0} | beyond))
    assert (alone.finish().segment, both.finish().segment) == ("router", "lan")


@pytest.mark.parametrize(("ratio", "segment"), [(0.0, None), (0.05, "lan"), (0.2, "lan")])
def test_loss_on_the_office_network_is_found_and_goes(ratio: float, segment: str | None) -> None:
    chance = random.Random(5)

    def course(leg: str, at_s: float) -> float:
        lossy = 100.0 <= at_s < 400.0
        return LOST if lossy and chance.random() < ratio else USUAL_MS[leg]

    summary = Simulated().run(600.0, course).finish()
    assert summary.segment == segment
    if segment:
        assert summary.by_segment[segment].bad_s >= 120.0


def test_jitter_on_the_line_is_found() -> None:
    chance = random.Random(6)

    def course(leg: str, at_s: float) -> float:
        uneven = 100.0 <= at_s < 300.0 and leg in ALL_BEYOND
        return USUAL_MS[leg] + (chance.uniform(0.0, 170.0) if uneven else 0.0)

    seen = Simulated().run(500.0, course)
    assert seen.finish().segment == "line"
    assert {event.fault for event in seen.events} <= {"jitter", "latency"}


def test_two_faults_at_once_are_two_troubles() -> None:
    seen = Simulated()
    seen.watching.take(Sample("own", 0.0, None, fault="rate"))
    seen.run(400.0, between(100.0, 250.0, {"server_answer": 4000.0}))
    assert {name: total.events for name, total in seen.finish().by_segment.items()} == {"computer": 1, "server": 1}


def test_after_a_line_was_cut_what_is_asked_seldom_shows_no_trouble_of_its_own() -> None:
    for length_s in (11.0, 17.0, 23.0, 31.0, 45.0):
        seen = Simulated().run(400.0, between(100.0, 100.0 + length_s, CUT_LINE))
        assert list(seen.finish().by_segment) == ["line"], length_s


def healthy(seed: int, *, loss_ratio: float, spike_ratio: float) -> Course:
    """Lognormal answer times with spikes and single losses, as real ones are."""
    chance = random.Random(seed)

    def course(leg: str, _at_s: float) -> float:
        drawn = chance.random()
        if drawn < loss_ratio:
            return LOST
        rtt_ms = USUAL_MS[leg] * chance.lognormvariate(0.0, 0.2)
        return rtt_ms + chance.uniform(20.0, 800.0) if drawn < loss_ratio + spike_ratio else rtt_ms

    return course


def test_ten_healthy_days_raise_no_alarm() -> None:
    """Each as four hours, so that it takes seconds; spikes and losses come six times as often as on a good line."""
    for day in range(10):
        summary = Simulated().run(14_400.0 / 10, healthy(day, loss_ratio=0.0006, spike_ratio=0.01)).finish()
        assert (summary.segment, summary.events_total) == (None, 0), f"day {day}"


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.0005]), st.sampled_from([0.0, 0.003]))
def test_noise_is_no_trouble(seed: int, loss_ratio: float, spike_ratio: float) -> None:
    summary = Simulated().run(90.0, healthy(seed, loss_ratio=loss_ratio, spike_ratio=spike_ratio)).finish()
    assert summary.events_total == 0


def test_eight_hours_take_no_memory() -> None:
    seen = Simulated(pace=5.0)  # as with --every 5s, so that it takes seconds
    bad = between(0.0, math.inf, SLOW_LINE)
    steady = healthy(1, loss_ratio=0.0005, spike_ratio=0.01)

    def course(leg: str, at_s: float) -> float:
        return bad(leg, at_s) if at_s % 600.0 < 120.0 else steady(leg, at_s)

    def run_until(hours: int) -> int:
        seen.run(hours * 3_600.0, course)
        seen.events.clear()
        return len(pickle.dumps(seen.watching))

    before_bytes = run_until(1)
    assert run_until(8) - before_bytes < 100_000, "the events kept, and nothing else"
    summary = seen.finish()
    assert summary.segment == "line"
    assert summary.by_segment["line"].events == 48
    assert len(summary.events) <= EVENTS_KEPT


def test_only_the_last_events_are_kept_and_all_are_counted() -> None:
    seen = Simulated()
    for number in range(EVENTS_KEPT + 50):
        seen.watching.happened(Happening("gateway", float(number), "a", "b"), seen.moment())
    assert len(seen.watching.events()) == EVENTS_KEPT


def test_a_sleep_is_no_loss_and_ends_what_was_before() -> None:
    seen = Simulated().run(130.0, between(100.0, 1_000.0, CUT_LINE))
    assert seen.told() == [("begin", "line")]
    seen.events += seen.watching.happened(Happening("slept", seen.now_s, seconds=3600.0), seen.moment())
    seen.run(200.0)
    summary = seen.finish()
    assert seen.told() == [("begin", "line"), ("end", "line"), ("slept", None)]
    assert summary.by_segment["line"].bad_s <= 35.0
    assert summary.slept_s == 3600.0
    assert sum(leg.lost for leg in summary.legs) <= 80, "nothing of the sleep"


def test_a_clock_that_is_set_changes_no_duration() -> None:
    seen = Simulated().run(130.0, between(100.0, 160.0, CUT_LINE))
    later = Moment(seen.now_s, WALL_S + seen.now_s + 7_200.0)
    event = seen.watching.happened(Happening("clock_set", seen.now_s, seconds=7_200.0), later)[0]
    assert (event.kind, event.duration_s) == ("clock_set", 7_200.0)
    seen.run(300.0, between(100.0, 160.0, CUT_LINE))
    assert abs(seen.finish().by_segment["line"].bad_s - 60.0) <= 4.0


def test_a_pulled_cable_is_this_computers_and_nothing_is_lost_that_was_never_sent() -> None:
    seen = Simulated().run(60.0)
    for second in range(60, 90):
        seen.now_s = float(second)
        seen.watching.take(Sample("own", seen.now_s, None, fault="dead"))
        for leg in LEGS:
            no_route = Failure(FailureKind.NO_ROUTE, "ping", "somebody")
            seen.watching.take(Sample(leg, seen.now_s, None, no_route))
        seen.events += seen.watching.look(seen.moment())
    seen.watching.take(Sample("own", seen.now_s, None))
    seen.run(150.0)
    summary = seen.finish()
    assert seen.told() == [("begin", "computer"), ("end", "computer")]
    assert (summary.segment, sum(leg.lost for leg in summary.legs)) == ("computer", 0)
    assert all(leg.unsent == 30 for leg in summary.legs)


def test_another_address_begins_anew() -> None:
    seen = Simulated().run(120.0, between(60.0, 1_000.0, {"server_tcp": LOST, "server_answer": LOST}))
    for leg in ("server_tcp", "server_answer"):
        seen.watching.retarget(Watched(leg, "somebody else", "icmp"))
    seen.run(240.0)
    assert seen.told() == [("begin", "far"), ("end", "far")]
    assert {leg.target for leg in seen.finish().legs if leg.leg.startswith("server")} == {"somebody else"}


def test_a_wrong_name_and_a_refusal_are_told_as_such() -> None:
    seen = Simulated(legs=("router", "outside", "name", "server_tcp"))
    for fault, leg in (("wrong", "name"), ("refused", "server_tcp")):
        for second in range(30):
            seen.now_s += 1.0
            for each in seen.legs:
                seen.watching.take(Sample(each, seen.now_s, 20.0, fault=fault if each == leg and second < 20 else ""))
            seen.events += seen.watching.look(seen.moment())
        seen.run(seen.now_s + 60.0)
    faults = [event.fault for event in seen.events if event.kind == "begin"]
    assert faults == ["wrong", "refused"]
    assert seen.events[0].segment == "name"


def test_nothing_answered_is_not_nothing_slow() -> None:
    seen = Simulated(legs=("outside",))
    summary = seen.finish()
    assert (summary.segment, summary.measured) == (None, False)


@given(st.lists(st.floats(0.02, 50_000.0), min_size=1, max_size=300), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_sketch_knows_percentiles_within_four_percent(values: list[float], share: float) -> None:
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    truth = sorted(values)[math.ceil(share * len(values)) - 1]
    found = sketch.percentile_ms(share)
    assert found is not None
    assert truth / 1.04 <= found <= truth * 1.04
    assert sketch.max_ms == max(values)


def test_a_sketch_of_nothing_has_no_figures() -> None:
    assert Sketch().percentile_ms(0.5) is None


@pytest.mark.parametrize(("sent", "ratio"), [(20, 0.001), (60, 0.001), (240, 0.01), (20, 0.5)])
def test_too_many_lost_is_where_chance_ends(sent: int, ratio: float) -> None:
    def at_least(lost: int) -> float:
        return sum(math.comb(sent, k) * ratio**k * (1 - ratio) ** (sent - k) for k in range(lost, sent + 1))

    lost = too_many_lost(sent, ratio, 1e-4)
    assert at_least(lost) < 1e-4 <= at_least(lost - 1)


@pytest.mark.parametrize("ratio", [0.01, 0.05])
def test_a_loss_that_lasts_is_one_trouble_and_not_a_hundred(ratio: float) -> None:
    chance = random.Random(7)
    seen = Simulated().run(2_400.0, lambda leg, _at_s: LOST if chance.random() < ratio else USUAL_MS[leg])
    summary = seen.finish()
    assert summary.segment == "lan"
    assert summary.by_segment["lan"].bad_s >= 1_500.0
    assert summary.events_total <= 6


@pytest.mark.parametrize("seed", range(6))
def test_who_loses_first_by_chance_is_not_blamed_for_what_is_nearer(seed: int) -> None:
    chance = random.Random(seed)

    def course(leg: str, at_s: float) -> float:
        return LOST if at_s >= 60.0 and leg in ALL_BEYOND and chance.random() < 0.1 else USUAL_MS[leg]

    summary = Simulated().run(300.0, course).finish()
    assert summary.segment == "line"


@pytest.mark.parametrize(("ratio", "seed"), [(0.05, 0), (0.15, 3)])
def test_a_steady_loss_of_the_line_is_told_as_the_lines_and_no_longer_than_was_watched(ratio: float, seed: int) -> None:
    chance = random.Random(seed)
    seen = Simulated().run(400.0, lambda leg, _at_s: LOST if leg in ALL_BEYOND and chance.random() < ratio else 1.0)
    summary = seen.finish()
    assert {name: total.events for name, total in summary.by_segment.items()} == {"line": 1}
    assert [(event.kind, event.segment) for event in seen.events] == [("begin", "line"), ("end", "line")]
    assert summary.by_segment["line"].bad_s <= summary.watched_s


@pytest.mark.parametrize("kind", [FailureKind.NO_ROUTE, FailureKind.PERMISSION, FailureKind.INTERRUPTED])
@pytest.mark.parametrize("from_s", [0, 60])
def test_an_emr_that_cannot_be_asked_is_no_emr_that_is_well(kind: FailureKind, from_s: int) -> None:
    seen = Simulated(legs=("router", "outside", "name", "server_tcp", "server_answer"))
    for second in range(200):
        seen.now_s = float(second)
        for leg in seen.legs:
            stuck = leg.startswith("server") and second >= from_s
            failure = Failure(kind, "connect") if stuck else None
            seen.watching.take(Sample(leg, seen.now_s, None if stuck else USUAL_MS[leg], failure))
        seen.events += seen.watching.look(seen.moment())
    health = {each.leg: each.health for each in seen.watching.figures(seen.moment())}
    assert (health["server_tcp"], health["server_answer"], health["outside"]) == ("unknown", "unknown", "good")
    summary = seen.finish()
    assert (summary.segment, summary.measured) == (None, False)


def test_a_router_that_answers_late_is_no_proof_that_the_emr_is_in_the_office() -> None:
    chance = random.Random(4)
    usual_ms = USUAL_MS | {"router": 45.0}
    seen = Simulated(inside=None)  # type: ignore[arg-type]
    seen.run(300.0, lambda leg, _at_s: LOST if leg == "server_tcp" and chance.random() < 0.15 else usual_ms[leg])
    assert list(seen.finish().by_segment) == ["far"]


def test_a_computer_that_gets_answers_has_a_connection_whatever_its_system_tells() -> None:
    seen = Simulated(legs=("server_tcp", "server_answer"), inside=True)
    for second in range(1, 120):
        seen.now_s = float(second)
        seen.watching.take(Sample("own", seen.now_s, None, fault="dead"))
        for leg in seen.legs:
            seen.watching.take(Sample(leg, seen.now_s, 0.5))
        seen.events += seen.watching.look(seen.moment())
    assert (seen.finish().segment, seen.told()) == (None, [])


@pytest.mark.parametrize(("lost", "restless"), [(0, False), (1, False), (4, True)])
def test_what_is_hardly_chance_is_no_event_and_makes_it_ask_more(lost: int, restless: bool) -> None:
    simulated = Simulated()
    for number in range(240):
        gone = number % 40 == 0 and number // 40 < lost
        failure = Failure(FailureKind.TIMEOUT, "ping", "somebody") if gone else None
        simulated.watching.take(Sample("router", 0.1 * number, None if gone else 0.4, failure))
    assert simulated.watching.restless() is restless
    assert simulated.watching.look(Moment(24.0, WALL_S + 24.0)) == []
