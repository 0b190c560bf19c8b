"""Does somebody outside know that the run began, ended well, or failed? A dead computer cannot mail: its silence can.

The protocol of healthchecks (healthchecks.io/docs/http_api): GET of a secret address tells success, with /start or
/fail after it the other two. Who is pinged raises the alarm when nothing comes.
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import secrets
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.http import HttpAnswer, ask
from emrnetcheck.net.lookup import system_addresses
from emrnetcheck.net.secrets import Secret
from emrnetcheck.net.tcp import endpoint_text

TIMEOUT_S = 10.0
"""Of one ping: the run does not wait longer for it."""
_BODY_MAX_BYTES = 4096
_PORTS = {"https": 443, "http": 80}
_OK = range(200, 300)


class Signal(StrEnum):
    """What is told. The value is what is put after the address."""

    START = "/start"
    SUCCESS = ""
    FAIL = "/fail"


def address_of(setting: str) -> Secret | Failure:
    """What [schedule] ping_url means: the address itself, or where that is kept ("env:NAME" or "file:PATH")."""
    if not secrets.SOURCE.fullmatch(setting):
        return Secret(setting)
    found = secrets.read(setting)
    return found if isinstance(found, Failure) else Secret(found)


def ping(url: Secret, signal: Signal, *, timeout_s: float = TIMEOUT_S) -> Failure | None:
    """Tells it; None where it was taken (2xx, no redirect followed). Of the URL, failures have no more than the host.

    timeout_s: for everything together.
    """
    parts = _parts(url)
    if isinstance(parts, Failure):
        return parts
    host, port, path, tls = parts
    target = endpoint_text(host, port)
    deadline = Deadline.after(timeout_s)
    found = system_addresses(host, version=None, deadline_s=timeout_s / 2)
    if isinstance(found, Failure):
        return Failure(found.kind, "ping", target, found.detail)
    answer: HttpAnswer | Failure = Failure(FailureKind.NAME_NO_ADDRESS, "ping", target)
    path = _with(path, signal)
    for place, address in enumerate(found):
        share_s = deadline.remaining_s() / (len(found) - place)
        answer = ask(address, port, host, path, tls=tls, timeout_s=share_s, body_max_bytes=_BODY_MAX_BYTES)
        if isinstance(answer, HttpAnswer):
            break
    if isinstance(answer, Failure):
        return Failure(answer.kind, "ping", target, answer.detail)
    status = answer.response.status
    return None if status in _OK else Failure(FailureKind.HTTP_STATUS, "ping", target, str(status))


def _parts(url: Secret) -> tuple[str, int, str, bool] | Failure:
    """(host, port, path, whether by TLS)."""
    try:
        split = urlsplit(url.reveal())
        port = split.port or _PORTS[split.scheme]
    except (ValueError, KeyError):
        return _unusable()
    path = split.path + (f"?{split.query}" if split.query else "")
    if not split.hostname or split.username is not None or not _is_plain(split) or not path.startswith("/"):
        return _unusable()
    return split.hostname, port, path, split.scheme == "https"


def _is_plain(split: SplitResult) -> bool:
    text = split.netloc + split.path + split.query
    return text.isascii() and text.isprintable() and " " not in text


def _with(path: str, signal: Signal) -> str:
    before, mark, query = path.partition("?")
    return f"{before.rstrip('/') if signal.value else before}{signal.value}{mark}{query}"


def _unusable() -> Failure:
    wrong = 'the address must be such as "https://hc-ping.com/0a1b2c3d-..."'
    return Failure(FailureKind.NOT_CONFIGURED, "ping", "", wrong)
