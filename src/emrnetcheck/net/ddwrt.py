"""What does a DD-WRT router tell on its public status page, without a log-in?"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http

PORT = 80
PAGE = "/Info.live.htm"
_PAGE_MAX_BYTES = 32 * 1024
_FIELD = re.compile(r"\{([a-z_0-9]{1,40})::([^{}]{0,4000})\}")
_KNOWN = frozenset({"lan_mac", "wan_mac", "uptime", "ipinfo", "lan_ip"})  # fields by which the page is known
_ADDRESS = re.compile(r"\bIP:(?:\s|&nbsp;)*([0-9.]{7,15})(?![0-9.])")


@dataclass(frozen=True, slots=True)
class DdWrtPage:
    """address None: the page shows none (DD-WRT writes 0.0.0.0, or leaves the field out)."""

    address: str | None
    named: bool
    """Whether the page has a place for the address at all; not every build has."""


def parse(body: bytes) -> DdWrtPage | Failure:
    """The page in DD-WRT's form {key::value}; MALFORMED if it is none."""
    fields = dict(_FIELD.findall(body.decode("utf-8", errors="replace")))
    if not _KNOWN & set(fields):
        return Failure(FailureKind.MALFORMED, "DD-WRT", detail="no status page of DD-WRT")
    info = fields.get("ipinfo")
    if info is None:
        return DdWrtPage(None, named=False)
    found = _ADDRESS.search(info)
    try:
        address = ipaddress.IPv4Address(found.group(1)) if found else None
    except ValueError:
        return Failure(FailureKind.MALFORMED, "DD-WRT", detail="the address on the page is none")
    if address is None or address == ipaddress.IPv4Address(0):
        return DdWrtPage(None, named=address is not None)
    return DdWrtPage(str(address), named=True)


@dataclass(frozen=True, slots=True)
class DdWrtAnswer:
    """connect_ms: the TCP connection's round trip."""

    page: DdWrtPage
    connect_ms: float
    sent_bytes: int
    received_bytes: int


def ask(gateway: str, *, timeout_s: float, port: int = PORT) -> DdWrtAnswer | Failure:
    """Read the page of the router at this address; where it wants a log-in, that is a HTTP_STATUS failure."""
    answer = http.get(gateway, port, gateway, PAGE, tls=False, timeout_s=timeout_s, body_max_bytes=_PAGE_MAX_BYTES)
    if isinstance(answer, Failure):
        return answer
    page = parse(answer.response.body)
    if isinstance(page, Failure):
        return page
    return DdWrtAnswer(page, answer.connect_ms, answer.sent_bytes, answer.received_bytes)
