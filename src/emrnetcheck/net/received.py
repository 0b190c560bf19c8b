"""How much comes in by an interface, and how much of it is for this computer at all?"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

_PROC = Path("/proc/net")
_LOOPBACK = "lo"
_ETHERNET_HEADER_BYTES = 14


@dataclass(frozen=True, slots=True)
class Received:
    """Counts so far. packets, n_bytes: of all frames; sent_packets: that went out. for_us_bytes: IP that was addressed
    to this computer alone, by whichever interface it came; None: the system does not tell."""

    packets: int
    n_bytes: int
    sent_packets: int
    for_us_bytes: int | None


def received(interface: str, proc: Path = _PROC) -> Received | None:
    """The interface's counts now; None where the system does not tell."""
    counters = psutil.net_io_counters(pernic=True)
    seen = counters.get(interface)
    if seen is None:
        return None
    for_us = _for_us_bytes(proc) if sys.platform == "linux" else None
    own = counters.get(_LOOPBACK)
    if for_us is not None and own is not None:
        for_us -= own.bytes_recv - own.packets_recv * _ETHERNET_HEADER_BYTES
    return Received(seen.packets_recv, seen.bytes_recv, seen.packets_sent, for_us)


def unasked_ratio(before: Received, after: Received) -> float | None:
    """The share of what came in meanwhile that was not IP for this computer alone: broadcasts, and what is for others.

    By bytes, because a card may count frames that the system then takes together: their headers are lost in that, some
    3 % of the whole. None where nothing came, or it is not known.
    """
    if before.for_us_bytes is None or after.for_us_bytes is None:
        return None
    frames = after.packets - before.packets
    n_bytes = after.n_bytes - before.n_bytes - frames * _ETHERNET_HEADER_BYTES
    if n_bytes <= 0:
        return None
    return max(0.0, min(1.0, 1.0 - (after.for_us_bytes - before.for_us_bytes) / n_bytes))


def _for_us_bytes(proc: Path) -> int | None:
    """IPv4 and IPv6 as the kernel counts them (RFC 4293), less what went to many."""
    v4 = parse_netstat(_text(proc / "netstat"), "IpExt")
    v6 = {name: int(number) for name, number in re.findall(r"^(\w+)\s+(\d+)$", _text(proc / "snmp6"), re.MULTILINE)}
    if not {"InOctets", "InMcastOctets", "InBcastOctets"} <= set(v4):
        return None
    own_v6 = v6.get("Ip6InOctets", 0) - v6.get("Ip6InMcastOctets", 0) - v6.get("Ip6InBcastOctets", 0)
    return v4["InOctets"] - v4["InMcastOctets"] - v4["InBcastOctets"] + own_v6


def parse_netstat(text: str, section: str) -> dict[str, int]:
    """Linux's /proc/net/netstat: a line of names, then one of numbers, both led by the section's name."""
    rows = [line.split()[1:] for line in text.splitlines() if line.startswith(f"{section}: ")]
    if len(rows) < 2 or len(rows[0]) != len(rows[1]):  # noqa: PLR2004 - names and numbers
        return {}
    return {name: int(number) for name, number in zip(rows[0], rows[1], strict=True) if number.lstrip("-").isdecimal()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""  # a kernel without it; then nothing is concluded
