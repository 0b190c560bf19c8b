"""What does a VPN program on the EMR host do to its way out?"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.lab.namespaces import Host
from tests.lab.plan import ROUTER_LAN, SITE2, Vpn

_PROGRAM = Path(__file__).with_name("tunnel.py")
_PORT = 51820
_OWN, _FAR = "10.77.0.2", "10.77.0.1"
_MTU = 1400
_MASQUERADE = """table ip vpn {
chain postrouting {
type nat hook postrouting priority srcnat
oifname eth0 masquerade
}
}
"""
_TAILSCALE_OWN = "100.100.20.30"


def start_vpn(kind: Vpn, client: Host, server: Host) -> None:
    """Between the EMR host and the second site, which sends what comes out on to the Internet as its own."""
    if kind is Vpn.TAILSCALE:
        _start(client, "tailscale0", [f"0.0.0.0:{_PORT}", f"{SITE2}:{_PORT}"])
        client.ip(f"address add {_TAILSCALE_OWN}/32 dev tailscale0")
        client.ip("route add 100.64.0.0/10 dev tailscale0")
        return
    _start(server, "tun0", [f"{SITE2}:{_PORT}"])
    server.ip(f"address add {_FAR}/30 dev tun0")
    server.sysctl("net/ipv4/ip_forward", "1")
    server.nft(_MASQUERADE)
    _start(client, "tun0", [f"0.0.0.0:{_PORT}", f"{SITE2}:{_PORT}"])
    client.ip(f"address add {_OWN}/30 dev tun0")
    client.ip(f"route add {SITE2}/32 via {ROUTER_LAN}")
    if kind is Vpn.HALVES:  # as OpenVPN does: narrower than the default route, which stays as it is
        for half in ("0.0.0.0/1", "128.0.0.0/1"):
            client.ip(f"route add {half} via {_FAR} dev tun0")
    else:
        client.ip(f"route replace default via {_FAR} dev tun0")


def _start(host: Host, device: str, endpoints: list[str]) -> None:
    host.start([sys.executable, _PROGRAM, device, *endpoints], log=f"{device}.log")
    host.wait_for(lambda: device in host.ip("-br link show"), timeout_s=5.0, what=device, log=f"{device}.log")
    host.ip(f"link set dev {device} mtu {_MTU} up")
