"""Looks between the checks: none that a check has done already, and none instead of a check."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from emrnetcheck.cli.schedule.looking import Looking
from emrnetcheck.model import Site
from emrnetcheck.model.claims import Claim, Work
from emrnetcheck.model.schedule import Schedule
from emrnetcheck.schedule.due import parse
from emrnetcheck.schedule.hours import parse_hours
from emrnetcheck.unattended import Measured, attend
from tests.unattended.office import INSTALLED, ZONE, Office

QUARTER = timedelta(minutes=15)


def test_a_day_of_looks_and_one_check(office: Office) -> None:
    """Checks at 06:30, looks every 30 minutes, and a computer that sleeps from 12:10 to 17:50."""
    office.check, office.look, office.report = parse("daily 06:30"), parse("every 30 minutes"), parse("off")
    seen: list[tuple[str, Work]] = []

    def measure(kind: Work, state: str | None) -> Measured:
        seen.append((f"{office.at:%H:%M}", kind))
        return office._measure(kind, state)

    office.at = INSTALLED.replace(day=6, hour=5, minute=50)
    while office.at < INSTALLED.replace(day=6, hour=19, minute=0):
        if not INSTALLED.replace(day=6, hour=12, minute=10) < office.at < INSTALLED.replace(day=6, hour=17, minute=50):
            attend(replace(office.parts(), measure=measure))
        office.at += QUARTER
    looked = [at for at, kind in seen if kind is Work.LOOK]
    assert [at for at, kind in seen if kind is Work.CHECK] == ["05:50", "06:35"], "yesterday's is caught up"
    assert "06:35" not in looked
    assert "06:50" not in looked, "the check has looked already"
    assert looked[:3] == ["06:05", "07:05", "07:35"]
    asleep = [at for at in looked if at >= "12:10"]
    assert asleep == ["17:50", "18:05", "18:35"], "what was slept over is looked at once"


def lived(office: Office, begin: datetime, end: datetime) -> list[tuple[str, Work]]:
    """What was measured when, on a computer that is on from begin to end."""
    seen: list[tuple[str, Work]] = []

    def measure(kind: Work, state: str | None) -> Measured:
        seen.append((f"{office.at:%a %H:%M}", kind))
        return office._measure(kind, state)

    office.at = begin
    while office.at < end:
        attend(replace(office.parts(), measure=measure, owes_load=owes_load))
        office.at += QUARTER
    return seen


def owes_load(check: Claim, now: datetime) -> bool:
    site = Site(schedule=Schedule(clinic_hours=("mon-fri 08:00-18:00",)))
    return Looking(site, parse_hours("mon-fri 08:00-18:00"), ZONE).owes(check.due_at, check.claimed_at, now)


def test_a_check_that_is_caught_up_stands_for_the_looks_before_it(office: Office) -> None:
    office.check, office.look, office.report = parse("daily 06:30"), parse("every 30 minutes"), parse("off")
    monday = INSTALLED.replace(day=5, hour=9, minute=12)
    assert lived(office, monday, monday.replace(hour=10)) == [("Mon 09:12", Work.CHECK), ("Mon 09:42", Work.LOOK)]


def test_what_could_not_be_loaded_in_the_clinics_hours_is_made_up_for_once_after_them(office: Office) -> None:
    """A computer that is switched on at 08:40 each morning would else never measure how fast the line is."""
    office.check, office.report = parse("daily 06:30"), parse("off")
    monday = INSTALLED.replace(day=5, hour=8, minute=40)
    assert lived(office, monday, monday.replace(hour=23)) == [("Mon 08:40", Work.CHECK), ("Mon 18:10", Work.AGAIN)]
    tuesday = monday + timedelta(days=1)
    assert lived(office, tuesday, tuesday.replace(hour=17)) == [("Tue 08:40", Work.CHECK)], "off before they end"
    night = tuesday.replace(hour=6, minute=31) + timedelta(days=1)
    assert lived(office, night, night.replace(hour=20)) == [("Wed 06:31", Work.CHECK)], "in time: nothing is owed"


def test_a_check_that_is_meant_for_the_clinics_hours_owes_nothing(office: Office) -> None:
    office.check, office.report = parse("daily 12:15"), parse("off")
    monday = INSTALLED.replace(day=5, hour=12, minute=20)
    assert lived(office, monday, monday.replace(hour=23)) == [("Mon 12:20", Work.CHECK)]


def kinds(office: Office, look: str, starts: int) -> list[Work]:
    """What is measured from the check on, where a second look is wanted without end."""
    office.check, office.report, office.look = parse("daily 06:30"), parse("off"), parse(look)
    seen: list[Work] = []

    def measure(kind: Work, state: str | None) -> Measured:
        seen.append(kind)
        return office._measure(kind, state)

    office.at = datetime(2026, 3, 3, 6, 30, tzinfo=ZONE)
    for _ in range(starts):
        wanted = replace(office.parts(), measure=measure, retest_at=lambda _state, now: now - timedelta(minutes=1))
        attend(wanted)
        office.at += QUARTER
    return seen


@pytest.mark.parametrize("look", ["every 15 minutes", "every 30 minutes"])
def test_a_look_at_each_start_leaves_room_for_the_second_look(office: Office, look: str) -> None:
    """A look never loads the line, so it is none at the upload."""
    assert kinds(office, look, 6) == [Work.CHECK, Work.RETEST, Work.LOOK, Work.RETEST, Work.LOOK, Work.RETEST]
