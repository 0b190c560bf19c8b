"""What may be the value of a key about mail?"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from emrnetcheck.config.values import Host, host
from emrnetcheck.net import secrets

# RFC 5321, 4.5.3.1.1 and 4.1.2: at most 64 characters before the @; quoted ones are left out, hardly anybody has them.
_LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)")
_EXAMPLE = '"office@example.org"'


def _mail_address(text: str) -> str:
    local, _, domain = text.strip().rpartition("@")
    if "<" in text or ">" in text:
        raise ValueError(f"must be the address alone, such as {_EXAMPLE}, without a name and < >")
    if not text.isascii():
        raise ValueError("must be in plain letters: a domain with others has a form that begins with xn--")
    if not _LOCAL.fullmatch(local) or "." not in domain:
        raise ValueError(f"must be an address such as {_EXAMPLE}")
    try:
        return f"{local}@{host(domain)}"
    except ValueError:
        raise ValueError(f"must be an address such as {_EXAMPLE}") from None


def _mail_host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return host(text)
    except ValueError:
        wrong = 'must be a host name such as "smtp.example.org", without https:// or a port, which is a key of its own'
        raise ValueError(wrong) from None


def _password_source(text: str) -> str:
    if text != "keyring" and not secrets.SOURCE.fullmatch(text):
        raise ValueError('must say where the password is kept: "keyring", "env:NAME" or "file:PATH"')
    return text


def _unsubscribe(text: str) -> str:
    if text and not re.fullmatch(r"https://[!-;=?-~]+|mailto:[!-;=?-~]+@[!-;=?-~]+", text):
        raise ValueError(f'must be such as "mailto:{_EXAMPLE[1:-1]}" or "https://example.org/leave"')
    return text


MailAddress = Annotated[str, AfterValidator(_mail_address), Field(max_length=254)]
MailHost = Annotated[str, AfterValidator(_mail_host)]
PasswordSource = Annotated[str, AfterValidator(_password_source)]
Unsubscribe = Annotated[str, AfterValidator(_unsubscribe), Field(max_length=500)]
HeloName = Host
