"""Which legs lose together, and since when? Who loses crosses a limit by chance, now this leg first, now that: so all
are judged together (placing/losses.py), over the same time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.model import Segment
from emrnetcheck.placing import Fault, Health, Leg, State
from emrnetcheck.placing.losses import Lost, is_over, likeliest
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.limits import (
    LOSS_CALM,
    LOSS_WINDOWS,
    SUSPECT_CHANCE,
    SUSPECT_LEAST,
    loss_at_least,
    too_many_lost,
)

ASKED = (Leg.PEER, Leg.ROUTER, Leg.ISP, Leg.OUTSIDE, Leg.SERVER_TCP)
USUAL_RATIO = 0.01  # of a leg for which nobody says what is in order
OVER_LEAST_S, OVER_GAPS = 5.0, 1.5
"""And what is lost in bursts, as where two computers have an address in turns, is over only after so long, and after
so many times the longest time in between."""
RETURNS_S = 300.0
"""So long after its end a loss is said to have come back, rather than that another place has begun to lose."""


@dataclass(frozen=True, slots=True)
class Blame:
    """legs: those that lose. seen: what each lost. also: a farther place that loses, too. open: another explanation is
    nearly as likely; early: see Explained. since_s: from when on it was counted. lately: who lost until over_s."""

    legs: frozenset[Leg]
    seen: Mapping[Leg, Lost]
    also: Segment | None
    open: bool
    early: bool
    since_s: float
    lately: frozenset[Leg] = frozenset()
    over_s: float = -math.inf


_NOBODY = Blame(frozenset(), {}, None, open=True, early=True, since_s=-math.inf)


def blame(legs: Mapping[Leg, LegWatch], before: Blame | None, *, inside: bool, by_router: bool = False) -> Blame | None:
    """The likeliest explanation of what is lost; None: nobody loses. before: that of the last look, which holds until
    another is clearly likelier, or it is over. inside: the EMR is on this office's network; by_router: and reached by
    the router all the same."""
    asked = {leg: legs[leg] for leg in ASKED if leg in legs and _can_tell(legs[leg])}
    usual = {
        leg: USUAL_RATIO if each.limits.loss_ratio is None else each.limits.loss_ratio for leg, each in asked.items()
    }
    over_s = (
        _over_s(asked, usual, before, inside=inside, by_router=by_router)
        if before is not None and before.legs
        else None
    )
    if before is not None and over_s is not None:
        # What the others lost until then was lost there: they did not lose anything of their own.
        for leg in legs.values():
            if leg.fault is Fault.LOSS:
                leg.end(over_s)
        lately = before.lately if before.open else before.legs
        before = replace(_NOBODY, since_s=over_s, lately=lately, over_s=over_s)
    before = before or _NOBODY
    since_s = min((leg.bad_since_s for leg in legs.values() if leg.fault is Fault.LOSS), default=None)
    if since_s is None:
        lately, ended_s = before.lately, before.over_s
        if before.legs and not before.open:
            lately, ended_s = before.legs, _ended_s(legs, before.legs)
        return replace(_NOBODY, lately=lately, over_s=ended_s) if lately else None
    # Who is asked often remembers the shortest time: all are to be compared over the same.
    since_s = max([since_s, *(each.recent.first_s() for each in asked.values() if each.recent.is_full())])
    seen = {leg: _counted(each, since_s) for leg, each in asked.items()}
    lately = before.lately if since_s - before.over_s <= RETURNS_S else frozenset()
    found = likeliest(seen, usual, before.legs, inside=inside, by_router=by_router, returns=lately)
    return Blame(found.losing, seen, found.also, found.open, found.early, since_s, lately, before.over_s)


def _over_s(
    asked: Mapping[Leg, LegWatch], usual: Mapping[Leg, float], before: Blame, *, inside: bool, by_router: bool
) -> float | None:
    """When those who were blamed lost for the last time together, if what came since then shows it."""
    blamed = before.legs & asked.keys()
    now_s = max((each.recent.last_s() or 0.0 for each in asked.values()), default=0.0)
    lost_s = sorted(each for leg in blamed for each in _lost_s(asked[leg], before.since_s))
    last = {leg: _last_lost_s(asked[leg], before.since_s) for leg in blamed}
    for over_s in sorted({each for each in last.values() if each is not None}, reverse=True):
        until = [_counted(asked[leg], before.since_s, over_s) for leg in blamed]
        after = {leg: _counted(each, over_s, after=True) for leg, each in asked.items()}
        sent, lost = sum(each.sent for each in until), sum(each.lost for each in until)
        gap_s = max((later - each for each, later in pairwise(lost_s) if later <= over_s), default=0.0)
        if lost < SUSPECT_LEAST or now_s - over_s < max(OVER_LEAST_S, OVER_GAPS * gap_s):
            continue
        if is_over(after, usual, blamed, loss_at_least(sent, lost), inside=inside, by_router=by_router):
            return over_s
    return None


def _lost_s(leg: LegWatch, since_s: float) -> list[float]:
    return [each.at_s for each in leg.recent.since(since_s) if each.rtt_ms is None]


def _ended_s(legs: Mapping[Leg, LegWatch], lost: Iterable[Leg]) -> float:
    return max((legs[leg].ended_s for leg in lost if leg in legs), default=-math.inf)


def _last_lost_s(leg: LegWatch, since_s: float) -> float | None:
    """Of who lost some, and has answered a while since."""
    samples = leg.recent.since(since_s)
    lost = [number for number, each in enumerate(samples, 1) if each.rtt_ms is None]
    if not lost or len(samples) - lost[-1] < LOSS_CALM:
        return None
    return samples[lost[-1] - 1].at_s


def begin(legs: Mapping[Leg, LegWatch], blamed: Blame | None) -> None:
    """Who is blamed loses, though its own limit is not crossed yet: its figures are those of the trouble, too."""
    if blamed is None:
        return
    for leg in blamed.legs:
        watch = legs[leg]
        since = watch.recent.since(max(blamed.since_s, watch.ended_s))
        if watch.fault is None and watch.limits.loss_ratio is not None and _lost(since) >= SUSPECT_LEAST:
            watch.begin_to_lose()


def told(states: Mapping[Leg, State], blamed: Blame | None) -> dict[Leg, State]:
    """The states, with those legs lossy that are blamed, and none beside."""
    found = dict(states)
    for leg, lost in (blamed.seen if blamed is not None else {}).items():
        state = states[leg]
        if state.health not in (Health.GOOD, Health.BAD) or state.fault not in (None, Fault.LOSS):
            continue
        loses = blamed is not None and leg in blamed.legs
        health, fault = (Health.BAD, Fault.LOSS) if loses else (Health.GOOD, None)
        found[leg] = replace(state, health=health, fault=fault, sent=lost.sent, lost=lost.lost)
    return found


def _can_tell(leg: LegWatch) -> bool:
    """A leg that is silent shows nothing of a share."""
    return leg.told_fault() is not Fault.DEAD and bool(leg.watched.target)


def _counted(leg: LegWatch, since_s: float, until_s: float = math.inf, *, after: bool = False) -> Lost:
    """after: only what was asked later than since_s."""
    first_s = math.nextafter(since_s, math.inf) if after else since_s
    samples = [each for each in leg.recent.since(first_s) if each.at_s <= until_s]
    return Lost(len(samples), _lost(samples))


def may_lose(leg: LegWatch) -> bool:
    """Whether it lost lately what is hardly chance: not enough to say so, and enough to ask more often."""
    if leg.limits.loss_ratio is None:
        return False
    for size in LOSS_WINDOWS[1:3]:
        last = [each for each in leg.recent.last(size) if each.at_s > leg.ended_s]
        if _lost(last) >= max(1, too_many_lost(len(last), leg.limits.loss_ratio, SUSPECT_CHANCE)):
            return True
    return False


def _lost(samples: Iterable[Sample]) -> int:
    return sum(each.rtt_ms is None for each in samples)
