"""What is this computer's own connection: which interface, how fast, by cable or not, with how many errors?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from emrnetcheck.net import card, routes
from emrnetcheck.net.metered import metered
from emrnetcheck.net.radio import Radio, radio
from emrnetcheck.net.sysfs import SYS, folder_of, number, text

_NOT_REPORTED = (0, -1, 65535)  # psutil issues 805 and 2095; virtio says 0, its /sys file -1
_DUPLEX: dict[int, str] = {psutil.NIC_DUPLEX_FULL: "full", psutil.NIC_DUPLEX_HALF: "half"}
# linux/if_arp.h
_ARPHRD_ETHER = 1
_ARPHRD_PPP = 512
_ARPHRD_NONE = 65534  # tun, WireGuard
_TUNNEL_NAME = re.compile(r"(tun|tap|wg|ppp|utun|ipsec|tailscale|wintun|zt)\d*\b.*", re.IGNORECASE)
_TUNNEL_WORDS = re.compile(r"\b(wireguard|wintun|openvpn|tap-windows|tailscale|vpn)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interface:
    """Facts of one interface. medium: "wired", "wifi" or "unknown". None: not reported. Errors since it came up.

    card: the one network card below it, if it is a bridge or the like: what the facts are of then. counters: of
    the function of that name. method: what tells of speed, duplex and medium, beside psutil: "sysfs", "ifconfig" or
    "Get-NetAdapter"; "psutil" where that is all.
    """

    name: str
    is_up: bool
    speed_mbps: int | None
    duplex: str | None
    medium: str
    vpn: bool
    receive_errors: int | None
    transmit_errors: int | None
    card: str | None = None
    radio: Radio = field(default_factory=Radio)
    metered: bool | None = None
    counters: Mapping[str, int | None] = field(default_factory=dict)
    method: str = "psutil"


@dataclass(frozen=True, slots=True)
class WayOut:
    """How this computer's packets leave for the Internet. gateway: the office's router, also beside a VPN; None: there
    is none, or nobody tells it. The far end of a tunnel is nobody's router."""

    address: str | None
    interface: str | None
    gateway: str | None


def way_out(towards: str = routes.TOWARDS, sys_root: Path = SYS) -> WayOut:
    """The way towards the Internet: by the source address the system picks, and by the routing table."""
    source = routes.source_address(towards)
    address = source if isinstance(source, str) else None
    own = routes.own_addresses()
    table = routes.routes()
    rows = table if isinstance(table, tuple) else ()
    return choose_way_out(rows, address, own, towards, sys_root)


def has_way_out() -> bool:
    """Whether packets leave this computer at all, by an interface that is up. Nothing is sent."""
    way = way_out()
    up = {name for name, each in psutil.net_if_stats().items() if each.isup}
    # A tunnel stays up, and has its route, where there is nothing that it could go through.
    if way.interface in up and (way.gateway is not None or not is_tunnel(way.interface) or _is_by_a_router()):
        return True
    return has_way_out_v6()


def has_way_out_v6() -> bool:
    """The same by IPv6, tunnels aside."""
    source = routes.source_address(version=6)
    name = routes.own_addresses().get(source) if isinstance(source, str) else None
    up = {name for name, each in psutil.net_if_stats().items() if each.isup}
    return name in up and not is_tunnel(name)


def _is_by_a_router() -> bool:
    """Whether any row names a router: beside a VPN that replaced the default route, the one that its server is by."""
    table = routes.routes()
    return isinstance(table, tuple) and any(row.gateway is not None for row in table)


def choose_way_out(
    table: tuple[routes.Route, ...],
    address: str | None,
    own: dict[str, str],
    towards: str = routes.TOWARDS,
    sys_root: Path = SYS,
) -> WayOut:
    """The source address decides the interface, because policy routes (WireGuard) are not in the main table."""
    row = routes.way_to(table, towards)
    interface = own.get(address) if address is not None else None
    if interface is None and row is not None:
        interface = _name(row, own)
    office = [each for each in routes.default_routes(table) if not is_tunnel(_name(each, own), sys_root)]
    gateway = row.gateway if row is not None else None
    left_by_tunnel = interface is not None and is_tunnel(interface, sys_root)
    if left_by_tunnel or gateway is None:
        gateway = office[0].gateway if office else None
    return WayOut(address, interface, gateway)


def _name(row: routes.Route, own: dict[str, str]) -> str:
    return own.get(row.interface, row.interface)  # Windows names the interface by its address


