"""watch: large pages, full packets, torn addresses, answers that are late now and then, and small losses."""

from __future__ import annotations

import random

import pytest

from emrnetcheck.evidence.watch import Sample, WatchSummary
from tests.watching.test_watching import ALL_BEYOND, LOST, USUAL_MS, Course, Simulated, usual

LEGS = ("router", "isp", "outside", "name", "path", "server_tcp", "server_answer", "server_bulk")
ASKED = tuple(leg for leg in LEGS if leg not in ("path", "server_bulk"))
WITHOUT_EMR = ("router", "isp", "outside", "name", "path")


def watch(legs: tuple[str, ...] = LEGS, *, inside: bool = False) -> Simulated:
    seen = Simulated(legs=legs, inside=inside)
    seen.legs = tuple(leg for leg in legs if leg in ASKED)  # the large ones are asked by hand
    return seen


IN_THE_OFFICE_MS = USUAL_MS | {"server_tcp": 0.4, "server_answer": 9.0}


def near(leg: str, _at_s: float) -> float:
    """As usual, where the EMR is in this office."""
    return IN_THE_OFFICE_MS[leg]


def load(seen: Simulated, seconds: float, grown: tuple[str, ...] = (), body_bytes: int = 600_000) -> None:
    """Something large is fetched for so long; these legs answer 200 ms later meanwhile."""
    began_s = seen.now_s
    for number in range(6):
        for leg in seen.legs:
            rtt_ms = USUAL_MS[leg] + (200.0 if leg in grown else 0.0)
            seen.watching.take(Sample(leg, began_s + number * seconds / 6, rtt_ms, loaded=True))
    seen.now_s += seconds
    seen.watching.take(Sample("server_bulk", began_s, seconds * 1000.0, body_bytes=body_bytes))
    seen.run(seen.now_s + 12.0, near if seen.inside else usual)


def segments(summary: WatchSummary) -> list[str]:
    return list(summary.by_segment)


@pytest.mark.parametrize(
    ("grown", "segment"),
    [((), "server"), (("server_tcp",), "far"), (("isp", "outside", "server_tcp"), "line"), (("outside",), "line")],
)
def test_whose_answers_grow_while_a_page_comes_slowly_tells_where_it_is_held_up(
    grown: tuple[str, ...], segment: str
) -> None:
    seen = watch().run(60.0)
    for _ in range(2):
        load(seen, 8.0, grown)
    assert segments(seen.finish()) == [segment]


def test_in_the_office_a_slow_page_is_no_matter_of_the_line() -> None:
    seen = watch(inside=True).run(60.0, near)
    for _ in range(2):
        load(seen, 8.0)
    assert segments(seen.finish()) == ["server"]


@pytest.mark.parametrize(("seconds", "body_bytes"), [(3.0, 600_000), (1.0, 20_000), (4.5, 2_000_000)])
def test_what_comes_soon_enough_or_is_much_is_not_slow(seconds: float, body_bytes: int) -> None:
    seen = watch().run(60.0)
    for _ in range(4):
        load(seen, seconds, ALL_BEYOND, body_bytes)
    assert segments(seen.finish()) == []


def page_itself(seen: Simulated, rest_ms: float, grown: tuple[str, ...] = (), *, cut: bool = False) -> None:
    """The page begins at once, and its rest takes so long; these legs answer 200 ms later meanwhile."""
    began_s = seen.now_s

    def course(leg: str, at_s: float) -> float:
        usual_ms = near(leg, at_s) if seen.inside else USUAL_MS[leg]
        return usual_ms + (200.0 if leg in grown and at_s <= began_s + rest_ms / 1000.0 else 0.0)

    legs, seen.legs = seen.legs, tuple(leg for leg in seen.legs if leg != "server_answer")
    seen.run(began_s + 6.0, course)
    seen.watching.take(Sample("server_answer", began_s, 9.0, rest_ms=rest_ms, cut=cut))
    seen.run(began_s + 10.0, course)
    seen.legs = legs


