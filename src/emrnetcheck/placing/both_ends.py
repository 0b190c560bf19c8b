"""What do the clinic's own report and one of a client say together?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Verdict
from emrnetcheck.model.past import through_a_tunnel
from emrnetcheck.placing.belonging import AT_ONE_TIME_S, bad_codes, is_inside, leads_elsewhere
from emrnetcheck.placing.explaining import client_legs, explaining
from emrnetcheck.placing.kept_in import may_be_kept_in
from emrnetcheck.placing.places import (
    FOR_ALL,
    MISLED,
    Place,
    asks_by_router,
    because,
    came_in_well,
    client_codes,
    clinic_places,
    codes_of,
    emr_door,
    has_bad_router,
    is_kept_out,
    is_of_one_computer,
    no_server_codes,
    open_doors,
    own_also,
    own_place,
    sees_router_well,
    shut_doors,
    slow_server_codes,
    sure_of,
    without_hairpin,
)
from emrnetcheck.placing.states import Fault, Leg, Sure

_LIKE_UPLINK = 0.5  # a page's parts on a few connections never fill a line quite
_ENOUGH_MBPS = 3.0  # the owner's own least for an EMR (origin.md)
_FASTER = 2.0  # in the office than from elsewhere: then it is not the program that gives out no more
_UPLINK_CODES = ("upload.below_minimum", "upload.burst_then_drop", "upload.unstable", "bufferbloat.severe")
_BEYOND = (
    Place.CLINIC_SIDE, Place.SERVER, Place.SERVER_UNREACHED, Place.PATH, Place.NAME, Place.UNCLEAR,
)  # what a wrong address can explain  # fmt: skip
_SEEN_FROM_THERE = (Place.CLINIC_ROUTER, Place.CLINIC_NETWORK, Place.CLINIC_COMPUTER)
_READY = (Verdict.READY, Verdict.READY_WITH_WARNINGS)
_Answer = tuple[Place, Sure, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """also: what has a fault of its own beside it."""

    place: Place
    sure: Sure
    why: tuple[str, ...]
    also: tuple[Place, ...] = ()


def both_ends(host: ClinicReport, client: ClinicReport, apart_s: float) -> Found:
    """The client tells which end it is, and the clinic's own report tells the parts of its side apart."""
    place, sure, why = _place(host, client, apart_s)
    if place in (Place.NOWHERE, Place.UNCLEAR):
        return Found(place, sure, why)
    # What the report of one computer says of what is round it is said by that computer's bad cable.
    same = _is_same_computer(host, client) or (place is Place.CLINIC_COMPUTER and is_of_one_computer(host))
    twice = (*(_SEEN_FROM_THERE if same else ()), *((Place.SERVER,) if place is Place.SERVER_UNREACHED else ()))
    others = [each for each in clinic_places(host, for_sure=True) if each is not place and each not in twice]
    if shut_doors(host) and is_kept_out(client) and not is_inside(client):
        others.append(Place.CLINIC_DOOR)
    told = any(each in FOR_ALL for each in (place, *others))
    parts = own_also(client) if place is not Place.NAME else ()
    if has_bad_router(client) and is_inside(client) and sees_router_well(host):
        parts = tuple(Place.CLINIC_COMPUTER if each is Place.CLINIC_NETWORK else each for each in parts)
    others += [each for each in parts if not (each is Place.CLINIC_SIDE and told)]
    also = tuple(each for each in dict.fromkeys(others) if each is not place)
    codes = [code for each in also for code in codes_of(host, each)]
    return Found(place, sure, tuple(dict.fromkeys((*why, *codes))), also)


def _place(host: ClinicReport, client: ClinicReport, apart_s: float) -> _Answer:
    own, sure, why = own_place(client), sure_of(client), client_codes(client)
    if own in _BEYOND and (misled := leads_elsewhere(host, client, apart_s)) is not None:
        return Place.NAME, misled, (*why, MISLED)
    if own is Place.CLINIC_SIDE:
        found = _clinic_side(host, client, why)
        kept_in = found[0] is Place.CLINIC_UNREACHED and apart_s <= AT_ONE_TIME_S and _lets_others_in(host, client)
        return (Place.REMOTE_DOOR, Sure.LIKELY, (*why, "port.open")) if kept_in else found
    if own in (Place.NOWHERE, Place.UNCLEAR):
        return _by_the_clinic(host, client)
    if own is Place.SERVER:
        return _server(host, client)
    if own is Place.SERVER_UNREACHED:
        return _no_server(host, client)
    if own is Place.CLINIC_NETWORK and has_bad_router(client) and not _is_same_computer(host, client):
        return _in_the_office(host, client)
    return own, sure, why


