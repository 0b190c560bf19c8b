"""How does a mail that had to wait say so, when it goes at last? Pure: the mail as composed in, with the note out.

Only the header and the first line of the texts are new. The Message-ID stays: it is the same mail.
"""

from __future__ import annotations

import email.policy
import quopri
import re
from datetime import datetime, timedelta, tzinfo
from email import message_from_bytes
from email.message import Message
from html import escape

from emrnetcheck.model.mail import MailKind

LATE_AFTER = timedelta(hours=6)
"""Less is nothing that a reader of a week has to know of."""
ALARM_LATE_AFTER = timedelta(hours=1)
"""What a reader takes for now. Greylisting and a router that starts again take minutes."""
HEADER = "X-Emrnetcheck-Delayed"
# compat32 leaves every header as it was written; the others fold anew.
_AS_IT_WAS = email.policy.compat32.clone(linesep="\r\n", max_line_length=0)
_PLACE = re.compile(r"<!-- late -->")
"""Where our own pages want it (reports/html/templates/mail.html); any other page has it first."""
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


def late_after(kind: MailKind) -> timedelta:
    """How long such a mail may have waited without saying so."""
    return ALARM_LATE_AFTER if kind in (MailKind.ALERT, MailKind.RECOVERY) else LATE_AFTER


def marked_late(
    message: bytes, composed_at: datetime, now: datetime, zone: tzinfo, *, may_be_double: bool = False
) -> bytes:
    """The whole mail. What cannot be read as one gets the header only. may_be_double: it may have come before."""
    parsed = message_from_bytes(message, policy=_AS_IT_WAS)
    del parsed[HEADER]
    parsed[HEADER] = composed_at.astimezone(zone).isoformat(timespec="minutes")
    written = f"this mail was written on {composed_at.astimezone(zone):%A %d %B %Y at %H:%M}"
    note = (
        f"Sent again, since nobody knows whether it arrived before: {written}."
        if may_be_double
        else f"Delayed: {written} and could not be sent before {now.astimezone(zone):%A %d %B, %H:%M}."
    )
    seen: set[str] = set()
    for part in parsed.walk():
        kind = part.get_content_type()
        # The first of each kind is what is read; others are attached.
        if kind in ("text/plain", "text/html") and kind not in seen and part.get_filename() is None:
            seen.add(kind)
            _put_in(part, note, html=kind == "text/html")
    return parsed.as_bytes(policy=_AS_IT_WAS)


def _put_in(part: Message, note: str, *, html: bool) -> None:
    content = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    if not isinstance(content, bytes):
        return
    try:
        text = content.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return  # not as we write: the header has to do
    changed = _in_html(text, note) if html else f"{note}\r\n\r\n{text}"
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(quopri.encodestring(changed.encode(charset).replace(b"\r\n", b"\n")).decode("ascii"))


def _in_html(text: str, note: str) -> str:
    paragraph = f'<p style="margin:0 0 12px;font-family:Arial,Helvetica,sans-serif"><strong>{escape(note)}</strong></p>'
    found = _PLACE.search(text) or _BODY.search(text)
    if found is None:
        return f"{paragraph}\r\n{text}"
    return f"{text[: found.end()]}\r\n{paragraph}{text[found.end() :]}"