@pytest.mark.parametrize(
    ("grown", "segment"),
    [((), "server"), (("server_tcp",), "far"), (("isp", "outside", "server_tcp"), "line")],
)
def test_a_page_that_begins_at_once_and_comes_slowly_is_told(grown: tuple[str, ...], segment: str) -> None:
    seen = watch().run(60.0)
    for _ in range(4):
        page_itself(seen, 4900.0, grown, cut=True)
    assert {each.segment for each in seen.watching.open_troubles()} == {segment}
    summary = seen.finish()
    assert segments(summary) == [segment]
    (told,) = [each for each in summary.events if each.kind == "end" and not each.withdrawn]
    assert (told.fault, told.cut, told.now_ms) == ("rate", True, 4909.0)
    assert "server_answer" in told.legs
    (answers,) = [each for each in summary.legs if each.leg == "server_answer"]
    assert (answers.cut, answers.max_ms) == (4, 4909.0)


def test_in_the_office_it_is_the_server() -> None:
    seen = watch(inside=True).run(60.0, near)
    for _ in range(4):
        page_itself(seen, 4001.0)
    assert segments(seen.finish()) == ["server"]


def test_a_page_that_is_whole_soon_enough_is_not_slow_nor_are_two_of_them() -> None:
    seen = watch().run(60.0)
    for rest_ms in (4000.0, 4000.0, 4000.0, 4000.0, 4001.0, 4001.0, 3000.0):
        page_itself(seen, rest_ms)
    assert segments(seen.finish()) == []


def test_one_slow_page_is_chance_and_two_quick_ones_end_it() -> None:
    seen = watch().run(60.0)
    load(seen, 8.0)
    load(seen, 1.0)
    assert seen.told() == []
    for seconds in (8.0, 8.0, 1.0, 1.0):
        load(seen, seconds)
    assert seen.told() == [("begin", "server"), ("end", "server")]


def test_what_the_watch_itself_fills_is_no_trouble_of_the_line() -> None:
    seen = watch().run(60.0)
    for number in range(200):
        for leg in ALL_BEYOND:
            seen.watching.take(Sample(leg, seen.now_s + number * 0.05, 900.0, loaded=True))
    assert segments(seen.run(120.0).finish()) == []


def test_a_black_hole_on_the_way_to_the_emr_is_the_paths_and_explains_what_does_not_come() -> None:
    seen = watch().run(60.0)
    for began_s in (seen.now_s, seen.now_s + 9.0):
        seen.watching.take(Sample("server_bulk", began_s, 8_000.0, body_bytes=0))
    seen.watching.take(Sample("path", seen.now_s + 9.0, 0.0, fault="size"))
    seen.run(120.0)
    assert seen.told() == [("begin", "path")]
    assert seen.events[-1].segment == "path"
    assert seen.finish().events[-1].fault == "size"


def test_a_size_that_nothing_is_held_up_by_is_none_of_the_emrs() -> None:
    seen = watch().run(60.0)
    seen.watching.take(Sample("path", seen.now_s, 0.0, fault="size"))
    assert segments(seen.run(120.0).finish()) == []


@pytest.mark.parametrize(("legs", "inside"), [(LEGS, True), (WITHOUT_EMR, False)])
def test_a_black_hole_of_the_way_out_is_told_in_the_office_and_without_an_emr(
    legs: tuple[str, ...], inside: bool
) -> None:
    course = near if inside else usual
    seen = watch(legs, inside=inside).run(60.0, course)
    seen.watching.take(Sample("path", seen.now_s, 0.0, fault="size"))
    seen.run(90.0, course)
    assert seen.told() == [("begin", "path")]
    for _ in range(2):
        seen.watching.take(Sample("path", seen.now_s, 0.0))
        seen.run(seen.now_s + 30.0, course)
    assert seen.told() == [("begin", "path"), ("end", "path")]


def test_an_address_that_two_have_is_the_offices_whatever_else_is_bad() -> None:
    seen = watch(inside=True).run(30.0, near)
    for _ in range(60):
        seen.watching.take(Sample("addresses", seen.now_s, None, fault="wrong"))
        seen.watching.take(Sample("server_tcp", seen.now_s, 0.4, fault="refused"))
        seen.run(seen.now_s + 1.0, near)
    seen.watching.take(Sample("addresses", seen.now_s, None))
    seen.run(seen.now_s + 30.0, near)
    summary = seen.finish()
    assert summary.segment == "lan"
    assert seen.events[0].fault == "wrong"


