"""What is there at the second site: a remote clinic with its own router, resolver and a PC on its Wi-Fi?

pc2 192.168.2.20 - 192.168.2.1 site2 62.4.30.40 - the second site's line
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cables import Leg, connect, connect_by_wire
from tests.lab.internet import ISP_RESOLVER
from tests.lab.namespaces import Host
from tests.lab.own_answers import detour
from tests.lab.wire import Wire, WireSettings

PC2 = "pc2"
PC2_LAN, SITE2_LAN = "192.168.2.20", "192.168.2.1"
_LAN, _WAN = "lan0", "eth0"
_ROOT = Path(__file__).resolve().parents[2]
_RULES = f"""table ip nat {{
chain postrouting {{
type nat hook postrouting priority srcnat
oifname {_WAN} masquerade
}}
}}
table ip filter {{
chain forward {{
type filter hook forward priority filter
ct state established,related accept
iifname {_WAN} drop
}}
}}
"""


@dataclass(frozen=True, slots=True)
class RemoteClinic:
    """The second site as a clinic whose staff use the EMR from there: host site2 is its router, pc2 its PC."""

    leg: Leg | None = None
    """pc2's Wi-Fi or cable, up from the PC; None: a good one."""
    router_icmp: WireSettings | None = None
    """How its router's own answers get away; what it forwards knows nothing of it."""
    stale: str = ""
    """The address that its resolver still has for the EMR's name; "": the right one."""
    dns_delay_ms: float = 0.0
    """How much later its resolver answers."""
    portal: bool = False
    """Nothing is let out, and every name is answered with the router's own address, until somebody logs in: as guest
    networks do. The page to log in with is none of ours, and not there."""


def build_remote_clinic(hosts: Mapping[str, Host], clinic: RemoteClinic) -> dict[str, Wire]:
    """PC and router, joined; the router has its line already."""
    site2, pc2 = hosts["site2"], hosts[PC2]
    wires = {}
    if clinic.leg is None:
        connect(pc2, "eth0", site2, _LAN)
    else:
        wires[PC2] = connect_by_wire(pc2, "eth0", site2, _LAN, clinic.leg, holder=hosts["access2"], name=PC2)
    pc2.ip(f"address add {PC2_LAN}/24 brd + dev eth0")
    site2.ip(f"address add {SITE2_LAN}/24 brd + dev {_LAN}")
    pc2.ip(f"route add default via {SITE2_LAN}")
    pc2.name_server(SITE2_LAN)
    site2.sysctl("net/ipv4/ip_forward", "1")
    site2.nft(_RULES)
    if clinic.portal:
        site2.nft(f"table ip filter {{ chain forward {{ iifname {_LAN} drop; }}; }}")
    if clinic.router_icmp is not None:
        wires["site2-own"] = detour(site2, clinic.router_icmp, name="own")
    return wires


def start_resolver(site2: Host, clinic: RemoteClinic, hostname: str) -> None:
    """dnsmasq on the router, or what answers later in its place; the Internet is there already."""
    if clinic.dns_delay_ms:
        settings = site2.folder / "slow.json"
        settings.write_text(json.dumps({"address": SITE2_LAN, "behind": ISP_RESOLVER, "delay_ms": clinic.dns_delay_ms}))
        site2.start([sys.executable, "-m", "tests.lab.internet.slow", settings], log="dns.log", cwd=_ROOT)
    else:
        # -d and not -k: it stays root, since in a user namespace there is nobody else to become.
        argv = ["dnsmasq", "-d", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--no-poll", "--bind-interfaces"]
        argv += [f"--listen-address={SITE2_LAN}", f"--server={ISP_RESOLVER}", "--cache-size=1000"]
        answers = {"#": SITE2_LAN} if clinic.portal else {hostname: clinic.stale} if clinic.stale else {}
        site2.start([*argv, *(f"--address=/{name}/{address}" for name, address in answers.items())], log="dns.log")
    site2.wait_for(
        lambda: site2.listening(53, protocol="udp"), timeout_s=10.0, what="the second site's resolver", log="dns.log"
    )
