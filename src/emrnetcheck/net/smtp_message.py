"""What has to be said of a mail before it is sent, and how does it look on its way?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.mail import Outcome, Reply
from emrnetcheck.net.smtp_session import Session

END = b".\r\n"
_TOO_LARGE = 552  # what a server would say of it itself (RFC 1870, 6.1)
_ADDRESS = re.compile(r"[^\s<>\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+")
_DIGITS_MAX = 15


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one recipient. message: with CRLF at the end of each line and of the last (`with_line_ends`)."""

    sender: str
    recipient: str
    message: bytes


def with_line_ends(message: bytes) -> bytes:
    """RFC 5321, 2.3.8: CR and LF only together; a single one could hide the end of the mail from one server and not
    from the next."""
    whole = re.sub(rb"\r\n|\r|\n", b"\r\n", message)
    return whole if whole.endswith(b"\r\n") else whole + b"\r\n"


def with_dots(message: bytes) -> bytes:
    """A dot at the beginning of a line doubled: a single one there would end the mail (RFC 5321, 4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", message)


def options_of(letter: Letter, session: Session) -> tuple[str, ...] | Reply:
    """What MAIL says of the mail; a Reply where it is known beforehand that this server cannot take it."""
    if not all(_ADDRESS.fullmatch(each) for each in (letter.sender, letter.recipient)):
        return _refused(FailureKind.NOT_CONFIGURED, "an address is no address")
    most, size = _most_bytes(session), len(letter.message)
    if most is not None and 0 < most < size:
        text = f"The mail has {size} bytes, and the server takes {most}. It was not sent."
        return Reply(Outcome.REFUSED, _TOO_LARGE, text, "from")
    options = [] if most is None else [f"SIZE={size}"]
    foreign = not (letter.sender + letter.recipient).isascii()
    if foreign and session.offers("SMTPUTF8") is None:  # RFC 6531
        return _refused(FailureKind.UNSUPPORTED, "an address needs SMTPUTF8, which the server does not offer")
    if foreign or not letter.message.isascii():
        if session.offers("8BITMIME") is None:  # RFC 6152
            return _refused(FailureKind.UNSUPPORTED, "the mail needs 8BITMIME, which the server does not offer")
        options.append("BODY=8BITMIME")
    return (*options, "SMTPUTF8") if foreign else tuple(options)


def _most_bytes(session: Session) -> int | None:
    """RFC 1870: the largest mail, 0 for no fixed limit; None where the server does not know that extension."""
    told = session.offers("SIZE")
    if told is None:
        return None
    first = told.split(" ")[0]
    return int(first[:_DIGITS_MAX]) if first.isascii() and first.isdecimal() else 0


def _refused(kind: FailureKind, why: str) -> Reply:
    return Reply(Outcome.REFUSED, None, "", "from", Failure(kind, "from", "", why))
