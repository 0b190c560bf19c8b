"""Which routers answered on the way to a host, and how fast: what any trace gives."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class HopAnswers:
    """Who answered at one distance. rtts_ms by round, None for no answer; addresses: the most frequent one first."""

    ttl: int
    addresses: tuple[str, ...]
    rtts_ms: tuple[float | None, ...]
    end: bool


@dataclass(frozen=True, slots=True)
class Route:
    """What a trace saw. hops: from the first to the target or to the last that answered. reached: the target did."""

    hops: tuple[HopAnswers, ...]
    method: str
    reached: bool


def merged(first: Route, second: Route) -> Route:
    """Two traces to the same target as one: the rounds of the second after those of the first."""
    hops = []
    for one, other in zip(first.hops, second.hops, strict=False):
        addresses = tuple(dict.fromkeys(one.addresses + other.addresses))
        hops.append(HopAnswers(one.ttl, addresses, one.rtts_ms + other.rtts_ms, one.end or other.end))
        if hops[-1].end:
            break
    reached = any(hop.end for hop in hops)
    rest = () if reached else first.hops[len(hops) :]
    return Route((*hops, *rest), first.method, reached)
