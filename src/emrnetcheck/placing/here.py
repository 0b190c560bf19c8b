"""What is this computer, and how is its own connection, by what the system tells?"""

from __future__ import annotations

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.way import Way
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.misled import is_private
from emrnetcheck.placing.states import GOOD, UNKNOWN, Fault, Health, State


def on_wifi(seen: Seen) -> bool:
    """Whether this computer is on Wi-Fi, as far as the system tells; or may be, below a VPN, which hides it."""
    return seen.link is not None and (seen.link.medium == "wifi" or seen.link.vpn)


def by_vpn(seen: Seen) -> bool:
    """Whether this computer's way out is a VPN, as far as the system tells."""
    return seen.link is not None and seen.link.vpn


def is_inside(seen: Seen) -> bool:
    """Whether the EMR is in this computer's own network."""
    return seen.way is not None and seen.way.inside is True


def dead_addresses(seen: Seen) -> tuple[str, ...]:
    """The name's addresses that are dead, while the EMR answers at another.

    Inside the clinic, or by its VPN, no public one, unless it answers at this place's own: many routers do not lead
    back inside, and then it works for everybody outside.
    """
    found, way = seen.lookups, seen.way
    if found is None:
        return ()
    own = way.public_v4 if way is not None else None
    within = is_inside(seen) or any(is_private(address) for address in found.opened)
    hidden = within and own not in found.opened
    return tuple(each for each in found.dead_beside if is_private(each) or not (hidden or each == own))


def own_state(seen: Seen, limits: LegLimits) -> State:
    """This computer's connection by what the system tells: no connection, half duplex, 10 Mbps."""
    link = seen.link
    if link is None:
        return UNKNOWN
    no_v4 = link.interface is None or link.address is None
    # Where its cable is out, it may still have its address.
    if (no_v4 or not link.is_up) and not _reaches_by_v6(seen) and not _somebody_answers(seen):
        return State(Health.BAD, Fault.DEAD)
    if no_v4:
        return UNKNOWN  # that is no fault where the EMR is here, or is reached by IPv6
    is_cable = link.medium != "wifi" and not link.vpn
    slow = link.speed_mbps is not None and 0 < link.speed_mbps <= limits.slow_card_mbps
    if is_cable and (link.duplex == "half" or slow):
        return State(Health.BAD, Fault.RATE)
    return State(Health.BAD, Fault.LOSS) if is_cable and _is_worn(seen, limits) else GOOD


def _reaches_by_v6(seen: Seen) -> bool:
    """Whether it has a way out by IPv6, and the EMR is not known to be where that does not lead."""
    emr = seen.way.emr_address if seen.way is not None else None
    return seen.link is not None and bool(seen.link.ipv6) and (emr is None or ":" in emr)


def _somebody_answers(seen: Seen) -> bool:
    """Whether anybody at all answered this computer."""
    targets = seen.way.targets if seen.way is not None else ()
    return any(target.series.p50_ms is not None for target in targets)


def _is_worn(seen: Seen, limits: LegLimits) -> bool:
    """Whether the card counted more damaged frames during the run than chance makes."""
    grown = seen.wear.grown if seen.wear is not None else None
    if grown is None:
        return False
    damaged = (grown.receive_errors or 0) + (grown.transmit_errors or 0)
    return damaged > limits.damaged_frames or bool(grown.late_collisions)


def addresses_state(way: Way | None) -> State:
    """Whether the router's address, or the EMR's in this network, is that of two computers."""
    if way is None or not way.holders:
        return UNKNOWN
    # Another computer's address is no part of the way to the EMR; but where that is refused at times only, by the
    # office's own router, it may be the one that the router passes on to.
    deciding = {way.emr_address, *(series.address for series in way.of("router"))}
    if way.inside is True and 0 < way.refused("server") < sum(series.sent for series in way.of("server")):
        deciding |= {series.address for series in way.of("peer")}
    return State(Health.BAD, Fault.WRONG) if deciding.intersection(way.duplicates) else GOOD
