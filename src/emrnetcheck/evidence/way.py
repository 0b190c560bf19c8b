"""What was seen of each leg of the way to the EMR, all of them asked in the same seconds."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class WayTarget:
    """One host on the way, or beside it. leg: "router", "peer", "isp", "outside" or "server".

    refused: how many connections were refused, where it was asked by connecting: those are answers too.
    """

    leg: str
    series: Series
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Holder:
    """The hardware addresses that an address of this network was seen with, while it was asked; more than one: two
    computers have it."""

    address: str
    macs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """The legs side by side: what slows one of them down for a moment is seen by those behind it too.

    emr_address, emr_port: whom the EMR's name led to, None: not known. inside: it is in this computer's own network,
    or at the office's own public address; None: not known. public_v4: this place's own, as a STUN server saw it; None:
    nobody told. hops: the first routers on the way out, empty where they cannot be asked (hops_failure says why).
    router_by_tcp: the router once more, by connecting, where it answered ping slowly; None: not asked, or not answered.
    holders: of those in this computer's own network.
    """

    targets: tuple[WayTarget, ...]
    emr_address: str | None
    emr_port: int
    inside: bool | None
    public_v4: str | None
    hops: tuple[Hop, ...] = ()
    hops_failure: Failure | None = None
    router_by_tcp: Series | None = None
    holders: tuple[Holder, ...] = ()

    @property
    def duplicates(self) -> tuple[str, ...]:
        """The addresses that two computers have."""
        return tuple(each.address for each in self.holders if len(each.macs) > 1)

    def refused(self, leg: str) -> int:
        """How many connections were refused on this leg."""
        return sum(target.refused for target in self.targets if target.leg == leg)

    def of(self, leg: str) -> tuple[Series, ...]:
        """Everybody who was asked on this leg."""
        return tuple(target.series for target in self.targets if target.leg == leg)
