"""Which outside address does the router tell by UPnP, and was the EMR's port opened there? It is only asked."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence.wan import PortMapping, Told, UpnpDevice, WanAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import routes, ssdp, upnp
from emrnetcheck.net.upnp_xml import WanService
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import as_they_come, together
from emrnetcheck.probes.wan_answer import SILENT_S, told

_HTTP_S = 1.0
_DESCRIPTIONS_MAX = 4


@dataclass(frozen=True, slots=True)
class UpnpSaid:
    """All that came by UPnP."""

    answers: tuple[WanAnswer, ...]
    device: UpnpDevice | None = None
    mapping: PortMapping | None = None
    mapping_failure: Failure | None = None


def by_upnp(gateway: str, site: Site, context: Context) -> UpnpSaid:
    """Find the router's description, then ask its Internet services; the first description with one is taken."""
    described, why = _description(gateway, context)
    if described is None:
        return UpnpSaid((WanAnswer("upnp", Told.NO_ANSWER, failure=why),))
    description = described.description
    device = UpnpDevice(
        location=f"http://{gateway}:{described.place.port}{described.place.path}",
        igd_version=description.igd_version,
        friendly_name=description.friendly_name,
        manufacturer=description.manufacturer,
        model=description.model,
    )
    asked: list[Callable[[], WanAnswer | PortMapping | Failure]] = []
    for service in description.services:
        asked.append(partial(_ask_service, gateway, described, service, context))
        asked.append(partial(_ask_mapping, gateway, described, service, site.port, context))
    late = Failure(FailureKind.OUT_OF_TIME, "ask the router", gateway)
    parts = together(asked, context, limit_s=min(_HTTP_S + 0.3, context.remaining_s()))
    answers = [part for part in parts if isinstance(part, WanAnswer)]
    mappings = [part for part in parts if isinstance(part, PortMapping)]
    failures = [part for part in parts if isinstance(part, Failure)]
    return UpnpSaid(
        answers=tuple(answers) or (WanAnswer("upnp", Told.NO_ANSWER, failure=late),),
        device=device,
        mapping=mappings[0] if mappings else None,
        mapping_failure=None if mappings else next(iter(failures), late),
    )


def _description(gateway: str, context: Context) -> tuple[upnp.Described | None, Failure]:
    """The first description with an Internet service: where SSDP leads, or at the usual places."""
    late = Failure(FailureKind.TIMEOUT, "UPnP", gateway)
    known = [upnp.Place(port, upnp.WELL_KNOWN_PATH) for port in upnp.WELL_KNOWN_PORTS]
    tasks: list[Callable[[], upnp.Described | ssdp.SsdpFound | Failure]] = [
        partial(_search, gateway),
        *(partial(upnp.describe, gateway, place, timeout_s=SILENT_S) for place in known),
    ]
    why = late
    for number, part in as_they_come(tasks, context, limit_s=min(SILENT_S + 0.1, context.remaining_s())):
        if isinstance(part, upnp.Described):
            context.ledger.count(sent_bytes=part.sent_bytes, received_bytes=part.received_bytes)
            if part.description.services:
                return part, late
        elif isinstance(part, ssdp.SsdpFound):
            context.ledger.count(sent_bytes=part.sent_bytes, received_bytes=part.received_bytes)
            described, why = _described_at(gateway, part.locations, context)
            if described is not None:
                return described, late
        elif number == 0:
            why = part
    return None, why


def _search(gateway: str) -> ssdp.SsdpFound | Failure:
    own = routes.source_address(gateway)
    return own if isinstance(own, Failure) else ssdp.search(gateway, own, timeout_s=SILENT_S)


def _described_at(gateway: str, locations: Iterable[str], context: Context) -> tuple[upnp.Described | None, Failure]:
    why = Failure(FailureKind.REJECTED, "UPnP", gateway, "its description is said to be on another host")
    places = [place for place in (upnp.place_of(url, gateway) for url in locations) if place is not None]
    tasks = [partial(upnp.describe, gateway, place, timeout_s=_HTTP_S) for place in dict.fromkeys(places)][
        :_DESCRIPTIONS_MAX
    ]
    for _, part in as_they_come(tasks, context, limit_s=min(_HTTP_S + 0.1, context.remaining_s())):
        if isinstance(part, Failure):
            why = part
            continue
        context.ledger.count(sent_bytes=part.sent_bytes, received_bytes=part.received_bytes)
        if part.description.services:
            return part, why
        why = Failure(FailureKind.UNSUPPORTED, "UPnP", gateway, "it describes no Internet service")
    return None, why


def _ask_service(gateway: str, described: upnp.Described, service: WanService, context: Context) -> WanAnswer:
    """GetExternalIPAddress, and GetStatusInfo for the state of the line."""
    short = service.kind.rpartition(":service:")[2]
    place = upnp.control_place(described, service, gateway)
    if place is None:
        why = Failure(FailureKind.REJECTED, "UPnP", gateway, "its service is said to be on another host")
        return WanAnswer("upnp", Told.NO_ANSWER, service=short, failure=why)
    actions = ("GetExternalIPAddress", "GetStatusInfo")
    asked = [partial(upnp.call, gateway, place, service.kind, action, {}, timeout_s=_HTTP_S) for action in actions]
    late = Failure(FailureKind.OUT_OF_TIME, "UPnP", gateway)
    parts = together(asked, context, limit_s=min(_HTTP_S + 0.1, context.remaining_s()))
    said, status = (late if part is None else part for part in parts)
    for part in (said, status):
        if isinstance(part, upnp.Said):
            context.ledger.count(sent_bytes=part.sent_bytes, received_bytes=part.received_bytes)
    state = status.answer.arguments.get("NewConnectionStatus", "")[:40] if isinstance(status, upnp.Said) else ""
    if isinstance(said, Failure):
        return WanAnswer("upnp", Told.NO_ANSWER, service=short, state=state or None, failure=said)
    text = said.answer.arguments.get("NewExternalIPAddress")
    if text is None or (text and not _is_v4(text)):
        why = Failure(FailureKind.MALFORMED, "GetExternalIPAddress", gateway, "no IPv4 address in the answer")
        return WanAnswer("upnp", Told.NO_ANSWER, service=short, state=state or None, failure=why)
    return told("upnp", text or None, service=short, state=state or None, rtt_ms=said.connect_ms)


def _ask_mapping(
    gateway: str, described: upnp.Described, service: WanService, port: int, context: Context
) -> PortMapping | Failure:
    """Whether a program had the EMR's port opened, and for which computer."""
    action = "GetSpecificPortMappingEntry"
    place = upnp.control_place(described, service, gateway)
    if place is None:
        return Failure(FailureKind.REJECTED, action, gateway, "its service is said to be on another host")
    question = upnp.mapping_question(port)
    said = upnp.call(gateway, place, service.kind, action, question, timeout_s=_HTTP_S)
    if isinstance(said, Failure):
        return said
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    found = upnp.mapping_of(said.answer, port)
    if isinstance(found, Failure):
        return found
    return PortMapping(
        found.external_port,
        found.internal_client,
        found.internal_port,
        found.enabled,
        found.description,
        found.lease_s,
    )


def _is_v4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
