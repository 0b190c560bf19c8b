"""Which computers on the same network has this one talked to lately?"""

from __future__ import annotations

import ipaddress
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.programs import output_of

_COMPLETE = 0x2  # ATF_COM, linux/if_arp.h
_MAC = re.compile(r"[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){5}", re.IGNORECASE)
_MAC_BYTES = 6
_MULTICAST_BIT = 0x01


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A host of which the hardware address is known. mac: lower case, with colons and two digits each."""

    address: str
    mac: str
    interface: str


def neighbours() -> tuple[Neighbour, ...] | Failure:
    """The complete IPv4 entries of the system's neighbour table. Nothing is sent: no sweep."""
    if sys.platform == "linux":
        try:
            return parse_proc_net_arp(Path("/proc/net/arp").read_text(encoding="ascii", errors="replace"))
        except OSError as error:
            return classify(error, "read", "/proc/net/arp")
    if sys.platform in ("darwin", "win32"):
        mac = sys.platform == "darwin"
        text = output_of(["/usr/sbin/arp", "-an"] if mac else ["arp", "-a"])
        if isinstance(text, Failure):
            return text
        return parse_arp_an(text) if mac else parse_arp_a(text)
    return Failure(FailureKind.UNSUPPORTED, "read the neighbour table", sys.platform)


def parse_proc_net_arp(text: str) -> tuple[Neighbour, ...]:
    """Linux's /proc/net/arp. Entries without the "complete" flag are of hosts that did not answer."""
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) == 6 and re.fullmatch(r"0x[0-9a-f]+", fields[2]) and int(fields[2], 16) & _COMPLETE:  # noqa: PLR2004
            found.append(_neighbour(fields[0], fields[3], fields[5]))
    return tuple(entry for entry in found if entry is not None)


def parse_arp_an(text: str) -> tuple[Neighbour, ...]:
    """macOS's `arp -an`: "? (192.168.1.1) at 0:14:bf:1:2:3 on en0 ifscope [ethernet]"."""
    rows = re.findall(r"^\S+ \(([\d.]+)\) at (\S+) on (\S+)", text, re.MULTILINE)
    found = (_neighbour(address, mac, interface) for address, mac, interface in rows)
    return tuple(entry for entry in found if entry is not None)


def parse_arp_a(text: str) -> tuple[Neighbour, ...]:
    """Windows' `arp -a`, in any language: a heading with the interface's address, rows of address, MAC and kind."""
    found = []
    interface = ""
    for line in text.splitlines():
        heading = re.match(r"\S[^:]*: ([\d.]+) --- ", line)
        if heading:
            interface = heading.group(1)
        row = re.match(r"\s+([\d.]+)\s+(\S+)\s+\S", line)
        if row:
            found.append(_neighbour(row.group(1), row.group(2), interface))
    return tuple(entry for entry in found if entry is not None)


def _neighbour(address: str, mac: str, interface: str) -> Neighbour | None:
    """None for what is no single host: incomplete, broadcast or multicast entries."""
    if not _MAC.fullmatch(mac):
        return None
    parts = [int(part, 16) for part in re.split("[:-]", mac)]
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError:
        return None
    if len(parts) != _MAC_BYTES or not any(parts) or parts[0] & _MULTICAST_BIT or parsed.is_multicast:
        return None
    return Neighbour(str(parsed), ":".join(f"{part:02x}" for part in parts), interface)
