"""A clock that is years ahead forgets nothing, and what is really old is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from emrnetcheck.store.aging import DAYS, GAP, believed

DAY = timedelta(days=1)
LAST = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
PAST = [LAST - each * DAY for each in range(800)]


def test_without_runs_or_with_one_a_day_the_clock_is_right() -> None:
    assert believed(LAST, []) == LAST
    assert believed(LAST + DAY, PAST) == LAST + DAY
    assert believed(LAST + DAY, PAST[::30]) == LAST + DAY
    assert believed(LAST + 21 * DAY, PAST) == LAST + 21 * DAY, "three weeks in a drawer"


@pytest.mark.parametrize("ahead", [GAP + DAY, 3000 * DAY])
def test_a_jump_is_believed_after_a_week_of_runs(ahead: timedelta) -> None:
    after: list[datetime] = []
    for day in range(DAYS + 3):
        now = LAST + ahead + day * DAY
        after = [now, now - timedelta(minutes=30), *after]
        assert believed(now, [*after, *PAST]) == (now if day + 1 >= DAYS else LAST)


def test_runs_of_a_time_when_the_clock_was_ahead_do_not_count() -> None:
    assert believed(LAST, [LAST + 3000 * DAY, *PAST]) == LAST
    assert believed(LAST + 3000 * DAY, [LAST + 9000 * DAY, *PAST]) == LAST
