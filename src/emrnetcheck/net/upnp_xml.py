"""What do a router's UPnP description and its SOAP answers say? XML from a stranger, read without any trust.

No document type, no entity, a bounded depth and number of elements; all text is cleaned and cut.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from defusedxml.ElementTree import DefusedXMLParser

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean

XML_MAX_BYTES = 256 * 1024
WAN_SERVICES = (
    "urn:schemas-upnp-org:service:WANIPConnection:2",
    "urn:schemas-upnp-org:service:WANIPConnection:1",
    "urn:schemas-upnp-org:service:WANPPPConnection:1",
)
_GATEWAY_KIND = "urn:schemas-upnp-org:device:InternetGatewayDevice:"
_SERVICES_MAX = 4
_DEPTH_MAX = 32
_ELEMENTS_MAX = 3000  # a router's description has about a hundred
_TEXT_MAX_CHARS = 300
_NAME_MAX_CHARS = 80
_ARGUMENTS_MAX = 40
_BLANK = b" \t\r\n"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

_Elements = list[tuple[tuple[str, ...], str]]


@dataclass(frozen=True, slots=True)
class WanService:
    """A service that speaks for the router's Internet side. control_url: as it is written, not to be trusted."""

    kind: str
    control_url: str


@dataclass(frozen=True, slots=True)
class Description:
    """igd_version: of the gateway device, None if the description is of none. base_url: None if it names none."""

    igd_version: int | None
    friendly_name: str
    manufacturer: str
    model: str
    base_url: str | None
    services: tuple[WanService, ...]


@dataclass(frozen=True, slots=True)
class SoapAnswer:
    """The arguments that an action gave back, by name."""

    arguments: dict[str, str]


class _TooMuchError(ValueError):
    """More levels or elements than any router has."""


@dataclass(slots=True)
class _Reader:
    """Takes the elements as they come, and keeps the text of each with the names of those around it."""

    path: list[str] = field(default_factory=list)
    texts: list[list[str]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    seen: _Elements = field(default_factory=list)
    elements: int = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if len(self.path) >= _DEPTH_MAX:
            raise _TooMuchError("too many levels")
        self.elements += 1
        if self.elements > _ELEMENTS_MAX:
            raise _TooMuchError("too many elements")
        self.path.append(tag.rpartition("}")[2][:_TEXT_MAX_CHARS])
        self.texts.append([])
        self.lengths.append(0)

    def data(self, text: str) -> None:
        if self.texts and self.lengths[-1] <= _TEXT_MAX_CHARS:
            self.texts[-1].append(text[: _TEXT_MAX_CHARS + 1])
            self.lengths[-1] += len(text)

    def end(self, _tag: str) -> None:
        text = "".join(self.texts.pop())
        self.lengths.pop()
        self.seen.append((tuple(self.path), clean(text, _TEXT_MAX_CHARS)))
        self.path.pop()

    def close(self) -> _Elements:
        return self.seen


def _elements(data: bytes, operation: str) -> _Elements | Failure:
    """(names from the root down, text) of each element, in the order in which they end."""
    if len(data) > XML_MAX_BYTES:
        return Failure(FailureKind.TOO_LARGE, operation, detail="the XML")
    parser = DefusedXMLParser(target=_Reader(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(_trimmed(data))
        return cast("_Elements", parser.close())
    except (SyntaxError, ValueError, LookupError) as error:  # bad XML, what defusedxml forbids, an unknown encoding
        return Failure(FailureKind.MALFORMED, operation, detail=clean(f"{type(error).__name__}: {error}", 100))


def _trimmed(data: bytes) -> bytes:
    """Without the empty line in front and the NUL behind that some routers send: XML allows neither. Where each
    character has two bytes (UTF-16), a NUL is one half of many."""
    return data if b"\0" in data[:4] or data[:2] in _UTF_16 else data.lstrip(_BLANK).rstrip(_BLANK + b"\0")


def parse_description(data: bytes) -> Description | Failure:
    """A device description (UPnP Device Architecture 1.1, 2.3). MALFORMED, TOO_LARGE."""
    found = _elements(data, "UPnP description")
    if isinstance(found, Failure):
        return found
    first: dict[str, str] = {}
    services: list[WanService] = []
    parts: dict[str, str] = {}
    version = None
    for path, text in found:
        name = path[-1]
        if name == "service":
            service = WanService(parts.get("serviceType", ""), parts.get("controlURL", ""))
            if service.kind in WAN_SERVICES and service.control_url and service not in services:
                services.append(service)
            parts = {}
        elif len(path) > 1 and path[-2] == "service":
            parts[name] = text
        elif name == "deviceType" and text.startswith(_GATEWAY_KIND) and text[len(_GATEWAY_KIND) :] in ("1", "2"):
            version = version or int(text[len(_GATEWAY_KIND) :])
        # The root device's own text: what is inside it speaks of a part.
        if path[1:-1] in (("device",), ()):
            first.setdefault(name, text)
    return Description(
        igd_version=version,
        friendly_name=clean(first.get("friendlyName", ""), _NAME_MAX_CHARS),
        manufacturer=clean(first.get("manufacturer", ""), _NAME_MAX_CHARS),
        model=clean(" ".join((first.get("modelName", ""), first.get("modelNumber", ""))), _NAME_MAX_CHARS),
        base_url=first.get("URLBase") or None,
        services=tuple(services[:_SERVICES_MAX]),
    )


def parse_soap(data: bytes, action: str) -> SoapAnswer | Failure:
    """The answer to an action (UPnP Device Architecture 1.1, 3.2). REJECTED with the error's number; MALFORMED."""
    found = _elements(data, action)
    if isinstance(found, Failure):
        return found
    arguments = {path[-1]: text for path, text in found if len(path) > 1 and path[-2] == f"{action}Response"}
    if any(path[-1] == f"{action}Response" for path, _ in found):
        return SoapAnswer(dict(list(arguments.items())[:_ARGUMENTS_MAX]))
    code = next((text for path, text in found if path[-1] == "errorCode"), "")
    if code.isascii() and code.isdigit() and len(code) <= 4:  # noqa: PLR2004 - the numbers have three digits
        return Failure(FailureKind.REJECTED, action, detail=f"UPnP error {code}")
    return Failure(FailureKind.MALFORMED, action, detail="no answer to the action")
