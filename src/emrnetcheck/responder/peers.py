"""Who is it that asks, whom may the responder dial, and with whom does he share his limits?"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from emrnetcheck.evidence.address_class import AddressClass, address_class

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MayDial = Callable[[str], bool]
"""Whether this peer may be dialled, by its address as parsed() writes it."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_LAST_32_BITS = 0xFFFF_FFFF
_IN_AN_OFFICE = (AddressClass.PRIVATE, AddressClass.PUBLIC, AddressClass.CGNAT)


def parsed(peer: str) -> Address | None:
    """The peer of a connection, without a zone; an IPv4-mapped one (RFC 4291 2.5.5.2) is the IPv4 address it is."""
    try:
        address = ipaddress.ip_address(peer.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _within(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a translator (NAT64) or a tunnel (6to4, RFC 3056) puts into an IPv6 one."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    return ipaddress.IPv4Address(int(address) & _LAST_32_BITS) if address in _NAT64 else address.sixtofour


def is_global(peer: str) -> bool:
    """Whether it is a unicast address of the Internet; a translated or tunnelled one is what it holds."""
    address = parsed(peer)
    if address is None:
        return False
    return address_class(str(_within(address) or address)) is AddressClass.PUBLIC


def in_network(network: Network) -> MayDial:
    """Whom a responder in an office may dial: its neighbours, and nobody outside."""
    ends = (network.network_address, network.broadcast_address) if network.version == 4 else ()  # noqa: PLR2004 - IP versions

    def neighbour(peer: str) -> bool:
        address = parsed(peer)
        if address is None or address not in network or address in ends:
            return False
        return address_class(str(address)) in _IN_AN_OFFICE

    return neighbour


@dataclass(frozen=True, slots=True)
class Keys:
    """With whom somebody shares limits. address: of IPv6 its /64, since a computer has a whole one. prefix: the /24 or
    /56, such as an office has. site: the /24 or /48; more than a /48 is given to hardly anybody."""

    address: str
    prefix: str
    site: str


def keys(peer: str) -> Keys:
    """Whose limits count."""
    address = parsed(peer)
    if address is None:
        return Keys("?", "?", "?")
    lengths = (32, 24, 24) if address.version == 4 else (64, 56, 48)  # noqa: PLR2004 - IP versions
    return Keys(*(str(ipaddress.ip_network((address, length), strict=False)) for length in lengths))
