"""`schedule run` does what is due with the real parts, once, and is silent where there is nothing to do."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest

from emrnetcheck.alerting import AlertState, to_json
from emrnetcheck.alerting.state import Look, Watched
from emrnetcheck.cli.email import weekly
from emrnetcheck.cli.schedule import running, wiring
from emrnetcheck.cli.schedule.looking import LOADING_PROBES, ONCE_MORE_AFTER_S, Looking
from emrnetcheck.cli.schedule.wiring import parts_of
from emrnetcheck.config import load
from emrnetcheck.evidence import Seen
from emrnetcheck.model import Site
from emrnetcheck.model.mail import Delivery, DeliveryState, MailKind
from emrnetcheck.model.schedule import LOADING_CHECKS, LoadTests, Schedule
from emrnetcheck.net import host
from emrnetcheck.net.lock import FILE_NAME, Held, take
from emrnetcheck.probes import PROBES
from emrnetcheck.schedule.hours import parse_hours
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended import Trouble
from tests.checks.builders import HEALTHY, emr, tls
from tests.cli.conftest import SETTINGS, Call, Clinic, all_due_before
from tests.unattended.sink import Sink
from tests.unattended.sink import running as sink_running

pytestmark = pytest.mark.usefixtures("clock_is_believed")
SITE = "Elm Street Clinic"
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sink]:
    with sink_running(tmp_path_factory.mktemp("sink")) as server:
        yield server


@pytest.fixture
def mailing(settings: Path, sink: Sink) -> Path:
    """The settings of a clinic that has a mail server."""
    sink.begin_anew()
    settings.write_text(
        f"""{SETTINGS}
{all_due_before()}
[email]
host = "127.0.0.1"
port = {sink.port}
security = "none"
sender = "emr@clinic.example"
to = ["doctor@clinic.example", "helper@it.example"]
""",
        encoding="utf-8",
    )
    return settings


def mails(file: Path) -> list[Delivery]:
    with History.opened(file) as history:
        return Outbox(history, SITE).listed()


def text_of(delivery: Delivery) -> str:
    made = message_from_bytes(delivery.mail.message, policy=policy.SMTP)
    assert isinstance(made, EmailMessage)
    body = made.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def backdate(file: Path, by: timedelta) -> None:
    """As if all that was done had been done so long ago."""
    seconds = int(by.total_seconds())
    with sqlite3.connect(file) as history:
        history.execute(
            "UPDATE emrnetcheck_claims SET due_unix_s = due_unix_s - ?, claimed_unix_s = claimed_unix_s - ?",
            (seconds, seconds),
        )
    history.close()


def test_the_first_one_measures_and_mails_the_week(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    ended = call("schedule", "run", "--config", mailing)
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "The mail to doctor@clinic.example (weekly) was sent.",
        "The mail to helper@it.example (weekly) was sent.",
    ]
    assert [each["to"] for each in sink.taken()] == ["doctor@clinic.example", "helper@it.example"]
    assert len({each["id"] for each in sink.taken()}) == 1
    [mail, _] = mails(file)
    assert (mail.state, mail.mail.kind) == (DeliveryState.SENT, MailKind.WEEKLY)
    assert "READY to host the EMR" in text_of(mail)
    with History.opened(file) as history:
        [kept] = history.runs()
    assert kept.whole
    again = call("schedule", "run", "--config", mailing)
    assert (again.status, again.out, again.err) == (0, "", "")
    assert len(sink.taken()) == 2


def test_the_week_says_how_many_runs_were_to_be_made(monkeypatch: pytest.MonkeyPatch, mailing: Path) -> None:
    site = load(mailing)
    site = replace(site, schedule=Schedule(check=("daily 06:30",), look=("every 30 minutes",), spread_minutes=0))
    given: list[Callable[[datetime, datetime], int | None]] = []
    monkeypatch.setattr(weekly, "weekly_mail", lambda *_, planned, **__: given.append(planned))
    monkeypatch.setattr(weekly, "standing_now", lambda *_: None)
    installed = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    for installed_at in (None, installed):
        parts = parts_of(site, "host", installed_at, lambda _: None, waits=False)
        with parts.opened() as history:
            parts.weekly(history, installed, installed)
    nobody, planned = given
    assert nobody(installed, installed + HOUR) is None, "it is not installed"
    assert planned(installed + 24 * HOUR, installed + 24 * HOUR * 2) == 48
    assert planned(installed - 24 * HOUR, installed + HOUR) == 1, "at the half hour; the next is not begun yet"
    assert planned(installed - 24 * HOUR, installed) is None


def test_only_one_that_nobody_started_waits_for_the_network(monkeypatch: pytest.MonkeyPatch, mailing: Path) -> None:
    monkeypatch.setattr(host, "has_way_out", lambda: False)
    found = [parts_of(load(mailing), "h", None, lambda _: None, waits=each).connected() for each in (True, False)]
    assert found == [False, True]


def test_who_sits_at_a_terminal_does_not_wait(
    call: Call, monkeypatch: pytest.MonkeyPatch, clinic: Clinic, settings: Path
) -> None:
    waits = []

    def none(*_: object, **named: bool) -> None:
        waits.append(named["waits"])
        raise KeyboardInterrupt

    monkeypatch.setattr(wiring, "parts_of", none)
    for stdin in (None, SimpleNamespace(isatty=lambda: False), SimpleNamespace(isatty=lambda: True)):
        monkeypatch.setattr(sys, "stdin", stdin)
        call("schedule", "run", "--config", settings)
    assert waits == [True, True, False]


def test_without_mail_it_measures_all_the_same(call: Call, clinic: Clinic, settings: Path, file: Path) -> None:
    ended = call("schedule", "run", "--config", settings)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    with History.opened(file) as history:
        assert len(history.runs()) == 1
    assert mails(file) == []


def test_a_fault_is_mailed_when_it_is_confirmed_and_when_it_is_over(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    assert HEALTHY.upload is not None
    call("schedule", "run", "--config", mailing)
    slow = replace(HEALTHY.upload, goodput_mbps=1.0, line_rate_mbps=1.1, lower_mbps=0.9, upper_mbps=1.1)
    kinds = []
    for seen in (*[replace(HEALTHY, upload=slow)] * 4, *[HEALTHY] * 4):
        clinic(seen)
        backdate(file, timedelta(days=1))
        age_runs(file, timedelta(days=1))
        ended = call("schedule", "run", "--config", mailing)
        assert ended.status == 0, ended.out
        kinds += [line.split(":")[0] for line in ended.out.splitlines() if ": " in line and "mail" not in line]
    assert kinds == ["ALARM", "Well again"]
    noticed = [each for each in mails(file) if each.mail.kind is not MailKind.WEEKLY]
    assert {each.mail.kind for each in noticed} == {MailKind.ALERT, MailKind.RECOVERY}
    assert len(noticed) == 4
    assert {each.state for each in noticed} == {DeliveryState.SENT}


EXPIRED = tls(days_left=-0.1, days_old=90.1, not_after="2026-11-25T03:00:00+00:00")
BOTH, ONE = replace(HEALTHY, emr=emr(500), tls=EXPIRED), replace(HEALTHY, tls=EXPIRED)


def days_with(call: Call, clinic: Clinic, settings: Path, file: Path, *days: Seen) -> list[str]:
    """A day after the other; what was told of alarms."""
    told = []
    for seen in days:
        clinic(seen)
        if file.exists():
            backdate(file, timedelta(days=1))
            age_runs(file, timedelta(days=1))
        ended = call("schedule", "run", "--config", settings)
        assert ended.status == 0, ended.out
        told += [line.split(":")[0] for line in ended.out.splitlines() if line.startswith(("ALARM", "Well again"))]
    return told


def unreported(settings: Path) -> None:
    """No weekly mail: to draw its pictures takes longer than all the rest."""
    text = re.sub('report = ".+"', 'report = "off"', settings.read_text(encoding="utf-8"))
    settings.write_text(text, encoding="utf-8")


def heads(file: Path) -> list[tuple[str, str, str | None, list[str]]]:
    """Kind, Message-ID, In-Reply-To and References of each alarm and recovery, the oldest first, once each."""
    found = {}
    for each in reversed(mails(file)):
        if each.mail.kind is not MailKind.WEEKLY:
            head = message_from_bytes(each.mail.message, policy=policy.SMTP)
            references = str(head["References"] or "").split()
            found[each.mail.key] = (str(each.mail.kind), each.mail.message_id, head["In-Reply-To"], references)
    return list(found.values())


def test_what_was_confirmed_before_mail_was_set_up_is_mailed_after_it(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    unreported(mailing)
    with_mail = mailing.read_text(encoding="utf-8")
    mailing.write_text(f"{SETTINGS}\n{all_due_before()}", encoding="utf-8")
    assert days_with(call, clinic, mailing, file, HEALTHY, BOTH, BOTH, BOTH, ONE, ONE) == [
        "ALARM",
        "ALARM",
        "Well again",
    ]
    assert heads(file) == []
    mailing.write_text(with_mail, encoding="utf-8")
    assert days_with(call, clinic, mailing, file, ONE, ONE, HEALTHY, HEALTHY, HEALTHY) == ["ALARM", "Well again"]
    alarm, recovery = heads(file)
    assert (alarm[0], alarm[2:]) == ("alert", (None, []))
    assert (recovery[0], recovery[2:]) == ("recovery", (alarm[1], [alarm[1]]))


def test_each_end_is_a_reply_to_the_mail_of_its_alarm_also_under_another_sender(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    """One alarm tells of two faults, which end one after the other."""
    unreported(mailing)
    told = days_with(call, clinic, mailing, file, HEALTHY, BOTH, BOTH)
    mailing.write_text(mailing.read_text(encoding="utf-8").replace("emr@clinic", "server@clinic"), encoding="utf-8")
    told += days_with(call, clinic, mailing, file, ONE, ONE, HEALTHY, HEALTHY)
    assert told == ["ALARM", "ALARM", "Well again", "Well again"]
    alarm, first, second = heads(file)
    assert alarm[0] == "alert"
    for each in (first, second):
        assert (each[0], each[2:]) == ("recovery", (alarm[1], [alarm[1]]))


def test_what_ends_together_and_was_told_apart_is_a_reply_to_the_latest_alarm(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    unreported(mailing)
    days_with(call, clinic, mailing, file, HEALTHY, ONE, ONE, BOTH, BOTH, HEALTHY, HEALTHY)
    one, other, recovery = heads(file)
    assert (one[0], other[0], recovery[0]) == ("alert", "alert", "recovery")
    assert recovery[2:] == (other[1], [one[1], other[1]])


def test_a_check_that_was_cut_off_is_made_up_for_whole_also_where_something_is_suspect(
    call: Call, clinic: Clinic, mailing: Path, file: Path
) -> None:
    assert HEALTHY.upload is not None
    clinic(replace(HEALTHY, upload=replace(HEALTHY.upload, goodput_mbps=1.0, lower_mbps=0.9, upper_mbps=1.1)))
    call("schedule", "run", "--config", mailing)
    with sqlite3.connect(file) as history:
        history.execute(
            "UPDATE emrnetcheck_claims SET outcome = NULL, finished_unix_s = NULL, "
            "claimed_unix_s = claimed_unix_s - 1200 WHERE kind = 'check'"
        )
    history.close()
    assert call("schedule", "run", "--config", mailing).status == 0
    with History.opened(file) as opened:
        assert [run.whole for run in opened.runs()] == [True, True]


def test_where_nothing_may_load_the_line_the_week_has_an_answer_all_the_same(
    call: Call, clinic: Clinic, mailing: Path, file: Path
) -> None:
    text = mailing.read_text(encoding="utf-8")
    mailing.write_text(text.replace("[schedule]", '[schedule]\nload_tests = "never"'), encoding="utf-8")
    assert call("schedule", "run", "--config", mailing).status == 0
    sent = mails(file)[0]
    assert "NO FAULT FOUND, upload not measured as the settings say" in sent.mail.subject
    said = " ".join(text_of(sent).split())
    assert "No such figure is kept. A run that you start measures it, once." in said
    assert call("run", "-q", "--config", mailing).status == 0
    shown = " ".join(call("report", "week", "--config", mailing).out.split())
    assert shown.startswith("READY to host the EMR")


def age_runs(file: Path, by: timedelta) -> None:
    """What the alarms remember has moments of its own."""
    with sqlite3.connect(file) as history:
        for site, text in history.execute("SELECT site, state FROM emrnetcheck_alerts").fetchall():
            moved = json.dumps(_moved(json.loads(text), by))
            history.execute("UPDATE emrnetcheck_alerts SET state = ? WHERE site = ?", (moved, site))
    history.close()


def _moved(value: object, by: timedelta) -> object:
    if isinstance(value, dict):
        return {key: _moved(each, by) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, by) for each in value]
    if isinstance(value, str) and len(value) > 18 and value[4:5] == "-" and "T" in value:
        return (datetime.fromisoformat(value) - by).isoformat()
    return value


def test_mail_that_cannot_be_sent_is_told_and_the_rest_is_done(
    call: Call, clinic: Clinic, mailing: Path, file: Path, sink: Sink
) -> None:
    sink.will_say("552 5.3.4 Too large", "451 4.7.1 Later")
    ended = call("schedule", "run", "--config", mailing)
    assert ended.status == 1
    assert ended.out.splitlines() == [
        "The mail to helper@it.example (weekly) is tried again later: 451 4.7.1 Later.",
        "The mail to doctor@clinic.example (weekly) is given up: 552 5.3.4 Too large.",
    ]
    assert call("schedule", "run", "--config", mailing).status == 0


def test_one_that_is_at_work_is_left_alone(
    call: Call, clinic: Clinic, mailing: Path, file: Path, tmp_path: Path, sink: Sink
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    now = datetime.now(UTC)
    held = take(folder / FILE_NAME, now)
    assert isinstance(held, Held)
    ended = call("schedule", "run", "--config", mailing)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    held.release()
    held = take(folder / FILE_NAME, now - 3 * HOUR)
    assert isinstance(held, Held)
    ended = call("schedule", "run", "--config", mailing)
    held.release()
    assert ended.status == 3
    assert "is still at work" in ended.out
    assert sink.taken() == []


def test_a_history_that_cannot_be_used_is_told(call: Call, clinic: Clinic, mailing: Path, file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database at all, but long enough to look like one" * 100)
    ended = call("schedule", "run", "--config", mailing)
    assert ended.status == 3
    assert ended.out.startswith(f"The history: The history {file} is damaged")


def test_a_mistake_in_the_settings_ends_it(call: Call, mailing: Path) -> None:
    mailing.write_text("[email]\nhost = 3\n", encoding="utf-8")
    assert call("schedule", "run", "--config", mailing).status == 2


def test_a_state_of_the_alarms_that_cannot_be_read_begins_anew(
    call: Call, clinic: Clinic, mailing: Path, file: Path
) -> None:
    call("schedule", "run", "--config", mailing)
    with sqlite3.connect(file) as history:
        history.execute("UPDATE emrnetcheck_alerts SET state = '{'")
    history.close()
    backdate(file, timedelta(days=1))
    ended = call("schedule", "run", "--config", mailing)
    assert ended.status == 0
    assert "The state of the alarms cannot be read" in ended.out
    assert "It begins anew" in ended.out


def test_the_secret_address_of_a_ping_is_not_told(call: Call, clinic: Clinic, settings: Path) -> None:
    settings.write_text(
        f'{SETTINGS}\n[schedule]\nclinic_hours = "off"\nping_url = "http://127.0.0.1:9/s3cret"\n', encoding="utf-8"
    )
    ended = call("schedule", "run", "--config", settings)
    assert ended.status == 0
    assert ended.out.count("Who waits for a ping was not told") == 2
    assert "s3cret" not in ended.out + ended.err


@pytest.mark.parametrize(
    ("troubles", "status"),
    [
        ([], 0),
        ([Trouble("The mail", "x", of_mail=True)], 1),
        ([Trouble("The mail", "x", of_mail=True), Trouble("The history", "x")], 3),
        ([Trouble("The history", "x"), Trouble("Alarms", "x", bug=True)], 70),
    ],
)
def test_the_worst_decides(troubles: list[Trouble], status: int) -> None:
    assert running.status_of(troubles) == status


NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HOURS = parse_hours("mon-fri 08:00-18:00")


def looking(wish: LoadTests = LoadTests.OUTSIDE_CLINIC_HOURS) -> Looking:
    return Looking(replace(Site(), schedule=Schedule(load_tests=wish)), HOURS, UTC)


def test_what_loads_the_line_is_measured_outside_clinic_hours(clinic: Clinic) -> None:
    by_day, by_night = looking().look((), NOON), looking().look((), NIGHT)
    for made, there in ((by_day, False), (by_night, True)):
        report = json.loads(made.report)
        assert (report["evidence"]["upload"] is not None) is there
        skipped = {check["id"] for check in report["checks"] if check["skipped_because"] == "not asked for"}
        assert skipped == (set() if there else set(LOADING_CHECKS))
        assert made.run.whole is there
    assert json.loads(looking(LoadTests.ALWAYS).look((), NOON).report)["evidence"]["upload"] is not None
    assert json.loads(looking(LoadTests.NEVER).look((), NIGHT).report)["evidence"]["upload"] is None


def test_a_second_look_is_at_what_is_suspect_and_what_that_may_follow_from(clinic: Clinic) -> None:
    """And at the router: by that a laptop knows where it is by now."""
    assert looked_at(("ddns",), NOON) == {"link", "router", "address", "ddns"}
    assert looked_at(("emr",), NOON) == {"link", "router", "switch", "port", "tls", "emr"}
    assert looked_at(("switch",), NOON) == {"link", "router", "switch"}


def test_only_a_suspect_loads_the_line_at_a_second_look_and_only_at_night(clinic: Clinic) -> None:
    assert looked_at(("ddns", "upload"), NOON) == {"link", "router", "address", "ddns"}
    assert looked_at(("ddns", "upload"), NIGHT) == {"link", "router", "address", "path", "ddns", "upload"}
    assert looked_at(("emr",), NIGHT) == looked_at(("emr",), NOON)


def test_a_second_look_that_is_bad_is_made_once_more_soon_after(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hiccup of some seconds at each of two looks is no fault."""
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        clinic(HEALTHY)

    monkeypatch.setattr("emrnetcheck.cli.schedule.looking.time.sleep", sleep)
    clinic(replace(HEALTHY, emr=emr(500)))
    made = looking().look(("emr",), NOON)
    assert slept == [ONCE_MORE_AFTER_S]
    assert made.doubted is not None
    assert [status_of_emr(each.report) for each in (made.doubted, made)] == ["fail", "pass"]
    clinic(replace(HEALTHY, emr=emr(500)))
    looking().look((), NOON)
    looking().look(("ddns",), NOON)
    looking().look(("emr", "upload"), NIGHT)
    assert slept == [ONCE_MORE_AFTER_S], "a planned look, another's fault, one that loads the line"


