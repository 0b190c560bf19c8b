"""What does the mail of a week say? The answer first, what to do, what changed; then figures and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from emrnetcheck.model.mail import Composed, Envelope, MailKind
from emrnetcheck.reports.letter import Letter
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.mail.headers import bare_address, mail_id
from emrnetcheck.reports.mail.message import Mail, composed
from emrnetcheck.reports.mail.standing import Standing, alarms, undelivered
from emrnetcheck.reports.mail.subjects import of_week, subject_of, untold_alarm
from emrnetcheck.reports.week.page import for_mail, opening, what_changed, where_to_read
from emrnetcheck.reports.week.summary import Week
from emrnetcheck.reports.week.table import rows
from emrnetcheck.reports.wording import sentence

if TYPE_CHECKING:
    from emrnetcheck.reports.html.base import Shown

PREFIX = MailKind.WEEKLY.value


def weekly(
    week: Week,
    pictures: Sequence[Shown] = (),
    *,
    envelope: Envelope,
    due: date | None = None,
    standing: Standing | None = None,
    attached: str | None = None,
    why_not_attached: str = "",
    command: str = "emrnetcheck",
) -> Composed:
    """The mail, ready to go, with the key "weekly:<site>:<due>". ValueError: an address in the envelope is none.

    due: the day for which it is, by the clinic's clock; today if not told. standing: how the alarms and the outbox
    stand, None: nobody looked. attached: the redacted report as JSON; why_not_attached: why there is none, where
    somebody wanted it.
    """
    told_week = week if envelope.with_addresses else for_mail(week, envelope.own)
    zone = envelope.zone
    day = due or envelope.now.astimezone(zone).date()
    answer, *rest = opening(told_week, zone)
    open_codes = [each.code for each in standing.alarms] if standing is not None else []
    if alarm := untold_alarm(week, open_codes):
        answer = Line(sentence(f"{answer.text.rstrip('.')}, but an alarm is open: {alarm}"), style="bad")
    letter = Letter(
        subject=subject_of(week.site, of_week(week, open_codes)),
        answer=answer,
        opening=(*rest, *what_changed(told_week), *alarms(standing, zone)),
        rows=tuple(rows(told_week)),
        pictures=pictures,
        closing=(
            *undelivered(standing.unsent if standing is not None else None, envelope.own),
            *where_to_read(told_week, command=command),
        ),
    )
    mail = Mail(
        key=f"{PREFIX}:{envelope.site}:{day.isoformat()}",
        kind=MailKind.WEEKLY,
        letter=letter,
        thread=(thread_of(envelope),),
        attached=attached,
        why_not=why_not_attached,
    )
    return composed(mail, envelope)


def thread_of(envelope: Envelope) -> str:
    """What all weeks of a site refer to, so that mail programs keep them together; no mail has that Message-ID."""
    return mail_id("weeks", f"{envelope.site}\n{envelope.origin}", bare_address(envelope.sender, "sender"))
