"""How does IPv6 reach the clinic: addresses, routes, and what its router lets in?"""

from __future__ import annotations

from collections.abc import Mapping

from tests.lab import router
from tests.lab.internet.addresses import GLOBALPING_PROBES_V6, IPV6, NAMES_V6
from tests.lab.namespaces import Host
from tests.lab.plan import EMR_PORT, EMR_V6, LAN_V6, Plan

_LAN_ROUTER, _PC = f"{LAN_V6}1", f"{LAN_V6}20"
_ACCESS = "2a0e:5c00:ff:1::"
_CORE = "2a0e:5c00:ff:2::"


def build(hosts: Mapping[str, Host]) -> None:
    """nodad everywhere: an address would be tentative for a second else. Routes are written, none is announced."""
    for name, interface, address in (
        ("router", router.LAN, _LAN_ROUTER),
        ("emr", "eth0", EMR_V6),
        ("pc", "eth0", _PC),
        ("router", router.WAN, f"{_ACCESS}2"),
        ("isp", "line0", f"{_ACCESS}1"),
        ("isp", "core0", f"{_CORE}2"),
        ("internet", "isp0", f"{_CORE}1"),
    ):
        hosts[name].ip(f"-6 address add {address}/64 dev {interface} nodad")
    for name in ("router", "isp", "internet"):
        hosts[name].sysctl("net/ipv6/conf/all/forwarding", "1")
    for name in ("emr", "pc"):
        hosts[name].ip(f"-6 route add default via {_LAN_ROUTER}")
    hosts["router"].ip(f"-6 route add default via {_ACCESS}1")
    hosts["isp"].ip(f"-6 route add {LAN_V6}/64 via {_ACCESS}2")
    hosts["isp"].ip(f"-6 route add {IPV6} via {_CORE}1")
    hosts["internet"].ip(f"-6 route add {LAN_V6}/64 via {_CORE}2")
    for address in {*GLOBALPING_PROBES_V6, *(each for names in NAMES_V6.values() for each in names.values())}:
        hosts["internet"].ip(f"-6 address add {address}/128 dev lo nodad")


def firewall(plan: Plan) -> str:
    """What a home router does: everything out, nothing in but answers and, where the plan says so, the EMR's port."""
    pinhole = [f"iifname {router.WAN} ip6 daddr {EMR_V6} tcp dport {EMR_PORT} accept"] if plan.ipv6_pinhole else []
    return "\n".join(
        [
            "table ip6 filter {",
            "chain forward {",
            "type filter hook forward priority filter",
            "ct state established,related accept",
            "icmpv6 type { packet-too-big, time-exceeded, destination-unreachable } accept",
            *pinhole,
            f"iifname {router.WAN} drop",
            "}",
            "}",
            "",
        ]
    )