def status_of_emr(report: str) -> str:
    return str({check["id"]: check["status"] for check in json.loads(report)["checks"]}["emr"])


def test_a_second_look_can_see_what_the_first_one_saw(clinic: Clinic) -> None:
    """A quick one stops within the burst of a line, and asks neither ARP nor Globalping."""
    for suspects in (("upload",), ("switch",), ("exposure",)):
        assert looking().options(suspects, NIGHT).mode is looking().options((), NIGHT).mode


def looked_at(suspects: tuple[str, ...], at: datetime) -> set[str]:
    report = json.loads(looking().look(suspects, at).report)
    return {check["id"] for check in report["checks"] if check["skipped_because"] != "not asked for"}


def test_a_second_look_waits_where_it_would_load_the_line() -> None:
    both = ("ddns", "upload")
    assert looking().askable(both, NOON) == ("ddns",)
    assert looking().askable(both, NIGHT) == both
    assert looking(LoadTests.ALWAYS).askable(both, NOON) == both
    assert looking(LoadTests.NEVER).askable(both, NIGHT) == ("ddns",)


@pytest.mark.parametrize(("open_hours", "waits"), [("mon-sun 00:00-24:00", True), ("off", False)])
def test_a_run_is_begun_for_its_sake_where_it_may_be_asked_only(open_hours: str, waits: bool) -> None:
    site = replace(Site(), schedule=Schedule(clinic_hours=(open_hours,)))
    bad = Watched(looks=(Look(NIGHT, "upload.below_minimum"),), asked_at=NIGHT)
    parts = parts_of(site, "host", None, lambda _: None, waits=False)
    wanted = parts.retest_at(to_json(AlertState(checks={"upload": bad}, last_at=NIGHT)), NOON)
    assert (wanted is None) is waits


def test_every_probe_that_loads_the_line_is_known() -> None:
    """Those that nothing may run beside, but for two that only listen to how busy this computer is."""
    assert {probe.name for probe in PROBES if probe.alone} - {"lan", "wear"} == LOADING_PROBES
