"""What may this process do?"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import socket
import sys
from pathlib import Path

from emrnetcheck.abilities import Allowed, System

_STATUS = Path("/proc/self/status")


def allowed() -> Allowed:
    """What this process may do now, found by trying; sends nothing."""
    by_platform = {"darwin": System.MACOS, "win32": System.WINDOWS}
    system = by_platform.get(sys.platform, System.LINUX)
    scapy = importlib.util.find_spec("scapy") is not None
    return Allowed(system, icmp_method(), is_administrator(), may_see_packets(), scapy)


def may_see_packets() -> bool:
    """Whether whole packets may be read and sent: a packet socket, a device of BPF, or Npcap on Windows."""
    if sys.platform == "win32":
        return (Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "Npcap" / "wpcap.dll").exists()
    if sys.platform == "darwin":
        return any(os.access(device, os.R_OK | os.W_OK) for device in Path("/dev").glob("bpf*"))
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except OSError:
        return False  # packet(7): CAP_NET_RAW is missing
    return True


def icmp_method() -> str | None:
    """By what this process may send echo requests: "icmp" (a datagram socket), "icmp_raw", or None.

    On Windows "icmp_api", which needs no privilege and no socket.
    """
    if sys.platform == "win32":
        return "icmp_api"
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
