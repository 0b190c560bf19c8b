"""What may this process do?"""

from __future__ import annotations

import ctypes
import os
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

_STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Privileges:
    """icmp: "icmp" (datagram sockets), "icmp_raw" or None. administrator: root, or a Windows administrator."""

    icmp: str | None
    administrator: bool


def privileges() -> Privileges:
    """What is allowed now; sends nothing."""
    return Privileges(icmp_method(), is_administrator())


def icmp_method() -> str | None:
    """The best kind of ICMP socket that this process may open: "icmp", "icmp_raw", or None."""
    for kind, method in ((socket.SOCK_DGRAM, "icmp"), (socket.SOCK_RAW, "icmp_raw")):
        try:
            socket.socket(socket.AF_INET, kind, socket.IPPROTO_ICMP).close()
        except OSError:
            continue  # Linux: the group is not in net.ipv4.ping_group_range, or CAP_NET_RAW is missing
        return method
    return None


def is_administrator() -> bool:
    """Whether the process runs as root, with what makes root powerful, or, on Windows, elevated."""
    if sys.platform == "win32":
        return bool(ctypes.windll.shell32.IsUserAnAdmin())
    return os.geteuid() == 0 and has_capabilities(_STATUS)


def has_capabilities(status: Path) -> bool:
    """Root may have been left without any capability (proc(5), CapEff); True where the system has no such file."""
    try:
        text = status.read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", text, re.MULTILINE)
    return found is None or int(found[1], 16) != 0
