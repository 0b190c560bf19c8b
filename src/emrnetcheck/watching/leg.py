"""Is one leg well, by its last answers and by what is usual for it? Constant memory; times come in from outside."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from emrnetcheck.evidence.watch import Sample, Watched
from emrnetcheck.model import FailureKind
from emrnetcheck.placing import Fault, State
from emrnetcheck.watching import showing
from emrnetcheck.watching.limits import (
    BASELINE_FACTOR,
    CALM_SHARE,
    DEAD_LEAST_S,
    DEAD_SHARE,
    JITTER_CALM,
    LOSS_CALM,
    LOSS_CALM_TIMES,
    SILENT_CHANCE,
    SILENT_LATELY_CHANCE,
    SLOW_SHARE,
    SUSPECT_LEAST,
    Bounds,
    loss_at_least,
)
from emrnetcheck.watching.recent import MOST, Recent, is_bad
from emrnetcheck.watching.sketch import Sketch

_USUAL = 300
_USUAL_EVERY = 20
_USUAL_LEAST = 20
_JITTER_EVERY = 5
_BEFORE = 240
_LATER = 60  # more than is asked of a leg until it is known that a question got no answer
# What was never sent is no loss.
_UNSENT = (
    FailureKind.NO_ROUTE,
    FailureKind.PERMISSION,
    FailureKind.LOCAL_RESOURCE,
    FailureKind.INTERRUPTED,
    FailureKind.NOT_CONFIGURED,
    FailureKind.UNSUPPORTED,
)
_WORSE = (
    Fault.JITTER,
    Fault.LATENCY,
    Fault.RATE,
    Fault.LOSS,
    Fault.SIZE,
    Fault.REFUSED,
    Fault.WRONG,
    Fault.NO_PAGE,
    Fault.DEAD,
    Fault.MISSING,
)


class LegWatch:
    """One leg. bad_since_s, last_bad_s: when the first and the last bad question of a trouble were asked.

    now_and_then: it is late again and again, and quick between: no answer alone would tell.
    """

    def __init__(self, watched: Watched, limits: Bounds) -> None:
        self.watched = watched
        self.limits = limits
        self.recent = Recent(limits)
        self.fault: Fault | None = None
        self.now_and_then = False
        self.bad_since_s = self.last_bad_s = 0.0
        self.worst_ms: float | None = None
        self.lost_in_trouble = self.sent_in_trouble = 0
        self.cut_in_trouble = False
        self.sent_until_bad = 0
        self.usual_ms: float | None = None
        self.bad_s = 0.0
        self.sketch = Sketch()
        self.sent = self.lost = self.unsent = self.unsent_in_row = self.cut = 0
        self._good_ms: deque[float] = deque(maxlen=_USUAL)
        self._until_usual = self._until_jitter = 0
        self._state: State | None = None
        self.ended_s = float("-inf")

    def set_limits(self, limits: Bounds) -> None:
        """Other limits hold from the next answer on."""
        self.limits = limits
        self.recent.set_limits(limits)

    def slow_ms(self) -> float:
        """Above this an answer is slow."""
        usual = self.usual_ms
        return self.limits.latency_ms if usual is None else max(self.limits.latency_ms, BASELINE_FACTOR * usual)

    def late_ms(self) -> float:
        """Above this it is late, if that comes again and again."""
        return max(self.limits.late_ms, self.slow_ms())

    def _is_late(self) -> bool:
        return self.recent.often_late(self.late_ms(), in_trouble=self.fault is not None)

    def take(self, sample: Sample) -> None:
        """One answer, or that none came."""
        if sample.rtt_ms is None and sample.failure is not None and sample.failure.kind in _UNSENT:
            self.take_unsent()
            return
        self._state = None
        self.unsent_in_row = 0
        self.sent += 1
        self.recent.add(sample)
        bad = self._count(sample)
        if self.fault is None:
            found = self._found(sample) if bad or self._jitter_is_due() else None
            if found is not None:
                self._begin(found)
        else:
            self._go_on(sample, bad=bad)

    def take_unsent(self) -> None:
        """A question that could not be sent, or not be answered, here."""
        self.unsent += 1
        self.unsent_in_row += 1
        self._state = None

    def excuse(self, from_s: float) -> None:
        """This computer had no connection since then: what was lost is no loss."""
        lost = self.recent.drop_lost(from_s)
        self.sent, self.lost, self.unsent = self.sent - lost, self.lost - lost, self.unsent + lost
        self._state = None
        if self.fault is not None and self.bad_since_s >= from_s:
            self.fault, self.now_and_then = None, False

    def _count(self, sample: Sample) -> bool:
        rtt_ms, took_ms = sample.rtt_ms, sample.took_ms
        if rtt_ms is None or took_ms is None:
            self.lost += 1
            return True
        self.sketch.add(took_ms)
        self.cut += sample.cut
        if sample.fault or rtt_ms > self.slow_ms():
            return True
        if self.fault is None:
            self._good_ms.append(rtt_ms)
            self._until_usual -= 1
            if self._until_usual <= 0 and len(self._good_ms) >= _USUAL_LEAST:
                self._until_usual = _USUAL_EVERY
                self.usual_ms = sorted(self._good_ms)[len(self._good_ms) // 2]
        return False

    def _jitter_is_due(self) -> bool:
        self._until_jitter -= 1
        if self._until_jitter > 0:
            return False
        self._until_jitter = _JITTER_EVERY
        return self.limits.jitter_ms is not None

    def _found(self, sample: Sample) -> Fault | None:
        """What is bad now, the worst first."""
        if sample.rtt_ms is None and self.recent.is_dead(sample.at_s) and not self._is_chance(sample.at_s):
            return Fault.MISSING if self._is_denied(sample.at_s) else Fault.DEAD
        if sample.fault and self.recent.all_say(sample.fault):
            return Fault(sample.fault)
        if sample.rtt_ms is None and self.recent.loses():
            return Fault.LOSS
        if self._slow_share(sample.at_s) >= SLOW_SHARE or self._is_late():
            return Fault.LATENCY
        jitter_ms, most_ms = self.recent.jitter_ms(), self.limits.jitter_ms
        return Fault.JITTER if jitter_ms is not None and most_ms is not None and jitter_ms > most_ms else None

    def _is_denied(self, until_s: float) -> bool:
        """Whether it is no silence, but each time the answer that there is no such name."""
        last = self.recent.silent(until_s)[: self.limits.dead_after]
        return all(each.fault == Fault.MISSING for each in last)

    def _slow_share(self, now_s: float) -> float:
        return self.recent.slow_share(now_s, self.slow_ms(), in_trouble=self.fault is not None)

    def _begin(self, fault: Fault) -> None:
        self.fault = fault
        self._state = None
        slow_ms, now_s = self.slow_ms(), self.recent.last_s() or 0.0
        blamed = self.recent.blamed(fault, slow_ms, self.ended_s)
        self.now_and_then = fault is Fault.LATENCY and self._slow_share(now_s) < SLOW_SHARE
        if self.now_and_then:
            blamed += self.recent.last(self.limits.often_of or 0)
        # What is late is not lost: it is no part of a loss.
        by_loss = fault in (Fault.LOSS, Fault.MISSING, Fault.DEAD)
        shows = [each.at_s for each in blamed if (each.rtt_ms is None if by_loss else is_bad(each, slow_ms))]
        first = min(shows, default=now_s)
        self.bad_since_s, self.last_bad_s = first, max(shows, default=now_s)
        since = self.recent.since(first)
        self.sent_in_trouble = len(since)
        self.sent_until_bad = sum(each.at_s <= self.last_bad_s for each in since)
        self.lost_in_trouble = sum(each.rtt_ms is None for each in since)
        self.worst_ms = max((each.took_ms for each in since if each.took_ms is not None), default=None)
        self.cut_in_trouble = any(each.cut for each in since)

    def _go_on(self, sample: Sample, *, bad: bool) -> None:
        self.sent_in_trouble += 1
        if sample.took_ms is None:
            self.lost_in_trouble += 1
        else:
            self.worst_ms = sample.took_ms if self.worst_ms is None else max(self.worst_ms, sample.took_ms)
            self.cut_in_trouble = self.cut_in_trouble or sample.cut
        if bad or self.fault is Fault.JITTER:
            found = self._found(sample)
            if found is not None or (bad and self.fault is not Fault.JITTER):
                self.last_bad_s = max(self.last_bad_s, sample.at_s)
                later = sum(each.at_s > self.last_bad_s for each in self.recent.last(_LATER))
                self.sent_until_bad = self.sent_in_trouble - later
            if found is not None:
                self._worsen(found, sample.at_s)
        if self.fault is Fault.DEAD and self.limits.loss_ratio is not None and not self.is_silent():
            self.fault = Fault.LOSS
            self._state = None
        if self._is_calm(sample.at_s):
            self.end()

    def _worsen(self, found: Fault, now_s: float) -> None:
        assert self.fault is not None
        if found is Fault.DEAD and self.fault is not Fault.DEAD and self.lost_in_trouble < self.sent_in_trouble:
            # A new trouble, which begins where its own evidence does.
            self.end()
            self._begin(found)
            return
        self.fault = max(self.fault, found, key=_WORSE.index)
        self.now_and_then = self.now_and_then and self._slow_share(now_s) < SLOW_SHARE

    def is_silent(self) -> bool:
        """Whether next to nothing was answered from the first to the last bad question, and enough was asked."""
        enough = self.sent_until_bad >= self.limits.dead_after and self.last_bad_s - self.bad_since_s >= DEAD_LEAST_S
        return enough and self.lost_in_trouble >= DEAD_SHARE * self.sent_until_bad

    def told_fault(self) -> Fault | None:
        """The word that fits the figures: where some answered, it is a loss, and where nobody did, no answer."""
        if self.fault is Fault.LOSS and self.is_silent():
            return Fault.DEAD
        return Fault.LOSS if self.fault is Fault.DEAD and not self.is_silent() else self.fault

    def _is_chance(self, now_s: float) -> bool:
        """Whether who loses so much would be silent for so long by chance."""
        run = len(self.recent.silent(now_s))
        if self.fault is Fault.LOSS:
            lost, sent = self.lost_in_trouble - run, self.sent_in_trouble - run
            return sent > lost and ((lost + 1) / (sent + 2)) ** run > SILENT_CHANCE
        if self.limits.loss_ratio is None:
            return False
        before = self.recent.last(_BEFORE + run)[:-run]
        # An outage before is one time that it was silent, and no share that it loses.
        times = sum(now.rtt_ms is None and last.rtt_ms is not None for last, now in pairwise(before))
        return times >= SUSPECT_LEAST and (times / len(before)) ** run > SILENT_LATELY_CHANCE

    def _is_calm(self, now_s: float) -> bool:
        """Whether all of the last window is in order, but for a spike."""
        window = self.recent.window(now_s)
        if any(each.rtt_ms is None or each.fault for each in window) or not self.recent.is_long_enough(window):
            return False
        if self._slow_share(now_s) > CALM_SHARE or (self.now_and_then and self._is_late()):
            return False
        if self.fault is Fault.LOSS and not self.is_silent():
            return not any(each.rtt_ms is None for each in self.recent.last(self._loss_calm()))
        if self.fault is Fault.JITTER:
            jitter_ms, most_ms = self.recent.jitter_ms(), self.limits.jitter_ms
            return jitter_ms is not None and most_ms is not None and jitter_ms <= JITTER_CALM * most_ms
        return True

    def _loss_calm(self) -> int:
        """So many answers in a row that one who still loses as before would hardly give them. As before: as little as
        what was lost leaves possible, since a trouble is often found by a cluster of losses."""
        ratio = loss_at_least(self.sent_in_trouble, self.lost_in_trouble)
        return max(LOSS_CALM, min(MOST, round(LOSS_CALM_TIMES / max(ratio, 1.0 / MOST))))

    def quiet_ms(self) -> float | None:
        """What is usual, or until that is known, the median of the last answers."""
        return self.usual_ms if self.usual_ms is not None else self.state().median_ms

    def begin_to_lose(self) -> None:
        """It loses, too, as is seen from others."""
        self._begin(Fault.LOSS)

    def end(self, at_s: float | None = None) -> None:
        """The trouble is over, since then: what was asked later counts anew."""
        if self.fault is not None:
            self.bad_s += max(0.0, self.last_bad_s - self.bad_since_s)
            self.fault = None
            self.now_and_then = False
            self._state = None
            self.ended_s = at_s if at_s is not None else self.recent.last_s() or self.ended_s

    def forget(self) -> None:
        """What came lately says nothing about what comes: after a sleep, behind another trouble."""
        self.end()
        self._state = None
        self.recent.clear()

    def retarget(self, watched: Watched) -> None:
        """From now on another host is asked."""
        self.forget()
        self.watched = watched
        self._state = None
        self._good_ms.clear()
        self.usual_ms = None

    def state(self) -> State:
        """In the words of placing."""
        if self._state is None:
            self._state = showing.state(self)
        return self._state
