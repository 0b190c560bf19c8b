"""A clinic that gets another name loses no mail, hears of no alarm twice, and gets no second report of the week."""

from __future__ import annotations

import email
import email.policy
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.cli import renamed
from emrnetcheck.model import Site
from emrnetcheck.model.mail import DeliveryState, MailKind
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from tests.checks.builders import HEALTHY
from tests.cli.conftest import SETTINGS, Call, Clinic, all_due_before
from tests.cli.test_schedule_run import age_runs, backdate
from tests.unattended.sink import Sink
from tests.unattended.sink import running as sink_running

pytestmark = pytest.mark.usefixtures("clock_is_believed")

OLD, NEW = "Elm Street Clinic", "Oak Street Clinic"


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with sink_running(tmp_path_factory.mktemp("sink")) as server:
        yield server


@pytest.fixture
def mailing(settings: Path, sink: Sink) -> Path:
    sink.begin_anew()
    settings.write_text(
        f"""{SETTINGS}
{all_due_before()}
[email]
host = "127.0.0.1"
port = {sink.port}
security = "none"
sender = "emr@clinic.example"
to = ["doctor@clinic.example"]
""",
        encoding="utf-8",
    )
    return settings


def rename(settings: Path, old: str = OLD, new: str = NEW) -> None:
    settings.write_text(settings.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def states(file: Path, site: str) -> list[DeliveryState]:
    with History.opened(file) as history:
        return [each.state for each in Outbox(history, site).listed()]


def wait_no_longer(file: Path) -> None:
    with sqlite3.connect(file) as history:
        history.execute("UPDATE emrnetcheck_deliveries SET next_try_unix_s = 0")
    history.close()


def test_what_waits_goes_with_the_next_run_and_nothing_is_done_twice(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    sink.will_say("451 4.7.1 Later")
    call("schedule", "run", "--config", mailing)
    assert states(file, OLD) == [DeliveryState.WAITING]
    rename(mailing)
    wait_no_longer(file)
    ended = call("schedule", "run", "--config", mailing)
    assert (ended.status, ended.out.splitlines()) == (
        0,
        [
            f'The clinic is called "{NEW}" now: its runs, its alarms and the mail that waits go on under this name.',
            "The mail to doctor@clinic.example (weekly) was sent.",
        ],
    )
    assert len(sink.taken()) == 1, "no second report of the same week"
    assert (states(file, OLD), states(file, NEW)) == ([], [DeliveryState.SENT])
    with History.opened(file) as history:
        assert len(history.runs()) == 1, "no second check of the same morning"
    assert call("schedule", "run", "--config", mailing).out == ""


def test_what_waits_goes_with_email_send(call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink) -> None:
    sink.will_say("451 4.7.1 Later")
    call("schedule", "run", "--config", mailing)
    rename(mailing)
    ended = call("email", "send", "--config", mailing)
    assert ended.status == 0
    assert "SENT" in ended.out
    assert NEW in ended.err
    assert len(sink.taken()) == 1


def test_what_waits_is_listed_and_can_be_dropped_at_once(call: Call, clinic: Clinic, mailing: Path, sink: Sink) -> None:
    sink.will_say("451 4.7.1 Later")
    call("schedule", "run", "--config", mailing)
    rename(mailing)
    listed = call("email", "outbox", "--config", mailing, "--format", "json")
    assert [each["state"] for each in json.loads(listed.out)["deliveries"]] == ["waiting"]
    assert call("email", "outbox", "drop", "1", "--config", mailing).status == 0


def test_alarms_go_on(call: Call, clinic: Clinic, mailing: Path, file: Path) -> None:
    def kept() -> list[tuple[str, str]]:
        with sqlite3.connect(file) as history:
            found = history.execute("SELECT site, state FROM emrnetcheck_alerts").fetchall()
        history.close()
        return found

    call("schedule", "run", "--config", mailing)
    [(_, before)] = kept()
    rename(mailing)
    call("schedule", "run", "--config", mailing)
    assert kept() == [(NEW, before)]
    rename(mailing, NEW, OLD)
    backdate(file, timedelta(days=1))
    call("schedule", "run", "--config", mailing)
    [(site, after)] = kept()
    assert site == OLD
    assert after != before


def test_the_weekly_report_and_the_trend_go_on(call: Call, clinic: Clinic, mailing: Path, file: Path) -> None:
    call("schedule", "run", "--config", mailing)
    backdate(file, timedelta(days=8))
    with sqlite3.connect(file) as history_file:
        history_file.execute("UPDATE emrnetcheck_runs SET started_unix_s = started_unix_s - 8 * 86400")
    history_file.close()
    rename(mailing)
    call("schedule", "run", "--config", mailing)
    with History.opened(file) as history:
        assert [run.site for run in history.runs()] == [NEW, NEW]
        newest = max((each.mail for each in Outbox(history, NEW).listed()), key=lambda mail: mail.key)
    message = email.message_from_bytes(newest.message, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    assert "Nothing: neither of the two last runs found anything wrong." in body.get_content()
    assert "no whole run in the week before" not in body.get_content()
    shown = call("history", "trend", "--by", "run", "--format", "json", "--config", mailing)
    assert len(json.loads(shown.out)["rows"]) == 2
    assert call("status", "--config", mailing).status == 0


def test_an_alarm_under_the_old_name_is_over_under_the_new_one(
    call: Call, clinic: Clinic, mailing: Path, file: Path
) -> None:
    assert HEALTHY.upload is not None
    slow = replace(HEALTHY.upload, goodput_mbps=1.0, line_rate_mbps=1.1, lower_mbps=0.9, upper_mbps=1.1)
    told: list[str] = []

    def days(count: int) -> None:
        for _ in range(count):
            backdate(file, timedelta(days=1))
            age_runs(file, timedelta(days=1))
            told.extend(call("schedule", "run", "--config", mailing).out.splitlines())

    call("schedule", "run", "--config", mailing)
    clinic(replace(HEALTHY, upload=slow))
    days(4)
    rename(mailing)
    days(2)
    clinic(HEALTHY)
    days(4)
    kinds = [line.split(":")[0] for line in told if line.startswith(("ALARM", "Well again"))]
    assert kinds == ["ALARM", "Well again"]
    with History.opened(file) as history:
        mails = {each.mail.kind: each.mail for each in Outbox(history, NEW).listed()}
    alarm, over = mails[MailKind.ALERT], mails[MailKind.RECOVERY]
    assert over.subject == f'[emrnetcheck] {NEW}: WELL AGAIN - no longer "upload too slow"'
    assert email.message_from_bytes(over.message)["In-Reply-To"] == alarm.message_id


def test_runs_of_a_name_that_another_clinic_has_stay_where_they_are(
    call: Call, clinic: Clinic, mailing: Path, file: Path
) -> None:
    other = mailing.with_name("other.toml")
    other.write_text(mailing.read_text(encoding="utf-8"), encoding="utf-8")
    call("schedule", "run", "--config", other)
    call("schedule", "run", "--config", mailing)
    rename(mailing)
    told = call("schedule", "run", "--config", mailing).out
    assert f'Runs stay under "{OLD}", since others may have that name' in told
    with History.opened(file) as history:
        assert {run.site for run in history.runs()} == {OLD}


def test_in_a_shared_database_nobodys_name_is_nobodys() -> None:
    unnamed = Site().name
    shared = Site(name=NEW, history_url="postgresql://me@db.example/emr")
    assert not renamed._is_its_own(unnamed, shared, [])
    assert renamed._is_its_own(OLD, shared, [])
    assert renamed._is_its_own(unnamed, Site(name=NEW), [])


def test_where_nothing_was_kept_nothing_is_written(call: Call, mailing: Path, file: Path) -> None:
    assert call("email", "outbox", "--config", mailing).status == 0
    assert not file.parent.exists()


def test_another_settings_file_is_another_clinic(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    sink.will_say("451 4.7.1 Later")
    call("schedule", "run", "--config", mailing)
    other = mailing.with_name("other.toml")
    other.write_text(mailing.read_text(encoding="utf-8"), encoding="utf-8")
    rename(other)
    assert "is called" not in call("schedule", "run", "--config", other).out
    assert states(file, OLD) == [DeliveryState.WAITING]


@pytest.mark.parametrize("there", [b"", b"[1]", b"\xff", b'{"x": 3}'])
def test_a_list_of_names_that_is_damaged_is_written_anew(
    there: bytes, call: Call, clinic: Clinic, mailing: Path, file: Path
) -> None:
    file.parent.mkdir()
    names = file.parent / renamed.FILE_NAME
    names.write_bytes(there)
    ended = call("schedule", "run", "--config", mailing)
    assert ended.status == 0
    assert json.loads(names.read_text()) == {str(mailing.absolute()): OLD}


def test_a_history_that_cannot_be_written_is_tried_again(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emrnetcheck.store import StoreError, renaming

    def broken(*_: object, **_more: object) -> None:
        raise StoreError("The disk is full.")

    sink.will_say("451 4.7.1 Later")
    call("schedule", "run", "--config", mailing)
    rename(mailing)
    with monkeypatch.context() as patched:
        patched.setattr(renaming, "go_on", broken)
        ended = call("email", "send", "--config", mailing)
        assert f'What was under way for "{OLD}", the name before, waits: The disk is full.' in ended.err
        assert sink.taken() == []
    call("email", "send", "--config", mailing)
    assert len(sink.taken()) == 1
