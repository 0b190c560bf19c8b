"""What the settings and the history say reaches the parts of a scheduled run that go by it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from emrnetcheck.cli.schedule.wiring import parts_of
from emrnetcheck.config import load
from emrnetcheck.evidence import Seen
from emrnetcheck.model.claims import Work
from emrnetcheck.model.mail import Composed, Outcome, Reply
from emrnetcheck.model.schedule import LOADING_CHECKS
from emrnetcheck.reports.json import parse, render
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended import Alarmed, Parts
from tests.checks.builders import HEALTHY, emr, tls
from tests.cli.conftest import SETTINGS, Clinic, Keep, all_due_before

Made = Callable[..., Parts]
NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
EXPIRED = tls(days_left=-0.1, days_old=90.1, not_after="2026-11-25T03:00:00+00:00")
BOTH, ONE = replace(HEALTHY, emr=emr(500), tls=EXPIRED), replace(HEALTHY, tls=EXPIRED)
MAIL = """
[email]
host = "127.0.0.1"
port = 9
security = "none"
sender = "emr@clinic.example"
to = ["doctor@clinic.example"]
"""


@pytest.fixture
def parts_with(settings: Path, clinic: Clinic) -> Made:
    """The parts by settings that say this besides. Nothing is sent by them here."""

    def made(more: str = "") -> Parts:
        settings.write_text(f"{SETTINGS}\n{all_due_before()}\n{more}", encoding="utf-8")
        return parts_of(load(settings), "this-computer", None, lambda _sentence: None, waits=False)

    return made


def day(parts: Parts, clinic: Clinic, seen: Seen, number: int, state: str | None) -> Alarmed:
    """What the alarms make of that day's check."""
    clinic(seen)
    report = parse(parts.measure(Work.CHECK, state).report)
    at = report.started_at + number * DAY
    return parts.alarm(state, render(replace(report, id=f"run{number}", started_at=at)), at)


def days(parts: Parts, clinic: Clinic, *seen: Seen) -> list[Alarmed]:
    found: list[Alarmed] = []
    for number, each in enumerate(seen):
        found.append(day(parts, clinic, each, number, found[-1].state if found else None))
    return found


def read(mail: Composed) -> tuple[str, str]:
    """Subject and text, on one line each."""
    made = message_from_bytes(mail.message, policy=policy.SMTP)
    assert isinstance(made, EmailMessage)
    body = made.get_body(("plain",))
    assert body is not None
    return str(made["Subject"]), " ".join(str(body.get_content()).split())


def test_a_look_loads_the_line_at_no_hour(parts_with: Made) -> None:
    """The clinic is closed all the time, so a check may."""
    parts = parts_with()
    looked, checked = (json.loads(parts.measure(kind, None).report) for kind in (Work.LOOK, Work.CHECK))
    assert checked["evidence"]["upload"] is not None
    assert looked["evidence"]["upload"] is None
    left_out = {each["id"] for each in looked["checks"] if each["skipped_because"] == "not asked for"}
    assert left_out == set(LOADING_CHECKS)


@pytest.mark.parametrize(
    ("alerts", "told"),
    [("", [0, 1, 0]), ('confirm = "1 of 1"', [1, 0, 0]), ('confirm = "3 of 3"', [0, 0, 1]), ('level = "off"', [0] * 3)],
)
def test_the_alarms_go_by_the_settings(parts_with: Made, clinic: Clinic, alerts: str, told: list[int]) -> None:
    found = days(parts_with(f"[alerts]\n{alerts}\n"), clinic, ONE, ONE, ONE)
    assert [len(each.told) for each in found] == told


def test_who_is_told_that_one_thing_is_well_again_hears_what_is_not(parts_with: Made, clinic: Clinic) -> None:
    found = days(parts_with(MAIL), clinic, BOTH, BOTH, ONE, ONE, HEALTHY, HEALTHY)
    assert [len(each.mails) for each in found] == [0, 1, 0, 1, 0, 1]
    in_part, whole = (read(found[number].mails[0]) for number in (3, 5))
    assert "WELL AGAIN IN PART" in in_part[0]
    assert "Still wrong: " in in_part[1]
    assert "IN PART" not in whole[0]
    assert "Still wrong" not in whole[1]


def test_the_week_tells_of_alarms_and_of_mails_that_did_not_arrive(parts_with: Made, clinic: Clinic) -> None:
    parts = parts_with(MAIL)
    alarmed = days(parts, clinic, ONE, ONE)[-1]
    with parts.opened() as history:
        AlertStates(history).save(parts.site, alarmed.state, 0, NOW)
        outbox = Outbox(history, parts.site)
        outbox.compose(replace(alarmed.mails[0], composed_at=NOW))
        [waiting] = outbox.due(NOW, early=True)
        assert outbox.claim(waiting.id, NOW, early=True)
        outbox.settle(waiting.id, Reply(Outcome.REFUSED, 550, "No such user", "to"), NOW)
        made = parts.weekly(history, NOW, NOW)
    assert made is not None
    text = read(made)[1]
    assert "an alarm is open" in text
    assert "1 mail could not be sent" in text
    assert "No such user" in text


def test_what_is_tidied_away_is_older_than_the_settings_say(parts_with: Made, keep: Keep, file: Path) -> None:
    kept = parse(parts_with().measure(Work.CHECK, None).report)
    keep(**{f"d{number}": (kept, number) for number in range(0, 80, 10)})
    parts = parts_with("[history]\nkeep_days = 35\n")
    with parts.opened() as history:
        parts.tidy(history)
    with History.opened(file) as history:
        assert {each.id for each in history.runs()} == {"d0", "d10", "d20", "d30"}
