"""How does the lab's router tell its outside address: by the real miniupnpd, or by a program of our own?"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.lab.namespaces import Host
from tests.lab.plan import DECOY_SAYS, DECOYS, EMR_PORT, ROUTER_LAN, Plan, Upnp

HTTP_PORT = 5000
_ROOT = Path(__file__).resolve().parents[2]
# Named as miniupnpd 2.3.1 wants them: all of them in one table.
_TABLE = """table inet filter {
chain forward {
type filter hook forward priority 10
policy accept
jump miniupnpd
}
chain miniupnpd {
}
chain prerouting {
type nat hook prerouting priority dstnat
policy accept
jump prerouting_miniupnpd
}
chain prerouting_miniupnpd {
}
chain postrouting {
type nat hook postrouting priority srcnat
policy accept
jump postrouting_miniupnpd
}
chain postrouting_miniupnpd {
}
}
"""
_MINIUPNPD = (Upnp.IGD1, Upnp.IGD2, Upnp.NATPMP_ONLY)


def start_telling(host: Host, plan: Plan, lan: str, wan: str) -> None:
    """Start what the plan says; the host has its addresses and rules already."""
    kind = plan.router.upnp
    if kind is Upnp.OFF:
        return
    if kind in _MINIUPNPD:
        _start_miniupnpd(host, plan, lan, wan)
        return
    _start_program(host, kind.value, plan.router.says)


def start_decoy(host: Host, plan: Plan) -> None:
    """Where the plan's router leads to another host, that host answers."""
    if plan.router.upnp in DECOYS:
        _start_program(host, "decoy", DECOY_SAYS)


def _start_program(host: Host, *words: str) -> None:
    host.start(
        [sys.executable, "-m", "tests.lab.router_program", *words],
        log="router_program.log",
        env={"PYTHONPATH": str(_ROOT)},
    )
    host.wait_for(lambda: _ready(host), timeout_s=10.0, what="the router's own program", log="router_program.log")


def _ready(host: Host) -> bool:
    return "ready" in (host.folder / "router_program.log").read_text(errors="replace")


def _start_miniupnpd(host: Host, plan: Plan, lan: str, wan: str) -> None:
    kind = plan.router.upnp
    host.nft(_TABLE)
    lines = [
        f"ext_ifname={wan}",
        f"listening_ip={lan}",
        f"http_port={HTTP_PORT}",
        f"enable_upnp={'no' if kind is Upnp.NATPMP_ONLY else 'yes'}",
        "enable_natpmp=yes",
        f"force_igd_desc_v1={'no' if kind is Upnp.IGD2 else 'yes'}",
        "secure_mode=yes",
        "system_uptime=yes",
        "uuid=b73021bf-fccb-4908-8351-d0bc45383315",
        "allow 1024-65535 192.168.1.0/24 1024-65535",
    ]
    if plan.router.says:
        lines.append(f"ext_ip={plan.router.says}")
    if plan.router.upnp_mapped:
        leases = host.folder / "leases"
        leases.write_text(f"TCP:{EMR_PORT}:{plan.router.upnp_mapped_to}:{EMR_PORT}:0:emr\n")
        lines.append(f"lease_file={leases}")
    path = host.folder / "miniupnpd.conf"
    path.write_text("\n".join([*lines, ""]))
    host.start(["miniupnpd", "-d", "-f", path], log="miniupnpd.log")
    port, protocol = (5351, "udp") if kind is Upnp.NATPMP_ONLY else (HTTP_PORT, "tcp")
    what = f"miniupnpd on {ROUTER_LAN}"
    host.wait_for(lambda: host.listening(port, protocol=protocol), timeout_s=5.0, what=what, log="miniupnpd.log")
