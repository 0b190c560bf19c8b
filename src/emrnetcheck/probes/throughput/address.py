"""PURE: which host, port and path does an http(s) address name? Strict: what is odd is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# RFC 3986: unreserved, sub-delims, ':' and '@', percent escapes.
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)*")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9\-.]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Base:
    """The parts of an address. host: without brackets; path: "" or from "/" on."""

    host: str
    port: int
    tls: bool
    path: str


def host_of(url: str) -> str:
    """The host, to name it to people; the whole text where none is found, as in what was refused for that."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:  # "http://[::1"
        return url


def parse_base(url: str) -> Base | None:
    """The parts; None if it is no plain http or https address (user names, queries and fragments are none)."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = not (parts.query or parts.fragment or parts.username or parts.password) and url.isascii()
    if parts.scheme not in _DEFAULT_PORTS or not plain or not _HOST.fullmatch(host) or not _PATH.fullmatch(parts.path):
        return None
    if any(mark in url for mark in "?#@") or port == 0:
        return None
    return Base(host, port or _DEFAULT_PORTS[parts.scheme], parts.scheme == "https", parts.path)
