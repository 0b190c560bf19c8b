"""What may this process do?"""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from dataclasses import dataclass


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
    """Whether the process runs as root or, on Windows, elevated."""
    if sys.platform == "win32":
        return bool(ctypes.windll.shell32.IsUserAnAdmin())
    return os.geteuid() == 0
