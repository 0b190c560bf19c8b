"""What follows from the answers about mail, what do they suggest, and which cannot stand together? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.cli.setup.mail_questions import (
    MAIL,
    MAIL_FROM,
    MAIL_TO,
    SMTP_HOST,
    SMTP_PORT,
    SMTP_SECURITY,
    SMTP_USER,
)
from emrnetcheck.cli.setup.question import Answers
from emrnetcheck.config import ConfigError
from emrnetcheck.config.mail import PORTS, is_here
from emrnetcheck.config.writing import Key, Value
from emrnetcheck.mailing import provider_of, provider_of_mailbox

_USUAL = "starttls"
_ENCRYPTED = {PORTS[security]: security for security in ("tls", "starttls")}
_OF_A_LOG_IN = (SMTP_USER[1], "auth", "password_source")


@dataclass(frozen=True, slots=True)
class Suggested:
    """value None: nothing, which one has to type."""

    value: Value | None


def usual_port(answers: Answers) -> int:
    """What holds where the file names no port."""
    return PORTS[str(answers.get(SMTP_SECURITY) or _USUAL)]


def follows(key: Key, answers: Answers, before: Answers) -> Value | None:
    """What need not be asked, because other answers say it. None: it has to be asked."""
    host = str(answers.get(SMTP_HOST))
    provider = provider_of(host)
    if key == SMTP_PORT and provider is not None:
        return _port_before(before) if host == before.get(SMTP_HOST) else provider.port
    if key == SMTP_SECURITY and not is_here(host):
        known = provider is not None and host == before.get(SMTP_HOST)
        by_port = _ENCRYPTED.get(_port(answers)) if SMTP_PORT in answers else None
        return by_port or (before.get(SMTP_SECURITY, _USUAL) if known else None)
    return None


def mail_suggestion(key: Key, answers: Answers, before: Answers) -> Suggested | None:
    """None: as for any other question, what the file says, or what holds by itself."""
    sender, host = str(answers.get(MAIL_FROM)), str(answers.get(SMTP_HOST))
    if key == MAIL_FROM and key not in before:
        to = answers.get(MAIL_TO)
        return Suggested(to[0] if isinstance(to, list) and to else None)
    if key == SMTP_HOST:
        provider = provider_of_mailbox(sender)
        if provider is None or (key in before and sender == before.get(MAIL_FROM)):
            return None
        return Suggested(provider.host)
    if key == SMTP_PORT and key not in before:
        is_new_here = is_here(host) and SMTP_HOST not in before
        return Suggested(PORTS["none"] if is_new_here else _port_before(before))
    if key == SMTP_SECURITY:
        return Suggested(_security(host, _port(answers), before))
    if key == SMTP_USER:
        was_the_sender = key in before and before[key] == before.get(MAIL_FROM)
        return Suggested(sender) if was_the_sender or host != before.get(SMTP_HOST) else None
    return None


def _port(answers: Answers) -> int:
    port = answers.get(SMTP_PORT)
    return port if isinstance(port, int) else PORTS[_USUAL]


def _port_before(before: Answers) -> int:
    port = before.get(SMTP_PORT)
    return port if isinstance(port, int) else usual_port(before)


def _security(host: str, port: int, before: Answers) -> Value:
    said = before.get(SMTP_SECURITY, _USUAL if host == before.get(SMTP_HOST) else None)
    if said == "none" and is_here(host):
        return said
    by_itself = "none" if is_here(host) else _USUAL
    return _ENCRYPTED.get(port) or (by_itself if said in (None, "none") else said)


def check_together(key: Key, value: Value | None, answers: Answers) -> None:
    """Raises ConfigError: what it must be beside the answers before."""
    if key != SMTP_SECURITY:
        return
    if value == "none":
        if not is_here(str(answers.get(SMTP_HOST))):
            raise ConfigError("only a mail server on this computer may do without encryption: choose 1 or 2")
        return
    port = _port(answers)
    if value != _ENCRYPTED.get(port, value):
        raise ConfigError(f'port {port} goes with "{_ENCRYPTED[port]}"')


def taken_back(raw: Mapping[str, object], answers: Answers) -> dict[Key, Value | None]:
    """The keys of the file that mean nothing any more, because the answer that they belong to was taken back."""
    mail = raw.get("email")
    if not isinstance(mail, Mapping):
        return {}
    if answers.get(MAIL) is False:
        return {("email", key): None for key in mail}
    nobody = answers.get(SMTP_SECURITY) == "none" or answers.get(SMTP_USER, "") is None
    return {("email", key): None for key in _OF_A_LOG_IN if nobody and key in mail}
