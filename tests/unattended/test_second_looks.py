"""When the second and the third look at a slow upload are made, by the clock of a clinic that is open by day."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from emrnetcheck.alerting import from_json, retest_checks, step, to_json, wants_retest
from emrnetcheck.cli.schedule.looking import Looking
from emrnetcheck.model import Site
from emrnetcheck.model.alerts import USUAL, Judged
from emrnetcheck.model.claims import Work
from emrnetcheck.model.schedule import LoadTests, Schedule
from emrnetcheck.schedule.due import parse
from emrnetcheck.schedule.hours import parse_hours
from emrnetcheck.store.history import History
from emrnetcheck.unattended import Alarmed, Measured, attend
from tests.alerting.scenes import Shot, measured_for, run_at
from tests.unattended.office import ZONE, Office, a_run

QUARTER = timedelta(minutes=15)
MONDAY = datetime(2026, 3, 2, tzinfo=ZONE)
SLOW = ("fault", "upload too slow")
STOPPED = ("fault", "EMR stopped")
HUNG = ("glitch", "EMR misses one look")


class Clinic:
    """Its upload is slow. scenes: what else is wrong at a time. seen: what was made when, "Mo 06:30 check". at_upload:
    when a run looked at the upload. told: what was mailed when. stops: a second look is killed in the middle."""

    def __init__(self, office: Office, wish: LoadTests = LoadTests.OUTSIDE_CLINIC_HOURS) -> None:
        self.office, self.stops, self.scenes = office, False, dict[str, tuple[tuple[str, str], ...]]()
        self.looking = Looking(Site(schedule=Schedule(load_tests=wish)), parse_hours("mon-fri 08:00-18:00"), ZONE)
        self.seen, self.at_upload, self.told = list[str](), list[str](), list[str]()
        self._runs: dict[str, Judged] = {}

    def lives(self, begin: datetime, end: datetime) -> None:
        office = self.office
        office.report, office.look, office.at = parse("off"), parse("every 30 minutes"), begin
        while office.at < end:
            parts = replace(office.parts(), measure=self._measure, alarm=self._alarm, retest_at=self._retest_at)
            with suppress(KeyboardInterrupt):
                attend(parts)
            office.at += QUARTER

    def _now(self) -> str:
        return f"{self.office.at:%a %H:%M}"

    def _retest_at(self, state: str | None, now: datetime) -> datetime | None:
        remembered = from_json(state)
        return wants_retest(remembered, now, self.looking.askable(retest_checks(remembered), now))

    def _measure(self, kind: Work, state: str | None) -> Measured:
        suspects = retest_checks(from_json(state)) if kind is Work.RETEST else ()
        asked = self.looking.options(suspects, self.office.at, light=kind is Work.LOOK)
        self.seen.append(f"{self._now()} {kind}")
        if self.stops and kind is Work.RETEST:
            raise KeyboardInterrupt
        loads = "upload" in measured_for(asked)
        if loads:
            self.at_upload.append(self._now())
        scenes = (*self.scenes.get(self._now(), ()), *((SLOW,) if loads else ()))
        run = a_run(self.office.at, bad=True)
        self._runs[run.id] = run_at(Shot(scenes, 2.2 if loads else None, asked=asked), self.office.at, run.id)
        return Measured(run, json.dumps({"id": run.id}), "{}")

    def _alarm(self, state: str | None, report: str, now: datetime) -> Alarmed:
        after, notices = step(from_json(state), self._runs[json.loads(report)["id"]], USUAL, now)
        self.told += [f"{self._now()} {each.code}" for each in notices]
        return Alarmed(to_json(after))


def test_a_slow_upload_is_mailed_within_the_hour_of_the_check_that_finds_it(office: Office) -> None:
    """Slow since 06:00: three looks fit between the check and the clinic's opening."""
    office.check = parse("daily 06:30")
    clinic = Clinic(office)
    clinic.lives(MONDAY.replace(hour=6, minute=30), MONDAY.replace(hour=23))
    assert clinic.at_upload == ["Mon 06:30", "Mon 06:45", "Mon 07:15"]
    assert clinic.told == ["Mon 07:15 upload.below_minimum"]
    assert [each for each in clinic.seen if "retest" in each] == ["Mon 06:45 retest", "Mon 07:15 retest"]


