"""What is this computer's own connection: which interface, how fast, by cable or not, with how many errors?"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from emrnetcheck.model import Failure
from emrnetcheck.net import routes
from emrnetcheck.net.programs import output_of

SYS = Path("/sys")
_NOT_REPORTED = (0, -1, 65535)  # psutil issues 805 and 2095; virtio says 0, its /sys file -1
_DUPLEX: dict[int, str] = {psutil.NIC_DUPLEX_FULL: "full", psutil.NIC_DUPLEX_HALF: "half"}
# linux/if_arp.h
_ARPHRD_ETHER = 1
_ARPHRD_PPP = 512
_ARPHRD_NONE = 65534  # tun, WireGuard
_TUNNEL_NAME = re.compile(r"(tun|tap|wg|ppp|utun|ipsec|tailscale|wintun|zt)\d*\b.*", re.IGNORECASE)
_TUNNEL_WORDS = re.compile(r"\b(wireguard|wintun|openvpn|tap-windows|tailscale|vpn)\b", re.IGNORECASE)
_NDIS_NATIVE_802_11 = 9  # ntddndis.h, NDIS_PHYSICAL_MEDIUM
_NDIS_802_3 = 14


@dataclass(frozen=True, slots=True)
class Interface:
    """Facts of one interface. medium: "wired", "wifi" or "unknown". None: not reported. Errors since it came up."""

    name: str
    is_up: bool
    speed_mbps: int | None
    duplex: str | None
    medium: str
    vpn: bool
    receive_errors: int | None
    transmit_errors: int | None


@dataclass(frozen=True, slots=True)
class WayOut:
    """How this computer's packets leave for the Internet. gateway: the office's router, also beside a VPN."""

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
    if office and (left_by_tunnel or gateway is None):
        gateway = office[0].gateway
    return WayOut(address, interface, gateway)


def _name(row: routes.Route, own: dict[str, str]) -> str:
    return own.get(row.interface, row.interface)  # Windows names the interface by its address


def interface(name: str, sys_root: Path = SYS) -> Interface | None:
    """The facts of the interface; None where the system does not know it."""
    stats = psutil.net_if_stats().get(name)
    if stats is None:
        return None
    counters = psutil.net_io_counters(pernic=True).get(name)
    return Interface(
        name=name,
        is_up=stats.isup,
        speed_mbps=None if stats.speed in _NOT_REPORTED else stats.speed,
        duplex=_DUPLEX.get(stats.duplex),
        medium=medium(name, sys_root),
        vpn=is_tunnel(name, sys_root),
        receive_errors=counters.errin if counters else None,
        transmit_errors=counters.errout if counters else None,
    )


def byte_counters(name: str) -> tuple[int, int] | None:
    """Bytes that the interface has sent and received; None where the system does not tell."""
    seen = psutil.net_io_counters(pernic=True).get(name)
    return None if seen is None else (seen.bytes_sent, seen.bytes_recv)


def medium(name: str, sys_root: Path = SYS) -> str:
    """ "wired", "wifi" or "unknown", as far as this system tells."""
    if sys.platform == "darwin":
        text = output_of(["/usr/sbin/networksetup", "-listallhardwareports"])
        return "unknown" if isinstance(text, Failure) else parse_hardware_ports(text).get(name, "unknown")
    if sys.platform == "win32":
        command = "Get-NetAdapter | Select-Object Name,NdisPhysicalMedium | ConvertTo-Json"
        text = output_of(["powershell", "-NoProfile", "-NonInteractive", "-Command", command], timeout_s=5.0)
        return "unknown" if isinstance(text, Failure) else parse_net_adapters(text).get(name, "unknown")
    return linux_medium(name, sys_root)


def linux_medium(name: str, sys_root: Path) -> str:
    """By /sys/class/net: a wireless device has a `wireless` or `phy80211` entry, Ethernet has type 1."""
    folder = sys_root / "class" / "net" / name
    if (folder / "wireless").exists() or (folder / "phy80211").exists():
        return "wifi"
    is_cable = _number(folder / "type") == _ARPHRD_ETHER and not (folder / "tun_flags").exists()
    return "wired" if is_cable else "unknown"


def is_tunnel(name: str, sys_root: Path = SYS) -> bool:
    """Whether the interface is a VPN's: by its kind where the system tells (Linux), else by its name."""
    folder = sys_root / "class" / "net" / name
    if not folder.exists():
        return bool(_TUNNEL_NAME.fullmatch(name) or _TUNNEL_WORDS.search(name))
    if (folder / "tun_flags").exists() or _number(folder / "type") in (_ARPHRD_NONE, _ARPHRD_PPP):
        return True
    return "DEVTYPE=wireguard" in _text(folder / "uevent")


def parse_hardware_ports(text: str) -> dict[str, str]:
    """macOS's `networksetup -listallhardwareports`: device -> medium."""
    found = {}
    for port, device in re.findall(r"^Hardware Port: (.*)\nDevice: (\S+)$", text, re.MULTILINE):
        wired = re.search(r"ethernet|lan|thunderbolt", port, re.IGNORECASE)
        wireless = re.search(r"wi-?fi|airport", port, re.IGNORECASE)
        found[device] = "wifi" if wireless else "wired" if wired else "unknown"
    return found


def parse_net_adapters(text: str) -> dict[str, str]:
    """Windows' Get-NetAdapter as JSON (one object, or a list): name -> medium."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    kinds = {_NDIS_NATIVE_802_11: "wifi", _NDIS_802_3: "wired"}
    found = {}
    for entry in parsed if isinstance(parsed, list) else [parsed]:
        name, kind = (entry.get("Name"), entry.get("NdisPhysicalMedium")) if isinstance(entry, dict) else (None, None)
        if isinstance(name, str):
            found[name] = kinds.get(kind, "unknown") if isinstance(kind, int) else "unknown"
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # /sys has no such fact for this kind of interface


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isascii() and text.isdigit() else None