def _is_same_computer(host: ClinicReport, client: ClinicReport) -> bool:
    """run and client of one computer in the office: no second view of its cable."""
    links = host.evidence.link, client.evidence.link
    return links[0] is not None and links[1] is not None and links[0].address == links[1].address


def _in_the_office(host: ClinicReport, client: ClinicReport) -> _Answer:
    """A computer in the office reaches the router badly. Who else does?"""
    why = client_codes(client)
    if sees_router_well(host):
        return (
            Place.CLINIC_COMPUTER,
            Sure.LIKELY,
            (*why, "from where the clinic's own report was made the router is well"),
        )
    for place in (Place.CLINIC_ROUTER, Place.CLINIC_NETWORK):
        if codes := codes_of(host, place):
            return place, Sure.CERTAIN, (*why, *codes)
    return Place.CLINIC_NETWORK, sure_of(client), why


def _server(host: ClinicReport, client: ClinicReport) -> _Answer:
    why, agreed = client_codes(client), slow_server_codes(host)
    if agreed:
        return Place.SERVER, Sure.CERTAIN, (*why, *agreed)
    if because(client) == ("server_bulk",) and not is_inside(client):
        # Answers at once, and gives out little: so does a program, and so does a line with a short queue.
        found = _clinic_side(host, client, why)
        if found[0] is Place.CLINIC_UPLINK or _is_quick_in_the_office(host, client):
            return found
    return Place.SERVER, sure_of(client), why


def _no_server(host: ClinicReport, client: ClinicReport) -> _Answer:
    """One in the office gets no connection. Who goes by the public address goes through the router's door, too."""
    why, agreed, doors = client_codes(client), no_server_codes(host), shut_doors(host)
    if agreed:
        return Place.SERVER_UNREACHED, Sure.CERTAIN, (*why, *agreed)
    if asks_by_router(client):
        if doors:
            return Place.CLINIC_DOOR, Sure.LIKELY, (*why, *doors)
        if hairpin := without_hairpin(host):
            return Place.CLINIC_HAIRPIN, Sure.CERTAIN, (*why, *hairpin)
    return Place.SERVER_UNREACHED, Sure.LIKELY, why


def _is_quick_in_the_office(host: ClinicReport, client: ClinicReport) -> bool:
    here = host.evidence.emr.bulk if host.evidence.emr is not None else None
    there = client.evidence.pages.bulk if client.evidence.pages is not None else None
    if here is None or there is None or here.mbps is None or there.mbps is None:
        return False
    return here.mbps >= _FASTER * there.mbps


def _by_the_clinic(host: ClinicReport, client: ClinicReport) -> _Answer:
    """Where the client has nothing to complain of, or cannot tell: what the clinic's own report has."""
    own, codes = own_place(client), bad_codes(host)
    fine = own is Place.NOWHERE
    if client.interrupted and not fine:
        return Place.UNCLEAR, Sure.CANNOT_TELL, (*client_codes(client), *codes)
    doors = shut_doors(host)
    if doors and (is_inside(client) or not fine):
        return Place.CLINIC_DOOR, Sure.LIKELY, doors
    # Who comes in from outside and is content has found the port open.
    for place in clinic_places(host):
        if place is Place.CLINIC_NETWORK and came_in_well(client) and is_of_one_computer(host):
            return Place.CLINIC_COMPUTER, Sure.LIKELY, codes_of(host, place)
        return place, Sure.LIKELY, codes_of(host, place)
    if fine and host.verdict in _READY:
        return own, sure_of(client), client_codes(client)
    if fine and host.verdict is Verdict.INCONCLUSIVE and not is_inside(client):
        # It came the whole way from outside: what the clinic could not tell of itself slowed nothing down there.
        return own, Sure.LIKELY, (*client_codes(client), "the clinic's own report could not tell all")
    return Place.UNCLEAR, Sure.CANNOT_TELL, (*client_codes(client), *codes)


def _clinic_side(host: ClinicReport, client: ClinicReport, why: tuple[str, ...]) -> _Answer:
    """The client sees the clinic's side as one; the clinic's own report tells its parts apart."""
    of_pages = "server_tcp" not in because(client)
    return _slow_pages(host, client, why) if of_pages else _round_trips(host, client, why)


