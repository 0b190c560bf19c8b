"""What was seen of the clinic's address on the Internet."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.wan import Wan
from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class AddressSource:
    """One witness of the public address. method: "https", "http", "stun" or "dns". resolved_by: who gave the service's
    own address: "system", a resolver's address, or "literal". version: of IP, by which it was asked.

    mapped_port: STUN's, the port that the office's router gave to our socket. A "dns" witness tells where the question
    came from: where somebody on the way asks in our place, that is his address, so it never decides.
    """

    service: str
    method: str
    address: str | None
    resolved_by: str | None
    rtt_ms: float | None
    failure: Failure | None
    version: int = 4
    mapped_port: int | None = None


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
    where nobody did or the router contradicts itself. local_v4: this computer's own. local_v6: the same on the way to
    the IPv6 Internet, None without such a way.
    outside_reached: something on the Internet answered, by whatever method (names of the methods).
    proxies: for which kinds of address this computer is told to use a proxy ("http", "https"); we go around it.
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
    local_v6: str | None = None
    proxies: tuple[str, ...] = ()
    router: Wan | None = None


def witnesses(sources: tuple[AddressSource, ...], *, version: int = 4) -> list[AddressSource]:
    """Those that answered and whose word counts: by the Web or by STUN."""
    return [each for each in sources if each.address is not None and each.version == version and each.method != "dns"]


def agreed_address(sources: tuple[AddressSource, ...], *, version: int = 4) -> str | None:
    """What most witnesses say: one alone if it is the only one, else the address that most name; None on a draw."""
    votes: dict[str, int] = {}
    for source in witnesses(sources, version=version):
        if source.address is not None:
            votes[source.address] = votes.get(source.address, 0) + 1
    ranked = sorted(votes.items(), key=lambda item: -item[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
