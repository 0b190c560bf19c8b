"""How much does one leg say of another? Pure: a few lost probes are chance, and limits differ from leg to leg."""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.evidence.series import loss_lower_ratio, loss_upper_ratio
from emrnetcheck.model import Segment
from emrnetcheck.placing.states import OUTWARDS, UNKNOWN, Fault, Health, Leg, State

_STEADIER = 0.7  # jitter adds up by squares and is noisy: as steady as this share is steadier than the leg itself
_BEFORE: Mapping[Segment, tuple[Leg, tuple[Leg, ...]]] = {
    Segment.LINE: (Leg.ROUTER, OUTWARDS),
    Segment.PATH: (Leg.ISP, (Leg.OUTSIDE,)),
    Segment.FAR: (Leg.OUTSIDE, (Leg.PATH, Leg.SERVER_TCP)),
}


def may_be_nearer(legs: Mapping[Leg, State], segment: Segment) -> bool:
    """Whether a loss that this segment is blamed for may as well be that of what lies before it.

    Who loses crosses the limit by chance, now this leg first, now that: that the nearer one has not yet is no proof.
    It is one where its loss is less for sure (the upper bound at 95 %) than the other's is at the least (the lower).
    """
    if segment not in _BEFORE:
        return False
    before, behind = _BEFORE[segment]
    nearer = legs.get(before, UNKNOWN)
    if nearer.health is not Health.GOOD or not nearer.sent or nearer.lost is None:
        return False
    possible = loss_upper_ratio(nearer.sent, nearer.lost) or 0.0
    losing = [state for state in (legs.get(leg, UNKNOWN) for leg in behind) if state.fault is Fault.LOSS]
    sure = [loss_lower_ratio(state.sent, state.lost) or 0.0 for state in losing if state.sent and state.lost]
    return any(possible >= ratio for ratio in sure)


def loses_less(witness: State, state: State) -> bool:
    """Whether it does so for sure: at the most (at 95 %) less than the other at the least. True where there is no loss
    to compare."""
    if state.fault is not Fault.LOSS or not state.sent or state.lost is None:
        return True
    if not witness.sent or witness.lost is None:
        return True
    possible, sure = loss_upper_ratio(witness.sent, witness.lost), loss_lower_ratio(state.sent, state.lost)
    return (possible or 0.0) < (sure or 0.0)


def contradicts(witness: State, state: State) -> bool:
    """Whether a good leg behind a bad one shows that the bad one only answers badly.

    The limits of the office network are finer than those of a line: a few ms that are bad here are little there. So
    what is good behind must also be better than the leg itself, as far as both have figures.
    """
    if state.fault is Fault.LATENCY and state.median_ms is not None and witness.median_ms is not None:
        return witness.median_ms <= state.median_ms
    if state.fault is Fault.JITTER and state.jitter_ms is not None and witness.jitter_ms is not None:
        return witness.jitter_ms <= _STEADIER * state.jitter_ms
    if state.late and state.median_ms is not None and (witness.median_ms or 0.0) > state.median_ms:
        return False  # it is slow, too, and nothing behind it shows otherwise
    if state.fault is Fault.LOSS and state.sent and state.lost and witness.sent and witness.lost is not None:
        possible = loss_upper_ratio(witness.sent, witness.lost)
        return possible is not None and possible < state.lost / state.sent
    return True
