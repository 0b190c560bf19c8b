"""`status` tells of open alarms and of mails that did not get through, and is silent where there are none."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.alerting import AlertState, step, to_json
from emrnetcheck.alerting.report import judged
from emrnetcheck.cli.status import _broken as broken
from emrnetcheck.model import Severity
from emrnetcheck.model.alerts import USUAL, Standing, Trouble
from emrnetcheck.model.mail import Outcome, Reply, Unsent
from emrnetcheck.reports.pending import NOTHING, Pending, pending_lines
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from tests.cli.conftest import NOW, Call, Keep
from tests.reports.samples import HOSTILE, NOT_READY, READY
from tests.store.conftest import mail

SITE = "this clinic"
HOUR = timedelta(hours=1)


def in_outbox(file: Path, *replies: Reply | None) -> None:
    """A mail for each, sent an hour ago with that reply; None: not tried yet."""
    with History.opened(file, write=True) as history:
        box = Outbox(history, SITE)
        for number, reply in enumerate(replies):
            box.compose(mail(number, "doctor@clinic.example", site=SITE, at=NOW - HOUR))
            if reply is not None:
                [*_, newest] = sorted(box.due(NOW), key=lambda each: each.id)
                box.claim(newest.id, NOW - HOUR)
                box.settle(newest.id, reply, NOW - HOUR)


def alarmed(file: Path, text: str | None = None) -> None:
    """Three bad days."""
    state = AlertState()
    for day in range(3):
        report = replace(NOT_READY, id=f"bad-{day}", started_at=NOW - timedelta(days=3 - day))
        state, _ = step(state, judged(report), USUAL, report.started_at)
    with History.opened(file, write=True) as history:
        AlertStates(history).save(SITE, text or to_json(state), 0, NOW)


def test_where_nothing_is_wrong_it_says_no_word_of_it(call: Call, keep: Keep, file: Path) -> None:
    keep(r1=(READY, 1))
    ended = call("status")
    assert (ended.status, len(ended.out.splitlines())) == (0, 2)
    data = json.loads(call("status", "--format", "json").out)
    assert (data["mail"], data["alarms"]) == ({"waiting": 0, "tried": 0, "failed": 0, "why": {}}, [])
    assert list(pending_lines(NOTHING)) == []


def test_mail_that_was_given_up_is_told_with_the_reason(call: Call, keep: Keep, file: Path) -> None:
    keep(r1=(READY, 1))
    in_outbox(
        file, Reply(Outcome.REFUSED, 550, "5.1.1 No such user", "to"), Reply(Outcome.SENT, 250, "Ok", "end"), None
    )
    ended = call("status")
    assert ended.status == 0, "how the network stands is another question"
    assert ended.out.splitlines()[2:] == [
        "Mail:   1 given up; 1 waiting to be sent. See: emrnetcheck email outbox",
        "        to doctor@clinic.example: 550 5.1.1 No such user.",
    ]
    data = json.loads(call("status", "--format", "json").out)
    assert data["mail"] == {
        "waiting": 1,
        "tried": 0,
        "failed": 1,
        "why": {"doctor@clinic.example": "550 5.1.1 No such user"},
    }


def test_what_a_server_says_cannot_command_the_terminal(call: Call, keep: Keep, file: Path) -> None:
    keep(r1=(READY, 1))
    in_outbox(file, Reply(Outcome.DEFERRED, 451, HOSTILE, "to"))
    ended = call("status")
    assert "1 waiting to be sent, 1 of them tried before" in ended.out
    assert "\x1b" not in ended.out
    assert "\u202e" not in ended.out


def test_open_alarms_are_told(call: Call, keep: Keep, file: Path) -> None:
    keep(r1=(READY, 1))
    alarmed(file)
    lines = [line for line in call("status").out.splitlines() if line.startswith("Alarm:")]
    assert lines
    assert all(", since " in " ".join(call("status").out.split()) for _ in lines)
    codes = {each["code"] for each in json.loads(call("status", "--format", "json").out)["alarms"]}
    assert codes
    assert all(code.count(".") == 1 for code in codes)


def test_an_open_alarm_is_no_ready_for_a_monitor(call: Call, keep: Keep, file: Path) -> None:
    """A look found it since, and a look is no whole run."""
    keep(r1=(READY, 1))
    assert call("status").status == 0
    alarmed(file)
    ended = call("status")
    assert (ended.status, ended.out.splitlines()[0].startswith("READY")) == (1, True)


@pytest.mark.parametrize(("strict", "expected"), [(False, False), (True, True)])
def test_an_alarm_about_a_warning_counts_as_a_warning(*, strict: bool, expected: bool) -> None:
    trouble = Trouble("i", "link", "link.slow", Severity.WARN, "slow", NOW, None, mailed=True)
    assert broken(Pending(Unsent(), Standing((trouble,), (), (), (), ())), strict=strict) is expected


def test_alarms_that_cannot_be_read_are_not_taken_for_none(call: Call, keep: Keep, file: Path) -> None:
    keep(r1=(READY, 1))
    alarmed(file, "{")
    ended = call("status")
    assert ended.status == 0
    assert "cannot be read; the next scheduled run begins anew" in " ".join(ended.out.split())
    assert json.loads(call("status", "--format", "json").out)["alarms"] is None


def test_they_are_told_where_no_run_is_kept_too(call: Call, keep: Keep, file: Path) -> None:
    keep(r1=(READY, 30))
    in_outbox(file, None)
    ended = call("status")
    assert ended.status == 3
    assert ended.out.splitlines()[-1] == "Mail:   1 waiting to be sent. See: emrnetcheck email outbox"


@pytest.mark.parametrize("arguments", [["--site", "Oak"], ["--vantage", "client"]])
def test_those_of_another_site_are_its_own(call: Call, keep: Keep, file: Path, arguments: list[str]) -> None:
    keep(r1=(READY, 1))
    in_outbox(file, None)
    assert "Mail:" not in call("status", *arguments).out
