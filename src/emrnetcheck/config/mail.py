"""What is wrong with the settings of [email] together, and what do they come to?"""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.config.errors import ConfigError
from emrnetcheck.model.mail import MailAuth, MailServer, Security
from emrnetcheck.model.mail_settings import MailSettings

if TYPE_CHECKING:
    from emrnetcheck.config.sections import EmailSection

# RFC 8314, 3.3: TLS from the first byte at 465; RFC 6409: 587, where STARTTLS is usual.
PORTS = {"tls": 465, "starttls": 587, "none": 25}


def check_mail(email: EmailSection, file: Path) -> None:
    """Raises ConfigError for what no single key can tell."""
    if not email.model_fields_set:
        return
    for mistake in (_missing(email), _unsafe(email), _port(email), _log_in(email), _ca_file(email)):
        if mistake:
            raise ConfigError(f"In {file}, [email] {mistake}")


def mail_of(email: EmailSection) -> MailSettings | None:
    """None where the settings say nothing about mail."""
    if email.host is None or email.sender is None:
        return None
    server = MailServer(
        host=email.host,
        port=email.port if "port" in email.model_fields_set else PORTS[email.security],
        security=Security(email.security),
        username=email.username,
        helo=email.helo or email.sender.rpartition("@")[2],
        auth=MailAuth(email.auth),
        ca_file=str(Path(email.ca_file).expanduser()) if email.ca_file else None,
    )
    return MailSettings(
        server=server,
        sender=email.sender,
        to=tuple(dict.fromkeys(email.to)),
        password_source=email.password_source if email.username else None,
        unsubscribe=email.unsubscribe or None,
        show_addresses=email.show_addresses,
        attach_report=email.attach_report,
    )


def _missing(email: EmailSection) -> str:
    if email.host is None:
        return 'host is missing: the mail server, such as "smtp.example.org", as your mail provider names it.'
    if email.sender is None:
        return 'sender is missing: the address that mails come from, such as "office@example.org".'
    if not email.to:
        return 'to is empty: say who gets the mails, such as to = ["doctor@example.org"].'
    return ""


def _unsafe(email: EmailSection) -> str:
    if email.security != "none":
        return ""
    if not is_here(email.host or ""):
        return (
            f'security = "none" is for a mail server on this computer only, not for {email.host}: anybody on the way '
            'could read the mails. Use "starttls" or "tls".'
        )
    if email.username:
        return 'username is set, but with security = "none" no password is sent: leave it out, or use "starttls".'
    return ""


def _port(email: EmailSection) -> str:
    usual = next((word for word, port in PORTS.items() if port == email.port), None)
    if "port" not in email.model_fields_set or usual in (None, "none", email.security) or email.security == "none":
        return ""
    return f'port = {email.port} goes with security = "{usual}": set that, or leave the port out.'


def _log_in(email: EmailSection) -> str:
    if email.username:
        return ""
    for name in ("password_source", "auth"):
        if name in email.model_fields_set:
            return f"{name} is set, but username is not: say as whom the program logs in, as a rule the whole address."
    return ""


def _ca_file(email: EmailSection) -> str:
    if email.ca_file and not Path(email.ca_file).expanduser().is_file():
        return f"ca_file: there is no file {email.ca_file}: check the path, or leave it out."
    return ""


def is_here(host: str) -> bool:
    """Whether that is this computer itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
