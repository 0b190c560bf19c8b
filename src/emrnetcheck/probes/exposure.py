"""Which doors that must be shut can be opened from outside, and which does this computer hold open?

At most 20 ports are tried, once each, by a service outside that the owner agreed to, and only at the office's own
address: one that two witnesses told, and that nothing speaks against. Nothing is sent to what answers.
"""

from __future__ import annotations

import random
import time

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Address, witnesses
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.exposure import Exposure, HeldBack, Listener, answered
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.evidence.through import doubt, got_through, leads_here
from emrnetcheck.model import Access, Failure, FailureKind, Mode, Site
from emrnetcheck.net import listeners, routes
from emrnetcheck.probes import outside
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.profiles import CONTROL_PORTS, closed_ports

_SPARE_S = 0.5  # before the probe's deadline, which is the runner's last resort
_ENOUGH_WITNESSES = 2
# Ours tells refused from silent and dials nobody else; the last one publishes what it found.
_ORDER = ("responder+", "echoip+", "globalping")
_SHARED = (AddressClass.CGNAT, AddressClass.DSLITE)


def measure(site: Site, seen: Seen, context: Context) -> Exposure:
    """The listeners need no consent and send nothing, so they are told whatever holds the rest back."""
    started_s = time.monotonic()
    ports = tuple(each.port for each in closed_ports(site.profile, site.port))
    is_emr_host = site.emr_declared and (site.lan_address is None or site.lan_address in routes.own_addresses())
    bound = listeners.listening_at((*ports, *CONTROL_PORTS)) if is_emr_host else None
    why_not = held_back(site, seen, context)
    address = seen.address.public_v4 if why_not is None and seen.address is not None else None
    control = _control_port(bound) if why_not is None else None
    tries: tuple[OutsideTry, ...] = ()
    if address is not None and control is not None:
        context.progress(f"{len(ports)} doors that must be shut", None, None)
        ends_s = started_s + max(0.0, context.remaining_s() - _SPARE_S)
        tries = _try_all(ports, control, address, site, seen, context, ends_s)
    return Exposure(
        ports=ports,
        address=address,
        held_back=why_not,
        control_port=control,
        tries=tries,
        is_emr_host=is_emr_host,
        listeners=_listeners(bound, ports),
        listeners_failure=bound if isinstance(bound, Failure) else None,
        seconds=round(time.monotonic() - started_s, 3) if tries else None,
    )


def held_back(site: Site, seen: Seen, context: Context) -> HeldBack | None:
    """Why nobody outside is asked; None where they may be, and where the address is certainly this office's own."""
    if context.stay_inside is not None:
        offline = context.stay_inside.kind is FailureKind.OFFLINE
        return HeldBack.OFFLINE if offline else HeldBack.NO_ADDRESS
    if not site.outside_services:
        return HeldBack.NO_SERVICE
    if not site.outside_consent:
        return HeldBack.NO_CONSENT
    if not _services(site, context):
        return HeldBack.QUICK
    if seen.link is not None and seen.link.vpn:
        return HeldBack.VPN
    if seen.address is None and site.access is Access.LAN_ONLY:
        return HeldBack.OFFICE_ONLY
    return HeldBack.NO_ADDRESS if seen.address is None else _unverified(seen.address, reached=_reached(seen))


def _unverified(seen: Address, *, reached: bool) -> HeldBack | None:
    """reached: somebody outside got through to the EMR at this address, so it leads to this office."""
    told = witnesses(seen.sources)
    agreeing = [source for source in told if source.address == seen.public_v4]
    if seen.public_v4 is None and len({source.address for source in told}) > 1:
        return HeldBack.NOT_ONE_ADDRESS
    if seen.public_v4 is None or len(agreeing) < _ENOUGH_WITNESSES:
        return HeldBack.NO_ADDRESS
    odd = [source for source in told if source.address != seen.public_v4]
    # One witness of the Web alone can be wrong; STUN that sees another address means that something is in between.
    if len(odd) > 1 or any(source.method == "stun" for source in odd):
        return HeldBack.NOT_ONE_ADDRESS
    kinds = [address_class(address) for address in (seen.wan_v4, seen.local_v4) if address is not None]
    if address_class(seen.public_v4) is not AddressClass.PUBLIC or AddressClass.DSLITE in kinds:
        return HeldBack.SHARED
    if seen.wan_v4 is not None and address_class(seen.wan_v4) in _SHARED:
        return HeldBack.SHARED
    return None if reached or _is_the_routers(seen) else HeldBack.BEHIND_ANOTHER


