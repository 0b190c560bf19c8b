"""Who is on the way to the EMR, and is asked: router, neighbours, provider, Internet, the EMR itself?"""

from __future__ import annotations

import ipaddress

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model import Failure, Site
from emrnetcheck.net import host, neighbours, routes, stun, trace
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.lookups import is_address
from emrnetcheck.probes.way_asking import FAR, INSIDE, NEAR, SERVER, Target

WITNESSES = 3
PEERS_MAX = 2
HOPS_TIMEOUT_S = 1.5
STUN_TIMEOUT_S = 1.0
TOLD = "this computer's Internet address"
_HOPS = 5
# What the second box of an office calls itself; providers use 10/8 and 100.64/10 for their own routers.
_OFFICE_NETWORKS = (ipaddress.IPv4Network("192.168.0.0/16"), ipaddress.IPv4Network("172.16.0.0/12"))


def emr_address_of(site: Site, seen: Seen) -> str | None:
    """Whom the name leads to, as this computer sees it; else as anybody does. Of several that one at which its port
    opens: a browser takes the next address where one does not answer."""
    if site.hostname is not None and is_address(site.hostname):
        return site.hostname.strip("[]")
    if seen.lookups is None:
        return None
    found = seen.lookups
    named = (*found.opened, *found.system, *(each for answer in found.answers for each in answer.addresses))
    return next(iter(named), None)


def is_inside(emr: str | None, public: str | None, *, vpn: bool = False) -> bool | None:
    """Whether the EMR is in this network, or at its own public address; None: not known, because the EMR is at a public
    address, and nobody tells this network's own.

    vpn: the way out is one. Its other end may be in the clinic, and has the clinic's address; this computer is not.
    """
    if emr is None:
        return None
    address = ipaddress.ip_address(emr)
    own = routes.source_address(emr, version=address.version)
    if address.is_loopback or emr == own:
        return True
    if emr == public:
        return not vpn  # the way goes by the office's own router, and no further
    by = routes.own_addresses().get(own) if isinstance(own, str) else None
    if by is not None and host.is_tunnel(by):
        return False  # in the network at its other end
    network = routes.own_network(own) if isinstance(own, str) else None
    if network is not None and address in network:
        return True
    may_be_own = public is None and address.version == 4 and address_class(emr) is AddressClass.PUBLIC  # noqa: PLR2004
    return None if may_be_own else False


def hops_of(site: Site) -> tuple[Hop, ...] | Failure:
    """The first routers on the way out."""
    found = trace.first_hops(_witnesses(site)[0], hops=_HOPS, timeout_s=HOPS_TIMEOUT_S)
    if isinstance(found, Failure):
        return found
    return tuple(Hop(hop.ttl, None if hop.end else hop.address, hop.rtt_ms) for hop in found)


def public_v4(site: Site, context: Context) -> str | None:
    """This place's own address, by the first STUN server that tells."""
    found = []
    for server in site.stun:
        host, _, port = server.rpartition(":")
        resolved = context.lookup.resolve(host.strip("[]"))
        if not isinstance(resolved, Failure):
            context.ledger.told(host.strip("[]"), TOLD)
            found.append((resolved.addresses[0], int(port)))
    answers = stun.ask_several(found, timeout_s=STUN_TIMEOUT_S) if found else ()
    told = [answer for answer in answers if not isinstance(answer, Failure)]
    return told[0].mapped.address if told else None


def _witnesses(site: Site) -> tuple[str, ...]:
    """Hosts on the Internet that answer everybody, in different hands: the public name servers."""
    v4 = [server for server in site.resolvers if ":" not in server]
    return tuple(v4[:WITNESSES]) or (routes.TOWARDS,)


def targets_of(site: Site, seen: Seen, emr: str | None, hops: tuple[Hop, ...], *, inside: bool) -> list[Target]:
    """Everybody who is asked, the nearest first."""
    gateway = seen.link.gateway if seen.link is not None else None
    targets = [Target("router", gateway, NEAR)] if gateway is not None else []
    targets += [Target("peer", address, NEAR) for address in _peers(seen, {gateway, emr})]
    isp = _first_beyond(hops, gateway)
    if isp is not None:
        targets.append(Target("isp", isp, FAR))
    targets += [Target("outside", address, FAR) for address in _witnesses(site) if address != emr]
    if emr is not None:
        targets.append(Target("server", emr, INSIDE if inside else SERVER, site.port))
    return targets


def _peers(seen: Seen, known: set[str | None]) -> list[str]:
    """A few of those whom this computer has talked to anyway: no sweep."""
    if seen.link is None:
        return []
    here = (seen.link.interface, seen.link.address)  # Windows names the interface by its address
    table = neighbours.neighbours()
    entries = table if isinstance(table, tuple) else ()
    return [each.address for each in entries if each.interface in here and each.address not in known][:PEERS_MAX]


def _first_beyond(hops: tuple[Hop, ...], gateway: str | None) -> str | None:
    """The first router that is the provider's."""
    for hop in hops:
        if hop.address is None or hop.address == gateway or hop.ttl == 1:
            continue
        if not any(ipaddress.IPv4Address(hop.address) in network for network in _OFFICE_NETWORKS):
            return hop.address
    return None
