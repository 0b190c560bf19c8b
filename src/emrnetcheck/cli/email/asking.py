"""What do all commands about mail share: what the settings say, the password, and how a mail is handed over?"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.run import refuse

if TYPE_CHECKING:
    from emrnetcheck.model import Failure, Site
    from emrnetcheck.model.mail import Composed, Delivery, Envelope, Reply
    from emrnetcheck.model.mail_settings import MailSettings
    from emrnetcheck.net.secrets import Secret

_LEAST = """\
[email]
host = "smtp.example.org"
username = "office@example.org"
sender = "office@example.org"
to = ["doctor@example.org"]"""
Handing = Callable[["Composed", str, bytes], "Reply"]
"""(the mail, one of its recipients, its bytes) -> what came of it."""


def all_settings(config: Path | None) -> Site:
    """Ends in a sentence where they have a mistake."""
    from emrnetcheck.config import ConfigError, find_file, load

    try:
        return load(find_file(config))
    except ConfigError as error:
        refuse(str(error))


def settings_with_mail(config: Path | None) -> tuple[Site, MailSettings]:
    """All settings; ends in a sentence where they have a mistake, or say nothing about mail."""
    from emrnetcheck.config import find_file

    site = all_settings(config)
    if site.mail is None:
        file = find_file(config)
        where = f"The settings file {file}" if file is not None else "There is no settings file, and so it"
        refuse(f'{where} says nothing about mail. Run "{program()} setup", or write there at least:\n\n{_LEAST}')
    return site, site.mail


def password_of(mail: MailSettings) -> Secret | Failure | None:
    """None where nobody logs in. Failure: why it cannot be read; it has nothing of the password in its words."""
    if mail.password_source is None or mail.server.username is None:
        return None
    from emrnetcheck.net import secrets

    named = {"service": mail.keyring_service, "account": mail.server.username}
    return secrets.read_password(mail.password_source, **named)


def handing(mail: MailSettings) -> Handing:
    """How a mail is handed to the server of these settings. The password is read once, when it is needed first.

    Where it cannot be read, that is the reply: somebody can mend it, and then the mail goes.
    """
    found: list[Secret | Failure | None] = []

    def hand(composed: Composed, recipient: str, message: bytes) -> Reply:
        from emrnetcheck.model import Failure
        from emrnetcheck.net import smtp

        if not found:
            found.append(password_of(mail))
        password = found[0]
        if isinstance(password, Failure):
            return unreadable(password)
        return smtp.send(mail.server, sender=composed.sender, recipient=recipient, message=message, password=password)

    return hand


def sending(mail: MailSettings) -> Callable[[Delivery, bytes], Reply]:
    """As `handing`, for what is in the outbox."""
    hand = handing(mail)
    return lambda delivery, message: hand(delivery.mail, delivery.recipient, message)


def unreadable(failure: Failure) -> Reply:
    """As the log-in would have gone: it is not tried without a password."""
    from emrnetcheck.model import Failure, FailureKind
    from emrnetcheck.model.mail import Outcome, Reply

    why = f"the password cannot be read: {failure.detail or failure.in_words()}"
    return Reply(
        Outcome.REFUSED, None, "", "auth", Failure(FailureKind.NOT_CONFIGURED, "read", failure.target, why[:200])
    )


def envelope_of(site: Site, mail: MailSettings, to: tuple[str, ...] | None = None) -> Envelope:
    """Who writes to whom, now."""
    from datetime import UTC, datetime

    from emrnetcheck.cli.email.own import own_of
    from emrnetcheck.cli.history.asking import here
    from emrnetcheck.model.mail import Envelope

    now = datetime.now(UTC)
    return Envelope(
        sender=mail.sender,
        to=to or mail.to,
        site=site.name,
        unsubscribe=mail.unsubscribe,
        now=now,
        zone=here(),
        with_addresses=mail.show_addresses,
        # Who looks after several clinics may have left all of them without a name.
        origin=f"{platform.node()} {site.hostname or ''}",
        own=own_of(site, mail, now),
    )


def program() -> str:
    """How this program is called on this computer."""
    return os.environ.get("EMRNETCHECK_COMMAND") or "emrnetcheck"