def _is_the_routers(seen: Address) -> bool:
    """The router's own word or the owner's, no translation at all, or a way out that is public right behind the router.

    Where nobody told and the way out could not be followed, the address may as well be another box's.
    """
    if seen.wan_v4 is not None or seen.local_v4 == seen.public_v4:
        return seen.public_v4 in (seen.wan_v4, seen.local_v4)
    beyond = [address_class(hop.address) for hop in seen.hops if hop.ttl > 1 and hop.address is not None]
    if AddressClass.PUBLIC not in beyond or set(beyond) & {AddressClass.PRIVATE, AddressClass.CGNAT}:
        return False
    router = seen.router
    if router is None:
        return True
    second_box = router.second_box is not None and bool(router.second_box.answered)
    return not (second_box or router.says_none() or len(router.addresses()) > 1)


def _reached(seen: Seen) -> bool:
    return seen.address is not None and leads_here(seen.port, seen.address.public_v4)


def _control_port(bound: tuple[listeners.Bound, ...] | Failure | None) -> int:
    """One of those that nobody has a use for; a random one, so that nobody can have prepared for it."""
    used = {each.port for each in bound} if isinstance(bound, tuple) else set()
    return random.choice([port for port in CONTROL_PORTS if port not in used] or list(CONTROL_PORTS))


def _try_all(
    ports: tuple[int, ...], control: int, address: str, site: Site, seen: Seen, context: Context, ends_s: float
) -> tuple[OutsideTry, ...]:
    """One service after the other, each only for what no believable answer was got to before.

    First those that got through to the EMR's port. The "shut" of one that did not is checked with the next service.
    """
    tries: tuple[OutsideTry, ...] = ()
    services = _services(site, context)
    through = {each: got_through(each, seen.port, address) for each in services}
    blind = [each for each in services if _is_blind(each, site, seen, through[each])]
    for service in sorted(services, key=lambda each: (not through[each], each in blind)):
        known = answered(tries, address, control, blind)
        left = [port for port in ports if port not in known]
        now_s = time.monotonic()
        if not left or context.stopping() or now_s >= ends_s:
            break
        service_ends_s = min(ends_s, now_s + outside.patience_s([service], len(left) + 1))
        tries += outside.ask_many(service, (*left, control), site, context, address=address, ends_s=service_ends_s)
    return tries


def _is_blind(service: str, site: Site, seen: Seen, through: bool | None) -> bool:
    """With direct access the EMR's port should be open, so not to get through to it is a reason to ask another."""
    refused_where_open = site.access is Access.DIRECT and through is False
    return refused_where_open or doubt(service, seen.port, seen.address, site.lan_address) is not None


def _services(site: Site, context: Context) -> list[str]:
    """In the order of asking. Globalping waits 10 s for each silent port and is polled slowly: not in a quick run."""
    slow = _ORDER[-1] if context.mode is Mode.QUICK else None
    return sorted((each for each in site.outside_services if slow is None or not each.startswith(slow)), key=_rank)


def _rank(service: str) -> int:
    return next((number for number, kind in enumerate(_ORDER) if service.startswith(kind)), len(_ORDER))


def _listeners(
    bound: tuple[listeners.Bound, ...] | Failure | None, ports: tuple[int, ...]
) -> tuple[Listener, ...] | None:
    if not isinstance(bound, tuple):
        return None
    return tuple(Listener(each.port, each.addresses, each.programs) for each in bound if each.port in ports)


PROBE = Probe(
    name="exposure",
    title="Doors that must be shut",
    measure=measure,
    deadline_s={Mode.QUICK: 12.0, Mode.STANDARD: 40.0, Mode.THOROUGH: 40.0},
    after=("link", "address", "port"),
)
