"""A clock that is wrong for one start, and a history that has just begun, invent nothing and eat nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from emrnetcheck.model.claims import Work
from emrnetcheck.schedule.due import parse
from emrnetcheck.unattended import Done, attend
from tests.unattended.office import INSTALLED, SITE, ZONE, Office

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 7, 5, tzinfo=ZONE)
TUESDAY = MONDAY + DAY
LAST_MOMENT = datetime(2026, 3, 23, 7, 0, tzinfo=ZONE)


def at(office: Office, moment: datetime) -> Done:
    office.at = moment
    return attend(office.parts())


def weeklies(office: Office) -> list[str]:
    return sorted({each["key"].rpartition("weekly:")[2][-10:] for each in office.accepted() if "weekly" in each["key"]})


@pytest.fixture
def doubting(office: Office) -> Office:
    """On until Tuesday, the 3rd of March."""
    office.doubts = True
    for moment in (INSTALLED, MONDAY, MONDAY + QUARTER, TUESDAY):
        at(office, moment)
    assert weeklies(office) == ["2026-03-02"]
    office.told.clear()
    office.pings.clear()
    return office


@pytest.mark.parametrize(
    "wrong",
    [
        datetime(2020, 1, 1, 0, 5, tzinfo=ZONE),
        MONDAY - 20 * DAY,
        MONDAY + 28 * DAY,
        MONDAY + 3650 * DAY,
    ],
    ids=["2020", "weeks behind", "weeks ahead", "years ahead"],
)
def test_a_clock_that_is_wrong_for_one_start_does_nothing_and_costs_nothing(doubting: Office, wrong: datetime) -> None:
    done = at(doubting, wrong)
    assert (done.worked, done.composed, done.clock_doubted, doubting.pings) == ([], [], True, [])
    [told] = doubting.told
    assert f"this computer's clock shows {wrong:%Y-%m-%d %H:%M}" in told
    for week in range(1, 6):
        monday = at(doubting, MONDAY + week * 7 * DAY - DAY), at(doubting, MONDAY + week * 7 * DAY)
        again = at(doubting, MONDAY + week * 7 * DAY + QUARTER)
        assert {*monday[1].worked, *again.worked} == {Work.CHECK, Work.REPORT}, week
    assert weeklies(doubting) == ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30", "2026-04-06"]


def test_an_older_doubt_is_no_reason_to_believe_a_clock_now(doubting: Office) -> None:
    """That of the days that it was off for, and that of a wrong clock some days before."""
    back = TUESDAY + 6 * DAY
    assert at(doubting, back).clock_doubted
    assert at(doubting, back + QUARTER).worked == [Work.CHECK, Work.REPORT]
    for number in range(7, 30):
        assert not at(doubting, TUESDAY + number * DAY).clock_doubted
    for wrong in (back + 3 * QUARTER, TUESDAY + 300 * DAY, back + 4 * QUARTER, TUESDAY + 300 * DAY + QUARTER):
        assert at(doubting, wrong).clock_doubted
        assert not at(doubting, TUESDAY + 29 * DAY + QUARTER).clock_doubted


def test_a_clock_that_stays_in_2020_never_writes_a_report_of_2019(doubting: Office) -> None:
    for start in range(200):
        assert at(doubting, datetime(2020, 1, 1, 0, 5, tzinfo=ZONE) + start * QUARTER).worked == []
    assert at(doubting, TUESDAY + DAY).worked == [Work.CHECK]
    assert weeklies(doubting) == ["2026-03-02"]


def test_weeks_that_it_was_off_are_caught_up_a_quarter_of_an_hour_later(doubting: Office) -> None:
    back = MONDAY + 23 * DAY
    assert at(doubting, back).worked == []
    assert at(doubting, back + QUARTER).worked == [Work.CHECK, Work.REPORT]
    assert weeklies(doubting) == ["2026-03-02", f"{LAST_MOMENT:%Y-%m-%d}"]


def test_every_day_once_is_no_reason_to_doubt(doubting: Office) -> None:
    for number in range(1, 6):
        assert at(doubting, TUESDAY + number * DAY + (number % 2) * 5 * timedelta(hours=1)).worked == [Work.CHECK]


def test_a_clock_that_was_ahead_for_long_is_believed_again_at_the_second_start(doubting: Office) -> None:
    for start in range(5):
        at(doubting, MONDAY + 300 * DAY + start * QUARTER)
    assert at(doubting, TUESDAY + DAY).worked == []
    assert at(doubting, TUESDAY + DAY + QUARTER).worked == [Work.CHECK]
    for number in range(2, 5):
        assert at(doubting, TUESDAY + number * DAY).worked == [Work.CHECK]


def test_a_history_that_has_just_begun_repeats_nothing(doubting: Office) -> None:
    """As it is after one that was damaged was moved elsewhere."""
    for each in doubting.file.parent.glob("history.sqlite*"):
        each.unlink()
    thursday = MONDAY + 3 * DAY
    for start in range(4):
        assert at(doubting, thursday + start * QUARTER).worked == []
    assert doubting.told == ["The history knows of no work yet: what is due from now on is done."]
    assert at(doubting, thursday + DAY).worked == [Work.CHECK]
    assert weeklies(doubting) == ["2026-03-02"]
    at(doubting, MONDAY + 6 * DAY)
    assert at(doubting, MONDAY + 7 * DAY).worked == [Work.CHECK, Work.REPORT]
    assert weeklies(doubting) == ["2026-03-02", "2026-03-09"]


def test_marks_of_the_clock_do_not_pile_up(doubting: Office) -> None:
    doubting.check = doubting.report = parse("off")
    for start in range(400):
        at(doubting, TUESDAY + 10 * DAY + start * QUARTER)
    with closing(sqlite3.connect(doubting.file)) as history:
        [count] = history.execute(
            "SELECT count(*) FROM emrnetcheck_claims WHERE kind = 'clock' AND site = ?", (SITE,)
        ).fetchone()
    assert 8 <= count <= 12
