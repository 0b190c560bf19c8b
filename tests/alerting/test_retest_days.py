"""Whatever the looks of some days find: how often is a second one made, and of what?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from emrnetcheck.alerting import AlertState, from_json, retest_checks, step, to_json, wants_retest
from emrnetcheck.cli.schedule.looking import Looking
from emrnetcheck.model import Site, Verdict
from emrnetcheck.model.alerts import USUAL, Judged
from emrnetcheck.model.schedule import LoadTests, Schedule
from emrnetcheck.schedule.hours import Hours
from tests.alerting.scripts import START, problem

DAYS = 3
WAKES = timedelta(minutes=15)
TRIES = 3
TO_CONFIRM = 6
"""So many bad looks of the upload of which none is sure: more are never needed."""

SAID = st.lists(st.sampled_from("BBbb.???"), min_size=1, max_size=40)
HOURS = st.lists(st.integers(0, 48), min_size=2, max_size=2, unique=True).map(sorted)


class Days:
    """uploads, emrs: what each look says that asks them, over and over. second: (when, what it asked), of each second
    look; said: what was said of the upload when, and whether it was a second look."""

    def __init__(self, uploads: Sequence[str], emrs: Sequence[str], looking: Looking, check: time) -> None:
        self._next = {"upload": _over_and_over(uploads), "emr": _over_and_over(emrs)}
        self.second: list[tuple[datetime, tuple[str, ...]]] = []
        self.said: list[tuple[datetime, str, bool]] = []
        state, at, checked = AlertState(), START, START.date() - timedelta(days=1)
        for number in range(DAYS * 96):
            at = START + WAKES * number + timedelta(seconds=(number * 37) % 90)
            suspects: tuple[str, ...] = ()
            if at.time() >= check and checked < at.date():
                checked = at.date()
                asked = looking.askable(("emr", "upload"), at)
            elif number % 2 == 0:
                asked = ("emr",)
            else:
                askable = looking.askable(retest_checks(state), at)
                wanted = wants_retest(state, at, askable)
                if wanted is None or wanted > at:
                    continue
                asked = suspects = askable
                self.second.append((at, suspects))
            run = self._run(at, number, asked, second=bool(suspects))
            state, _ = step(from_json(to_json(state)), run, USUAL, at)

    def _run(self, at: datetime, number: int, asked: tuple[str, ...], *, second: bool) -> Judged:
        said = {check: next(self._next[check]) for check in asked}
        if "upload" in said:
            self.said.append((at, said["upload"], second))
        return Judged(
            run_id=f"run{number}",
            started_at=at,
            whole=False,
            verdict=Verdict.NOT_READY,
            problems=tuple(
                replace(problem(f"{check}.bad"), confirmed=letter == "B")
                for check, letter in said.items()
                if letter in "Bb"
            ),
            unknown=frozenset(check for check, letter in said.items() if letter == "?"),
            answered=frozenset(check for check, letter in said.items() if letter != "?"),
            left_out=frozenset({"upload", "emr"} - {*asked}),
        )


def _over_and_over(letters: Sequence[str]) -> Iterator[str]:
    while True:
        yield from letters


def looking(hours: list[int], wish: LoadTests = LoadTests.OUTSIDE_CLINIC_HOURS) -> Looking:
    """A clinic that is open each day, from one half hour to another."""
    opens, closes = (30 * each for each in hours)
    week = Hours(tuple((day, opens, closes) for day in range(7)))
    return Looking(Site(schedule=Schedule(load_tests=wish)), week, UTC)


@settings(max_examples=60, deadline=None)
@given(SAID, SAID, HOURS, st.integers(0, 23))
@example(["B", "?"], ["."], [0, 1], 6)
@example(["b", "?", "?"], ["B", "."], [16, 36], 6)
def test_the_line_is_loaded_so_often_a_day_and_no_more(
    uploads: list[str], emrs: list[str], hours: list[int], check: int
) -> None:
    days = Days(uploads, emrs, looking(hours), time(check, 30))
    for day in range(DAYS):
        begin = START + timedelta(days=day)
        loads = [each for each in days.said if each[2] and begin <= each[0] < begin + timedelta(days=1)]
        assert sum(letter != "?" for _, letter, _ in loads) <= 2 * TO_CONFIRM
        assert len(loads) <= 2 * TO_CONFIRM * TRIES
    untold = 0
    for _, letter, second in days.said:
        untold = untold + second if letter == "?" else 0
        assert untold <= TRIES, "an open question is asked three times, and then by the check only"


@settings(max_examples=30, deadline=None)
@given(SAID, HOURS, st.integers(0, 23))
def test_no_second_look_is_made_for_what_may_not_be_asked(uploads: list[str], hours: list[int], check: int) -> None:
    """The EMR is well: each second look is the upload's, and so far apart."""
    days = Days(uploads, ["."], looking(hours), time(check, 30))
    assert all(asked == ("upload",) for _, asked in days.second)
    assert all(after - before >= timedelta(minutes=13) for (before, _), (after, _) in pairwise(days.second))
    assert not Days(uploads, ["."], looking(hours, LoadTests.NEVER), time(check, 30)).second


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from("Bb.?"), min_size=1, max_size=30), HOURS, st.integers(0, 23))
def test_what_waits_is_no_reason_to_look_at_the_rest_more_often(emrs: list[str], hours: list[int], check: int) -> None:
    """An upload that was bad once, and may not be asked while the clinic is open."""
    waiting, well = (Days([each], emrs, looking(hours), time(check, 30)) for each in "B.")
    # Once one of them has asked the EMR more often, the two say different things of it.
    for (at, asked), (other_at, other) in zip(waiting.second, well.second, strict=False):
        if (at, asked) != (other_at, other):
            assert "upload" in asked
            break
