"""How are two hosts joined: by a cable, or by one with faults of its own?"""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.lab.namespaces import Host
from tests.lab.wire import Wire, WireSettings

_OFFLOADS = "tx off tso off gso off gro off"
_GOOD = WireSettings()


@dataclass(frozen=True, slots=True)
class Leg:
    """A cable (or a Wi-Fi) whose frames are late, lost or held back. up: from the one that is named first."""

    up: WireSettings = _GOOD
    down: WireSettings = _GOOD
    seed: int = 1


def connect(a: Host, a_interface: str, b: Host, b_interface: str) -> None:
    """A cable between two hosts. Offloads are off at both ends: frames are what a cable carries."""
    a.ip(f"link add name {a_interface} type veth peer name {b_interface} netns {b.name}")
    for host, interface in ((a, a_interface), (b, b_interface)):
        host.command(["ethtool", "-K", interface, *_OFFLOADS.split()])
        host.ip(f"link set dev {interface} up")


def connect_by_wire(a: Host, a_interface: str, b: Host, b_interface: str, leg: Leg, *, holder: Host, name: str) -> Wire:
    """The same with a wire between, whose two inner ends are in `holder`; up is from a to b."""
    ends = (f"{name}-a", f"{name}-b")
    connect(a, a_interface, holder, ends[0])
    connect(holder, ends[1], b, b_interface)
    return start_wire(holder, ends, leg, name=name)


def start_wire(holder: Host, ends: tuple[str, str], leg: Leg, *, name: str = "") -> Wire:
    """A wire between two interfaces that `holder` has."""
    wire = Wire.start(holder, ends, seed=leg.seed, name=name)
    wire.apply("up", leg.up)
    wire.apply("down", leg.down)
    return wire


def hardware_address(host: Host, interface: str) -> str:
    address: str = json.loads(host.ip(f"-j link show dev {interface}"))[0]["address"]
    return address


def introduce(host: Host, interface: str, peer: Host, peer_interface: str, peer_address: str) -> None:
    """Known for good, as on a line in use: else the first packet of a measurement waits for ARP to cross it."""
    hardware = hardware_address(peer, peer_interface)
    host.ip(f"neighbour replace {peer_address} lladdr {hardware} dev {interface} nud permanent")
