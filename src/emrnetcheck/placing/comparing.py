"""What do two reports say together that neither says alone: the clinic's and one from elsewhere, or two of these?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.placing.belonging import (
    AT_ONE_TIME_S,
    CLIENT,
    Doubt,
    doubts_about,
    is_inside,
    is_one_computer,
    moment,
)
from emrnetcheck.placing.both_ends import both_ends
from emrnetcheck.placing.explaining import client_legs
from emrnetcheck.placing.kept_in import may_be_kept_in
from emrnetcheck.placing.places import (
    FOR_ALL,
    Place,
    asks_by_router,
    because,
    came_in_well,
    client_codes,
    emr_door,
    good_legs,
    has_bad_router,
    is_kept_out,
    is_remote,
    own_also,
    own_place,
    sure_of,
)
from emrnetcheck.placing.states import Sure


class NotComparableError(ValueError):
    """The two cannot be compared; the message is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The answer. why: codes of findings and words of what it rests on. remote: which of the two (0, 1) the "remote" of
    the place is; None where it is neither. apart_s: between their beginnings. also: what else has a
    fault of its own."""

    place: Place
    sure: Sure
    why: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    remote: int | None
    apart_s: float
    also: tuple[Place, ...] = ()


def compare(first: ClinicReport, second: ClinicReport) -> Comparison:
    """NotComparableError for two reports of the clinic itself, or of one computer elsewhere."""
    reports = (first, second)
    hosts = [report for report in reports if report.vantage != CLIENT]
    if first.id == second.id:
        raise NotComparableError("Both files are the same report: compare two that were made at different places.")
    if len(hosts) == len(reports):
        raise NotComparableError("Both reports were made at the clinic: compare one of run with one of client.")
    if not hosts and is_one_computer(first, second):
        raise NotComparableError("Both reports were made by one computer: compare two of different places.")
    apart_s = abs(moment(first) - moment(second))
    doubts = doubts_about(first, second, apart_s)
    if Doubt.DIFFERENT in doubts:
        return Comparison(Place.UNCLEAR, Sure.CANNOT_TELL, (), doubts, None, apart_s)
    if not hosts:
        return _both_from_elsewhere(first, second, doubts, apart_s)
    remote = 0 if second is hosts[0] else 1
    found = both_ends(hosts[0], reports[remote], apart_s)
    of = remote if is_remote(found.place) else None
    return Comparison(found.place, _doubted(found.sure, doubts), found.why, doubts, of, apart_s, found.also)


def _doubted(sure: Sure, doubts: tuple[Doubt, ...]) -> Sure:
    return Sure.LIKELY if doubts and sure is Sure.CERTAIN else sure


def _both_from_elsewhere(
    first: ClinicReport, second: ClinicReport, doubts: tuple[Doubt, ...], apart_s: float
) -> Comparison:
    """What both see is at the clinic; what one of them sees is at its own place, or on its own way."""
    reports = (first, second)
    pairs = (reports, reports[::-1])
    places = tuple(
        _or_unreached(_seen_with(own_place(one), one, other), one, other if apart_s <= AT_ONE_TIME_S else None)
        for one, other in pairs
    )
    further = [_seen_with(place, one, other) for one, other in pairs for place in own_also(one)]
    why = tuple(dict.fromkeys((*client_codes(first), *client_codes(second))))
    slow = [number for number, place in enumerate(places) if place not in (Place.NOWHERE, Place.UNCLEAR)]

    def said(place: Place, sure: Sure, one: int | None = None, also: tuple[Place, ...] = ()) -> Comparison:
        remote = one if is_remote(place) else None
        more = (each for each in further if each not in (place, *places, *also))
        told = place in FOR_ALL or any(each in FOR_ALL for each in also)
        more_also = dict.fromkeys(each for each in more if not (told and each is Place.CLINIC_SIDE))
        return Comparison(place, _doubted(sure, doubts), why, doubts, remote, apart_s, (*also, *more_also))

    if not slow:
        unclear = Place.UNCLEAR in places
        return said(Place.UNCLEAR, Sure.CANNOT_TELL) if unclear else said(Place.NOWHERE, Sure.LIKELY)
    if len(slow) == len(places):
        for pair in pairs:
            if _is_one_fault(*pair):
                return said(own_place(pair[0]), Sure.LIKELY)
        one = min(slow, key=lambda number: _rank(places[number]))
        other = places[1 - one]
        if places[one] is other and not is_remote(other):
            agreed = other in (
                Place.CLINIC_SIDE,
                Place.CLINIC_UNREACHED,
                Place.SERVER,
                Place.SERVER_UNREACHED,
                Place.NAME,
            )
            return said(other, Sure.CERTAIN if agreed else sure_of(reports[one]))
        explained = places[one] in FOR_ALL and other is Place.CLINIC_SIDE
        return said(places[one], Sure.LIKELY, one, () if explained else (other,))
    one = slow[0]
    if places[one] is Place.SERVER_UNREACHED and asks_by_router(reports[one]) and came_in_well(reports[1 - one]):
        return said(Place.CLINIC_HAIRPIN, Sure.LIKELY)  # who comes in from outside is let in by that very EMR
    if places[one] is Place.CLINIC_UNREACHED:
        return said(Place.CLINIC_UNREACHED, Sure.LIKELY)
    if places[one] is Place.CLINIC_SIDE and places[1 - one] is Place.NOWHERE:
        # From the office all is well: then it is the office's line. From elsewhere too: then it is on this way alone.
        office = is_inside(reports[1 - one])
        return said(Place.CLINIC_UPLINK if office else Place.PATH, Sure.LIKELY)
    likely = places[one] in (Place.CLINIC_COMPUTER, Place.REMOTE_DOOR)
    return said(places[one], Sure.LIKELY if likely else sure_of(reports[one]), one)


def _seen_with(place: Place, report: ClinicReport, other: ClinicReport) -> Place:
    """One in the office who reaches the router badly has a bad cable of his own, if somebody else comes through the
    same router, and so over its cable, without a loss."""
    at_router = place is Place.CLINIC_NETWORK and has_bad_router(report)
    well = came_in_well(other) or (is_inside(other) and "router" in good_legs(other))
    return Place.CLINIC_COMPUTER if at_router and well else place


def _or_unreached(place: Place, report: ClinicReport, other: ClinicReport | None) -> Place:
    """Nobody waits at the side of a clinic that takes none of his connections. other: who asked at the same time."""
    if place is not Place.CLINIC_SIDE or not is_kept_out(report):
        return place
    same_door = other is not None and came_in_well(other) and emr_door(other) == emr_door(report)
    return Place.REMOTE_DOOR if same_door and may_be_kept_in(client_legs(report)) else Place.CLINIC_UNREACHED


def _is_one_fault(server: ClinicReport, side: ClinicReport) -> bool:
    """Whether one in the office has it at the server, and one elsewhere the same of it at the clinic's side."""
    if not is_inside(server) or own_place(side) is not Place.CLINIC_SIDE:
        return False
    if own_place(server) is Place.SERVER_UNREACHED:
        return is_kept_out(side)
    return own_place(server) is Place.SERVER and bool({*because(server)} & {*because(side)})


def _rank(place: Place) -> int:
    """What concerns everybody first; then what is on the way; then what is at one place."""
    order = (*FOR_ALL, Place.NAME, Place.PATH)
    return order.index(place) if place in order else len(order)
