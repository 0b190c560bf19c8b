"""Who outside got through to the EMR's port, and is that known to lead to this office? Facts of the port's evidence.

A service that says "shut" of every door may itself be blocked on the way. The EMR's port is the one that may be open:
who got through to it gets through to other doors, too, if they are open.
"""

from __future__ import annotations

from enum import StrEnum

from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.port import OutsideTry, Port


class Doubt(StrEnum):
    """Why a service's "shut" says nothing: it did not get through to a port that is known to be open."""

    ANOTHER_GOT_THROUGH = "another_got_through"
    LET_IN = "let_in"
    """The server was seen to let somebody outside in."""
    FORWARDED = "forwarded"
    """The router forwards the EMR's port to the server, as seen from inside or as the router says."""


def got_through(service: str, port: Port | None, public: str | None) -> bool | None:
    """Whether this service reached the EMR's port at the office's address; None: it did not say."""
    said = [bool(each.reachable) for each in _here(port, public) if each.service == service]
    return any(said) if said else None


def doubt(service: str, port: Port | None, address: Address | None, server: str | None) -> Doubt | None:
    """What speaks against this service's "shut" at the EMR's port; None: nothing, or it did not say so."""
    public = address.public_v4 if address is not None else None
    if port is None or got_through(service, port, public) is not False:
        return None
    if any(each.reachable for each in _here(port, public)):
        return Doubt.ANOTHER_GOT_THROUGH
    if port.arrivals is not None and (port.arrivals.accepted or port.arrivals.finished):
        return Doubt.LET_IN
    arrived = port.arrivals is not None and port.arrivals.outside > 0
    server = server or (port.lan.address if port.lan is not None else None)
    forwarded = _same_from_inside(port, public) or _mapped(port, address, server)
    # What arrived and was refused at the server's own firewall shows that the service is not blocked on the way.
    return Doubt.FORWARDED if forwarded and not arrived else None


def leads_here(port: Port | None, public: str | None) -> bool:
    """Somebody outside got through to the EMR at this address, and nothing says that something else answered."""
    through = [each for each in _here(port, public) if each.reachable]
    if port is None or public is None or not any(each.address == public for each in through):
        return False
    own = port.spoken_lan.fingerprints if port.spoken_lan is not None else ()
    shown = [each.certificate.fingerprint_sha256 for each in through if each.certificate is not None]
    if own and shown:
        return any(each in own for each in shown)
    let_in = port.arrivals is not None and port.arrivals.accepted > 0
    return let_in or not (port.syn_seen is False or _same_from_inside(port, public) is False)


def _here(port: Port | None, public: str | None) -> list[OutsideTry]:
    tries = port.outside if port is not None else ()
    return [each for each in tries if each.reachable is not None and each.address in (None, public)]


def _same_from_inside(port: Port, public: str | None) -> bool | None:
    """Whether the server's certificate is shown at the public address, asked from inside. None: not known."""
    here, there, tried = port.spoken_lan, port.spoken_hairpin, port.hairpin
    if tried is None or tried.address != public or here is None or there is None or not here.fingerprints:
        return None
    if not there.fingerprints:
        return None
    return bool(set(here.fingerprints) & set(there.fingerprints))


def _mapped(port: Port, address: Address | None, server: str | None) -> bool:
    mapping = address.router.mapping if address is not None and address.router is not None else None
    if mapping is None or mapping.enabled is False or server is None:
        return False
    return mapping.internal_client == server and mapping.internal_port in (None, port.port)
