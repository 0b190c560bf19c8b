"""Which legs lose together, in one look at all of them? Pure.

Who loses crosses a limit by chance, now this leg and now that: once one has, all are judged together (losses.py), and
the nearest of those that lose together is where it is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.path_loss import has_less
from emrnetcheck.evidence.series import Series, loss_lower_ratio
from emrnetcheck.placing.here import is_inside, on_wifi
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.losses import ASKED, Lost, likeliest, reached_by_router
from emrnetcheck.placing.states import UNKNOWN, Fault, Health, Leg, Placing, State, Sure
from emrnetcheck.placing.trips import is_more

NEARER = 1.5
"""One look is short, and near places break more often than those far away: of two that are about as likely (e^1.5 = 4.5
times) it is the nearer."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The legs, those that lose together bad and the others good. losing: those. open: another explanation is nearly
    as likely."""

    legs: dict[Leg, State]
    losing: frozenset[Leg] = frozenset()
    open: bool = False

    def doubted(self, placing: Placing) -> Placing:
        """While it is open where it is lost, nothing is certain that rests on it; nor that nothing is wrong."""
        rests = placing.segment is None or bool(self.losing.intersection(placing.because))
        return replace(placing, sure=Sure.LIKELY) if self.open and rests and placing.sure is Sure.CERTAIN else placing


def judged_together(legs: Mapping[Leg, State], seen: Seen, limits: LegLimits) -> Judged:
    """As they are, where none loses by its own limit."""
    told = dict(legs)
    inside = is_inside(seen)
    counts = {leg: lost for leg in ASKED if (lost := _counted(leg, legs, seen, inside=inside)) is not None}
    outside = counts.get(Leg.OUTSIDE, Lost(0, 0))
    by_all = is_more(outside.sent, outside.lost, limits.far_loss_ratio)  # of several, the best one may be so by chance
    if not by_all and not any(legs.get(leg, UNKNOWN).fault is Fault.LOSS for leg in ASKED):
        return Judged(told)
    near_ratio = limits.wifi_loss_ratio if on_wifi(seen) else limits.near_loss_ratio
    near = (Leg.PEER, Leg.ROUTER, *((Leg.SERVER_TCP,) if inside else ()))
    usual = {leg: near_ratio if leg in near else limits.far_loss_ratio for leg in counts}
    by_router = inside and is_by_router(seen)
    found = likeliest(counts, usual, inside=inside, by_router=by_router, by_chance=False, nearer=NEARER)
    for leg, lost in counts.items():
        state = legs.get(leg, UNKNOWN)
        if leg in found.losing:
            told[leg] = replace(state, health=Health.BAD, fault=Fault.LOSS, sent=lost.sent, lost=lost.lost)
        elif state.fault is Fault.LOSS:
            health, fault = (Health.BAD, Fault.LATENCY) if state.late else (Health.GOOD, None)
            told[leg] = replace(state, health=health, fault=fault, sent=lost.sent, lost=lost.lost)
    return Judged(told, found.losing, found.open)


def _counted(leg: Leg, legs: Mapping[Leg, State], seen: Seen, *, inside: bool) -> Lost | None:
    """What was lost of it; None where that is not known, or it is bad in another way, which says more."""
    state = legs.get(leg, UNKNOWN)
    if state.health is Health.ABSENT or state.fault not in (None, Fault.LOSS):
        return None
    if leg is Leg.PATH:
        return None if inside else _last_router(seen, legs.get(Leg.SERVER_TCP, UNKNOWN))
    if leg is Leg.OUTSIDE and seen.way is not None:
        return _alike(seen.way.of("outside"))
    if state.health is Health.UNKNOWN or not state.sent or state.lost is None:
        return None
    return Lost(state.sent, state.lost)


def _last_router(seen: Seen, server: State) -> Lost | None:
    """None of one that loses more than the EMR behind it: that only answers badly."""
    answered = [each for each in (seen.last_routers.routers if seen.last_routers else ()) if each.p50_ms is not None]
    if not answered or not server.sent or server.lost is None:
        return None
    sent, lost = answered[-1].sent, answered[-1].lost
    return None if has_less(server.sent, server.lost, loss_lower_ratio(sent, lost) or 0.0) else Lost(sent, lost)


def _alike(series: Sequence[Series]) -> Lost | None:
    """Of several in one place all that lose no more than chance allows beside the others: the rest limit how often they
    answer."""
    ends = sorted((each for each in series if each.lost < each.sent), key=lambda each: each.lost / each.sent)
    while len(ends) > 1 and any(has_less(end.sent, end.lost, _ratio(ends)) for end in ends):
        ends.pop()
    return Lost(sum(each.sent for each in ends), sum(each.lost for each in ends)) if ends else None


def _ratio(ends: Sequence[Series]) -> float:
    return sum(end.lost for end in ends) / sum(end.sent for end in ends)


def is_by_router(seen: Seen) -> bool:
    """Whether an EMR in this office is reached at its public address: by the router, and over its cable."""
    address = seen.way.emr_address if seen.way is not None else None
    return address is not None and reached_by_router(address)
