"""A clinic whose clock, line and mail server do what a test says; its history and its run are the real ones."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from zoneinfo import ZoneInfo

from emrnetcheck.model import Mode, Segment, Verdict
from emrnetcheck.model.claims import Work
from emrnetcheck.model.mail import Composed, Delivery, MailKind, Outcome, Reply
from emrnetcheck.model.past import PastRun
from emrnetcheck.schedule.due import When, due, parse
from emrnetcheck.store.history import History
from emrnetcheck.unattended import Alarmed, Measured, Parts, Pinged
from emrnetcheck.unattended.clock import believed_since

SITE = "Elm Street Clinic"
ZONE = ZoneInfo("America/Toronto")
INSTALLED = datetime(2026, 1, 1, 12, 0, tzinfo=ZONE)
TO = ("doctor@clinic.example", "helper@it.example")
CHECK, REPORT, NEVER = parse("daily 06:30"), parse("monday 07:00"), parse("off")
TAKEN = Reply(Outcome.SENT, 250, "2.0.0 Ok", "end")

Step = Callable[[str], None]


def _nothing(_step: str) -> None:
    pass


@dataclass(slots=True)
class Office:
    """at: the clock. log: what the mail server took, a line each, which outlives whoever is killed.

    answers: what the server says to a delivery; None: it takes it. before: called before each step, with its name.
    doubts: whether the clock may be doubted; else each test may go to any day at once.
    bad: whether a run finds the upload too slow; two in a row are an alarm, the first good one after it its end.
    """

    file: Path
    log: Path
    at: datetime = INSTALLED
    check: When = CHECK
    report: When = REPORT
    look: When = NEVER
    answers: Callable[[Delivery], Reply | None] = lambda _delivery: None
    before: Step = _nothing
    bad: bool = False
    doubts: bool = False
    retest: bool = False
    full: bool = False
    padding: str = ""
    keep_days: int = 800
    pings: list[Pinged] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    asides: list[Measured] = field(default_factory=list)

    def parts(self) -> Parts:
        return Parts(
            site=SITE,
            zone=ZONE,
            now=self._now,
            opened=self._opened,
            believed_since=self._believed_since,
            due=self._due,
            retest_at=self._retest_at,
            measure=self._measure,
            aside=self._aside,
            alarm=self._alarm,
            weekly=self._weekly,
            send=self._send,
            tidy=self._tidy,
            ping=self._ping,
            tell=self.told.append,
            wait_s=lambda _seconds: None,
        )

    def accepted(self, *, after_bytes: int = 0) -> list[dict[str, str]]:
        """What the server took, in order; after_bytes: what it took since its log was so long."""
        if not self.log.exists():
            return []
        with self.log.open("rb") as log:
            log.seek(after_bytes)
            return [json.loads(line) for line in log]

    def _now(self) -> datetime:
        return self.at

    @contextmanager
    def _opened(self) -> Iterator[History]:
        self.before("open")
        with History.opened(self.file, write=True) as history:
            if self.full:
                pages = history.connection.exec_driver_sql("PRAGMA page_count").scalar()
                history.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
                history.connection.rollback()
            yield history
            self.before("close")

    def _believed_since(self, history: History, now: datetime) -> datetime | None:
        if not self.doubts:
            return INSTALLED
        return believed_since(history, SITE, now, installed_at=INSTALLED, zone=ZONE, tell=self.told.append)

    def _due(self, kind: Work, last_claimed: datetime | None, now: datetime) -> datetime | None:
        when = {Work.CHECK: self.check, Work.LOOK: self.look, Work.REPORT: self.report}[kind]
        return due(when, ZONE, last_claimed=last_claimed, installed_at=INSTALLED, now=now)

    def _retest_at(self, state: str | None, now: datetime) -> datetime | None:
        remembered = json.loads(state or "{}")
        if not self.retest or remembered.get("bad") != 1:
            return None
        return datetime.fromisoformat(remembered["at"]) + timedelta(minutes=14)

    def _measure(self, kind: Work, state: str | None) -> Measured:
        self.before("measure")
        run = a_run(self.at, bad=self.bad)
        self.before("measured")
        return Measured(
            run, json.dumps({"id": run.id, "bad": self.bad, "at": self.at.isoformat(), "padding": self.padding}), "{}"
        )

    def _aside(self, made: Measured) -> str:
        self.asides.append(made)
        return "set aside"

    def _alarm(self, state: str | None, report: str, now: datetime) -> Alarmed:
        self.before("alarm")
        remembered, run = json.loads(state or "{}"), json.loads(report)
        if remembered.get("run") == run["id"]:
            return Alarmed(json.dumps(remembered))
        count = remembered.get("bad", 0) + 1 if run["bad"] else 0
        since = remembered.get("since") if count > 1 or not run["bad"] else run["id"]
        mails: tuple[Composed, ...] = ()
        if count == 2:
            mails = (a_mail(f"alert:{since}", MailKind.ALERT, now),)
        elif not run["bad"] and remembered.get("bad", 0) >= 2:
            mails = (a_mail(f"recovery:{since}", MailKind.RECOVERY, now),)
        after = {"run": run["id"], "bad": count, "since": since, "at": run["at"]}
        return Alarmed(json.dumps(after), mails, tuple(mail.subject for mail in mails))

    def _weekly(self, history: History, due_at: datetime, now: datetime) -> Composed | None:
        self.before("weekly")
        assert history.runs(most=1) is not None
        mail = a_mail(f"weekly:{SITE}:{due_at.astimezone(ZONE):%Y-%m-%d}", MailKind.WEEKLY, now)
        return replace(mail, message=mail.message + self.padding.encode())

    def _send(self, delivery: Delivery, message: bytes) -> Reply:
        self.before("send")
        reply = self.answers(delivery) or TAKEN
        if reply.outcome is Outcome.SENT or (reply.outcome is Outcome.UNCONFIRMED and reply.text == "taken"):
            self._took(delivery, message, reply)
        self.before("sent")
        return replace(reply, text="") if reply.outcome is Outcome.UNCONFIRMED else reply

    def _took(self, delivery: Delivery, message: bytes, reply: Reply) -> None:
        line = {
            "key": delivery.mail.key,
            "id": delivery.mail.message_id,
            "to": delivery.recipient,
            "late": "yes" if b"X-Emrnetcheck-Delayed" in message else "",
            "again": "yes" if b"Sent again" in message else "",
            "unconfirmed": "yes" if reply.outcome is Outcome.UNCONFIRMED else "",
        }
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def _tidy(self, history: History) -> None:
        self.before("tidy")
        history.prune(self.at - timedelta(days=self.keep_days))

    def _ping(self, what: Pinged) -> None:
        self.before(f"ping {what}")
        self.pings.append(what)


def a_run(at: datetime, *, bad: bool = False) -> PastRun:
    return PastRun(
        id=f"{at:%Y%m%dT%H%M%S}",
        site=SITE,
        vantage="host",
        mode=Mode.STANDARD,
        started_at=at,
        verdict=Verdict.NOT_READY if bad else Verdict.READY,
        headline="too slow" if bad else "ready",
        segment=Segment.LINE if bad else None,
        whole=True,
        goodput_mbps=1.0 if bad else 9.0,
        idle_rtt_ms=20.0,
        loaded_rtt_ms=40.0,
        codes=("upload.below_minimum",) if bad else ("upload.ok",),
    )


def a_mail(key: str, kind: MailKind, now: datetime, to: tuple[str, ...] = TO) -> Composed:
    """A mail as they are made: a text, and a page beside it."""
    message_id = f"<{key.replace(':', '.').replace(' ', '-')}@clinic.example>"
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = "emr@clinic.example", ", ".join(to), key
    made["Message-ID"] = message_id
    made.set_content("READY to host the EMR.\n")
    made.add_alternative("<html><body><p>READY to host the EMR.</p></body></html>", subtype="html")
    return Composed(
        key=key,
        kind=kind,
        site=SITE,
        message_id=message_id,
        subject=key,
        sender="emr@clinic.example",
        recipients=to,
        message=made.as_bytes(),
        composed_at=now,
    )


def killed_at(step: int, office: Office, work: Callable[[], object]) -> bool:
    """A copy of this process does the work, and is killed at that step; False: it had fewer.

    A step is what the office is asked to do, and each statement of the database.
    """
    pid = os.fork()
    if pid == 0:
        done = 0

        def counted(*_: object) -> None:
            nonlocal done
            done += 1
            if done > step:
                os.kill(os.getpid(), 9)

        real = sqlite3.connect

        def connect(*arguments: object, **named: object) -> sqlite3.Connection:
            connection: sqlite3.Connection = real(*arguments, **named)  # type: ignore[call-overload]  # passed on
            connection.set_trace_callback(counted)
            return connection

        vars(sqlite3)["connect"] = connect
        office.before = counted
        try:
            work()
            os._exit(0)
        finally:
            os._exit(9)
    _, status = os.waitpid(pid, 0)
    assert status in (0, 9), "it ended by a fault of its own"
    return status == 9
