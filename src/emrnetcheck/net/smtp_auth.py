"""How does the program say to a mail server who it is? One way, tried once: a wrong password that is tried again and
again can lock the account."""

from __future__ import annotations

import base64
import binascii
import hmac
import json

from emrnetcheck.model.mail import MailAuth
from emrnetcheck.net.secrets import Secret
from emrnetcheck.net.smtp_session import HeldOut, Said, Session

PASSWORD_WAYS = ("PLAIN", "LOGIN", "CRAM-MD5")
"""By preference. Over TLS all three are as safe, and PLAIN is what nearly all servers are tried with (RFC 4616)."""
_GO_ON = 334


def way_of(offered: str, auth: MailAuth) -> str | None:
    """Which of the ways that the server offers is taken; None where it has none that this program knows."""
    known = ("XOAUTH2",) if auth is MailAuth.XOAUTH2 else PASSWORD_WAYS
    return next((way for way in known if way in offered.split()), None)


def hide(session: Session, username: str, secret: Secret) -> None:
    """From now on it is in no reply, as it is or as it is sent."""
    word = secret.reveal()
    session.hidden.hide(word)
    for sent in (word, _plain(username, word), _bearer(username, word)):
        _encoded(session, sent)


def log_in(session: Session, way: str, username: str, secret: Secret) -> Said:
    """Says it in this way, over a connection whose other end is known. Returns the server's last word (235: welcome).

    Raises as the session does. What is sent is left out of whatever the server repeats of it.
    """
    word = secret.reveal()
    if way == "PLAIN":
        return session.command(f"AUTH PLAIN {_encoded(session, _plain(username, word))}")
    if way == "XOAUTH2":
        return _by_token(session, _encoded(session, _bearer(username, word)))
    said = session.command(f"AUTH {way}")
    if way == "CRAM-MD5":  # RFC 2195
        if said.code != _GO_ON:
            return said
        digest = hmac.new(word.encode(), _decoded(said.text), "md5").hexdigest()
        return session.command(_encoded(session, f"{username} {digest}"))
    for answer in (username, word):
        if said.code != _GO_ON:
            return said
        said = session.command(_encoded(session, answer))
    return said


def _plain(username: str, word: str) -> str:
    return f"\0{username}\0{word}"  # RFC 4616, 2


def _bearer(username: str, word: str) -> str:
    return f"user={username}\1auth=Bearer {word}\1\1"  # developers.google.com/workspace/gmail/imap/xoauth2-protocol


def _by_token(session: Session, encoded: str) -> Said:
    """A refused token is told in a challenge, which wants an empty answer; then comes the refusal itself."""
    said = session.command(f"AUTH XOAUTH2 {encoded}")
    if said.code != _GO_ON:
        return said
    why = _told(said.text)
    last = session.command("")
    return Said(last.code, f"{last.text} {why}".strip())


def _told(challenge: str) -> str:
    """The status in the JSON of such a challenge, in a few words; "" where it is none."""
    try:
        status = json.loads(_decoded(challenge)).get("status")
    except (ValueError, AttributeError, RecursionError):
        return ""
    return f"(token: {status})" if isinstance(status, str) and status.isascii() and status.isalnum() else ""


def _encoded(session: Session, text: str) -> str:
    encoded = base64.b64encode(text.encode()).decode("ascii")
    session.hidden.hide(encoded)
    return encoded


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise HeldOut("the server's challenge makes no sense") from error
