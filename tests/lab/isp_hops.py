"""Which routers are there between the clinic's ISP and the rest of the Internet, and what is wrong with one?

isp - hop1 - hop2 - ... - internet, in networks 62.115.1.0/30, 62.115.2.0/30, ...
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.lab.cables import Leg, connect, connect_by_wire, introduce
from tests.lab.namespaces import Host
from tests.lab.own_answers import detour
from tests.lab.wire import Wire, WireSettings

_CLINICS = "45.76.0.0/16"
_FULL_MTU = 1500


@dataclass(frozen=True, slots=True)
class IspHop:
    """One router on the way."""

    link: Leg | None = None
    """The cable to it, up from the clinic's side; None: a good one."""
    own_icmp: WireSettings | None = None
    """How its own answers get away; what it forwards knows nothing of it."""
    silent: bool = False
    """It answers nobody."""
    mtu: int = _FULL_MTU
    """Of the cable to it."""
    hides_too_big: bool = False
    """Nobody tells what is too big for that cable: a black hole."""


def hop_names(hops: Sequence[IspHop]) -> tuple[str, ...]:
    return tuple(f"hop{number}" for number in range(1, len(hops) + 1))


def build_core(hosts: Mapping[str, Host], hops: Sequence[IspHop]) -> dict[str, Wire]:
    """The way from isp's core0 to internet's isp0, with its routes; the wires by the names of their hops."""
    chain = [hosts["isp"], *(hosts[name] for name in hop_names(hops)), hosts["internet"]]
    wires = {}
    for number, (near, far) in enumerate(itertools.pairwise(chain), start=1):
        out = "core0" if number == 1 else "out0"
        into = "isp0" if far is chain[-1] else "in0"
        hop = hops[number - 1] if far is not chain[-1] else IspHop()
        near_address, far_address = f"62.115.{number}.2", f"62.115.{number}.1"
        if hop.link is None:
            connect(near, out, far, into)
        else:
            wires[far.name] = connect_by_wire(near, out, far, into, hop.link, holder=far, name=far.name)
        near.ip(f"address add {near_address}/30 dev {out}")
        far.ip(f"address add {far_address}/30 dev {into}")
        introduce(near, out, far, into, far_address)
        introduce(far, into, near, out, near_address)
        near.ip(f"route add default via {far_address}")
        # Only the ISP's public block has a way back: nobody on the Internet can route to 100.64/10.
        far.ip(f"route add {_CLINICS} via {near_address}")
        for before in range(1, number):  # a provider's routers can be asked from anywhere
            far.ip(f"route add 62.115.{before}.0/30 via {near_address}")
        if hop.mtu != _FULL_MTU:
            _narrow(near, out, hop)
            _narrow(far, into, hop)
    for host in chain:
        host.sysctl("net/ipv4/ip_forward", "1")
    for name, hop in zip(hop_names(hops), hops, strict=True):
        if hop.silent:
            hosts[name].nft(_drop_own("meta l4proto icmp"))
        if hop.own_icmp is not None:
            wires[f"{name}-own"] = detour(hosts[name], hop.own_icmp, name="own")
    return wires


def _narrow(host: Host, interface: str, hop: IspHop) -> None:
    host.ip(f"link set dev {interface} mtu {hop.mtu}")
    if hop.hides_too_big:
        host.nft(_drop_own("icmp type destination-unreachable icmp code frag-needed", table="too_big"))


def _drop_own(match: str, *, table: str = "silent") -> str:
    return f"table ip {table} {{\nchain output {{\ntype filter hook output priority filter\n{match} drop\n}}\n}}\n"
