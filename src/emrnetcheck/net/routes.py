"""Which way do packets leave this computer: through which interface, and which router?"""

from __future__ import annotations

import ipaddress
import re
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.programs import output_of

# Somebody on the Internet: routes are looked up towards it, nothing is ever sent there by this module.
TOWARDS, TOWARDS_V6 = "1.1.1.1", "2606:4700:4700::1111"
_DISCARD_PORT = 9  # any port does: a UDP socket is connected, and nothing is sent
_UP, _GATEWAY, _REJECT = 0x1, 0x2, 0x200  # linux/route.h


@dataclass(frozen=True, slots=True)
class Route:
    """One row of a routing table. gateway None: the network is attached directly (or a tunnel). interface: its name;
    on Windows the address of the interface."""

    network: ipaddress.IPv4Network
    gateway: str | None
    interface: str
    metric: int


def source_address(towards: str | None = None, *, version: int = 4) -> str | Failure:
    """This computer's own address on the way to `towards` (None: the Internet); NO_ROUTE where there is no way. Nothing
    is sent."""
    towards = towards or (TOWARDS if version == 4 else TOWARDS_V6)  # noqa: PLR2004
    try:
        with socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_DGRAM) as sock:  # noqa: PLR2004
            sock.connect((towards, _DISCARD_PORT))
            return str(sock.getsockname()[0])
    except OSError as error:
        return classify(error, "find the way to", towards)


def is_v6_only() -> bool:
    """Whether IPv6 leaves this computer, and no IPv4."""
    return isinstance(source_address(), Failure) and isinstance(source_address(version=6), str)


def routes() -> tuple[Route, ...] | Failure:
    """The IPv4 routing table (Linux, Windows), or just the way out (macOS)."""
    if sys.platform == "linux":
        try:
            return parse_proc_net_route(Path("/proc/net/route").read_text(encoding="ascii", errors="replace"))
        except OSError as error:
            return classify(error, "read", "/proc/net/route")
    if sys.platform == "darwin":
        text = output_of(["/sbin/route", "-n", "get", TOWARDS])
        return text if isinstance(text, Failure) else parse_route_get(text)
    if sys.platform == "win32":
        text = output_of(["route", "print", "-4"])
        return text if isinstance(text, Failure) else parse_route_print(text)
    return Failure(FailureKind.UNSUPPORTED, "read the routing table", sys.platform)


def parse_proc_net_route(text: str) -> tuple[Route, ...]:
    """Linux's /proc/net/route: addresses are hexadecimal in the byte order of the machine."""
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        try:
            interface, destination, gateway, flags = fields[0], *(int(text, 16) for text in fields[1:4])
            metric, mask = int(fields[6]), int(fields[7], 16)
            network = ipaddress.IPv4Network((_native(destination), _native(mask)), strict=False)
        except (IndexError, ValueError, struct.error):
            continue
        if flags & _UP and not flags & _REJECT:
            found.append(Route(network, _native(gateway) if flags & _GATEWAY else None, interface, metric))
    return tuple(found)


def _native(number: int) -> str:
    return socket.inet_ntoa(struct.pack("=I", number))


def parse_route_get(text: str) -> tuple[Route, ...]:
    """macOS's `route -n get ADDRESS`: one way, taken as the default one."""
    words = dict(re.findall(r"^\s*(gateway|interface):\s*(\S+)\s*$", text, re.MULTILINE))
    if "interface" not in words:
        return ()
    gateway = words.get("gateway", "")
    return (Route(ipaddress.IPv4Network("0.0.0.0/0"), gateway if _is_v4(gateway) else None, words["interface"], 0),)


def parse_route_print(text: str) -> tuple[Route, ...]:
    """Windows' `route print -4`, in any language: rows of three addresses or "On-link", an address and a metric."""
    found = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) != 5 or not fields[4].isdigit() or not _is_v4(fields[0]) or not _is_v4(fields[3]):  # noqa: PLR2004
            continue  # persistent routes have four fields: they are in the table of active ones too
        try:
            network = ipaddress.IPv4Network((fields[0], fields[1]))
        except ValueError:
            continue
        found.append(Route(network, fields[2] if _is_v4(fields[2]) else None, fields[3], int(fields[4])))
    return tuple(found)


def _is_v4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def way_to(table: tuple[Route, ...], towards: str = TOWARDS) -> Route | None:
    """The row that the system would use: the longest prefix, then the lowest metric.

    This sees the halves 0.0.0.0/1 and 128.0.0.0/1 by which VPNs take everything without touching the default route.
    """
    address = ipaddress.IPv4Address(towards)
    fitting = [route for route in table if address in route.network]
    return min(fitting, key=lambda route: (-route.network.prefixlen, route.metric), default=None)


def default_routes(table: tuple[Route, ...]) -> tuple[Route, ...]:
    """The rows for everything (0.0.0.0/0) that name a router, the preferred one first: beside a VPN, the office's."""
    rows = [route for route in table if route.network.prefixlen == 0 and route.gateway is not None]
    return tuple(sorted(rows, key=lambda route: route.metric))


def own_addresses() -> dict[str, str]:
    """Every address of this computer -> the name of its interface."""
    return {
        entry.address.split("%")[0]: name
        for name, entries in psutil.net_if_addrs().items()
        for entry in entries
        if entry.family in (socket.AF_INET, socket.AF_INET6)
    }


def own_network(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    """The network that this address of this computer is in; None: it is none of its addresses."""
    for entries in psutil.net_if_addrs().values():
        for entry in entries:
            if entry.address.split("%")[0] == address and entry.netmask is not None:
                mask = ipaddress.ip_address(entry.netmask.split("%")[0])
                length = int(mask).bit_count()
                return ipaddress.ip_network(f"{address}/{length}", strict=False)
    return None
