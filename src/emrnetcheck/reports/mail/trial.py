"""What does a mail say that is only to show that mails arrive?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from emrnetcheck.model.mail import Composed, Envelope, MailKind
from emrnetcheck.reports import wording
from emrnetcheck.reports.letter import Letter
from emrnetcheck.reports.line import Line, section
from emrnetcheck.reports.mail.message import Mail, composed
from emrnetcheck.reports.mail.subjects import subject_of


def test(envelope: Envelope) -> Composed:
    """The mail, ready to go; each one has a key of its own. ValueError: an address in the envelope is none."""
    letter = Letter(
        subject=subject_of(envelope.site, "test mail"),
        answer=Line("This test mail arrived: mails from this clinic work.", style="good"),
        opening=tuple(_opening(envelope)),
    )
    moment = envelope.now.astimezone(UTC).isoformat(timespec="microseconds")
    mail = Mail(key=f"{MailKind.TEST}:{envelope.site}:{moment}", kind=MailKind.TEST, letter=letter)
    return composed(mail, envelope)


def _opening(envelope: Envelope) -> Iterator[Line]:
    site = wording.clean(envelope.site)
    site = site.capitalize() if site.islower() else site
    yield Line(f"{site}, {wording.day_and_time(envelope.now.astimezone(envelope.zone))}.")
    to = ", ".join(wording.clean(each) for each in envelope.to)
    yield Line(f"Sent by {wording.clean(envelope.sender)} to {to}.")
    yield from section(
        "What will come",
        (
            Line("A report each week, if that is switched on: whether the network can host the EMR.", lead="- "),
            Line("An alarm when something breaks, and one mail when it is well again.", lead="- "),
            Line("Nothing else.", lead="- "),
        ),
    )
    yield from section(
        "If this was not in your inbox",
        (Line("Mark it as wanted, or add the sender to your contacts: else an alarm will not be seen either."),),
    )