@pytest.mark.parametrize(("check", "before"), [("07:45", ["Mon 07:45"]), ("07:30", ["Mon 07:30", "Mon 07:45"])])
def test_what_the_opening_cut_off_goes_on_when_the_clinic_closes(office: Office, check: str, before: list[str]) -> None:
    office.check = parse(f"daily {check}")
    clinic = Clinic(office)
    clinic.lives(MONDAY.replace(hour=7, minute=int(check[-2:])), MONDAY.replace(hour=23))
    assert clinic.at_upload == [*before, *["Mon 18:00", "Mon 18:30"][: 3 - len(before)]]
    assert clinic.told == [f"{clinic.at_upload[-1]} upload.below_minimum"]
    assert not any("08:15" < each.split()[1] < "18:00" and "retest" in each for each in clinic.seen)


def test_what_else_is_suspect_meanwhile_neither_waits_nor_is_looked_at_all_day(office: Office) -> None:
    office.check = parse("daily 07:45")
    clinic = Clinic(office)
    clinic.scenes = {"Mon 10:00": (HUNG,), "Mon 14:00": (STOPPED,), "Mon 14:15": (STOPPED,)}
    clinic.lives(MONDAY.replace(hour=7, minute=45), MONDAY.replace(hour=19))
    asked = [each for each in clinic.seen if "retest" in each]
    assert asked == [f"Mon {at} retest" for at in ("10:15", "14:15", "14:45", "18:00", "18:30")]
    assert clinic.told[0] == "Mon 14:15 port.not_listening"
    assert clinic.told[-1] == "Mon 18:30 upload.below_minimum"


def test_what_may_never_be_asked_again_is_not_tried(office: Office) -> None:
    """It was found before somebody forbade it."""
    office.check = parse("daily 06:30")
    clinic = Clinic(office)
    clinic.lives(MONDAY.replace(hour=6, minute=30), MONDAY.replace(hour=6, minute=45))
    clinic.looking = Clinic(office, LoadTests.NEVER).looking
    clinic.lives(MONDAY.replace(hour=6, minute=45), MONDAY.replace(hour=23))
    assert not any("retest" in each for each in clinic.seen)
    assert sum("look" in each for each in clinic.seen) > 30


def test_a_second_look_that_is_killed_keeps_no_look_from_its_turn_and_is_tried_again(office: Office) -> None:
    office.check = parse("daily 07:45")
    clinic = Clinic(office)
    clinic.lives(MONDAY.replace(hour=7, minute=45), MONDAY.replace(hour=18))
    clinic.stops = True
    clinic.lives(MONDAY.replace(hour=18), MONDAY.replace(hour=18, minute=15))
    clinic.stops = False
    clinic.lives(MONDAY.replace(hour=18, minute=15), MONDAY.replace(hour=20, minute=15))
    made = [each for each in clinic.seen if each > "Mon 18"]
    assert made[:4] == ["Mon 18:00 retest", "Mon 18:15 look", "Mon 18:30 retest", "Mon 18:45 look"]
    assert sum("look" in each for each in made) == 5
    assert clinic.told == ["Mon 19:00 upload.below_minimum"]


def test_the_measurement_that_a_second_look_doubts_is_kept_too(office: Office) -> None:
    """Nothing that was measured is hidden; only the one after it counts."""
    told: list[str] = []

    def alarm(_state: str | None, report: str, _now: datetime) -> Alarmed:
        told.append(json.loads(report)["id"])
        return Alarmed("{}")

    def measure(_kind: Work, _state: str | None) -> Measured:
        before, run = (a_run(office.at + timedelta(minutes=late), bad=not late) for late in (0, 1))
        doubted, made = (Measured(each, json.dumps({"id": each.id}), "{}") for each in (before, run))
        return replace(made, doubted=doubted)

    office.report, office.check = parse("off"), parse("daily 06:30")
    office.at = MONDAY.replace(hour=6, minute=30)
    attend(replace(office.parts(), measure=measure, alarm=alarm))
    with History.opened(office.file) as history:
        kept = [each.id for each in history.runs()]
    assert len(kept) == 2
    assert told == [a_run(office.at + timedelta(minutes=1)).id]
