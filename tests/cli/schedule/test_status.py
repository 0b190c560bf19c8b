"""What `schedule status` tells: that all is well, or what is wrong, and nothing that is not so."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emrnetcheck.cli import keeping
from emrnetcheck.model.claims import Ended
from emrnetcheck.model.mail import MailKind, Outcome, Reply
from emrnetcheck.net import host_scheduler
from emrnetcheck.net.lock import FILE_NAME, Held, take
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from tests.cli.conftest import Call
from tests.cli.schedule.conftest import Host
from tests.unattended.office import a_mail, a_run


def test_status_tells_what_is_not_installed(call: Call) -> None:
    ended = call("schedule", "status")
    assert ended.status == 3
    assert ended.out.startswith("NOT INSTALLED")
    told = json.loads(call("schedule", "status", "--format", "json").out)
    assert (told["installed"], told["works"][0]["next_at"]) == (False, None)


def test_status_of_what_was_just_installed(call: Call, host: Host) -> None:
    assert call("schedule", "install", "--yes").status == 0
    ended = call("schedule", "status")
    assert ended.status == 0, ended.out
    assert ended.out.startswith("ALL IS AS IT SHOULD BE.\nStarted by: systemd, for the user clinic, since ")
    assert ended.out.count("last: not yet") == 3
    told = json.loads(call("schedule", "status", "--format", "json").out)
    assert told["schema"] == "emrnetcheck/schedule-status/1"
    assert (told["scheduler"], told["troubles"], told["running_since"]) == ("systemd", [], None)
    assert datetime.fromisoformat(told["works"][0]["next_at"]) > datetime.now(UTC)


@pytest.mark.parametrize(
    ("break_it", "trouble"),
    [
        (lambda host: (host.here / "enabled").unlink(), "it is switched off (inactive)"),
        (lambda host: host.units()[0].unlink(), "is gone: install it again"),
        (lambda host: host.units()[1].write_text("x"), "was changed since it was written"),
        (lambda host: (host.here / "systemctl").write_text("#!/bin/sh\nexit 1\n"), "does not have the job any more"),
    ],
    ids=["switched off", "deleted", "changed", "no answer"],
)
def test_status_tells_what_is_wrong(break_it: object, trouble: str, call: Call, host: Host) -> None:
    assert call("schedule", "install", "--yes").status == 0
    break_it(host)  # type: ignore[operator]
    ended = call("schedule", "status")
    assert ended.status == 1
    assert trouble in " ".join(ended.out.split())
    assert len(json.loads(call("schedule", "status", "--format", "json").out)["troubles"]) == 1


def test_status_tells_of_lines_that_are_gone_and_of_a_cron_that_does_not_run(
    call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("schedule", "install", "--yes", "--scheduler", "cron").status == 0
    assert call("schedule", "status").status == 0
    monkeypatch.setattr(host_scheduler, "cron_runs", lambda: False)
    assert "cron itself does not run" in " ".join(call("schedule", "status").out.split())
    (host.here / "lines").write_text("# mine\n")
    assert "has no lines of emrnetcheck any more" in " ".join(call("schedule", "status").out.split())


def test_status_tells_what_the_last_start_said(call: Call, host: Host) -> None:
    assert call("schedule", "install", "--yes", "--scheduler", "cron").status == 0
    (host.data / "schedule.log").write_text("x" * 5000 + "\nMail could\x1b[31m not be sent.\n")
    said = " ".join(call("schedule", "status").out.split())
    assert "It said last (" in said
    assert "Mail could?[31m not be sent." in said
    assert len(said) < 2000


def test_status_tells_of_a_run_that_goes_on(call: Call, host: Host) -> None:
    host.data.mkdir()
    got = take(host.data / FILE_NAME, datetime.now(UTC) - timedelta(minutes=3))
    assert isinstance(got, Held)
    with got:
        assert "A run goes on now: since " in call("schedule", "status").out
    assert "A run goes on now" not in call("schedule", "status").out


def test_status_tells_how_the_last_ones_went(call: Call, host: Host, settings: Path) -> None:
    """By the claims in the history."""
    assert call("schedule", "install", "--yes", "--config", settings).status == 0
    now = datetime.now(UTC).replace(microsecond=0)
    with History.opened(host.data / keeping.FILE_NAME, write=True) as history:
        claims = Claims(history)
        for kind, ago in (("check", timedelta(minutes=30)), ("report", timedelta(hours=2))):
            assert claims.claim(kind, "Elm Street Clinic", now - ago, now - ago)
            assert claims.claim(kind, "Another Clinic", now - timedelta(minutes=1), now)
        claims.finish("check", "Elm Street Clinic", now - timedelta(minutes=30), Ended.DONE, now, run_id="r1")
    ended = call("schedule", "status")
    assert ended.status == 1
    assert "begun and never ended" in " ".join(ended.out.split())
    assert ": done\n" in ended.out
    assert ": begun, never ended\n" in ended.out
    with History.opened(host.data / keeping.FILE_NAME, write=True) as history:
        Claims(history).finish("report", "Elm Street Clinic", now - timedelta(hours=2), Ended.DONE, now)
    assert call("schedule", "status").status == 0


def test_status_of_a_check_that_was_cut_off_and_made_up_for(call: Call, host: Host, settings: Path) -> None:
    assert call("schedule", "install", "--yes", "--config", settings).status == 0
    begun = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
    with History.opened(host.data / keeping.FILE_NAME, write=True) as history:
        claims = Claims(history)
        claims.claim("check", "Elm Street Clinic", begun, begun)
        assert "begun and never ended" in " ".join(call("schedule", "status").out.split())
        claims.claim("again", "Elm Street Clinic", begun, begun + timedelta(minutes=15))
        claims.finish("again", "Elm Street Clinic", begun, Ended.DONE, begun + timedelta(minutes=20), run_id="r")
    ended = call("schedule", "status")
    assert (ended.status, ": done\n" in ended.out) == (0, True), ended.out


def test_status_tells_when_the_line_is_never_loaded(call: Call, host: Host, settings: Path) -> None:
    """A computer that is on in the clinic's hours only: every check is done, and no report has an answer."""
    hours = 'clinic_hours = "daily 00:00-24:00"'
    settings.write_text(f"{settings.read_text()}\n[schedule]\n{hours}\n", encoding="utf-8")
    assert call("schedule", "install", "--yes", "--config", settings).status == 0
    now = datetime.now(UTC).replace(microsecond=0)
    due = now.replace(hour=6, minute=30) - timedelta(days=1 if (now.hour, now.minute) < (8, 0) else 0)
    with History.opened(host.data / keeping.FILE_NAME, write=True) as history:
        for kind in ("check", "report"):
            Claims(history).claim(kind, "Elm Street Clinic", due, now)
            Claims(history).finish(kind, "Elm Street Clinic", due, Ended.DONE, now, run_id="r1")
        history.save(replace(a_run(now - timedelta(days=1)), whole=False), "{}", "{}")
    assert "How fast the line is" not in call("schedule", "status").out
    record = host.data / "schedule.json"
    told = json.loads(record.read_text())
    record.write_text(json.dumps({**told, "installed_at": (now - timedelta(days=9)).isoformat()}))
    said = " ".join(call("schedule", "status").out.split())
    assert "How fast the line is has not been measured for 8 days or more" in said
    with History.opened(host.data / keeping.FILE_NAME, write=True) as history:
        history.save(a_run(now - timedelta(days=2)), "{}", "{}")
    assert "How fast the line is" not in call("schedule", "status").out


