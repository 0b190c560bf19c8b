"""What is a mail to us, before it is sent, while it waits and once a server has replied?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from emrnetcheck.model.failures import Failure

REPLY_TEXT_CHARS = 500
"""More of a server's reply is not kept: what it says of the reason is at its beginning (RFC 5321, 4.5.3.1.5: a line
of a reply has at most 512 octets)."""


class MailKind(StrEnum):
    """What a mail is for."""

    WEEKLY = "weekly"
    ALERT = "alert"
    RECOVERY = "recovery"
    TEST = "test"


class Security(StrEnum):
    """How the connection to a mail server is kept secret."""

    TLS = "tls"  # TLS from the first byte, as a rule port 465 (RFC 8314)
    STARTTLS = "starttls"  # plain first, then TLS, as a rule port 587 (RFC 3207)
    NONE = "none"  # plain: to this computer only


class MailAuth(StrEnum):
    """How the program says to a mail server who it is."""

    PASSWORD = "password"
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class Own:
    """What is known of the office when a mail is written.

    addresses: its public ones, as far as they are known: neither they nor names made of them get into a mail. names:
    host names out of the settings, which may.
    """

    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom, and when.

    sender, to: bare addresses. site: the clinic's name. unsubscribe: an https or mailto address, None: the mail does
    not say how to be left out. now: when it is composed, with a time zone. zone: the clinic's clock, by which it tells.
    with_addresses: the mails name public addresses and what is open to the Internet. origin: what tells this
    installation from another one whose clinic has the same name; only a mark of it gets into a mail. own: by what
    is found what must not be in it.
    """

    sender: str
    to: tuple[str, ...]
    site: str
    unsubscribe: str | None
    now: datetime
    zone: tzinfo
    with_addresses: bool = False
    origin: str = ""
    own: Own = field(default_factory=Own)


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail that is ready to go.

    key: unique: the same mail is composed once. "weekly:<site>:<due date>", "alert:<incident>", "recovery:<incident>".
    message_id: with its angle brackets, the same however often it is sent. message: as it is sent: RFC 5322 with CRLF,
    without Bcc. composed_at: with a time zone.
    """

    key: str
    kind: MailKind
    site: str
    message_id: str
    subject: str
    sender: str
    recipients: tuple[str, ...]
    message: bytes
    composed_at: datetime


class Outcome(StrEnum):
    """What came of sending a mail to one recipient."""

    SENT = "sent"  # the server took it (250 after the final dot)
    DEFERRED = "deferred"  # not now (4xx, or no connection): to be tried again
    REFUSED = "refused"  # no (5xx): trying again changes nothing
    UNCONFIRMED = "unconfirmed"  # the whole mail went, and no reply came: nobody knows whether it was taken


@dataclass(frozen=True, slots=True)
class Reply:
    """What a mail server said, or why it said nothing.

    code: of SMTP (RFC 5321), None where there was no reply. text: what it said: without control characters, at most
    REPLY_TEXT_CHARS, without a secret. stage: how far it came: "connect", "tls", "auth", "from", "to", "data", "end".
    failure: why there was no reply; None where there was one.
    """

    outcome: Outcome
    code: int | None
    text: str
    stage: str
    failure: Failure | None = None

    def in_words(self) -> str:
        """What was said, or why nothing was: a clause for people, without a full stop."""
        said = " ".join(part for part in (str(self.code or ""), self.text) if part)
        if not said and self.failure is not None:
            said = self.failure.in_words()
        said = said.rstrip(".") or "no reason was given"
        return f"{said}; all of it had gone, so it may have arrived" if self.outcome is Outcome.UNCONFIRMED else said


@dataclass(frozen=True, slots=True)
class MailServer:
    """To which server mail is given, and how.

    helo: the name that the program gives for itself: never that of this computer. ca_file: certificates that are
    trusted besides the system's, as PEM. username: None: no authentication.
    """

    host: str
    port: int
    security: Security
    username: str | None
    helo: str
    auth: MailAuth = MailAuth.PASSWORD
    ca_file: str | None = None


class DeliveryState(StrEnum):
    """Where the mail to one recipient stands."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail on its way to one recipient. All times with a time zone.

    id: of the delivery. attempts: how often it was tried. first_try_at: None before that. last_reply: what was said
    the last time. may_be_double: an earlier try may have arrived without the program knowing it (cut after the final
    dot, or killed while sending): the recipient may have it twice, with the same Message-ID.
    """

    id: int
    mail: Composed
    recipient: str
    state: DeliveryState
    attempts: int
    next_try_at: datetime
    first_try_at: datetime | None
    settled_at: datetime | None
    last_reply: Reply | None
    may_be_double: bool


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a person should know of the outbox: mails, counted once per recipient.

    waiting: to be sent, or sent again. failed: given up lately. why: by recipient, what was said last: of those that
    failed, and where none did, of those that could not be sent yet. tried: how many of the waiting were tried before.
    since: when the oldest of the waiting was composed.
    """

    waiting: int = 0
    failed: int = 0
    why: Mapping[str, str] = field(default_factory=dict)
    tried: int = 0
    since: datetime | None = None
