"""Which names and addresses stand in the head of a mail, and how is it written so that nothing can be put into it?

Nothing here asks this computer for its name: Python's own `make_msgid` would, and would tell it to everybody.
"""

from __future__ import annotations

import re
from email.header import Header
from email.policy import EmailPolicy
from hashlib import sha256
from typing import Any

_LOCAL_PART = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_LOCAL_PART}@{_LABEL}(?:\.{_LABEL})*")
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
_URL = re.compile(r"(?:https://|mailto:)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")
_LONGEST_URL = 900  # RFC 5322, 2.1.1: a line has at most 998 characters
_LINE_CHARS = 76
_ID_CHARS = 32
_OURS = frozenset(
    {"from", "to", "subject", "message-id", "in-reply-to", "references", "list-unsubscribe", "content-id"}
)


class MailPolicy(EmailPolicy):
    """As it goes over SMTP, without Python's own handling where it does harm: it reads "=?..?=" in a subject as coded
    before it is, loses blanks between coded words, and codes long identifiers and addresses as if they were words."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:  # noqa: ANN401 (a header of any kind)
        """Ours are kept as they are. ValueError for a line break, by which a value would become two headers."""
        if name.lower() not in _OURS:
            return super().header_store_parse(name, value)
        if "\r" in value or "\n" in value:
            raise ValueError(f"a line break in {name}")
        return name, value

    def fold_binary(self, name: str, value: Any) -> bytes:  # noqa: ANN401 (a header of any kind)
        """The header as bytes, with its line ends."""
        low = name.lower()
        if low not in _OURS:
            return super().fold_binary(name, value)
        if low == "to":
            value = value.replace(", ", f",{self.linesep} ")
        if low == "references":
            value = value.replace(" ", f"{self.linesep} ")
        if low == "subject":
            plain = value.isascii() and "=?" not in value  # which would be read as a coded word (RFC 2047, 7)
            coded = Header(value, "us-ascii" if plain else "utf-8", _LINE_CHARS, name)
            value = coded.encode(linesep=self.linesep)
        return f"{name}: {value}{self.linesep}".encode("ascii")


POLICY = MailPolicy(linesep="\r\n", max_line_length=_LINE_CHARS)


def bare_address(text: str, whose: str) -> str:
    """The address in the letters that every mail server takes: a domain beyond ASCII is written as IDNA has it.

    ValueError in words for a person where it is none. whose: "sender", "recipient".
    """
    local, at, domain = text.strip().rpartition("@")
    try:
        written = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        written = ""
    if not _ADDRESS.fullmatch(written) or len(written) > _LONGEST_ADDRESS:
        raise ValueError(f"the {whose} is no mail address that can be written to: {text!r}")
    return written


def unsubscribe_address(text: str) -> str:
    """An https or mailto address as it may stand in a header. ValueError in words for a person where it is none."""
    if not _URL.fullmatch(text) or len(text) > _LONGEST_URL:
        raise ValueError(
            f"what ends the mails must be an address that begins with https:// or mailto: and not {text!r}"
        )
    return text


def mail_id(kind: str, key: str, sender: str) -> str:
    """A Message-ID on the domain of the sender: the same for the same key, and it tells nothing of what it is made of.

    sender: as `bare_address` gives it.
    """
    domain = sender.rpartition("@")[2].lower()
    return f"<{kind}.{_mark(key)}@{domain}>"


def picture_id(name: str, message_id: str) -> str:
    """A Content-ID, without its brackets: unlike those of any other mail."""
    local, _, domain = message_id.strip("<>").partition("@")
    return f"{name}.{local}@{domain}"


def border(message_id: str, number: int) -> str:
    """What separates the parts of a mail: the same each time, and in no text."""
    return f"=_{_mark(f'{message_id}/{number}')}"


def _mark(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_ID_CHARS]
