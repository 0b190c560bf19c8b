"""What can be found out about the office before anybody is asked? By this computer's own tables, and from itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from emrnetcheck.model import Failure
from emrnetcheck.net import ddns_clients, host, listeners, neighbours, routes
from emrnetcheck.probes.answers import LOOPBACK, page_at
from emrnetcheck.probes.lan_whom import own_address
from emrnetcheck.profiles import PROFILES

_PEERS_MAX = 6


@dataclass(frozen=True, slots=True)
class KeptName:
    """A name that a DDNS client on this computer keeps up to date."""

    name: str
    program: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found. medium: of the interface in use, as in evidence.link.

    own: every address of this computer. listening: which of the EMRs' usual ports something on this computer listens
    on; None where the system does not tell. looks_like: the profile whose log-in page was seen here. names: what
    DDNS clients here keep; unread: the clients whose settings may not be read. peers: computers of the office that
    this one has talked to lately.
    """

    address: str | None = None
    interface: str | None = None
    medium: str = "unknown"
    vpn: bool = False
    gateway: str | None = None
    own: frozenset[str] = frozenset()
    listening: tuple[int, ...] | None = ()
    looks_like: str | None = None
    names: tuple[KeptName, ...] = ()
    unread: tuple[str, ...] = ()
    peers: tuple[str, ...] = ()


def usual_ports() -> Mapping[str, int]:
    """Where each EMR usually is."""
    return {name: profile.port for name, profile in PROFILES.items()}


def look_around() -> Surroundings:
    """What is not found is left out: whoever is asked then has no suggestion."""
    way = host.way_out()
    facts = host.interface(way.interface) if way.interface is not None else None
    own = routes.own_addresses()
    bound = listeners.listening_at(set(usual_ports().values()))
    listening = None if isinstance(bound, Failure) else tuple(each.port for each in bound)
    names, unread = _kept_names()
    return Surroundings(
        address=own_address(own, way.interface) if facts is not None and facts.vpn else way.address,
        interface=way.interface,
        medium=facts.medium if facts is not None else "unknown",
        vpn=facts.vpn if facts is not None else False,
        gateway=way.gateway,
        own=frozenset(own),
        listening=listening,
        looks_like=_looks_like(listening or ()),
        names=names,
        unread=unread,
        peers=_peers(own, way.interface, way.gateway),
    )


def _peers(own: Mapping[str, str], interface: str | None, gateway: str | None) -> tuple[str, ...]:
    table = neighbours.neighbours()
    here = (interface, own_address(own, interface))  # Windows names the interface by its address
    entries = table if isinstance(table, tuple) else ()
    found = [each.address for each in entries if each.interface in here and each.address not in (gateway, *own)]
    return tuple(dict.fromkeys(found))[:_PEERS_MAX]


def _looks_like(listening: Collection[int]) -> str | None:
    """The first profile whose own page answers on this computer, where that profile has it."""
    for name, profile in PROFILES.items():
        if profile.kind is not None and profile.port in listening:
            page = page_at(LOOPBACK, profile.port, None, profile.path)
            if not isinstance(page, Failure) and page.kind is profile.kind:
                return name
    return None


def _kept_names() -> tuple[tuple[KeptName, ...], tuple[str, ...]]:
    """Only those of which the client itself remembers what became of them: in settings that somebody wrote by hand a
    password can look like a name, and whoever is asked may take the suggestion without reading it."""
    programs = ddns_clients.clients().programs
    kept = [(each, program) for program in programs for each in program.names if each.address or each.result]
    names = {each.name: KeptName(each.name, program.program) for each, program in kept}
    unread = [each.program for each in programs if not each.names and each.settings_failure is not None]
    return tuple(names.values()), tuple(unread)
