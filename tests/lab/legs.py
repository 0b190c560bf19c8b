"""What is plugged into the office's switch, and by which cables?"""

from __future__ import annotations

from dataclasses import dataclass

from tests.lab.cables import Leg


@dataclass(frozen=True, slots=True)
class Legs:
    """The cables to the switch that are not simply good; up is from the host to the switch."""

    emr: Leg | None = None
    pc: Leg | None = None
    router: Leg | None = None


@dataclass(frozen=True, slots=True)
class OtherHost:
    """One more box at the switch."""

    name: str
    address: str
    """An address of 192.168.1.0/24; one that somebody has already is a duplicate."""
    leg: Leg | None = None
    answers_ping: bool = True
    asleep: bool = False
    """It answers nothing at all, ARP included."""
    storm_mbps: float = 0.0
    """Broadcasts that it sends without end, as two cables between the same two switches do."""
    announces_s: float = 0.0
    """It tells everybody every so often that the address is its own, as does whoever has it beside; 0: never."""
    gateway_of: tuple[str, ...] = ()
    """Hosts that know it as a second way out, after the router; it has a line of its own then."""
