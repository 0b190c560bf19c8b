"""What goes wrong while the way to the EMR is watched, and where? Pure: answers and times come in, events come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

from emrnetcheck.evidence.watch import (
    Happening,
    LegFigures,
    LegTotal,
    Moment,
    Sample,
    Watched,
    WatchEvent,
    WatchSummary,
)
from emrnetcheck.model import Segment
from emrnetcheck.placing import ABSENT, Fault, Health, Leg, Placing, State, Sure, place
from emrnetcheck.placing.limits import USUAL, LegLimits
from emrnetcheck.placing.losses import reached_by_router
from emrnetcheck.watching import losing, showing
from emrnetcheck.watching.connection import OwnConnection
from emrnetcheck.watching.explained import amended
from emrnetcheck.watching.lateness import forwards_better
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.limits import TURNS, TURNS_OF, Bounds, limits_of
from emrnetcheck.watching.loads import Loads
from emrnetcheck.watching.trouble import Trouble
from emrnetcheck.watching.troubles import Troubles

EVENTS_KEPT = 500
_NO_PLACING = Placing(None, Sure.CANNOT_TELL)

_NEAR_MS = 0.5  # less than any access line takes there and back
_JUDGED = (Leg.SERVER_BULK, Leg.SERVER_ANSWER)
_OF_EMR = (Leg.SERVER_TCP, Leg.SERVER_ANSWER, Leg.SERVER_BULK, Leg.SERVER_LOADED, Leg.OWN_BULK)

__all__ = ["EVENTS_KEPT", "Trouble", "Watching"]


class Watching:
    """One watch. Constant memory, however long it lasts: the last events are kept, all others only counted.

    inside: whether the EMR is in this very office; None: to be seen from how near it answers.
    """

    def __init__(
        self,
        legs: Sequence[Watched],
        started: Moment,
        *,
        inside: bool | None = False,
        wireless: bool = False,
        vpn: bool = False,
        pace: float = 1.0,
        limits: LegLimits = USUAL,
    ) -> None:
        self._pace = pace
        self._shared = limits
        self.inside = inside
        self.wireless = wireless
        self.vpn = vpn
        self.placing = _NO_PLACING
        self._started = started
        self._slept_s = 0.0
        self._own = OwnConnection()
        self._addresses = State(Health.UNKNOWN)
        self._loads = Loads(limits)
        self._legs = {Leg(each.leg): LegWatch(each, self._limits(each)) for each in legs}
        self._troubles = Troubles()
        self._blame: losing.Blame | None = None
        self._events: deque[WatchEvent] = deque(maxlen=EVENTS_KEPT)

    def take(self, sample: Sample) -> None:
        """One answer. Of this computer's own connection: rtt_ms None and no fault means that it is in order."""
        leg = Leg(sample.leg)
        if leg is Leg.OWN:
            lost_from_s = self._own.take(sample)
            if lost_from_s is not None:
                for each in self._legs.values():
                    each.excuse(lost_from_s)
        elif leg is Leg.ADDRESSES:
            self._addresses = State(Health.BAD, Fault(sample.fault)) if sample.fault else State(Health.GOOD)
        elif leg in self._legs and self._is_unsent(leg, sample):
            self._legs[leg].take_unsent()
        elif sample.loaded:
            self._loads.take(sample)
        elif leg in self._legs:
            self._take(leg, self._loads.judged(sample) if leg in _JUDGED else sample)

    def _take(self, leg: Leg, sample: Sample) -> None:
        self._legs[leg].take(sample)
        if leg is Leg.SERVER_BULK:
            self._loads.over(self._legs, slow=bool(sample.fault))
        elif leg is Leg.SERVER_ANSWER and sample.fault == Fault.RATE:
            self._loads.page_over(sample, self._legs)

    def _is_unsent(self, leg: Leg, sample: Sample) -> bool:
        """Whether it is lost or late because this computer had no connection."""
        self._own.answered(sample)
        slow = sample.rtt_ms is None or bool(sample.fault) or sample.rtt_ms > self._legs[leg].slow_ms()
        return (slow or leg is Leg.SERVER_BULK) and self._own.was_lost(sample)

    def retarget(self, watched: Watched) -> None:
        """Another host is asked for this leg from now on; one that was not asked before may come, or go."""
        leg = Leg(watched.leg)
        if leg in self._legs:
            self._legs[leg].retarget(watched)
            self._legs[leg].set_limits(self._limits(watched))
        else:
            self._legs[leg] = LegWatch(watched, self._limits(watched))

    def moved(self, *, inside: bool | None, wireless: bool, vpn: bool = False) -> None:
        """The EMR is now reached in another way, or this computer is connected otherwise: other limits hold."""
        self.inside, self.wireless, self.vpn = inside, wireless, vpn
        for leg in self._legs.values():
            leg.set_limits(self._limits(leg.watched))

    def _limits(self, watched: Watched) -> Bounds:
        inside = bool(self.inside)
        return limits_of(watched, wireless=self.wireless, inside=inside, pace=self._pace, shared=self._shared)

    def happened(self, what: Happening, now: Moment) -> list[WatchEvent]:
        """Told at once. After a sleep nothing that was asked before it counts, and no trouble went on through it."""
        events: list[WatchEvent] = []
        if what.kind == "slept":
            self._slept_s += what.seconds or 0.0
            events += self._troubles.end_all(now)
            for leg in self._legs.values():
                leg.forget()
        computer = self._troubles.open.get(Segment.COMPUTER)
        told = computer is not None and computer.fault == Fault.DEAD
        events += [_told(each, now) for each in self._own.hold(what, told=told)]
        self._events.extend(events)
        return events

    def look(self, now: Moment) -> list[WatchEvent]:
        """What has begun or ended since the last look. To be asked about once a second."""
        self._blame = losing.blame(
            self._legs, self._blame, inside=bool(self.inside), by_router=bool(self.inside) and self._is_by_router()
        )
        losing.begin(self._legs, self._blame)
        states = self._states()
        self.placing = self._with_blame(self._placed(states))
        bad = {leg: states[leg].fault for leg in (Leg.OWN, Leg.ADDRESSES)}
        self._troubles.told = {leg: fault for leg, fault in bad.items() if fault is not None}
        events = self._troubles.look(self.placing, now, self._legs, self._blame)
        for event in events:
            self._keep(event)
        return events

    def _is_by_router(self) -> bool:
        emr = self._legs.get(Leg.SERVER_TCP)
        return emr is not None and reached_by_router(emr.watched.target.rpartition(":")[0])

    def _keep(self, event: WatchEvent) -> None:
        """What is taken back after it ended, never ended."""
        if event.withdrawn:
            ends = [each for each in self._events if (each.kind, each.segment) == ("end", event.segment)]
            for each in ends[-1:]:
                if each.at_unix_s == event.at_unix_s:
                    self._events.remove(each)
        self._events.append(event)

    def _with_blame(self, placing: Placing) -> Placing:
        """What is lost may be lost in two places; and while it is open in which, nothing is certain."""
        blamed = self._blame
        if blamed is None or placing.segment is None or not blamed.legs.intersection(placing.because):
            return placing
        sure = Sure.LIKELY if blamed.open and placing.sure is Sure.CERTAIN else placing.sure
        farther = blamed.also if not blamed.open and blamed.also is not placing.segment else None
        also = placing.also if farther is None or farther in placing.also else (*placing.also, farther)
        return replace(placing, sure=sure, also=also)

    def _placed(self, states: dict[Leg, State]) -> Placing:
        """Of the way to the EMR; where that is in this office, also of the way to the Internet: both are watched."""
        inside = _is_as_near(states) if self.inside is None else self.inside
        by_router = inside and self._is_by_router()
        emr = _or_the_cable(place(states, inside=inside, by_router=by_router, wireless=self.wireless, vpn=self.vpn))
        page = self._legs.get(Leg.SERVER_ANSWER)
        if page is not None and page.fault is Fault.RATE:  # that leg has the figures
            emr = replace(
                emr, because=tuple(Leg.SERVER_ANSWER if each is Leg.SERVER_BULK else each for each in emr.because)
            )
        if emr.because == (Leg.ADDRESSES,) and self._addresses.health is not Health.BAD:
            emr = replace(emr, sure=Sure.LIKELY)  # nobody has seen the two
        if not inside:
            return emr
        without_emr = states | dict.fromkeys(_OF_EMR, ABSENT)
        out = _or_the_cable(place(without_emr, inside=False, wireless=self.wireless, vpn=self.vpn))
        return _both(emr, out)

    def _states(self) -> dict[Leg, State]:
        states = dict.fromkeys(Leg, State(Health.ABSENT))
        states |= {leg: watch.state() for leg, watch in self._legs.items()}
        states = losing.told(states, self._blame)
        states[Leg.ADDRESSES] = State(Health.BAD, Fault.WRONG) if self._by_turns() else self._addresses
        if states[Leg.SERVER_BULK].health is Health.BAD:
            states |= self._loads.states()
        if states[Leg.SERVER_ANSWER].fault is Fault.RATE:  # it begins well: what comes slowly is what it sends
            states |= {Leg.SERVER_BULK: states[Leg.SERVER_ANSWER], **self._loads.page_states()}
            states[Leg.SERVER_ANSWER] = replace(states[Leg.SERVER_ANSWER], health=Health.GOOD, fault=None)
        if self._forwards_better():
            states[Leg.ROUTER] = State(Health.GOOD)
        states[Leg.OWN] = self._own.state()
        return amended(states, self._legs, self._pace, inside=bool(self.inside))

    def _by_turns(self) -> bool:
        """Whether the EMR in this office takes and refuses connections by turns."""
        emr = self._legs.get(Leg.SERVER_TCP)
        by_turns = emr is not None and bool(self.inside) and emr.fault is Fault.REFUSED
        return by_turns and emr is not None and emr.recent.turns(Fault.REFUSED, TURNS_OF) >= TURNS

    def _forwards_better(self) -> bool:
        """Whether a router that is late now and then passes on what is behind it without being so."""
        router = self._legs.get(Leg.ROUTER)
        behind = (Leg.ISP, Leg.OUTSIDE, *(() if self.inside else (Leg.SERVER_TCP,)))
        return router is not None and forwards_better(router, [self._legs[leg] for leg in behind if leg in self._legs])

    def restless(self) -> bool:
        """Whether something is bad, or may be: then it is worth asking more often."""
        return bool(self._troubles.open) or any(leg.fault or losing.may_lose(leg) for leg in self._legs.values())

    def own(self) -> State:
        """This computer's own connection."""
        return self._own.told

    def figures(self, now: Moment) -> tuple[LegFigures, ...]:
        """Every leg as it is now, from near to far."""
        return tuple(showing.figures(self._legs[leg], now.mono_s) for leg in self._timed())

    def _timed(self) -> list[Leg]:
        """The legs whose answers have a time, from near to far: a packet of full size comes, or does not."""
        return [leg for leg in Leg if leg in self._legs and leg is not Leg.PATH]

    def open_troubles(self) -> tuple[Trouble, ...]:
        """What is bad now, and told."""
        return tuple(self._troubles.open.values())

    def events(self) -> tuple[WatchEvent, ...]:
        """The last ones, the oldest first."""
        return tuple(self._events)

    def finish(self, now: Moment) -> list[WatchEvent]:
        """The watch is over: what is still bad ends with it."""
        events = self.look(now)
        ended = self._troubles.end_all(now)
        self._events.extend(ended)
        return [*events, *ended]

    def summary(self, now: Moment) -> WatchSummary:
        """What it came to until now."""
        by_segment = self._troubles.totals(now)
        worst = max(by_segment, key=lambda segment: by_segment[segment].bad_s, default=None)
        totals = tuple(showing.total(self._legs[leg], now.mono_s) for leg in self._timed())
        return WatchSummary(
            from_unix_s=self._started.wall_s,
            to_unix_s=now.wall_s,
            watched_s=round(max(0.0, now.mono_s - self._started.mono_s), 1),
            slept_s=round(self._slept_s, 1),
            segment=worst,
            measured=_is_measured(totals),
            by_segment=by_segment,
            legs=totals,
            events_total=sum(each.events for each in by_segment.values()),
            events=self.events(),
        )


