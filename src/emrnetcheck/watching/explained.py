"""Is what is asked seldom only silent because what it goes through was silent in the same seconds?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile

from emrnetcheck.placing import UNKNOWN, Fault, Health, Leg, State
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.limits import too_many_lost
from emrnetcheck.watching.recent import is_bad

_NEAR_S = 1.1
"""A question goes over a way that was silent where one of the way's own, asked every second, got no answer so soon
before or after it."""
_OF_EMR_S = 2.1  # its port is knocked at every two seconds
_WAY = (Leg.ROUTER, Leg.ISP, Leg.OUTSIDE)


def amended(
    states: Mapping[Leg, State], legs: Mapping[Leg, LegWatch], pace: float, *, inside: bool
) -> dict[Leg, State]:
    """The states, less what is explained by others."""
    found = dict(states)
    for leg in (Leg.NAME, Leg.SERVER_ANSWER):
        through = {each: _NEAR_S for each in (() if inside and leg is Leg.SERVER_ANSWER else _WAY)}
        if leg is Leg.SERVER_ANSWER:
            through[Leg.SERVER_TCP] = _OF_EMR_S
        if leg in legs and legs[leg].fault is not None and _is_explained(legs[leg], through, legs, states, pace):
            found[leg] = UNKNOWN
    emr = legs.get(Leg.SERVER_TCP)
    if not inside and emr is not None and emr.fault is Fault.LOSS and _lost_with(emr, legs, pace):
        found[Leg.SERVER_TCP] = UNKNOWN
    for leg in (Leg.ISP, Leg.OUTSIDE, Leg.SERVER_TCP):
        if states[leg].health is Health.GOOD and any(_went_silent_with(legs[leg], other) for other in legs.values()):
            found[leg] = UNKNOWN
    return found


def _is_explained(
    leg: LegWatch,
    through: Mapping[Leg, float],
    legs: Mapping[Leg, LegWatch],
    states: Mapping[Leg, State],
    pace: float,
) -> bool:
    """Whether too little is left to blame it, once what others explain, or may yet explain, is taken off."""
    if leg.fault not in (Fault.DEAD, Fault.LATENCY):
        return False
    slow_ms = leg.slow_ms()
    left = 0
    taken = False
    for sample in leg.recent.since(leg.bad_since_s):
        if not is_bad(sample, slow_ms) or (leg.fault is Fault.DEAD and sample.rtt_ms is not None):
            continue
        for other, within_s in through.items():
            if other in legs and _was_silent(legs[other], states[other], sample.at_s, within_s * max(1.0, pace)):
                taken = True
                break
        else:
            left += 1
    return taken and left < (leg.limits.dead_after if leg.fault is Fault.DEAD else leg.limits.least)


def _lost_with(emr: LegWatch, legs: Mapping[Leg, LegWatch], pace: float) -> bool:
    """Whether what it lost was lost in outages of the way that are over: what is left is chance."""
    before = [legs[each] for each in (Leg.ISP, Leg.OUTSIDE) if each in legs and legs[each].fault is None]
    asked = emr.recent.since(emr.bad_since_s)
    within_s = _NEAR_S * max(1.0, pace)
    lost = [each.at_s for each in asked if each.rtt_ms is None]
    left = [at_s for at_s in lost if not any(_is_lost_near(leg, at_s, within_s) for leg in before)]
    return len(left) < min(len(lost), too_many_lost(len(asked), emr.limits.loss_ratio or 0.0, emr.limits.loss_chance))


def _was_silent(leg: LegWatch, state: State, at_s: float, within_s: float) -> bool:
    """Whether it got no answer about then."""
    if state.health is Health.ABSENT:
        return False
    return _is_lost_near(leg, at_s, within_s)


def _is_lost_near(leg: LegWatch, at_s: float, within_s: float) -> bool:
    near = takewhile(lambda each: each.at_s >= at_s - within_s, leg.recent.newest_first())
    return any(each.rtt_ms is None for each in near if each.at_s <= at_s + within_s)


def _went_silent_with(leg: LegWatch, other: LegWatch) -> bool:
    """Whether it, too, answered nothing as long as the other was silent: it was asked too seldom to be called bad, and
    is no witness that the way is well."""
    if other is leg or other.told_fault() is not Fault.DEAD or Leg(other.watched.leg) not in _OUTWARDS:
        return False
    meanwhile = [each for each in leg.recent.since(other.bad_since_s) if each.at_s <= other.last_bad_s]
    return all(each.rtt_ms is None for each in meanwhile)


_OUTWARDS = (Leg.ISP, Leg.OUTSIDE, Leg.SERVER_TCP)