def test_status_tells_of_mails_that_did_not_get_through(call: Call, host: Host, settings: Path) -> None:
    assert call("schedule", "install", "--yes", "--config", settings).status == 0
    now = datetime.now(UTC).replace(microsecond=0)
    refused = Reply(Outcome.REFUSED, 550, "5.1.1 no such user", "to")
    later = Reply(Outcome.DEFERRED, 451, "4.7.1 Try again later", "to")
    with History.opened(host.data / keeping.FILE_NAME, write=True) as history:
        box = Outbox(history, "Elm Street Clinic")
        box.compose(a_mail("alert:1", MailKind.ALERT, now - timedelta(hours=23), ("a@clinic.example",)))
        [waits] = box.due(now)
        assert box.claim(waits.id, now - timedelta(hours=23))
        box.settle(waits.id, later, now - timedelta(hours=23))
        assert call("schedule", "status").status == 0, "it waits, as greylisted mails do"
        box.compose(a_mail("alert:2", MailKind.ALERT, now - timedelta(hours=25), ("b@clinic.example",)))
        ended = call("schedule", "status")
        assert ended.status == 1
        said = " ".join(ended.out.split())
        assert "ALL IS AS IT SHOULD BE" not in said
        assert "Mail waits to be sent since " in said
        assert '(2 in all). Why: "emrnetcheck email outbox".' in said
        for each in box.due(now, early=True):
            assert box.claim(each.id, now, early=True)
            box.settle(each.id, refused, now)
    said = " ".join(call("schedule", "status").out.split())
    assert "Mail waits" not in said
    assert "2 mails were given up in the last 14 days, so not everybody has heard." in said
    assert "To b@clinic.example: 550 5.1.1 no such user." in said
    assert len(json.loads(call("schedule", "status", "--format", "json").out)["troubles"]) == 1
