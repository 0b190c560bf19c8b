"""Which kind of address is this? Our own table, because `ipaddress`'s flags changed in patch releases."""

from __future__ import annotations

import ipaddress
from enum import StrEnum


class AddressClass(StrEnum):
    """Kinds of IP addresses that a diagnosis turns on."""

    PUBLIC = "public"
    PRIVATE = "private"  # RFC 1918; for IPv6 the unique local addresses of RFC 4193
    CGNAT = "cgnat"  # RFC 6598
    DSLITE = "dslite"  # RFC 6333; 464XLAT uses the same block, RFC 7335
    LOOPBACK = "loopback"
    LINK_LOCAL = "link_local"
    DOCUMENTATION = "documentation"  # RFC 5737, RFC 2544, RFC 3849, RFC 9637
    TUNNEL = "tunnel"  # Teredo RFC 4380, 6to4 RFC 3056 and its relays RFC 7526
    NAT64 = "nat64"  # RFC 6052, RFC 8215
    RESERVED = "reserved"  # 0/8, multicast, 240/4 and what else is not global unicast
    INVALID = "invalid"


_TABLE: tuple[tuple[str, AddressClass], ...] = (
    ("127.0.0.0/8", AddressClass.LOOPBACK),
    ("169.254.0.0/16", AddressClass.LINK_LOCAL),
    ("10.0.0.0/8", AddressClass.PRIVATE),
    ("172.16.0.0/12", AddressClass.PRIVATE),
    ("192.168.0.0/16", AddressClass.PRIVATE),
    ("100.64.0.0/10", AddressClass.CGNAT),
    ("192.0.0.0/29", AddressClass.DSLITE),
    ("192.0.0.0/24", AddressClass.RESERVED),  # RFC 6890
    ("192.88.99.0/24", AddressClass.TUNNEL),
    ("192.0.2.0/24", AddressClass.DOCUMENTATION),
    ("198.51.100.0/24", AddressClass.DOCUMENTATION),
    ("203.0.113.0/24", AddressClass.DOCUMENTATION),
    ("198.18.0.0/15", AddressClass.DOCUMENTATION),
    ("0.0.0.0/8", AddressClass.RESERVED),
    ("224.0.0.0/3", AddressClass.RESERVED),
    ("::1/128", AddressClass.LOOPBACK),
    ("fe80::/10", AddressClass.LINK_LOCAL),
    ("fc00::/7", AddressClass.PRIVATE),
    ("2001::/32", AddressClass.TUNNEL),
    ("2001:db8::/32", AddressClass.DOCUMENTATION),
    ("2001:2::/48", AddressClass.DOCUMENTATION),  # RFC 5180
    ("2001::/23", AddressClass.RESERVED),  # RFC 2928: protocol assignments, ORCHID among them
    ("2002::/16", AddressClass.TUNNEL),
    ("3fff::/20", AddressClass.DOCUMENTATION),
    ("64:ff9b::/96", AddressClass.NAT64),
    ("64:ff9b:1::/48", AddressClass.NAT64),
    ("2000::/3", AddressClass.PUBLIC),
)
_NETWORKS = tuple((ipaddress.ip_network(text), kind) for text, kind in _TABLE)


def address_class(text: str) -> AddressClass:
    """The class of an IPv4 or IPv6 address given as text, with or without a zone ("%eth0").

    An IPv4-mapped address (RFC 4291 2.5.5.2) counts as its IPv4 address. The first network of the table that fits
    counts: a narrow one stands before the wide one around it. IPv4-compatible (::/96), discard (100::/64), site-local
    (fec0::/10) and multicast addresses are in none, and RESERVED.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return AddressClass.INVALID
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    for network, kind in _NETWORKS:
        if address in network:
            return kind
    return AddressClass.PUBLIC if isinstance(address, ipaddress.IPv4Address) else AddressClass.RESERVED
