"""Is a silent neighbour there at all? ARP is answered below every firewall."""

from __future__ import annotations

import logging

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify


def present(address: str, *, own_address: str, interface: str, timeout_s: float) -> bool | Failure:
    """Whether an IPv4 neighbour answers one ARP request (RFC 826), sent by the named interface.

    PERMISSION without root (a raw socket; Npcap on Windows). UNSUPPORTED where scapy cannot be used: it is GPL-2.0
    and may have been left out.
    """
    try:
        # Told not to, scapy does not read all routes when imported: that takes seconds on Windows, and the interface
        # is named here anyway.
        from scapy.config import conf

        conf.route_autoload = conf.route6_autoload = False
        logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
        from scapy.arch import get_if_hwaddr
        from scapy.layers.l2 import ARP, Ether
        from scapy.sendrecv import srp
    except Exception as error:  # noqa: BLE001 - missing, no libpcap, no /dev/bpf: each with its own exception
        return Failure(FailureKind.UNSUPPORTED, "arp", address, f"scapy cannot be used: {type(error).__name__}")
    try:
        mine = get_if_hwaddr(interface)
        request = Ether(src=mine, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=own_address, hwsrc=mine, pdst=address)
        answered, _ = srp(request, iface=interface, timeout=timeout_s, verbose=False)
        return len(answered) > 0
    except OSError as error:
        return classify(error, "arp", address)
    except Exception as error:  # noqa: BLE001 - scapy's own exceptions have no common root
        return Failure(FailureKind.UNSUPPORTED, "arp", address, type(error).__name__)