@pytest.mark.parametrize("fault", ["rate", "dead", "loss"])
def test_what_is_wrong_with_this_computers_own_connection_is_told_as_that(fault: str) -> None:
    seen = watch().run(30.0)
    for _ in range(10):
        seen.watching.take(Sample("own", seen.now_s, None, fault=fault))
        seen.run(seen.now_s + 1.0, lambda leg, _: LOST if fault == "dead" else USUAL_MS[leg])
    assert [(event.kind, event.segment, event.fault) for event in seen.events] == [("begin", "computer", fault)]


@pytest.mark.parametrize(
    ("turn_s", "inside", "segment"), [(1.0, True, "lan"), (20.0, True, "server"), (1.0, False, "far")]
)
def test_an_emr_that_refuses_by_turns_in_the_office_is_two_computers(turn_s: float, inside: bool, segment: str) -> None:
    seen = watch(inside=inside).run(30.0, near if inside else usual)
    for number in range(300):
        fault = "refused" if int(number * 0.2 / turn_s) % 2 else ""
        seen.watching.take(Sample("server_tcp", seen.now_s + 0.1, 0.4 if inside else 40.0, fault=fault))
        for leg in ("router", "isp", "outside", "server_answer"):
            seen.watching.take(Sample(leg, seen.now_s + 0.1, IN_THE_OFFICE_MS[leg]))
        seen.now_s += 0.2
        seen.events += seen.watching.look(seen.moment())
    assert seen.finish().segment == segment


def every(number: int, leg: str, late_ms: float) -> Course:
    """This leg is late each so many questions."""
    asked = 0

    def course(asked_leg: str, _at_s: float) -> float:
        nonlocal asked
        asked += asked_leg == leg
        return late_ms if asked_leg == leg and asked % number == 0 else USUAL_MS[asked_leg]

    return course


@pytest.mark.parametrize(("number", "segment"), [(2, "server"), (3, "server"), (12, None)])
def test_every_second_page_that_is_slow_is_a_slow_server(number: int, segment: str | None) -> None:
    seen = Simulated().run(600.0, every(number, "server_answer", 4_000.0))
    summary = seen.finish()
    assert summary.segment == segment
    assert summary.events_total == (segment is not None), "one, and not a dozen"


def test_pages_that_are_quick_again_end_it() -> None:
    seen = Simulated().run(300.0, every(2, "server_answer", 4_000.0)).run(700.0)
    assert seen.told() == [("begin", "server"), ("end", "server")]


def test_a_network_that_is_late_now_and_then_is_bad_though_its_median_is_not() -> None:
    chance = random.Random(5)

    def course(leg: str, _at_s: float) -> float:
        return USUAL_MS[leg] + (80.0 if leg in ("router", *ALL_BEYOND) and chance.random() < 0.2 else 0.0)

    assert segments(Simulated().run(300.0, course).finish()) == ["lan"]


def test_a_router_that_is_late_now_and_then_and_forwards_as_ever_is_none() -> None:
    assert segments(Simulated().run(300.0, every(6, "router", 80.0)).finish()) == []


@pytest.mark.parametrize("stall_s", [120.0, 240.0])
def test_one_stall_is_no_lateness_again_and_again(stall_s: float) -> None:
    def course(leg: str, at_s: float) -> float:
        return 400.0 if stall_s <= at_s < stall_s + 2.4 else usual(leg, at_s)

    assert segments(Simulated().run(400.0, course).finish()) == []


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_loss_of_two_and_a_half_percent_is_one_trouble_of_the_line_and_certain(seed: int) -> None:
    chance = random.Random(seed)
    seen = Simulated()
    seen.run(1_500.0, lambda leg, _at_s: LOST if leg in ALL_BEYOND and chance.random() < 0.025 else USUAL_MS[leg])
    assert {name: total.events for name, total in seen.finish().by_segment.items()} == {"line": 1}
    # Which of the legs behind it lose may be open for a while; in the end it is not.
    assert [event.sure for event in seen.events if event.kind == "end" and event.segment == "line"] == ["certain"]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_paths_loss_is_not_taken_for_the_lines(seed: int) -> None:
    chance = random.Random(seed)
    beyond = ("outside", "server_tcp")
    seen = Simulated().run(900.0, lambda leg, _: LOST if leg in beyond and chance.random() < 0.05 else USUAL_MS[leg])
    assert segments(seen.finish()) == ["path"]
