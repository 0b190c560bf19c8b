"""Mails of every kind, and a mail program that reads them."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from email.message import EmailMessage

from emrnetcheck.model import Contact, Severity, Urgency
from emrnetcheck.model.alerts import Notice, Posted, Standing, Trouble
from emrnetcheck.model.mail import Composed, Envelope, MailKind, Unsent
from emrnetcheck.reports import mail
from emrnetcheck.reports.plots import Picture, pictures_of_week
from emrnetcheck.reports.week import Week, summarise
from emrnetcheck.store.extract import past_run
from tests.reports.week.rows import NOW, TWO_WEEKS, heard, row

SITE = "Elm Street Clinic"
ENVELOPE = Envelope(
    sender="emr@elmstreet.example",
    to=("dr.lee@elmstreet.example", "help@it.example"),
    site=SITE,
    unsubscribe="mailto:help@it.example?subject=stop",
    now=NOW,
    zone=UTC,
)
ROWS = tuple(past_run(each) for each in TWO_WEEKS)
WEEK = summarise(ROWS, ROWS, now=NOW, reports={each.id: heard(each) for each in TWO_WEEKS})
GOOD_ROWS = tuple(row(days / 2) for days in range(27, -1, -1))
GOOD_WEEK = summarise(
    GOOD_ROWS,
    GOOD_ROWS,
    now=NOW,
    planned=14,
    planned_before=14,
    reports={id_: heard(TWO_WEEKS[9]) for id_ in ("run-0.0", "run-6.5")},
)
NO_WEEK = summarise([], [], now=NOW, site=SITE, planned=14, planned_before=14)
OPEN = Trouble(
    incident_id="7f3a",
    check="upload",
    code="upload.below_minimum",
    severity=Severity.FAIL,
    summary="Upload is only 2.4 Mbps",
    since=NOW - timedelta(days=2),
    until=None,
    mailed=True,
)
ALERTS = Standing(
    open=(OPEN,),
    closed=(
        replace(OPEN, code="ddns.stale", until=NOW - timedelta(days=1)),
        replace(OPEN, code="router.heavy_loss", until=NOW - timedelta(hours=30), mailed=False),
        replace(OPEN, code="upload.unstable", until=NOW - timedelta(hours=20), accepted=True),
    ),
    suspects=(("emr", "emr.slow"),),
    blips=(("dns.resolver_down", 2), ("emr.error", 1)),
    accepted=("bufferbloat.high", "link.server_on_wifi"),
)
CALM = mail.Standing()
UNSENT = Unsent(waiting=1, tried=1, failed=1, why={"help@it.example": "550 5.1.1 no such user here"})
STANDING = mail.standing_of(ALERTS, UNSENT)

ALARM = Notice(
    kind=MailKind.ALERT,
    incident_id="7f3a",
    code="upload.below_minimum",
    check="upload",
    since=NOW - timedelta(minutes=30),
    until=None,
    runs_bad=2,
    runs_seen=3,
    follows=("capacity.short", "emr"),
    summary="Upload is only 2.4 Mbps (a line of about 2.6 Mbps); at least 3 is needed",
    advice="Order at least 5 Mbps of upload from your provider, or change to one that offers it",
    contact=Contact.ISP,
    fine_at=NOW - timedelta(days=1),
    say="I need at least 5 Mbps of upload. Today I get about 2.6 Mbps. What can you offer?",
    when=Urgency.THIS_WEEK,
)
DEAD = replace(
    ALARM,
    incident_id="91c0",
    code="emr.not_answering",
    check="emr",
    follows=(),
    summary="The EMR does not answer on port 8443 of 192.168.1.10: the connection was refused",
    advice="Start the EMR on its server",
    contact=Contact.EMR_HOST,
    fine_at=None,
    before="emr.slow",
    blips=3,
    many=True,
    say="",
    when=Urgency.TODAY,
)
OVER = replace(
    ALARM,
    kind=MailKind.RECOVERY,
    since=NOW - timedelta(hours=7),
    until=NOW,
    runs_bad=8,
    runs_seen=9,
    held_until=NOW + timedelta(hours=17),
    mails=(Posted(NOW - timedelta(hours=6), mail.notice([ALARM], envelope=ENVELOPE).message_id),),
)


_DRAWN: dict[int, tuple[Picture, ...]] = {}


def of_week(week: Week = WEEK, **options: object) -> Composed:
    # Drawn once: it takes longer than all the rest of a mail.
    if id(week) not in _DRAWN:
        _DRAWN[id(week)] = pictures_of_week(week.rows, now=week.now)
    pictures = _DRAWN[id(week)]
    return mail.weekly(week, pictures, **{"envelope": ENVELOPE, **options})  # type: ignore[arg-type]


SAMPLES: dict[str, Callable[[], Composed]] = {
    "weekly": lambda: of_week(standing=STANDING),
    "weekly_good": lambda: of_week(GOOD_WEEK, standing=replace(CALM, unsent=Unsent())),
    "weekly_no_data": lambda: of_week(NO_WEEK, standing=replace(CALM, elsewhere_since=NOW - timedelta(days=8))),
    "weekly_alarm": lambda: of_week(GOOD_WEEK, standing=replace(CALM, alarms=(mail.OpenAlarm(DEAD.code, NOW),))),
    "alarm": lambda: mail.notice([ALARM], envelope=ENVELOPE),
    "alarms": lambda: mail.notice([ALARM, OVER, DEAD], envelope=ENVELOPE),
    "well_again": lambda: mail.notice([OVER], envelope=ENVELOPE),
    "well_again_in_part": lambda: mail.notice([OVER], envelope=ENVELOPE, still_open=[DEAD.code, "ddns.stale"]),
    "test": lambda: mail.test(ENVELOPE),
}
"""By the names of their golden files."""


def composed(name: str) -> Composed:
    """The sample of this name."""
    return SAMPLES[name]()


def read(mail_: Composed) -> EmailMessage:
    """As a mail program reads it."""
    message = email.message_from_bytes(mail_.message, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def page_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def pictures_of(message: EmailMessage) -> dict[str, bytes]:
    """By their Content-IDs, as a page names them."""
    parts = [part for part in message.walk() if part.get_content_maintype() == "image"]
    return {part["Content-ID"].strip("<>"): part.get_payload(decode=True) for part in parts}  # type: ignore[misc]
