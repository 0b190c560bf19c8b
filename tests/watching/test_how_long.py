"""watch: when did a trouble begin, how long was it, and do its words fit its figures?"""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from tests.watching.test_watching import CUT_LINE, LEGS, LOST, USUAL_MS, WALL_S, Course, Simulated, between

ALL_LEGS = ("peer", *LEGS)
ALL_SILENT = dict.fromkeys(ALL_LEGS, LOST)


def once(strays: Mapping[str, float], course: Course, at_s: float = 30.0) -> Course:
    """One single answer of these legs is other than usual, long before."""
    return lambda leg, now_s: strays[leg] if leg in strays and at_s <= now_s < at_s + 1.05 else course(leg, now_s)


def losing(
    share: float, begin_s: float, end_s: float, legs: tuple[str, ...] = tuple(CUT_LINE), seed: int = 1
) -> Course:
    chance = random.Random(seed)

    def course(leg: str, at_s: float) -> float:
        return LOST if begin_s <= at_s < end_s and leg in legs and chance.random() < share else USUAL_MS[leg]

    return course


@pytest.mark.parametrize("begin_s", [300.0, 300.3, 300.7])
@pytest.mark.parametrize("leg", ["peer", "router"])
@pytest.mark.parametrize("stray_ms", [40.0, LOST])
def test_an_outage_begins_when_it_does_and_not_at_a_stray_answer_before(
    begin_s: float, leg: str, stray_ms: float
) -> None:
    course = once({leg: stray_ms}, between(begin_s, begin_s + 12.0, ALL_SILENT))
    seen = Simulated(legs=ALL_LEGS).run(400.0, course)
    summary = seen.finish()
    assert seen.told() == [("begin", "lan"), ("end", "lan")]
    assert abs(seen.events[0].at_unix_s - WALL_S - begin_s) <= 1.0
    assert abs(summary.by_segment["lan"].bad_s - 12.0) <= 1.5


@pytest.mark.parametrize("strays", [{}, {"isp": 150.0}, {"isp": 250.0, "outside": 250.0}, {"isp": LOST}])
def test_a_loss_begins_when_it_does_and_what_was_late_once_is_not_lost(strays: Mapping[str, float]) -> None:
    seen = Simulated(legs=ALL_LEGS).run(900.0, once(strays, losing(0.2, 600.0, 660.0)))
    summary = seen.finish()
    assert seen.told() == [("begin", "line"), ("end", "line")]
    assert abs(seen.events[0].at_unix_s - WALL_S - 600.0) <= 5.0
    assert 45.0 <= summary.by_segment["line"].bad_s <= 65.0


def test_two_strays_long_before_begin_no_small_loss() -> None:
    seen = Simulated(legs=ALL_LEGS)
    seen.run(900.0, once({"isp": LOST, "outside": LOST}, losing(0.05, 600.0, 700.0)))
    assert list(seen.finish().by_segment) == ["line"]
    assert all(event.at_unix_s - WALL_S >= 590.0 for event in seen.events)


def cuts(times: list[tuple[float, float]], legs: Mapping[str, float]) -> Course:
    return lambda leg, now_s: legs[leg] if leg in legs and any(a <= now_s < b for a, b in times) else USUAL_MS[leg]


FAR = {"server_tcp": LOST, "server_answer": LOST}


def test_two_outages_are_two_and_the_time_between_is_none() -> None:
    seen = Simulated(legs=ALL_LEGS).run(400.0, cuts([(100.0, 106.0), (141.0, 186.0)], CUT_LINE))
    summary = seen.finish()
    assert seen.told() == [("begin", "line"), ("end", "line")] * 2
    assert abs(summary.by_segment["line"].bad_s - 51.0) <= 3.0
    assert {event.fault for event in seen.events} == {"dead"}


def test_an_outage_behind_a_short_one_keeps_its_own_beginning() -> None:
    seen = Simulated(legs=ALL_LEGS).run(400.0, cuts([(100.0, 106.0), (141.0, 186.0)], FAR))
    assert abs(seen.finish().by_segment["far"].longest_s - 45.0) <= 4.0


