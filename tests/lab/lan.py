"""How is the office's LAN put together: who is at the switch, by which cable, and who makes trouble there?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.lab import router
from tests.lab.cables import Leg, connect, connect_by_wire
from tests.lab.legs import OtherHost
from tests.lab.namespaces import Host
from tests.lab.plan import EMR_LAN, PC_LAN, ROUTER_LAN, Plan
from tests.lab.wire import Wire

_ROOT = Path(__file__).resolve().parents[2]
_SECOND_LINE, _SECOND_LINE_ISP = "45.76.11.20", "45.76.11.1"
_MASQUERADE = f"""table ip nat {{
chain postrouting {{
type nat hook postrouting priority srcnat
oifname {router.WAN} masquerade
}}
}}
"""


def build_lan(hosts: Mapping[str, Host], plan: Plan) -> dict[str, Wire]:
    """Everybody at the switch, with addresses and routes; the wires by the names of their hosts."""
    switch = hosts["switch"]
    switch.ip("link add br0 type bridge forward_delay 0 mcast_snooping 0")
    switch.ip("link set dev br0 up")
    wires: dict[str, Wire] = {}
    for name, interface, address, leg in (
        ("router", router.LAN, ROUTER_LAN, plan.legs.router),
        ("emr", "eth0", EMR_LAN, plan.legs.emr),
        ("pc", "eth0", PC_LAN, plan.legs.pc),
        *((other.name, "eth0", other.address, other.leg) for other in plan.others),
    ):
        wires |= plug_in(switch, hosts[name], interface, leg)
        hosts[name].ip(f"address add {address}/24 brd + dev {interface}")
        if name != "router":
            hosts[name].ip(f"route add default via {ROUTER_LAN}")
    if plan.own_address:
        hosts["emr"].ip(f"address add {plan.own_address}/32 dev eth0")
        hosts["emr"].ip(f"route replace default via {ROUTER_LAN} src {plan.own_address}")
        hosts["router"].ip(f"route add {plan.own_address}/32 via {EMR_LAN} dev {router.LAN}")
    return wires


def plug_in(switch: Host, host: Host, interface: str, leg: Leg | None) -> dict[str, Wire]:
    """One cable into the switch, with a wire in it if it is not simply good."""
    port = f"to-{host.name}"
    wires = {}
    if leg is None:
        connect(host, interface, switch, port)
    else:
        wires[host.name] = connect_by_wire(host, interface, switch, port, leg, holder=switch, name=host.name)
    switch.ip(f"link set dev {port} master br0")
    return wires


def start_others(hosts: Mapping[str, Host], plan: Plan) -> None:
    """What the other boxes do, once everything else stands."""
    for other in plan.others:
        host = hosts[other.name]
        if not other.answers_ping:
            host.sysctl("net/ipv4/icmp_echo_ignore_all", "1")
        if other.asleep:
            host.ip("link set dev eth0 arp off")
        if other.gateway_of:
            _second_way_out(hosts, other)
        if other.announces_s:
            _announce(hosts, plan, other)
        if other.storm_mbps:
            _begin_storm(host, other.storm_mbps)


def _begin_storm(host: Host, mbps: float) -> None:
    host.start([sys.executable, "-u", "-m", "tests.lab.storm", "eth0", str(mbps)], log="storm.log", cwd=_ROOT)
    log = host.folder / "storm.log"
    host.wait_for(lambda: bool(log.read_text()), timeout_s=10.0, what="the storm", log="storm.log")


def _second_way_out(hosts: Mapping[str, Host], other: OtherHost) -> None:
    host, isp = hosts[other.name], hosts["isp"]
    connect(host, router.WAN, isp, "line1")
    host.ip(f"address add {_SECOND_LINE}/24 dev {router.WAN}")
    isp.ip(f"address add {_SECOND_LINE_ISP}/24 dev line1")
    host.ip(f"route replace default via {_SECOND_LINE_ISP}")
    host.sysctl("net/ipv4/ip_forward", "1")
    host.nft(_MASQUERADE)
    for name in other.gateway_of:
        hosts[name].ip(f"route add default via {other.address} metric 100")


def _announce(hosts: Mapping[str, Host], plan: Plan, other: OtherHost) -> None:
    """By the box, and half an interval later by whoever had the address first."""
    owners = {ROUTER_LAN: ("router", router.LAN), EMR_LAN: ("emr", "eth0"), PC_LAN: ("pc", "eth0")}
    both = [(other.name, "eth0"), *([owners[other.address]] if other.address in owners else [])]
    for number, (name, interface) in enumerate(both):
        phase_s = other.announces_s * number / 2
        words = [interface, other.address, str(other.announces_s), str(phase_s)]
        hosts[name].start([sys.executable, "-m", "tests.lab.announce", *words], log="announce.log", cwd=_ROOT)
