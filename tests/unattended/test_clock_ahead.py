"""A clock that is hours ahead, until it is set: looks go on at once, and nothing that must come once comes twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emrnetcheck.model.claims import AHEAD, Ended, Work
from emrnetcheck.schedule.due import parse
from emrnetcheck.store import opening
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.unattended import Measured, Pinged, attend
from tests.unattended.office import SITE, ZONE, Office

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
FRIDAY = datetime(2026, 3, 6, 12, 0, tzinfo=ZONE)


class Life:
    """right: the time by a right clock. made: what was measured when, by that.

    always_suspect: a second look is wanted at each start.
    """

    def __init__(self, office: Office, right: datetime = FRIDAY) -> None:
        self.office, self.right, self.made = office, right, list[tuple[Work, datetime]]()
        office.doubts, self.always_suspect = True, False
        # One for all starts: each of its own would compile every statement anew, which is most of the time.
        self._engine = opening._sqlite(office.file, write=True)

    def start(self, wrong_by: timedelta = timedelta(), after: timedelta = QUARTER) -> None:
        self.office.at = self.right + wrong_by
        with mock.patch.object(opening, "_sqlite", return_value=self._engine):
            parts = replace(self.office.parts(), measure=self._measure)
            attend(replace(parts, retest_at=lambda _state, now: now) if self.always_suspect else parts)
        self.right += after

    def of(self, kind: Work, since: datetime) -> list[str]:
        return [f"{at:%a %H:%M}" for each, at in self.made if each is kind and at >= since]

    def _measure(self, kind: Work, state: str | None) -> Measured:
        self.made.append((kind, self.right))
        return self.office._measure(kind, state)


def life(folder: Path, *, check: str = "off", look: str = "off", report: str = "off") -> Life:
    office = Office(folder / "history.sqlite", folder / "accepted", check=parse(check), report=parse(report))
    office.look = parse(look)
    return Life(office)


@pytest.mark.parametrize("ahead_h", [8, 23])
def test_looks_go_on_when_a_clock_that_was_ahead_is_right_again(tmp_path: Path, ahead_h: int) -> None:
    lived = life(tmp_path, look="every 30 minutes")
    for number in range(15):
        lived.start(ahead_h * HOUR if number >= 12 else timedelta())
    right, pings = lived.right, len(lived.office.pings)
    for _ in range(4 * 25):
        lived.start()
    looked = lived.of(Work.LOOK, right)
    assert looked[:3] == ["Fri 15:45", "Fri 16:00", "Fri 16:30"]
    assert len(looked) == 51, "none is left out later, either: those by the wrong clock took no moment"
    assert lived.office.pings[pings:].count(Pinged.SUCCESS) == 51


def test_looks_go_on_after_a_day_of_a_wrong_time_zone(tmp_path: Path) -> None:
    lived = life(tmp_path, look="every 30 minutes")
    for number in range(4 * 16):
        lived.start(8 * HOUR if number >= 32 else timedelta())
    right = lived.right
    for _ in range(4 * 10):
        lived.start()
    assert lived.of(Work.LOOK, right)[:3] == ["Sat 04:30", "Sat 05:00", "Sat 05:30"]


def test_checks_go_on_and_none_is_made_twice_for_a_moment(tmp_path: Path) -> None:
    lived = life(tmp_path, check="every 60 minutes", look="every 30 minutes")
    for number in range(15):
        lived.start(8 * HOUR if number >= 12 else timedelta())
    right = lived.right
    for _ in range(4 * 10):
        lived.start()
    checked = lived.of(Work.CHECK, right)
    assert checked[:3] == ["Fri 15:45", "Fri 16:00", "Fri 17:00"]
    assert "Fri 23:00" not in checked, "made by the clock that was ahead"
    assert lived.of(Work.LOOK, right)[:2] == ["Fri 16:30", "Fri 17:30"], "a check is the look of its time"


def test_a_check_that_was_caught_up_by_a_clock_that_was_ahead_stops_no_looks(tmp_path: Path) -> None:
    lived = life(tmp_path, check="daily 18:30", look="every 30 minutes")
    for number in range(30):
        lived.start(8 * HOUR if 24 <= number < 27 else timedelta())
    assert (Work.CHECK, FRIDAY + 6 * HOUR) in lived.made, "due at 18:30, and the clock shows 02:00"
    assert lived.of(Work.LOOK, FRIDAY + 6 * HOUR + 3 * QUARTER)[:2] == ["Fri 18:45", "Fri 19:00"]
    assert len(lived.of(Work.CHECK, FRIDAY + 6 * HOUR)) == 1


def test_second_looks_and_looks_take_turns_whatever_the_clock_was(tmp_path: Path) -> None:
    lived = life(tmp_path, look="every 15 minutes")
    lived.office.bad = True
    lived.always_suspect = True
    for number in range(12):
        lived.start(8 * HOUR if 4 <= number < 7 else timedelta())
    kinds = [kind for kind, at in lived.made if at >= FRIDAY + 8 * QUARTER]
    assert {*pairwise(kinds)} == {(Work.LOOK, Work.RETEST), (Work.RETEST, Work.LOOK)}


def test_what_the_alarms_were_not_told_of_is_not_forgotten(tmp_path: Path) -> None:
    with History.opened(tmp_path / "history.sqlite", write=True) as history:
        claims = Claims(history)
        for number, ended in enumerate((Ended.DONE, Ended.KEPT, None, Ended.FAILED)):
            due_at = FRIDAY + number * HOUR
            claims.claim(Work.LOOK, SITE, due_at, due_at)
            if ended is not None:
                claims.finish(Work.LOOK, SITE, due_at, ended, due_at, run_id=f"run {number}")
        before = claims.worked_at(SITE)
        claims.give_back(Work.LOOK, SITE, FRIDAY - HOUR)
        assert [each.outcome for each in claims.later(Work.LOOK, SITE, FRIDAY - HOUR)] == [Ended.KEPT, None]
        assert claims.worked_at(SITE) == before, "it stays known how far the clock was ahead"
        assert claims.last(AHEAD, SITE) is not None
        assert [each.run_id for each in claims.left(SITE)] == ["run 1"]


wrongs = st.lists(
    st.tuples(st.integers(-23 * 4, 23 * 4).map(lambda quarters: quarters * QUARTER), st.integers(1, 12)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=5, deadline=None)
@example([(23 * HOUR, 3)], "every 30 minutes")
@example([(8 * HOUR, 32), (-8 * HOUR, 3)], "every 15 minutes")
@given(wrongs, st.sampled_from(["every 15 minutes", "every 30 minutes", "every 60 minutes"]))
def test_a_look_is_made_within_an_interval_of_when_the_clock_is_right(
    wrong: list[tuple[timedelta, int]], look: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lived = life(Path(folder), look=look)
        for _ in range(4):
            lived.start()
        for by, starts in wrong:
            for _ in range(starts):
                lived.start(by)
        right = lived.right
        for _ in range(4 * 9):
            lived.start()
        looked = [at for _, at in lived.made if at >= right]
        interval = {"every 15 minutes": QUARTER, "every 30 minutes": 2 * QUARTER, "every 60 minutes": HOUR}[look]
        for before, after in zip([right, *looked], [*looked, lived.right], strict=True):
            assert after - before <= interval


@settings(max_examples=5, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(timedelta()), st.timedeltas(-23 * HOUR, 23 * HOUR), st.timedeltas(-30 * DAY, 30 * DAY)),
            st.timedeltas(QUARTER, DAY),
        ),
        max_size=40,
    )
)
def test_no_weekly_report_goes_twice_whatever_the_clock_does(steps: list[tuple[timedelta, timedelta]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lived = life(Path(folder), check="daily 06:30", look="every 30 minutes", report="monday 07:00")
        for wrong_by, after in [*steps, *[(timedelta(), 8 * HOUR)] * 24]:
            lived.start(wrong_by, after)
        sent = Counter((each["key"], each["to"]) for each in lived.office.accepted() if "weekly" in each["key"])
        assert sent
        assert set(sent.values()) == {1}