def test_outages_of_seconds_half_a_minute_apart_are_no_outage_of_a_minute() -> None:
    seen = Simulated(legs=ALL_LEGS).run(300.0, cuts([(100.0, 104.0), (132.0, 137.0), (165.0, 171.0)], CUT_LINE))
    summary = seen.finish()
    assert list(summary.by_segment) == ["line"]
    assert abs(summary.by_segment["line"].bad_s - 15.0) <= 5.0


def test_where_some_are_answered_it_is_a_loss_whatever_comes_after() -> None:
    both = losing(0.2, 300.0, 360.0)
    seen = Simulated(legs=ALL_LEGS)
    seen.run(700.0, lambda leg, at_s: LOST if 380.0 <= at_s < 390.0 and leg in CUT_LINE else both(leg, at_s))
    seen.finish()
    for event in seen.events:
        assert event.lost is not None
        assert event.sent is not None
        assert (event.fault == "dead") == (event.lost >= 0.9 * event.sent)


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_half_of_all_that_is_lost_is_no_outage_and_no_servers(share: float) -> None:
    seen = Simulated(legs=ALL_LEGS).run(600.0, losing(share, 300.0, 500.0))
    summary = seen.finish()
    assert list(summary.by_segment) == ["line"]
    assert {event.fault for event in seen.events if not event.withdrawn} <= {"loss", "dead"}
    assert summary.by_segment["line"].bad_s >= 150.0


@pytest.mark.parametrize("cut_s", [4.0, 6.0, 7.0, 8.0, 12.0])
@pytest.mark.parametrize("begin_s", [150.0, 151.4, 152.7, 154.1])
def test_a_cut_line_is_told_as_the_line_and_no_look_up_that_went_over_it_as_the_name(
    cut_s: float, begin_s: float
) -> None:
    seen = Simulated(legs=ALL_LEGS).run(begin_s + cut_s + 100.0, between(begin_s, begin_s + cut_s, CUT_LINE))
    seen.finish()
    assert [(event.kind, event.segment) for event in seen.events] == [("begin", "line"), ("end", "line")]


@pytest.mark.parametrize("cut_s", [6.0, 8.0])
def test_nor_in_the_office_that_the_emr_is_in(cut_s: float) -> None:
    beyond = {leg: LOST for leg in CUT_LINE if not leg.startswith("server")}

    def course(leg: str, at_s: float) -> float:
        near = {"server_tcp": 0.5, "server_answer": 9.0}
        return near[leg] if leg in near else between(150.0, 150.0 + cut_s, beyond)(leg, at_s)

    seen = Simulated(legs=ALL_LEGS, inside=True).run(300.0, course)
    seen.finish()
    assert [(event.kind, event.segment) for event in seen.events] == [("begin", "line"), ("end", "line")]


@pytest.mark.parametrize("pace", [1.0, 5.0])
@pytest.mark.parametrize("times", [8.0, 12.0, 20.0, 45.0])
@pytest.mark.parametrize("begin_s", [300.0, 303.3, 307.1])
def test_a_cut_line_of_the_clinic_is_the_far_side_and_no_server(pace: float, times: float, begin_s: float) -> None:
    course = between(begin_s, begin_s + times * pace, FAR)
    seen = Simulated(legs=ALL_LEGS, pace=pace).run(begin_s + times * pace + 100.0 * pace, course)
    seen.finish()
    assert {event.segment for event in seen.events} <= {"far"}
    assert [event.kind for event in seen.events] in (["begin", "end"], [])
    assert seen.events or times < 12.0


def test_a_server_that_hangs_while_its_port_opens_is_the_server() -> None:
    seen = Simulated(legs=ALL_LEGS).run(400.0, between(100.0, 220.0, {"server_answer": LOST}))
    seen.finish()
    assert seen.told() == [("begin", "server"), ("end", "server")]


def test_a_name_that_is_not_answered_while_the_way_is_well_is_the_name() -> None:
    seen = Simulated(legs=ALL_LEGS).run(400.0, between(100.0, 160.0, {"name": LOST}))
    seen.finish()
    assert seen.told() == [("begin", "name"), ("end", "name")]
