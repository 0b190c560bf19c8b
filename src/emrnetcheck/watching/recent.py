"""What do the last answers of one leg show? They are bounded in number; times come in from outside."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from itertools import dropwhile, islice, pairwise, takewhile

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.placing import Fault
from emrnetcheck.watching.limits import (
    DEAD_LEAST_S,
    JITTER_LAST,
    LOSS_WINDOWS,
    MOMENT_S,
    OFTEN_LEAST,
    SLOW_LEAST,
    Bounds,
    too_many_lost,
)

MOST = max(LOSS_WINDOWS)  # and more than the quickest leg is asked in a minute
_EPSILON_S = 1e-6
_AS_LIKELY = 1.92  # half of the 95 % point of chi squared with one degree of freedom: Wilks' interval of a likelihood
_LOSS_RATIO = 0.01  # where nobody says what is in order


class Recent:
    """The last answers, and the questions that got none."""

    def __init__(self, limits: Bounds) -> None:
        self._samples: deque[Sample] = deque(maxlen=MOST)
        self.set_limits(limits)

    def set_limits(self, limits: Bounds) -> None:
        """Other limits hold from now on."""
        self.limits = limits

    def add(self, sample: Sample) -> None:
        """One more; the oldest makes room. In the order of the questions: what got no answer is known late."""
        later: list[Sample] = []
        while self._samples and self._samples[-1].at_s > sample.at_s:
            later.append(self._samples.pop())
        self._samples.append(sample)
        self._samples.extend(reversed(later))

    def drop_lost(self, from_s: float) -> int:
        """Those that got no answer since then say nothing; how many."""
        kept = [each for each in self._samples if each.at_s < from_s or each.rtt_ms is not None]
        dropped = len(self._samples) - len(kept)
        self._samples = deque(kept, maxlen=MOST)
        return dropped

    def clear(self) -> None:
        """What came lately says nothing about what comes."""
        self._samples.clear()

    def newest_first(self) -> Iterator[Sample]:
        """All of them."""
        return reversed(self._samples)

    def last(self, count: int) -> list[Sample]:
        """The last ones, the newest first."""
        return list(islice(reversed(self._samples), count))

    def since(self, at_s: float) -> list[Sample]:
        """Those that were asked from this moment on, the oldest first."""
        return [each for each in self._samples if each.at_s >= at_s]

    def last_s(self) -> float | None:
        """When the newest was asked."""
        return self._samples[-1].at_s if self._samples else None

    def first_s(self) -> float:
        """When the oldest was asked that is remembered."""
        return self._samples[0].at_s if self._samples else 0.0

    def is_full(self) -> bool:
        """Whether older ones are forgotten."""
        return len(self._samples) == MOST

    def window(self, now_s: float) -> list[Sample]:
        """Those by which the leg is slow or quick now, the newest first."""
        from_s = now_s - self.limits.window_s - _EPSILON_S
        return list(islice(takewhile(lambda each: each.at_s >= from_s, reversed(self._samples)), self.limits.most))

    def is_dead(self, until_s: float) -> bool:
        """Nobody has answered so many times until this question, for more than a moment."""
        silent = self.silent(until_s)
        if len(silent) < self.limits.dead_after:
            return False
        return silent[0].at_s - silent[-1].at_s >= DEAD_LEAST_S - _EPSILON_S

    def silent(self, until_s: float) -> list[Sample]:
        """The unanswered ones in a row until then, the newest first."""
        before = dropwhile(lambda each: each.at_s > until_s, reversed(self._samples))
        return list(takewhile(lambda each: each.rtt_ms is None, before))

    def all_say(self, fault: str) -> bool:
        """Whether the last ones all say that this is wrong."""
        count = self.limits.say or self.limits.least
        last = self.last(count)
        return len(last) == count and all(each.fault == fault for each in last)

    def loses(self) -> bool:
        """Significantly more than is in order; a burst of a moment is none."""
        ratio = self.limits.loss_ratio
        if ratio is None:
            return False
        chance = self.limits.loss_chance
        for size in LOSS_WINDOWS:
            last = self.last(size)
            lost = [each.at_s for each in last if each.rtt_ms is None]
            if len(lost) >= too_many_lost(len(last), ratio, chance) and max(lost) - min(lost) >= DEAD_LEAST_S:
                return True
            if len(last) < size:
                return False
        return False

    def slow_share(self, now_s: float, slow_ms: float, *, in_trouble: bool) -> float:
        """Of the answers of the window; 0 of too few, or of a moment only. A lost one is neither slow nor quick."""
        came = [each for each in self.window(now_s) if each.rtt_ms is not None]
        if not self.is_long_enough(came):
            return 0.0
        slow = sum(each.rtt_ms > slow_ms for each in came if each.rtt_ms is not None)
        return slow / len(came) if in_trouble or slow >= SLOW_LEAST else 0.0

    def often_late(self, late_ms: float, *, in_trouble: bool) -> bool:
        """Whether answers are late again and again, with quick ones between: each run of late ones counts once, as one
        stall of this computer would be. While there is a trouble half as often is still too often."""
        limits = self.limits
        if limits.often_of is None:
            return False
        came = [each.rtt_ms > late_ms for each in self.last(limits.often_of) if each.rtt_ms is not None]
        runs = sum(late and not before for before, late in pairwise((False, *came)))
        share, least = (limits.often_share / 2, 1) if in_trouble else (limits.often_share, OFTEN_LEAST)
        return runs >= least and len(came) >= limits.often_of // 2 and sum(came) >= share * len(came)

    def late_share(self, over_ms: float, since_s: float, least: int) -> float | None:
        """Of the answers since then, those above this; None of fewer than `least`."""
        came = [each.rtt_ms for each in self.since(since_s) if each.rtt_ms is not None]
        return sum(rtt_ms > over_ms for rtt_ms in came) / len(came) if len(came) >= least else None

    def turns(self, fault: str, count: int) -> int:
        """How often, of the last answers, one that told of this fault came after one that did not, or before it."""
        told = [each.fault == fault for each in self.last(count) if each.rtt_ms is not None]
        return sum(earlier is not later for earlier, later in pairwise(told))

    def is_long_enough(self, samples: list[Sample]) -> bool:
        """Enough of them (the newest first), and over more than a moment."""
        if len(samples) < self.limits.least:
            return False
        return samples[0].at_s - samples[-1].at_s >= MOMENT_S - _EPSILON_S

    def jitter_ms(self) -> float | None:
        """The median change from one answer to the next: a mean would be that of the largest spike."""
        came = [each.rtt_ms for each in self.last(JITTER_LAST) if each.rtt_ms is not None]
        if len(came) < JITTER_LAST // 2:
            return None
        return median([abs(later - earlier) for earlier, later in pairwise(came)])

    def blamed(self, fault: Fault, slow_ms: float, after_s: float) -> list[Sample]:
        """Those that a fault found just now rests on. after_s: the end of the trouble before."""
        if fault is Fault.LOSS:
            return self._lossy([each for each in self._samples if each.at_s > after_s])
        if fault in (Fault.MISSING, Fault.DEAD):
            answered = dropwhile(lambda each: each.rtt_ms is not None, reversed(self._samples))
            return list(takewhile(lambda each: each.rtt_ms is None, answered))
        if fault is Fault.JITTER:
            return self.last(JITTER_LAST)
        run: list[Sample] = []
        newest_s = self.last_s() or 0.0
        for each in reversed(self._samples):
            if not is_bad(each, slow_ms) and newest_s - each.at_s > self.limits.window_s:
                break
            run.append(each)
        return run

    def _lossy(self, samples: list[Sample]) -> list[Sample]:
        """From where on more is lost than is in order: the suffix that chance explains least (a scan statistic), or the
        earliest that is as likely."""
        ratio = self.limits.loss_ratio or _LOSS_RATIO
        found: list[tuple[int, float]] = []
        lost = 0
        for number, sample in enumerate(reversed(samples), 1):
            if sample.rtt_ms is None:
                lost += 1
                found.append((number, _against_chance(number, lost, ratio)))
        most = max((against for _, against in found), default=0.0)
        count = max((number for number, against in found if against >= most - _AS_LIKELY), default=0)
        return samples[len(samples) - count :]


def _against_chance(sent: int, lost: int, ratio: float) -> float:
    """The logarithm of how much likelier these losses are by their own share than by this one, if that is more."""
    share = lost / sent
    if share <= ratio:
        return 0.0
    came = (sent - lost) * math.log((1.0 - share) / (1.0 - ratio)) if lost < sent else 0.0
    return lost * math.log(share / ratio) + came


def is_bad(sample: Sample, slow_ms: float) -> bool:
    """No answer, a wrong one, or a slow one."""
    return sample.rtt_ms is None or bool(sample.fault) or sample.rtt_ms > slow_ms


def median(values: list[float]) -> float | None:
    """The upper one of two in the middle; None of nothing."""
    return sorted(values)[len(values) // 2] if values else None
