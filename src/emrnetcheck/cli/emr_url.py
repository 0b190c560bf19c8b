"""Which EMR is meant by what somebody copied from a browser's address bar?"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_DEFAULT_PORT = {"https": 443, "http": 80}
_LONGEST = 2000
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NAME_MAX_CHARS = 253


class UrlError(ValueError):
    """It is no such address; the message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class EmrUrl:
    """scheme: "https" or "http". host: a name in lower case (IDNA), or an IP address without brackets."""

    scheme: str
    host: str
    port: int
    path: str


def parse_url(text: str) -> EmrUrl:
    """ "emr.example.org:8443/oscar" and the like; without a scheme HTTPS is meant. UrlError says what is wrong."""
    bare = text.strip()
    if not bare or len(bare) > _LONGEST or any(ch.isspace() or not ch.isprintable() for ch in bare):
        raise UrlError("Give the EMR's address as the browser shows it: https://emr.example.org:8443/oscar/.")
    whole = bare if "://" in bare else f"https://{bare}"
    try:
        parts = urlsplit(whole)
        port = parts.port
    except ValueError as error:
        if "port" in str(error).lower():
            raise UrlError("The port in the address is none: it is a number from 1 to 65535.") from error
        raise UrlError("The address makes no sense: give it as the browser shows it.") from error
    if parts.scheme.lower() not in _DEFAULT_PORT:
        raise UrlError(f"{parts.scheme}:// is not what browsers open an EMR with: give an https:// address.")
    if parts.username is not None or parts.password is not None:
        raise UrlError("Leave the user name and the password out of the address: nothing here logs in.")
    if port == 0:
        raise UrlError("The port in the address is none: it is a number from 1 to 65535.")
    scheme = parts.scheme.lower()
    path = parts.path or "/"
    asked = f"{path}?{parts.query}" if parts.query else path
    return EmrUrl(scheme, _host(parts.hostname or ""), port or _DEFAULT_PORT[scheme], asked)


def _host(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name then
    try:
        name = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise UrlError("The host in the address is no name.") from error
    labels = name.split(".")
    if not name or len(name) > _NAME_MAX_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlError("The host in the address is no name: give it as the browser shows it.")
    if all(label.isdigit() for label in labels):
        raise UrlError("The host in the address looks like an IP address, but is none.")
    return name
