"""Do two devices claim one address, or is it a pair of routers that share one on purpose? Pure."""

from __future__ import annotations

from collections.abc import Sequence

from emrnetcheck.evidence.lan import LanTarget

_SHARED = (
    "00:00:5e:00:01:",  # VRRP and CARP (RFC 9568, 7.3)
    "00:00:5e:00:02:",  # VRRP for IPv6
    "00:00:0c:07:ac:",  # HSRP version 1, of Cisco
    "00:00:0c:9f:f",  # HSRP version 2
    "00:05:73:a0:0",  # HSRP version 2 for IPv6
    "00:07:b4:",  # GLBP, of Cisco
)
"""Hardware addresses that two routers share, so that one can take over from the other."""


def rivals(target: LanTarget, later: Sequence[str] = ()) -> tuple[str, ...]:
    """The devices that claim its address, where they are two at least; else (). One that answers with a shared address
    and with its own is one. later: whom its address was seen with besides, after the office network was measured."""
    holders = tuple(dict.fromkeys((*target.holders, *later)))
    return holders if are_rivals(holders) else ()


def are_rivals(macs: Sequence[str]) -> bool:
    """Whether these hardware addresses of one IP address are of two devices."""
    return sum(not mac.lower().replace("-", ":").startswith(_SHARED) for mac in macs) > 1