def _round_trips(host: ClinicReport, client: ClinicReport, why: tuple[str, ...]) -> _Answer:
    """Connections to the EMR get lost, come late or are not made. A program that is slow to answer does none of that,
    and a small upload not for sure."""
    doors = shut_doors(host)
    if doors and is_kept_out(client):
        return Place.CLINIC_DOOR, Sure.CERTAIN, (*why, *doors)
    server = client_legs(client)[Leg.SERVER_TCP]
    slow = _on_the_way(host)
    for place in slow:
        if codes := explaining(host, place, client):
            if place is Place.SERVER and is_kept_out(client):
                return Place.SERVER_UNREACHED, Sure.LIKELY, (*why, codes[0])
            return place, _sure_at(host, place), (*why, codes[0])
    if server.fault in (Fault.DEAD, Fault.REFUSED):
        return Place.CLINIC_UNREACHED, Sure.LIKELY, why
    near = (each for each in (Place.CLINIC_UPLINK, Place.CLINIC_NETWORK, Place.CLINIC_ROUTER) if each in slow)
    return _perhaps(host, next(near, None), why)


def _lets_others_in(host: ClinicReport, client: ClinicReport) -> bool:
    """Whether others got in where this client did not, and the clinic has nothing bad that could keep anybody out."""
    bad = [code for place in _on_the_way(host) for code in codes_of(host, place)]
    open_to_others = emr_door(client) in open_doors(host) and all(code in _UPLINK_CODES for code in bad)
    return open_to_others and may_be_kept_in(client_legs(client))


def _slow_pages(host: ClinicReport, client: ClinicReport, why: tuple[str, ...]) -> _Answer:
    """Connections are well, and little comes over them."""
    slow = _on_the_way(host)
    near = next((each for each in slow if each in (Place.CLINIC_NETWORK, Place.CLINIC_ROUTER)), None)
    if near is not None and (codes := explaining(host, near, client)):
        return near, _sure_at(host, near), (*why, codes[0])
    # Where the round trips grow meanwhile, what comes waits in a line and not in the program.
    program = explaining(host, Place.SERVER, client) if "server_loaded" not in because(client) else ()
    if program:
        return Place.SERVER, _sure_at(host, Place.SERVER), (*why, program[0])
    # What a run through a VPN or a proxy says of the upload, it says of that line.
    by_tunnel = through_a_tunnel(host.codes)
    uplink = () if by_tunnel else tuple(code for code in bad_codes(host) if code in _UPLINK_CODES)
    upload = None if by_tunnel else host.evidence.upload
    upload_mbps = upload.goodput_mbps if upload is not None else None
    bulk = client.evidence.pages.bulk if client.evidence.pages is not None else None
    if upload_mbps and bulk is not None and bulk.mbps is not None:
        # Where its line carries far more than came here, somebody loaded it just then, or the way between is slow.
        own = bulk.mbps >= _LIKE_UPLINK * upload_mbps or upload_mbps < _ENOUGH_MBPS
        said = f"the clinic's upload is {upload_mbps:.1f} Mbps"
        return (Place.CLINIC_UPLINK, Sure.CERTAIN, (*why, said)) if own else (Place.PATH, Sure.LIKELY, (*why, said))
    if uplink:
        return Place.CLINIC_UPLINK, Sure.CERTAIN, (*why, *uplink)
    return _perhaps(host, near or (Place.CLINIC_UPLINK if Place.CLINIC_UPLINK in slow else None), why)


def _on_the_way(host: ClinicReport) -> tuple[Place, ...]:
    """One computer that loses is not on the way of somebody elsewhere."""
    return tuple(each for each in clinic_places(host) if each is not Place.CLINIC_COMPUTER)


def _sure_at(host: ClinicReport, place: Place) -> Sure:
    """How sure it is where a code explains what the client sees."""
    # A hung program's queue may fill; and the cable of a computer beside the server is on nobody else's way.
    unsure = place is Place.SERVER or (place is Place.CLINIC_NETWORK and is_of_one_computer(host))
    return Sure.LIKELY if unsure else Sure.CERTAIN


def _perhaps(host: ClinicReport, place: Place | None, why: tuple[str, ...]) -> _Answer:
    """Where nothing explains it for sure. place: what the clinic's own report has on the way."""
    if place is not None:
        return place, Sure.LIKELY, (*why, *codes_of(host, place)[:1])
    if host.verdict in _READY:
        own = (
            "what the clinic itself found explains none of it"
            if bad_codes(host)
            else "the clinic itself found nothing wrong"
        )
        return Place.PATH, Sure.LIKELY, (*why, own)
    return Place.CLINIC_SIDE, Sure.LIKELY, why
