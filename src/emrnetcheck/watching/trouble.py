"""One trouble of a segment: since when, and which figures tell it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.evidence.watch import Moment, WatchEvent
from emrnetcheck.model import Segment
from emrnetcheck.placing import Fault, Leg
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.limits import DEAD_SHARE


@dataclass(slots=True)
class Trouble:
    """One segment's. shown: the leg whose figures tell it best. wanted_s: when it was last found.

    part: the shown leg, since when, lost and sent: what comes and goes has several; before: lost and sent of the
    others. well_s: the time between them."""

    segment: Segment
    since_s: float
    found_s: float
    wanted_s: float
    sure: str
    legs: tuple[Leg, ...]
    normal: tuple[Leg, ...]
    fault: str = ""
    before_ms: float | None = None
    now_ms: float | None = None
    lost: int | None = None
    sent: int | None = None
    cut: bool = False
    ended_s: float | None = None
    well_s: float = 0.0
    part: tuple[Leg, float, int, int] | None = None
    before: tuple[int, int] = (0, 0)

    def bad_s(self, until_s: float) -> float:
        """How long it was bad until then, without the time between two parts in which all was well."""
        return max(0.0, until_s - self.since_s - self.well_s)


_LEGS_OF: Mapping[Segment, tuple[Leg, ...]] = {
    Segment.COMPUTER: (Leg.OWN, Leg.ROUTER),
    Segment.LAN: (Leg.ADDRESSES, Leg.ROUTER, Leg.PEER, Leg.SERVER_TCP),
    Segment.ROUTER: (Leg.ROUTER,),
    Segment.LINE: (Leg.ISP, Leg.OUTSIDE),
    Segment.PATH: (Leg.OUTSIDE, Leg.PATH, Leg.SERVER_TCP),
    Segment.NAME: (Leg.NAME,),
    Segment.FAR: (Leg.SERVER_TCP, Leg.SERVER_BULK),
    Segment.SERVER: (Leg.SERVER_ANSWER, Leg.SERVER_TCP, Leg.SERVER_BULK),
}


def own_legs(segment: Segment, legs: Mapping[Leg, LegWatch]) -> tuple[Leg, ...]:
    """The bad ones of those that show a trouble of this segment."""
    return tuple(leg for leg in _LEGS_OF[segment] if leg in legs and legs[leg].fault is not None)


def tell(trouble: Trouble, legs: Mapping[Leg, LegWatch], told: Mapping[Leg, Fault], *, is_open: bool) -> None:
    """What the bad legs show of it now; of those that have no figures, what is told of them."""
    bad = [(leg, legs[leg]) for leg in trouble.legs if leg in legs and legs[leg].fault is not None]
    if not bad:
        by_itself = next((told[leg] for leg in trouble.legs if leg in told), None)
        trouble.fault = by_itself or trouble.fault
        if by_itself is not None or trouble.part is None:
            trouble.ended_s = trouble.wanted_s
        return
    first_s = min(each.bad_since_s for _, each in bad)
    if not is_open:
        trouble.since_s = first_s
    elif trouble.ended_s is not None and first_s > trouble.ended_s:
        trouble.well_s += first_s - trouble.ended_s
    else:
        trouble.since_s = min(trouble.since_s, first_s)
    leg, shown = bad[0]
    trouble.ended_s = max(each.last_bad_s for _, each in bad)
    trouble.before_ms = shown.usual_ms
    worst = [each.worst_ms for _, each in bad if each.worst_ms is not None]
    trouble.now_ms = max(worst, default=None)
    trouble.cut = any(each.cut_in_trouble for _, each in bad)
    part = (leg, shown.bad_since_s, shown.lost_in_trouble, shown.sent_until_bad)
    if is_open and trouble.part is not None and trouble.part[0] is leg and trouble.part[1] < shown.bad_since_s:
        trouble.before = (trouble.before[0] + trouble.part[2], trouble.before[1] + trouble.part[3])
    trouble.part = part
    trouble.lost, trouble.sent = trouble.before[0] + part[2], trouble.before[1] + part[3]
    trouble.fault = _worded(shown.told_fault(), trouble)


def _worded(fault: Fault | None, trouble: Trouble) -> str:
    """By the figures of all its parts: where some were answered, there was not no answer."""
    lost, sent = trouble.before
    if fault is Fault.DEAD and sent and lost < DEAD_SHARE * sent:
        return Fault.LOSS
    if fault is Fault.LOSS and trouble.fault == Fault.DEAD and not sent and trouble.lost == trouble.sent:
        return Fault.DEAD  # another leg, asked more seldom, shows the end of the same
    return fault or ""


def event_of(
    kind: str, trouble: Trouble, now: Moment, at_s: float, *, withdrawn: bool = False, unseen: bool = False
) -> WatchEvent:
    """As it is told."""
    return WatchEvent(
        kind=kind,
        at_unix_s=now.wall_of(at_s),
        segment=trouble.segment,
        sure=trouble.sure,
        fault=trouble.fault,
        legs=tuple(trouble.legs),
        normal=tuple(trouble.normal),
        before_ms=trouble.before_ms,
        now_ms=trouble.now_ms,
        lost=trouble.lost,
        sent=trouble.sent,
        duration_s=round(trouble.bad_s(at_s), 1) if kind == "end" else None,
        withdrawn=withdrawn,
        unseen=unseen,
        cut=trouble.cut,
    )
