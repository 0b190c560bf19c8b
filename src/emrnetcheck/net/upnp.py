"""What does the router tell by UPnP (Internet Gateway Device 1 and 2)? It is only asked; no port is ever opened.

Addresses in what it says are followed only to the router itself: http, its own IP address, any port, no redirect.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http
from emrnetcheck.net.failures import clean
from emrnetcheck.net.upnp_xml import XML_MAX_BYTES, Description, SoapAnswer, WanService, parse_description, parse_soap

WELL_KNOWN_PORTS = (5000, 49152, 1780, 2828)
"""miniupnpd's and others' usual ports, asked where SSDP is silent (a rule of thumb)."""
WELL_KNOWN_PATH = "/rootDesc.xml"
MAPPING_ABSENT = "UPnP error 714"  # NoSuchEntryInArray, WANIPConnection:1 2.4.17
_SOAP_MAX_BYTES = 32 * 1024
_HTTP_PORT = 80
_PATH_MAX_CHARS = 300


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere on the router."""

    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Described:
    """A description and where it was found; byte counts of the exchange."""

    place: Place
    description: Description
    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class Said:
    """The answer to one action."""

    answer: SoapAnswer
    connect_ms: float
    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A port that the router forwards because a program asked it to. lease_s: 0 is for good; None: not told."""

    external_port: int
    internal_client: str
    internal_port: int | None
    enabled: bool | None
    description: str
    lease_s: int | None


def place_of(url: str, gateway: str) -> Place | None:
    """The place that a URL names on the router itself; None for any other host, scheme or form."""
    try:
        parts = urlsplit(url)
        port = parts.port or _HTTP_PORT
        host = str(ipaddress.IPv4Address(parts.hostname or ""))
    except ValueError:
        return None
    if parts.scheme != "http" or host != gateway or parts.username is not None or parts.password is not None:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if len(path) > _PATH_MAX_CHARS or not path.isascii() or not path.isprintable() or " " in path:
        return None
    return Place(port, path)


def control_place(described: Described, service: WanService, gateway: str) -> Place | None:
    """Where a service of the description takes its questions, if that is on the router itself."""
    base = described.description.base_url or f"http://{gateway}:{described.place.port}{described.place.path}"
    try:
        url = urljoin(base, service.control_url)
    except ValueError:
        return None
    return place_of(url, gateway)


def describe(gateway: str, place: Place, *, timeout_s: float) -> Described | Failure:
    """Fetch and read a description from the router."""
    answer = http.get(
        gateway, place.port, gateway, place.path, tls=False, timeout_s=timeout_s, body_max_bytes=XML_MAX_BYTES
    )
    if isinstance(answer, Failure):
        return answer
    description = parse_description(answer.response.body)
    if isinstance(description, Failure):
        return description
    return Described(place, description, answer.sent_bytes, answer.received_bytes)


def call(
    gateway: str, place: Place, service: str, action: str, arguments: dict[str, str], *, timeout_s: float
) -> Said | Failure:
    """One action of a service of the router. REJECTED carries the router's error number."""
    if not action.startswith("Get"):
        raise ValueError(f"{action}: a router is only asked, nothing in it is changed")
    headers = (("Content-Type", 'text/xml; charset="utf-8"'), ("SOAPAction", f'"{service}#{action}"'))
    answer = http.post(
        gateway,
        place.port,
        place.path,
        envelope(service, action, arguments),
        headers=headers,
        timeout_s=timeout_s,
        body_max_bytes=_SOAP_MAX_BYTES,
    )
    if isinstance(answer, Failure):
        return answer
    status = answer.response.status
    if status not in (200, 500):  # a fault comes with 500
        return Failure(FailureKind.HTTP_STATUS, action, f"{gateway}:{place.port}", str(status))
    said = parse_soap(answer.response.body, action)
    if isinstance(said, Failure):
        return said
    return Said(said, answer.connect_ms, answer.sent_bytes, answer.received_bytes)


def envelope(service: str, action: str, arguments: dict[str, str]) -> bytes:
    """The SOAP request. The words are our own, not a stranger's: none needs escaping."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in arguments.items())
    return (
        '<?xml version="1.0"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" '
        's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
        f'<u:{action} xmlns:u="{service}">{inner}</u:{action}>'
        "</s:Body></s:Envelope>"
    ).encode("ascii")


def mapping_question(port: int) -> dict[str, str]:
    """The arguments of GetSpecificPortMappingEntry for a TCP port."""
    return {"NewRemoteHost": "", "NewExternalPort": str(port), "NewProtocol": "TCP"}


def mapping_of(answer: SoapAnswer, port: int) -> Mapping | Failure:
    """The mapping in the answer to that question; MALFORMED if it names no client."""
    said = answer.arguments
    try:
        client = str(ipaddress.IPv4Address(said.get("NewInternalClient", "")))
    except ValueError:
        return Failure(FailureKind.MALFORMED, "GetSpecificPortMappingEntry", detail="no address of a client")
    return Mapping(
        external_port=port,
        internal_client=client,
        internal_port=_number(said.get("NewInternalPort")),
        enabled={"1": True, "0": False, "true": True, "false": False}.get(said.get("NewEnabled", "").lower()),
        description=clean(said.get("NewPortMappingDescription", ""), 80),
        lease_s=_number(said.get("NewLeaseDuration")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 10 else None  # noqa: PLR2004
