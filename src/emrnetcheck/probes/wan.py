"""Which outside address does the office's own router tell? By UPnP, NAT-PMP, PCP and DD-WRT's page, all at once.

It is only asked. Nothing in it is changed, and no log-in is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.wan import SecondBox, Told, Wan, WanAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import ddwrt, natpmp, pcp, routes, tcp
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import as_they_come, together
from emrnetcheck.probes.wan_answer import SILENT_S, told
from emrnetcheck.probes.wan_upnp import UpnpSaid, by_upnp

_SECOND_BOX_S = 0.6
_WEB_PORTS = ((80, "http"), (443, "https"))
_PRIVATE = (AddressClass.PRIVATE, AddressClass.LINK_LOCAL)


def ask_router(gateway: str | None, site: Site, context: Context) -> Wan:
    """Every way of asking at once; about a second where the router is silent."""
    if gateway is None:
        return Wan(None)
    tasks: list[Callable[[], WanAnswer | UpnpSaid]] = [
        partial(by_upnp, gateway, site, context),
        partial(_by_natpmp, gateway, context),
        partial(_by_pcp, gateway, context),
        partial(_by_ddwrt, gateway, context),
    ]
    late = Failure(FailureKind.OUT_OF_TIME, "ask the router", gateway)
    found = UpnpSaid((WanAnswer("upnp", Told.NO_ANSWER, failure=late),))
    others: list[WanAnswer] = []
    for method, part in zip(("upnp", "natpmp", "pcp", "ddwrt"), together(tasks, context), strict=True):
        if isinstance(part, UpnpSaid):
            found = part
        elif isinstance(part, WanAnswer):
            others.append(part)
        elif method != "upnp":
            others.append(WanAnswer(method, Told.NO_ANSWER, failure=late))
    return Wan(gateway, (*found.answers, *others), found.device, found.mapping, found.mapping_failure)


def _by_natpmp(gateway: str, context: Context) -> WanAnswer:
    said = natpmp.ask(gateway, timeout_s=SILENT_S)
    if isinstance(said, Failure):
        return WanAnswer("natpmp", Told.NO_ANSWER, failure=said)
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    state = f"result {said.said.result}"
    if said.said.result in (natpmp.RESULT_OK, natpmp.RESULT_NO_NETWORK):
        return told("natpmp", said.said.address, state=state, rtt_ms=said.rtt_ms)
    return WanAnswer("natpmp", Told.NOT_TOLD, state=state, rtt_ms=said.rtt_ms)


def _by_pcp(gateway: str, context: Context) -> WanAnswer:
    own = routes.source_address(gateway)
    if isinstance(own, Failure):
        return WanAnswer("pcp", Told.NO_ANSWER, failure=own)
    said = pcp.announce(gateway, own, timeout_s=SILENT_S)
    if isinstance(said, Failure):
        return WanAnswer("pcp", Told.NO_ANSWER, failure=said)
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    # It would tell its address in the answer to MAP alone, and that opens a port.
    return WanAnswer("pcp", Told.NOT_TOLD, state=f"result {said.said.result}", rtt_ms=said.rtt_ms)


def _by_ddwrt(gateway: str, context: Context) -> WanAnswer:
    said = ddwrt.ask(gateway, timeout_s=SILENT_S)
    if isinstance(said, Failure):
        return WanAnswer("ddwrt", Told.NO_ANSWER, failure=said)
    context.ledger.count(sent_bytes=said.sent_bytes, received_bytes=said.received_bytes)
    if said.page.address is None and not said.page.named:
        return WanAnswer("ddwrt", Told.NOT_TOLD, rtt_ms=said.connect_ms)
    return told("ddwrt", said.page.address, rtt_ms=said.connect_ms)


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
