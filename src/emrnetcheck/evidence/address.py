"""What was seen of the clinic's address on the Internet."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.wan import Wan
from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class AddressSource:
    """One witness of the public address. method: "https", "http" or "stun". resolved_by: who gave the service's own
    address: "system", a resolver's address, or "literal"."""

    service: str
    method: str
    address: str | None
    resolved_by: str | None
    rtt_ms: float | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class Hop:
    """One router on the way out. address None: no answer."""

    ttl: int
    address: str | None
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class Address:
    """The address as others see it and as this office sees it itself.

    public_v4: what the witnesses agree on, None if there is none or they disagree. wan_v4: the router's own outside
    address, with wan_source telling who said so ("settings", or by which methods the router did: "upnp, natpmp"), None
    where nobody did or the router contradicts itself. local_v4: this computer's own.
    outside_reached: something on the Internet answered, by whatever method (names of the methods).
    hops: the first routers on the way out; empty where they cannot be asked (hops_failure says why).
    router: all that the router itself said; None: it was not asked.
    """

    public_v4: str | None
    public_v6: str | None
    wan_v4: str | None
    wan_source: str | None
    local_v4: str | None
    sources: tuple[AddressSource, ...]
    outside_reached: tuple[str, ...]
    hops: tuple[Hop, ...]
    hops_failure: Failure | None
    router: Wan | None = None


def agreed_address(sources: tuple[AddressSource, ...]) -> str | None:
    """What most witnesses say: one alone if it is the only one, else the address that most name; None on a draw."""
    votes: dict[str, int] = {}
    for source in sources:
        if source.address is not None:
            votes[source.address] = votes.get(source.address, 0) + 1
    ranked = sorted(votes.items(), key=lambda item: -item[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
