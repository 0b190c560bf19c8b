"""What was seen of this computer's own connection. Facts, no opinions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """The interface that leads towards the Internet.

    speed_mbps and duplex are None where the system does not report them (a virtual machine, a driver): that is not a
    fault. medium: "wired", "wifi" or "unknown". vpn: the way out leaves by a tunnel interface.
    errors_*: the interface's counters at the time, since it came up; None where not readable.
    """

    interface: str | None
    address: str | None
    gateway: str | None
    medium: str
    speed_mbps: int | None
    duplex: str | None
    vpn: bool
    is_up: bool
    receive_errors: int | None
    transmit_errors: int | None
