"""Does the EMR's port answer inside the office through its public address?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import PortTry, Spoken
from emrnetcheck.model import Failure, Site
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.port_inside import Inside, try_port
from emrnetcheck.probes.spoken import connections, spoken

_HAIRPIN_TIMEOUT_S = 2.5


@dataclass(frozen=True, slots=True)
class Hairpin:
    """The connection, and who answered it."""

    attempt: PortTry | None
    spoken: Spoken | None


def came_back(hairpin: Hairpin, site: Site, inside: Inside) -> int:
    """How many of our own connections through the public address got back in to this server."""
    if hairpin.attempt is None or not hairpin.attempt.open:
        return 0
    there = hairpin.spoken
    if there is None or inside.spoken is None:
        return 1
    if not set(there.fingerprints) & set(inside.spoken.fingerprints):
        return 0 if there.fingerprints or inside.spoken.fingerprints else 2
    settled = there.fingerprints[0] in inside.shows()
    return 1 + (1 if settled else connections(site.hostname))


def try_hairpin(site: Site, seen: Seen, inside: Inside, context: Context) -> Hairpin:
    """Through the public name's address from inside; nothing where there is no public address to try."""
    address = _public_address(site, seen, context)
    if address is None or address == inside.lan_address:
        return Hairpin(None, None)
    attempt = try_port(address, site.port, _HAIRPIN_TIMEOUT_S)
    if not attempt.open or inside.spoken is None:
        return Hairpin(attempt, None)
    return Hairpin(attempt, spoken(address, site.port, site.hostname, stop_at=inside.shows()))


def _public_address(site: Site, seen: Seen, context: Context) -> str | None:
    if context.stay_inside is not None:
        return None
    address = seen.address.public_v4 if seen.address is not None else None
    if site.hostname is not None:
        found = context.lookup.resolve(site.hostname)
        address = address if isinstance(found, Failure) else found.addresses[0]
    # A name that leads to a private address in the office goes straight to the server: no hairpin.
    if address is None or address_class(address) not in (AddressClass.PUBLIC, AddressClass.DOCUMENTATION):
        return None
    return address
