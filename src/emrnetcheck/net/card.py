"""Which network card is it really, what do its driver and its counters tell?"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from emrnetcheck.model import Failure
from emrnetcheck.net.programs import output_of
from emrnetcheck.net.sysfs import SYS, folder_of, number

_LAYERS_MAX = 4  # a VLAN on a bridge on a bond on a card
_BITS_PER_MBIT = 1_000_000
_NO_SPEED = 1 << 62
_NDIS_NATIVE_802_11 = 9  # ntddndis.h, NDIS_PHYSICAL_MEDIUM
_NDIS_802_3 = 14
_DUPLEX_STATES = {1: "half", 2: "full"}  # NET_IF_MEDIA_DUPLEX_STATE; 0 is unknown
_ADAPTERS = "Get-NetAdapter | Select-Object Name,NdisPhysicalMedium,MediaDuplexState,Speed | ConvertTo-Json"
# Linux, Documentation/networking/statistics.rst and include/uapi/linux/if_link.h: our name -> that of /sys.
# "tx_window_errors" is what 802.3 calls late collisions.
_STATISTICS = {
    "sent_frames": "tx_packets",
    "received_frames": "rx_packets",
    "sent_bytes": "tx_bytes",
    "received_bytes": "rx_bytes",
    "receive_errors": "rx_errors",
    "transmit_errors": "tx_errors",
    "crc_errors": "rx_crc_errors",
    "frame_errors": "rx_frame_errors",
    "carrier_errors": "tx_carrier_errors",
    "collisions": "collisions",
    "late_collisions": "tx_window_errors",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the system's own programs tell of a card beyond psutil; None: not told. medium as in evidence.link.

    method: the program that told of speed and duplex: "ifconfig" or "Get-NetAdapter"; None: none did.
    """

    medium: str = "unknown"
    speed_mbps: int | None = None
    duplex: str | None = None
    method: str | None = None


def under(interface: str, sys_root: Path = SYS) -> str | None:
    """The one network card below a bridge, a bond or a VLAN (Linux); None where there is none, or several.

    Virtual machines of this computer are ports of its bridge too, but no `device` of the hardware.
    """
    layer, cards = {interface}, set[str]()
    for _ in range(_LAYERS_MAX):
        layer = {each.name.removeprefix("lower_") for name in layer for each in _lower(name, sys_root)}
        cards |= {name for name in layer if (folder_of(name, sys_root) / "device").exists()}
    return cards.pop() if len(cards) == 1 else None


def _lower(interface: str, sys_root: Path) -> list[Path]:
    return list(folder_of(interface, sys_root).glob("lower_*"))


def counters(card: str, sys_root: Path = SYS) -> dict[str, int | None]:
    """What the card has counted since it came up (Linux), by the names of evidence.link.CardCounters; {} elsewhere."""
    folder = folder_of(card, sys_root)
    found = {name: number(folder / "statistics" / file) for name, file in _STATISTICS.items()}
    if any(value is not None for value in found.values()):
        return {**found, "carrier_changes": number(folder / "carrier_changes")}
    return {}


def told(interface: str) -> Told:
    """What macOS and Windows tell by programs of their own; nothing on Linux, where /sys does."""
    if sys.platform == "darwin":
        ports = output_of(["/usr/sbin/networksetup", "-listallhardwareports"])
        media = output_of(["/sbin/ifconfig", interface])
        medium = "unknown" if isinstance(ports, Failure) else parse_hardware_ports(ports).get(interface, "unknown")
        speed_mbps, duplex = (None, None) if isinstance(media, Failure) else parse_media(media)
        return Told(medium, speed_mbps, duplex, None if isinstance(media, Failure) else "ifconfig")
    if sys.platform == "win32":
        command = ["powershell", "-NoProfile", "-NonInteractive", "-Command", _ADAPTERS]
        text = output_of(command, timeout_s=5.0)
        found = None if isinstance(text, Failure) else parse_net_adapters(text).get(interface)
        return Told() if found is None else replace(found, method="Get-NetAdapter")
    return Told()


def parse_hardware_ports(text: str) -> dict[str, str]:
    """macOS's `networksetup -listallhardwareports`: device -> medium."""
    found = {}
    for port, device in re.findall(r"^Hardware Port: (.*)\nDevice: (\S+)$", text, re.MULTILINE):
        wired = re.search(r"ethernet|lan|thunderbolt", port, re.IGNORECASE)
        wireless = re.search(r"wi-?fi|airport", port, re.IGNORECASE)
        found[device] = "wifi" if wireless else "wired" if wired else "unknown"
    return found


def parse_media(text: str) -> tuple[int | None, str | None]:
    """Speed in Mbps and duplex by the "media:" line of macOS's `ifconfig`; in brackets is what was agreed on.

    media: autoselect (1000baseT <full-duplex,flow-control>), or, set by hand, media: 100baseTX <half-duplex>
    """
    line = re.search(r"^\s*media: (.*)$", text, re.MULTILINE)
    if line is None:
        return None, None
    agreed = re.search(r"\((.*)\)", line[1])
    said = agreed[1] if agreed else line[1]
    speed = re.search(r"\b(\d{2,5})(G?)base", said, re.IGNORECASE)
    duplex = re.search(r"\b(full|half)-duplex", said)
    speed_mbps = None if speed is None else int(speed[1]) * (1000 if speed[2] else 1)
    return speed_mbps, duplex[1] if duplex else None


def parse_net_adapters(text: str) -> dict[str, Told]:
    """Windows' Get-NetAdapter (MSFT_NetAdapter) as JSON, one object or a list: name -> what it tells.

    Speed is in bits per second: 0, null or all ones for a card that is not connected.
    """
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    found = {}
    for entry in parsed if isinstance(parsed, list) else [parsed]:
        name = entry.get("Name") if isinstance(entry, dict) else None
        if isinstance(name, str):
            found[name] = _adapter(entry)
    return found


def _adapter(entry: dict[str, object]) -> Told:
    kinds = {_NDIS_NATIVE_802_11: "wifi", _NDIS_802_3: "wired"}
    kind, speed, state = entry.get("NdisPhysicalMedium"), entry.get("Speed"), entry.get("MediaDuplexState")
    medium = kinds.get(kind, "unknown") if isinstance(kind, int) else "unknown"
    if not isinstance(speed, int) or not _BITS_PER_MBIT <= speed < _NO_SPEED:
        return Told(medium)
    return Told(medium, speed // _BITS_PER_MBIT, _DUPLEX_STATES.get(state) if isinstance(state, int) else None)
