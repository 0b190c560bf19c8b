"""Which outside address does the office's own router tell? By UPnP, NAT-PMP, PCP and DD-WRT's page, all at once.

It is only asked. Nothing in it is changed, and no log-in is tried.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.wan import PortMapping, SecondBox, Told, UpnpDevice, Wan, WanAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import ddwrt, natpmp, pcp, routes, ssdp, tcp, upnp
from emrnetcheck.net.upnp_xml import WanService
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import as_they_come, together

_SILENT_S = 0.9  # how long a router may be silent before it counts as not answering; it is in the same room
_HTTP_S = 1.0
_SECOND_BOX_S = 0.6
_WEB_PORTS = ((80, "http"), (443, "https"))
_DESCRIPTIONS_MAX = 4
_PRIVATE = (AddressClass.PRIVATE, AddressClass.LINK_LOCAL)


@dataclass(frozen=True, slots=True)
class _Upnp:
    """All that came by UPnP."""

    answers: tuple[WanAnswer, ...]
    device: UpnpDevice | None = None
    mapping: PortMapping | None = None
    mapping_failure: Failure | None = None


def ask_router(gateway: str | None, site: Site, context: Context) -> Wan:
    """Every way of asking at once; about a second where the router is silent."""
    if gateway is None:
        return Wan(None)
    tasks: list[Callable[[], WanAnswer | _Upnp]] = [
        partial(_by_upnp, gateway, site, context),
        partial(_by_natpmp, gateway, context),
        partial(_by_pcp, gateway, context),
        partial(_by_ddwrt, gateway, context),
    ]
    late = Failure(FailureKind.OUT_OF_TIME, "ask the router", gateway)
    found = _Upnp((WanAnswer("upnp", Told.NO_ANSWER, failure=late),))
    others: list[WanAnswer] = []
    for method, part in zip(("upnp", "natpmp", "pcp", "ddwrt"), together(tasks, context), strict=True):
        if isinstance(part, _Upnp):
            found = part
        elif isinstance(part, WanAnswer):
            others.append(part)
        elif method != "upnp":
            others.append(WanAnswer(method, Told.NO_ANSWER, failure=late))
    return Wan(gateway, (*found.answers, *others), found.device, found.mapping, found.mapping_failure)


def _told(method: str, address: str | None, **facts: str | float | None) -> WanAnswer:
    """An address, or that there is none: some routers say 0.0.0.0 for it."""
    there = address is not None and address_class(address) is not AddressClass.INVALID and address != "0.0.0.0"
    known = {name: value for name, value in facts.items() if value is not None}
    return WanAnswer(method, Told.ADDRESS if there else Told.NONE, address if there else None, **known)  # type: ignore[arg-type]


def _by_natpmp(gateway: str, context: Context) -> WanAnswer:
    said = natpmp.ask(gateway, timeout_s=_SILENT_S)
    if isinstance(said, Failure):
        return WanAnswer("natpmp", Told.NO_ANSWER, failure=said)
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    state = f"result {said.said.result}"
    if said.said.result in (natpmp.RESULT_OK, natpmp.RESULT_NO_NETWORK):
        return _told("natpmp", said.said.address, state=state, rtt_ms=said.rtt_ms)
    return WanAnswer("natpmp", Told.NOT_TOLD, state=state, rtt_ms=said.rtt_ms)


def _by_pcp(gateway: str, context: Context) -> WanAnswer:
    own = routes.source_address(gateway)
    if isinstance(own, Failure):
        return WanAnswer("pcp", Told.NO_ANSWER, failure=own)
    said = pcp.announce(gateway, own, timeout_s=_SILENT_S)
    if isinstance(said, Failure):
        return WanAnswer("pcp", Told.NO_ANSWER, failure=said)
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    # It would tell its address in the answer to MAP alone, and that opens a port.
    return WanAnswer("pcp", Told.NOT_TOLD, state=f"result {said.said.result}", rtt_ms=said.rtt_ms)


def _by_ddwrt(gateway: str, context: Context) -> WanAnswer:
    said = ddwrt.ask(gateway, timeout_s=_SILENT_S)
    if isinstance(said, Failure):
        return WanAnswer("ddwrt", Told.NO_ANSWER, failure=said)
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    if said.page.address is None and not said.page.named:
        return WanAnswer("ddwrt", Told.NOT_TOLD, rtt_ms=said.connect_ms)
    return _told("ddwrt", said.page.address, rtt_ms=said.connect_ms)


def _by_upnp(gateway: str, site: Site, context: Context) -> _Upnp:
    """Find the router's description, then ask its Internet services; the first description with one is taken."""
    described, why = _description(gateway, context)
    if described is None:
        return _Upnp((WanAnswer("upnp", Told.NO_ANSWER, failure=why),))
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
    return _Upnp(
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
        *(partial(upnp.describe, gateway, place, timeout_s=_SILENT_S) for place in known),
    ]
    why = late
    for number, part in as_they_come(tasks, context, limit_s=min(_SILENT_S + 0.1, context.remaining_s())):
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
    return own if isinstance(own, Failure) else ssdp.search(gateway, own, timeout_s=_SILENT_S)


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
    return _told("upnp", text or None, service=short, state=state or None, rtt_ms=said.connect_ms)


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


def ask_second_box(gateway: str | None, hops: tuple[Hop, ...], context: Context) -> SecondBox | None:
    """Does the next router outside answer as a box in the office does? None if its address is not a private one."""
    own = next((hop for hop in hops if hop.ttl == 1), None)
    box = next((hop for hop in hops if hop.ttl == 2), None)  # noqa: PLR2004 - the second router on the way
    if box is None or box.address is None or box.address == gateway or address_class(box.address) not in _PRIVATE:
        return None
    apart = None
    if own is not None and own.rtt_ms is not None and box.rtt_ms is not None:
        apart = max(0.0, box.rtt_ms - own.rtt_ms)
    tasks: list[Callable[[], str | WanAnswer | None]] = [
        *(partial(_knock, box.address, port, name) for port, name in _WEB_PORTS),
        partial(_by_natpmp, box.address, context),
    ]
    answered: list[str] = []
    outside = None
    for _, part in as_they_come(tasks, context, limit_s=min(_SECOND_BOX_S, context.remaining_s())):
        if isinstance(part, str):
            answered.append(part)
        elif isinstance(part, WanAnswer) and part.told is not Told.NO_ANSWER:
            answered.append(part.method)
            outside = part.address
    return SecondBox(box.address, tuple(sorted(answered)), apart, outside)


def _knock(address: str, port: int, name: str) -> str | None:
    """An open Web port: the page of a router. A refusal is none: the provider's routers refuse too."""
    answered = tcp.connect(address, port, _SECOND_BOX_S)
    return name if isinstance(answered, tcp.Answered) and answered.refusal is None else None
