"""Is a silent neighbour there at all, and does one computer alone have its address? ARP is answered below firewalls."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.privilege import may_see_packets

HOLDERS_MAX = 8
_REQUESTS = 3  # one that is lost must not hide the second holder
_FRAMES_MAX = 200  # what is looked at of a flood
_BROADCAST = "ff:ff:ff:ff:ff:ff"
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_ARP_ETHERTYPE = 0x0806


@dataclass(frozen=True, slots=True)
class _Scapy:
    """What is used of scapy's."""

    hardware_address: Callable[[str], str]
    request: Callable[[str, str, str], Any]
    exchange: Callable[..., tuple[Any, Any]]


def present(address: str, *, own_address: str, interface: str, timeout_s: float) -> bool | Failure:
    """Whether an IPv4 neighbour answers one ARP request (RFC 826), sent by the named interface.

    PERMISSION without root (a raw socket; on Windows without Npcap). UNSUPPORTED where scapy cannot be used: it is
    GPL-2.0 and may have been left out.
    """
    said = _ask(address, own_address, interface, timeout_s=timeout_s, requests=1, multi=False)
    return said if isinstance(said, Failure) else len(said) > 0


def holders(address: str, *, own_address: str, interface: str, timeout_s: float) -> tuple[str, ...] | Failure:
    """The hardware addresses that say "I have this IPv4 address", in the order of their first answer, at most 8.

    Lower case with colons. More than one: the address is given twice, or one computer is on this network with two
    cards. This computer is never among them. own_address: "0.0.0.0" makes the request a probe (RFC 5227), as whoever
    asks about an address of its own has to. It takes timeout_s in all. Failures as in `present`.
    """
    said = _ask(address, own_address, interface, timeout_s=timeout_s, requests=_REQUESTS, multi=True)
    if isinstance(said, Failure):
        return said
    # A dict, because it keeps the order and each once.
    found = dict.fromkeys(mac for mac in said if _MAC.fullmatch(mac))
    return tuple(found)[:HOLDERS_MAX]


def _ask(
    address: str, own_address: str, interface: str, *, timeout_s: float, requests: int, multi: bool
) -> list[str] | Failure:
    """The sender's hardware address in each answer, as it came; nothing of this computer's own."""
    if not may_see_packets():
        return Failure(FailureKind.PERMISSION, "arp", address)  # known without scapy, which takes a second to import
    scapy = _scapy()
    if isinstance(scapy, Exception):
        return Failure(FailureKind.UNSUPPORTED, "arp", address, f"scapy cannot be used: {type(scapy).__name__}")
    frames = 0

    def enough(_: object) -> bool:
        nonlocal frames
        frames += 1
        return frames >= _FRAMES_MAX

    pause_s = timeout_s / (requests + 1)
    try:
        mine = scapy.hardware_address(interface).lower()
        answered, _ = scapy.exchange(
            [scapy.request(mine, own_address, address) for _ in range(requests)],
            iface=interface,
            type=_ARP_ETHERTYPE,
            timeout=timeout_s if requests == 1 else pause_s,
            inter=0 if requests == 1 else pause_s,
            multi=multi,
            # Otherwise what goes wrong in sending is logged, and looks like silence.
            threaded=False,
            chainEX=True,
            stop_filter=enough,
            verbose=False,
        )
        senders = (str(answer.hwsrc).lower() for _, answer in answered)
        return [mac for mac in senders if mac != mine]
    except OSError as error:
        return classify(error, "arp", address)
    except Exception as error:  # noqa: BLE001 - scapy's own exceptions have no common root
        if "permission" in str(error).lower():
            return Failure(FailureKind.PERMISSION, "arp", address)
        return Failure(FailureKind.UNSUPPORTED, "arp", address, type(error).__name__)


def _scapy() -> _Scapy | Exception:
    try:
        # Told not to, scapy does not read all routes when imported: that takes seconds on Windows, and the interface
        # is named here anyway.
        from scapy.config import conf

        conf.route_autoload = conf.route6_autoload = False
        logging.getLogger("scapy.runtime").setLevel(logging.CRITICAL)
        from scapy.arch import get_if_hwaddr
        from scapy.layers.l2 import ARP, Ether
        from scapy.sendrecv import srp
    except Exception as error:  # noqa: BLE001 - missing, no libpcap, no /dev/bpf: each with its own exception
        return error
    return _Scapy(
        hardware_address=get_if_hwaddr,
        request=lambda mine, source, target: (
            Ether(src=mine, dst=_BROADCAST) / ARP(psrc=source, hwsrc=mine, pdst=target)
        ),
        exchange=srp,
    )
