"""Is this an address of a proxy service, behind which the office's own address is hidden?"""

from __future__ import annotations

import ipaddress

# Cloudflare's own list (cloudflare.com/ips), from general knowledge of 2025; it has hardly changed for years.
_CLOUDFLARE = (
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "108.162.192.0/18",
    "131.0.72.0/22",
    "141.101.64.0/18",
    "162.158.0.0/15",
    "172.64.0.0/13",
    "173.245.48.0/20",
    "188.114.96.0/20",
    "190.93.240.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
)
_NETWORKS = tuple(ipaddress.IPv4Network(each) for each in _CLOUDFLARE)


def proxy_of(address: str) -> str | None:
    """The service whose proxy has this IPv4 address; None: nobody that is known here."""
    try:
        number = ipaddress.IPv4Address(address)
    except ValueError:
        return None
    return "Cloudflare" if any(number in network for network in _NETWORKS) else None
