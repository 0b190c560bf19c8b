"""How is a letter a mail: text first, then a page with its pictures, then what is attached?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.utils import format_datetime

from emrnetcheck.model.mail import Composed, Envelope, MailKind
from emrnetcheck.reports import wording
from emrnetcheck.reports.html.letters import as_html
from emrnetcheck.reports.letter import Letter, Link, as_text, in_words
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.mail.headers import (
    POLICY,
    bare_address,
    border,
    mail_id,
    picture_id,
    unsubscribe_address,
)

MOST_BYTES = 200_000
"""No mail is longer: what is attached goes first, then the pictures, which the text tells in words anyway."""
MOST_ATTACHED_BYTES = 64_000
NAME = "emrnetcheck"
ATTACHED = "emrnetcheck-report.json"
TOO_LONG = f"it is longer than {MOST_ATTACHED_BYTES // 1000} kB"
NO_ROOM = "the mail would be too long"
_LONGEST_LINE = 900  # RFC 5322, 2.1.1: 998 characters
_NO_ANSWERS = "OOF, AutoReply, RN, NRN, DR"
"""Microsoft's X-Auto-Response-Suppress; not NDR: that a mail did not arrive has to be told."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What is to be written, beside who writes it to whom.

    key: as of `Composed`. thread: Message-IDs of the mails that it belongs to, the oldest first. is_answer: it follows
    the last of them. attached: a JSON document, None: nothing is attached, for the reason why_not ("": nobody wanted
    it).
    """

    key: str
    kind: MailKind
    letter: Letter
    thread: tuple[str, ...] = ()
    is_answer: bool = False
    attached: str | None = None
    why_not: str = ""


def composed(mail: Mail, envelope: Envelope) -> Composed:
    """The whole mail, below MOST_BYTES. The same in, the same bytes out.

    ValueError in words for a person: an address in the envelope is none.
    """
    sender = bare_address(envelope.sender, "sender")
    recipients = tuple(bare_address(each, "recipient") for each in envelope.to)
    if not recipients:
        raise ValueError("there is nobody to write to")
    identity = _identified(mail.kind, mail.key, envelope)
    for each in _ever_smaller(mail):
        message = _written(each, envelope, sender, recipients, identity)
        if len(message) <= MOST_BYTES:
            break
    return Composed(
        key=mail.key,
        kind=mail.kind,
        site=envelope.site,
        message_id=identity,
        subject=mail.letter.subject,
        sender=sender,
        recipients=recipients,
        message=message,
        composed_at=envelope.now,
    )


def _identified(kind: str, key: str, envelope: Envelope) -> str:
    """The Message-ID of the mail with this key."""
    return mail_id(kind, f"{envelope.site}\n{envelope.origin}\n{key}", bare_address(envelope.sender, "sender"))


def _ever_smaller(mail: Mail) -> Sequence[Mail]:
    if mail.attached is not None and len(mail.attached.encode()) > MOST_ATTACHED_BYTES:
        mail = replace(mail, attached=None, why_not=TOO_LONG)
    alone = mail if mail.attached is None else replace(mail, attached=None, why_not=NO_ROOM)
    letter = alone.letter
    told = replace(letter, pictures=(), closing=(*in_words(letter.pictures), *letter.closing))
    return (mail, alone, replace(alone, letter=told))


def _written(mail: Mail, envelope: Envelope, sender: str, recipients: Sequence[str], identity: str) -> bytes:
    letter = _with_end(mail, envelope)
    message = EmailMessage(policy=POLICY)
    _head(message, mail, envelope, sender, recipients, identity)
    _put(message, as_text(letter), "plain")
    addresses = {each.name: picture_id(each.name, identity) for each in letter.pictures}
    page = EmailMessage(policy=POLICY)
    _put(page, as_html(letter, {name: f"cid:{address}" for name, address in addresses.items()}), "html")
    for each in letter.pictures:
        page.add_related(
            each.png, "image", "png", cid=f"<{addresses[each.name]}>", filename=f"{each.name}.png", disposition="inline"
        )
    if letter.pictures:
        page.set_param("type", "text/html")  # RFC 2387, 3.1: of the part that shows the others
    del page["MIME-Version"]
    message.make_alternative()
    message.attach(page)
    if mail.attached is not None:
        message.add_attachment(mail.attached.encode(), "application", "json", filename=ATTACHED)
    parts = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(parts):
        part.set_boundary(border(identity, number))
    return message.as_bytes()


def _head(
    message: EmailMessage, mail: Mail, envelope: Envelope, sender: str, recipients: Sequence[str], identity: str
) -> None:
    message["From"] = f"{NAME} <{sender}>"
    message["To"] = ", ".join(recipients)
    message["Subject"] = mail.letter.subject
    message["Date"] = format_datetime(envelope.now.astimezone(envelope.zone))
    message["Message-ID"] = identity
    if mail.is_answer and mail.thread:
        # One, though it may follow several (RFC 5322, 3.6.4): for several, References would be undefined, and it is
        # what mail programs go by.
        message["In-Reply-To"] = mail.thread[-1]
    if mail.thread:
        message["References"] = " ".join(mail.thread)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5
    message["X-Auto-Response-Suppress"] = _NO_ANSWERS
    if envelope.unsubscribe is not None:
        address = unsubscribe_address(envelope.unsubscribe)
        message["List-Unsubscribe"] = f"<{address}>"
        if address.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058, 3.1


def _put(part: EmailMessage, text: str, subtype: str) -> None:
    """Plain ASCII goes as it is, for any program to read; all else is coded, since not every server takes it."""
    plain = text.isascii() and all(len(line) <= _LONGEST_LINE for line in text.splitlines())
    part.set_content(text, subtype=subtype, charset="utf-8", cte="7bit" if plain else "quoted-printable")


def _with_end(mail: Mail, envelope: Envelope) -> Letter:
    """The letter with what is said about the mail itself."""
    letter = mail.letter
    closing = list(letter.closing)
    if mail.attached is not None:
        said = "Attached: the whole report as JSON, without names and addresses, for whoever helps you."
        closing += [Line(), Line(said)]
    elif mail.why_not:
        closing += [Line(), Line(f"The whole report is not attached: {mail.why_not}.")]
    footer = [Line(f"Written by {NAME}, a program on a computer of {wording.clean(envelope.site)}, not by a person.")]
    link = None
    if envelope.unsubscribe is not None:
        link = Link("To get no more of these mails:", unsubscribe_address(envelope.unsubscribe))
    else:
        footer.append(Line("To get no more of these mails, ask whoever looks after that computer."))
    return replace(letter, closing=tuple(closing), footer=tuple(footer), link=link)