def _told(what: Happening, now: Moment) -> WatchEvent:
    return WatchEvent(what.kind, now.wall_of(what.at_s), old=what.old, new=what.new, duration_s=what.seconds)


def _is_measured(totals: Sequence[LegTotal]) -> bool:
    """Whether what was to be watched was: somebody answered, and the EMR was asked as often as not, where there is one.

    An EMR whose questions could not even be sent is no EMR that is well; one that was asked and kept silent is told.
    """
    connects = all(each.sent > each.unsent for each in totals if each.leg == Leg.SERVER_TCP)
    asked = connects and all(each.sent >= each.unsent for each in totals if each.leg == Leg.SERVER_ANSWER)
    return asked and any(each.sent > each.lost for each in totals)


def _both(emr: Placing, out: Placing) -> Placing:
    """One answer of two: what is wrong with the way to the EMR first, then what else is."""
    first, second = (emr, out) if emr.segment is not None else (out, emr)
    others = (*first.also, *((second.segment, *second.also) if second.segment is not None else ()))
    also = tuple(dict.fromkeys(each for each in others if each is not first.segment))
    excused = tuple(leg for leg in Leg if leg in (*emr.excused, *out.excused) and leg not in first.because)
    return replace(first, normal=emr.normal, excused=excused, also=also)


def _is_as_near(states: Mapping[Leg, State]) -> bool:
    """The EMR answers as soon as the router does: no line is between."""
    emr_ms, router_ms = states[Leg.SERVER_TCP].median_ms, states[Leg.ROUTER].median_ms
    if emr_ms is None or router_ms is None or emr_ms > router_ms + _NEAR_MS:
        return False
    # A router that answers slowly, and passes on quickly, is as late as an EMR far away: that shows nothing.
    beyond = [states.get(leg, State(Health.ABSENT)) for leg in (Leg.ISP, Leg.OUTSIDE)]
    return not any(each.median_ms is not None and each.median_ms < router_ms for each in beyond)


def _or_the_cable(placing: Placing) -> Placing:
    """A router that falls silent, with no neighbour to compare, may have been unplugged from here: both are the
    office's network, and a pulled cable is the commoner of the two."""
    unsure = placing.segment is Segment.ROUTER and placing.sure is Sure.LIKELY
    return replace(placing, segment=Segment.LAN) if unsure else placing
