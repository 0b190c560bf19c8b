"""No load test in the hours of the clinic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model.schedule import LoadTests
from emrnetcheck.schedule.hours import Hours, in_clinic_hours, may_load, parse_all_hours, parse_hours

VANCOUVER = ZoneInfo("America/Vancouver")
ALL = ["mon-fri 08:00-12:00, 13:00-18:00", "sat 22:00-02:00"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VANCOUVER).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-26T07:59:59", False),  # a Thursday
        ("2026-11-26T08:00", True),
        ("2026-11-26T11:59:59", True),
        ("2026-11-26T12:00", False),
        ("2026-11-26T13:00", True),
        ("2026-11-26T18:00", False),
        ("2026-11-28T12:00", False),
        ("2026-11-28T21:59", False),
        ("2026-11-28T22:00", True),
        ("2026-11-29T01:59", True),  # over midnight, into Sunday
        ("2026-11-29T02:00", False),
        ("2026-11-29T22:30", False),
    ],
)
def test_the_clinic_is_open_by_the_clock_on_its_wall(when: str, is_open: bool) -> None:
    assert in_clinic_hours(parse_all_hours(ALL), VANCOUVER, at(when)) is is_open


def test_sunday_night_goes_into_monday() -> None:
    hours = parse_hours("sun 22:00-06:00")
    assert in_clinic_hours(hours, VANCOUVER, at("2026-11-30T05:59"))
    assert not in_clinic_hours(hours, VANCOUVER, at("2026-11-29T05:59"))


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["mon-fri 08:00-18:00"], "Monday to Friday 08:00-18:00"),
        (ALL, "Monday to Friday 08:00-12:00, 13:00-18:00; Saturday 22:00-02:00"),
        (["daily 00:00-24:00"], "every day 00:00-24:00"),
        (["off"], "none"),
    ],
)
def test_hours_are_told_in_words(texts: list[str], words: str) -> None:
    assert parse_all_hours(texts).in_words() == words


@pytest.mark.parametrize(
    "text", ["", "08:00-18:00", "mon-fri", "mon-fri 08:00", "mon 08:00-08:00", "mon 08:00-24:01", "mon 24:00-08:00"]
)
def test_what_is_not_understood_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r'^must be such as "mon-fri 08:00-18:00"'):
        parse_hours(text)


@pytest.mark.parametrize(
    ("wish", "now", "allowed"),
    [
        (LoadTests.OUTSIDE_CLINIC_HOURS, "2026-11-26T07:54", True),
        (LoadTests.OUTSIDE_CLINIC_HOURS, "2026-11-26T07:56", False),  # would not be over at 08:00
        (LoadTests.OUTSIDE_CLINIC_HOURS, "2026-11-26T09:00", False),
        (LoadTests.OUTSIDE_CLINIC_HOURS, "2026-11-26T18:00", True),
        (LoadTests.ALWAYS, "2026-11-26T09:00", True),
        (LoadTests.NEVER, "2026-11-26T06:00", False),
    ],
)
def test_a_load_test_is_over_when_the_clinic_opens(wish: LoadTests, now: str, allowed: bool) -> None:
    hours = parse_hours("mon-fri 08:00-18:00")
    assert may_load(wish, hours, VANCOUVER, at(now), lasting_s=300) is allowed


spans = st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).map(
    lambda found: (found[0], found[1], found[1] + found[2])
)


@given(
    st.lists(spans, max_size=5),
    st.integers(0, 10 * 366 * 24 * 60).map(
        lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    st.floats(0, 3600),
)
def test_what_is_allowed_never_meets_an_open_clinic(
    found: list[tuple[int, int, int]], now: datetime, lasting_s: float
) -> None:
    hours = Hours(tuple(found))
    if may_load(LoadTests.OUTSIDE_CLINIC_HOURS, hours, VANCOUVER, now, lasting_s=lasting_s):
        for part in range(11):
            assert not in_clinic_hours(hours, VANCOUVER, now + timedelta(seconds=lasting_s * part / 10))