def interface(name: str, sys_root: Path = SYS) -> Interface | None:
    """The facts of the interface; None where the system does not know it."""
    stats = psutil.net_if_stats()
    if name not in stats:
        return None
    below = card.under(name, sys_root)
    of = stats.get(below or name, stats[name])
    told = card.told(name)
    kind = linux_medium(below or name, sys_root) if told.medium == "unknown" else told.medium
    counted = counters(below or name, sys_root)
    return Interface(
        name=name,
        is_up=stats[name].isup,
        speed_mbps=of.speed if of.speed not in _NOT_REPORTED else told.speed_mbps,
        duplex=_DUPLEX.get(of.duplex, told.duplex),
        medium=kind,
        vpn=is_tunnel(name, sys_root),
        receive_errors=counted.get("receive_errors"),
        transmit_errors=counted.get("transmit_errors"),
        card=below,
        radio=radio(below or name) if kind == "wifi" else Radio(),
        metered=metered(name),
        counters=counted,
        method=told.method or ("sysfs" if folder_of(below or name, sys_root).exists() else "psutil"),
    )


def glance(name: str, sys_root: Path = SYS) -> tuple[bool, int | None]:
    """Whether the interface is up, with its cable in; and its errors since it came up, None: not reported. Cheap."""
    stats = psutil.net_if_stats().get(name)
    counted = counters(card.under(name, sys_root) or name, sys_root)
    told = [counted.get(each) for each in ("receive_errors", "transmit_errors")]
    errors = [each for each in told if each is not None]
    return stats is not None and stats.isup, sum(errors) if errors else None


def counters(name: str, sys_root: Path = SYS) -> dict[str, int | None]:
    """What the card has counted since it came up, by the names of evidence.link.CardCounters: in detail on Linux, else
    what psutil tells; {} where nobody does."""
    if told := card.counters(name, sys_root):
        return told
    seen = psutil.net_io_counters(pernic=True).get(name)
    if seen is None:
        return {}
    return {
        "sent_frames": seen.packets_sent,
        "received_frames": seen.packets_recv,
        "sent_bytes": seen.bytes_sent,
        "received_bytes": seen.bytes_recv,
        "receive_errors": seen.errin,
        "transmit_errors": seen.errout,
    }


def counted_by(name: str, sys_root: Path = SYS) -> str:
    """Whose counters those of `counters` are: "sysfs" (Linux, in detail) or "psutil"."""
    return "sysfs" if card.counters(name, sys_root) else "psutil"


def byte_counters(name: str) -> tuple[int, int] | None:
    """Bytes that the interface has sent and received; None where the system does not tell."""
    seen = psutil.net_io_counters(pernic=True).get(name)
    return None if seen is None else (seen.bytes_sent, seen.bytes_recv)


def error_count(name: str) -> int | None:
    """Damaged frames, sent and received, since the interface came up; None where the system does not tell."""
    seen = psutil.net_io_counters(pernic=True).get(name)
    return None if seen is None else seen.errin + seen.errout


def own_macs() -> frozenset[str]:
    """The hardware addresses of this computer's interfaces: lower case, with colons."""
    entries = (entry for each in psutil.net_if_addrs().values() for entry in each if entry.family == psutil.AF_LINK)
    return frozenset(entry.address.lower().replace("-", ":") for entry in entries)


def gateways(sys_root: Path = SYS) -> tuple[str, ...]:
    """The routers of all default routes, tunnels aside, the preferred one first; () where the system does not tell."""
    table = routes.routes()
    own = routes.own_addresses()
    rows = routes.default_routes(table) if isinstance(table, tuple) else ()
    named = (row.gateway for row in rows if not is_tunnel(_name(row, own), sys_root))
    return tuple(dict.fromkeys(gateway for gateway in named if gateway is not None))


def linux_medium(name: str, sys_root: Path) -> str:
    """By /sys/class/net: a wireless device has a `wireless` or `phy80211` entry, Ethernet has type 1."""
    folder = folder_of(name, sys_root)
    if (folder / "wireless").exists() or (folder / "phy80211").exists():
        return "wifi"
    is_cable = number(folder / "type") == _ARPHRD_ETHER and not (folder / "tun_flags").exists()
    return "wired" if is_cable else "unknown"


def is_tunnel(name: str, sys_root: Path = SYS) -> bool:
    """Whether the interface is a VPN's: by its kind where the system tells (Linux), else by its name."""
    folder = folder_of(name, sys_root)
    if not folder.exists():
        return bool(_TUNNEL_NAME.fullmatch(name) or _TUNNEL_WORDS.search(name))
    if (folder / "tun_flags").exists() or number(folder / "type") in (_ARPHRD_NONE, _ARPHRD_PPP):
        return True
    return "DEVTYPE=wireguard" in text(folder / "uevent")
