"""Which hosts of the office network are asked, and as what? Never a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.evidence import Seen
from emrnetcheck.model import Site
from emrnetcheck.net import host, neighbours, routes

PEERS_MAX = 3


@dataclass(frozen=True, slots=True)
class Ask:
    """One host to be asked, and as what."""

    address: str
    role: str


@dataclass(frozen=True, slots=True)
class Whom:
    """Everybody who is asked. interface: the one in use, own_address this computer's on it."""

    asks: tuple[Ask, ...]
    peers_from: str
    interface: str | None
    own_address: str | None

    @property
    def addresses(self) -> list[str]:
        return [ask.address for ask in self.asks]


def whom_to_ask(site: Site, seen: Seen) -> Whom:
    """The gateway; the EMR server where this is another computer; the settings' peers, or a few of those whom this
    computer has talked to lately."""
    way = host.way_out() if seen.link is None else None
    known = seen.link if seen.link is not None else way
    gateway = known.gateway if known is not None else None
    interface = known.interface if known is not None else None
    asks = {gateway: "gateway"} if gateway is not None else {}
    own = routes.own_addresses()
    if site.lan_address is not None and site.lan_address not in own:
        asks.setdefault(site.lan_address, "emr_host")
    peers_from = "settings" if site.peers else "none"
    peers = list(site.peers)
    if not peers:
        table = neighbours.neighbours()
        entries = table if isinstance(table, tuple) else ()
        here = (interface, own_address(own, interface))  # Windows names the interface by its address
        peers = [entry.address for entry in entries if entry.interface in here and entry.address not in asks]
        peers = peers[:PEERS_MAX]
        peers_from = "neighbour table" if peers else "none"
    for peer in peers:
        if peer not in own:
            asks.setdefault(peer, "peer")
    chosen = tuple(Ask(address, role) for address, role in asks.items())
    return Whom(chosen, peers_from, interface, known.address if known is not None else None)


def own_address(own: Mapping[str, str], interface: str | None) -> str | None:
    """This computer's IPv4 address on the interface."""
    return next((address for address, name in own.items() if name == interface and ":" not in address), None)
