"""Which trouble is only what another one does? Some begin together, and are found out one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from emrnetcheck.evidence.series import loss_lower_ratio, loss_upper_ratio
from emrnetcheck.evidence.watch import Moment
from emrnetcheck.model import Segment
from emrnetcheck.placing import Fault, Leg, Sure
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.trouble import Trouble

_ENOUGH = 20  # fewer answers show no loss, and none that there is none

SETTLE_S = 3.0
"""A placing has to hold for so long: the legs are not asked at the same moment, and a far one may seem bad first."""
LINGER_S = 90.0
"""And a loss, or unevenness, has to be away for so long: by its nature it comes and goes, and chance excuses it."""
REPLACED_WITHIN_S = 20.0
"""A trouble that begins so soon after another, and explains it, was the same from the beginning."""

BY_CHANCE = (Fault.LOSS, Fault.JITTER)


def replaces(coming: Trouble, fading: Trouble) -> bool:
    """A wrong answer is wrong in itself: it is no echo of what is fading."""
    return coming.fault == Fault.WRONG and coming.since_s - fading.since_s <= within_s(fading, coming)


def was(other: Trouble, ended_s: float, new: Trouble, legs: Mapping[Leg, LegWatch]) -> bool:
    """Whether what ended was no trouble of its own. A loss that a nearer one shows behind it may calm down before the
    nearer one is found out; a look-up is late by what is lost before it; whose address two computers have in turns,
    refuses now and then."""
    if other.segment is new.segment:
        return False
    if new.fault == Fault.WRONG and new.legs == (Leg.ADDRESSES,):
        return other.fault == Fault.REFUSED and new.since_s - ended_s <= REPLACED_WITHIN_S
    if new.fault not in BY_CHANCE or not is_before(new.segment, other.segment) or new.since_s > ended_s:
        return False
    return (other.fault == new.fault and is_same(other, new, legs)) or (
        new.fault == Fault.LOSS and other.segment is Segment.NAME
    )


def within_s(other: Trouble, new: Trouble) -> float:
    """How long after the other a new trouble may begin, and yet be the same from the beginning."""
    if new.fault not in BY_CHANCE or other.fault != new.fault:
        return REPLACED_WITHIN_S
    # What a near one loses shows behind it from the first moment; which of the two is found out first is chance.
    return inf if is_before(new.segment, other.segment) else LINGER_S


def explains(near: Trouble, far: Trouble, now: Moment) -> bool:
    """Whether the far one may only be what a near one, which is not found just now, still does."""
    if not is_before(near.segment, far.segment):
        return False
    if now.mono_s - near.wanted_s < SETTLE_S:
        return True
    still = near.ended_s is None or far.since_s <= near.ended_s
    return still and near.fault in BY_CHANCE and far.fault == near.fault


def is_same(other: Trouble, new: Trouble, legs: Mapping[Leg, LegWatch]) -> bool:
    """Whether the other was the new one all the time: then who shows the new one lost in the other's time, too."""
    if new.since_s - other.since_s > within_s(other, new):
        return False
    if new.fault != Fault.LOSS or other.fault != new.fault or not other.lost or not other.sent:
        return True
    if not is_before(new.segment, other.segment):
        return other.sure != Sure.CERTAIN  # what is lost farther away is not lost near by
    shows = [legs[leg] for leg in new.legs if leg in legs]
    before = [each for leg in shows for each in leg.recent.since(other.since_s) if each.at_s < new.since_s]
    if len(before) < _ENOUGH:
        return new.since_s - other.since_s <= LINGER_S
    possible = loss_upper_ratio(len(before), sum(each.rtt_ms is None for each in before))
    return (possible or 0.0) >= (loss_lower_ratio(other.sent, other.lost) or 0.0)


_FROM_NEAR_TO_FAR = (
    Segment.COMPUTER,
    Segment.LAN,
    Segment.ROUTER,
    Segment.LINE,
    Segment.PATH,
    Segment.NAME,
    Segment.FAR,
    Segment.SERVER,
)


def is_before(near: Segment, far: Segment) -> bool:
    """Whether who reaches the far one goes through the near one."""
    return _FROM_NEAR_TO_FAR.index(near) < _FROM_NEAR_TO_FAR.index(far)
