"""When does a trouble of a segment begin and end, and when was it another segment's all the time?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from emrnetcheck.evidence.watch import Moment, SegmentTotal, WatchEvent
from emrnetcheck.model import Segment
from emrnetcheck.placing import Fault, Leg, Placing
from emrnetcheck.watching.echoes import BY_CHANCE, LINGER_S, SETTLE_S, explains, is_before, is_same, replaces, was
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.losing import Blame
from emrnetcheck.watching.trouble import Trouble, event_of, own_legs, tell

_SAME_S = 0.1
UNDECIDED_S = 60.0
"""And a loss that may as well be a nearer segment's is told after so long at the latest, as likely."""


@dataclass(slots=True)
class _Sum:
    events: int = 0
    bad_s: float = 0.0
    longest_s: float = 0.0
    worst_ms: float | None = None


@dataclass(frozen=True, slots=True)
class _Over:
    """The last trouble of a segment, which ended. before: the segment's sum without it."""

    trouble: Trouble
    ended_s: float
    before: _Sum


@dataclass(slots=True)
class Troubles:
    """open: those that were told and go on. coming: those that may be told soon. told: what is wrong with legs that
    have no figures: this computer's own connection, the addresses."""

    open: dict[Segment, Trouble] = field(default_factory=dict)
    coming: dict[Segment, Trouble] = field(default_factory=dict)
    told: dict[Leg, Fault] = field(default_factory=dict)
    _sums: dict[Segment, _Sum] = field(default_factory=dict)
    _ended_s: dict[Segment, float] = field(default_factory=dict)
    _over: dict[Segment, _Over] = field(default_factory=dict)

    def look(
        self, placing: Placing, now: Moment, legs: Mapping[Leg, LegWatch], blamed: Blame | None = None
    ) -> list[WatchEvent]:
        """What begins and ends with this placing. blamed: who loses, judged of all legs together."""
        if blamed is not None and not blamed.legs.intersection(placing.because):
            blamed = None
        undecided = blamed is not None and blamed.early  # its segment's loss may as well be a nearer one's
        wanted = [each for each in (placing.segment, *placing.also) if each is not None]
        self._note(wanted, placing, now, legs)
        events: list[WatchEvent] = []
        fading = [each for segment, each in self.open.items() if segment not in wanted]
        for trouble in list(self.coming.values()):
            # What is behind a trouble that is just ending may still feel it.
            near = [each for each in fading if explains(each, trouble, now)]
            settle_s = UNDECIDED_S if undecided and trouble.segment is placing.segment else SETTLE_S
            if now.mono_s - trouble.found_s >= settle_s and not near:
                events += self._begin(
                    trouble, now, fading, legs, blamed if trouble.segment is placing.segment else None
                )
        if blamed is not None and not blamed.open and placing.segment in self.open:
            events += self._withdraw_covered(self.open[placing.segment], now, blamed)
        for trouble in fading:
            hold_s = LINGER_S if trouble.fault in BY_CHANCE else SETTLE_S
            if trouble.segment not in self.open or any(replaces(each, trouble) for each in self.coming.values()):
                continue  # it is told in a moment what this was all the time
            if now.mono_s - trouble.wanted_s >= hold_s:
                events.append(self._end(trouble, now, unseen=_is_hidden(trouble, placing, legs)))
                self._forget_behind(trouble, legs)
        return events

    def _note(self, wanted: list[Segment], placing: Placing, now: Moment, legs: Mapping[Leg, LegWatch]) -> None:
        for segment in [each for each in self.coming if each not in wanted]:
            del self.coming[segment]
        for segment in wanted:
            because = placing.because if segment is placing.segment else own_legs(segment, legs)
            trouble = self.open.get(segment) or self.coming.get(segment)
            if trouble is None:
                trouble = Trouble(segment, now.mono_s, now.mono_s, now.mono_s, placing.sure, because, placing.normal)
                self.coming[segment] = trouble
            trouble.wanted_s = now.mono_s
            if segment is placing.segment:
                trouble.legs, trouble.sure, trouble.normal = because, placing.sure, placing.normal
            tell(trouble, legs, self.told, is_open=segment in self.open)
            # Time counts once, however often a leg that is bad all the time is found to be at fault, and not to be.
            trouble.since_s = max(trouble.since_s, self._ended_s.get(segment, trouble.since_s))

    def _begin(
        self, trouble: Trouble, now: Moment, fading: list[Trouble], legs: Mapping[Leg, LegWatch], blamed: Blame | None
    ) -> list[WatchEvent]:
        events = []
        for other in fading:
            if other.segment in self.open and (_covers(blamed, other, trouble) or is_same(other, trouble, legs)):
                trouble.since_s = min(trouble.since_s, other.since_s)
                del self.open[other.segment]
                events.append(event_of("end", other, now, now.mono_s, withdrawn=True))
        events += self._take_back(trouble, now, legs, blamed)
        del self.coming[trouble.segment]
        self.open[trouble.segment] = trouble
        return [*events, event_of("begin", trouble, now, trouble.since_s)]

    def _withdraw_covered(self, trouble: Trouble, now: Moment, blamed: Blame) -> list[WatchEvent]:
        """What was told before this one, and is explained by it now that more was seen."""
        events = []
        for other in [each for each in self.open.values() if each is not trouble and _covers(blamed, each, trouble)]:
            trouble.since_s = min(trouble.since_s, other.since_s)
            del self.open[other.segment]
            events.append(event_of("end", other, now, now.mono_s, withdrawn=True))
        for over in [each for each in self._over.values() if each.trouble.segment is not trouble.segment]:
            if _covers(blamed, over.trouble, trouble):
                events.append(self._withdraw_over(over, trouble, now))
        return events

    def _withdraw_over(self, over: _Over, trouble: Trouble, now: Moment) -> WatchEvent:
        segment = over.trouble.segment
        del self._over[segment]
        self._sums[segment] = over.before
        if not over.before.events:
            del self._sums[segment]
        trouble.since_s = min(trouble.since_s, over.trouble.since_s)
        return event_of("end", over.trouble, now, over.ended_s, withdrawn=True)

    def _take_back(
        self, trouble: Trouble, now: Moment, legs: Mapping[Leg, LegWatch], blamed: Blame | None
    ) -> list[WatchEvent]:
        """What is over already, and was this all the time."""
        events = []
        over = [each for each in self._over.values() if each.trouble.segment is not trouble.segment]
        for other in over:
            if _covers(blamed, other.trouble, trouble) or was(other.trouble, other.ended_s, trouble, legs):
                events.append(self._withdraw_over(other, trouble, now))
        return events

    def _end(self, trouble: Trouble, now: Moment, *, unseen: bool = False) -> WatchEvent:
        del self.open[trouble.segment]
        ended_s = min(max(trouble.ended_s or trouble.wanted_s, trouble.since_s), now.mono_s)
        held = self._sums.setdefault(trouble.segment, _Sum())
        self._over[trouble.segment] = _Over(trouble, ended_s, replace(held))
        _add(held, trouble, ended_s)
        self._ended_s[trouble.segment] = ended_s
        return event_of("end", trouble, now, ended_s, unseen=unseen)

    def end_all(self, now: Moment) -> list[WatchEvent]:
        """Whatever goes on ends now, and nobody has seen its end."""
        self.coming.clear()
        return [self._end(each, now, unseen=True) for each in list(self.open.values())]

    def _forget_behind(self, trouble: Trouble, legs: Mapping[Leg, LegWatch]) -> None:
        """What is asked seldom would show this trouble for long after its end, as one of its own."""
        for leg, watch in legs.items():
            if watch.fault in (Fault.WRONG, Fault.NO_PAGE):  # an answer that is wrong in itself shows no other trouble
                continue
            # They are not asked at the same moment: who is asked just before shows the same a moment earlier.
            began_s = watch.bad_since_s + SETTLE_S
            if leg not in trouble.legs and watch.fault is not None and began_s >= trouble.since_s:
                watch.forget()

    def totals(self, now: Moment) -> dict[str, SegmentTotal]:
        """Of each segment that was ever bad; what goes on counts until now."""
        sums = {
            segment: _Sum(each.events, each.bad_s, each.longest_s, each.worst_ms)
            for segment, each in self._sums.items()
        }
        for segment, trouble in self.open.items():
            _add(sums.setdefault(segment, _Sum()), trouble, now.mono_s)
        return {
            str(segment): SegmentTotal(each.events, round(each.bad_s, 1), round(each.longest_s, 1), each.worst_ms)
            for segment, each in sums.items()
        }


def _is_hidden(trouble: Trouble, placing: Placing, legs: Mapping[Leg, LegWatch]) -> bool:
    """Whether it is only not told because of something nearer, behind which nobody sees it."""
    if placing.segment is None or not is_before(placing.segment, trouble.segment):
        return False
    return any(leg in legs and legs[leg].fault is not None for leg in trouble.legs)


def _covers(blamed: Blame | None, other: Trouble, new: Trouble) -> bool:
    """Whether all that was lost since before the other began is explained without it: then chance had named it."""
    if blamed is None or new.fault != Fault.LOSS or other.fault != Fault.LOSS:
        return False
    return other.since_s >= blamed.since_s - _SAME_S and other.segment is not blamed.also


def _add(held: _Sum, trouble: Trouble, ended_s: float) -> None:
    lasted_s = trouble.bad_s(ended_s)
    held.events += 1
    held.bad_s += lasted_s
    held.longest_s = max(held.longest_s, lasted_s)
    if trouble.now_ms is not None:
        held.worst_ms = trouble.now_ms if held.worst_ms is None else max(held.worst_ms, trouble.now_ms)
