"""PURE: has enough been counted to say whether the line reaches the thresholds, and what is to be said?

A group-sequential test by batch means (throughput.md 4.4), and a look for a line that bursts and then drops (4.5).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from emrnetcheck.evidence.upload import Decision, decide
from emrnetcheck.probes.throughput.counted import Between, arrived, arrived_between, covered_until_s, posts_between
from emrnetcheck.probes.throughput.plan import MB, MBPS_BYTES_PER_S, Post, Sample
from emrnetcheck.probes.throughput.student import quantile

CONFIDENCE = 0.99
"""Of each bound, over all looks together (Bonferroni). With 95 %, as in throughput.md 4.4, about 1.5 % of the lines
that wander by 15 % and are 5 % off a threshold are called wrongly; what it is with 99 %: test_upload_sequential."""
TIMER_S = 0.05  # samples come when a timer says, a little early or late
_BATCH_S = 1.0
_LEAST_SPREAD = 0.02  # throughput.md 4.4: a run of equal batches is luck, not certainty;
_LUCKY_BATCHES = 5  # with more of them it is less and less so
_MOST_CORRELATION = 0.7
# A line that wanders does so for seconds on end, which few batches do not show: the least correlation to assume, from
# which spread on. Noise as in throughput.md 4.4 gives 0.38 and 0.48; without the last, 2 of 300 lines that vary by 30 %
# and are 5 % too slow passed.
_WANDERS = ((0.20, 0.6), (0.05, 0.4))
_LEAST_BATCHES = 3
_EARLY_S = 7.5
_EARLY_FAIL = 0.9
_ANY_LENGTH_S = 1
_SLOT_S = 0.5
_DROPPED = 0.7  # throughput.md 4.5
_CLEARLY = 6.0  # standard deviations within the parts; noise that wanders splits by less, a bucket by 10 and more
_HEAD_SLOTS = 2
_TAIL_SLOTS = 9  # one in which the rate changes, and four batches
_TAIL_LOOKS_S = (4, 8, 12, 16)  # after a burst the last three go beyond the last look, if they must: slow and cheap


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked of the line, and when.

    minimum_mbps, recommended_mbps: goodput. near_enough: see evidence.upload.NEAR_ENOUGH. looks_s: seconds of counting
    after which the test is made; the last ends it. pass_from_s: no pass before that. rule_out_bytes: a pass waits until
    the line has carried so much more than the threshold would have: so a bucket of that size, over a line that is
    slower than the threshold, was empty by then.
    once_s: how long it is counted where the server tells its counts only at the end. only_look_s: see at_the_end.
    """

    minimum_mbps: float
    recommended_mbps: float
    near_enough: float
    looks_s: tuple[int, ...]
    pass_from_s: int = 0
    rule_out_bytes: int = 0
    once_s: float = 0.0
    only_look_s: float | None = None

    def says(self, interval: tuple[float, float] | None, threshold_mbps: float) -> Decision:
        return decide(interval, threshold_mbps, self.near_enough)


QUICK = Rules(0.0, 0.0, 0.0, (5, 8), once_s=5.0)
# 17 MB: buckets up to 16 MB are met (the largest that was asked for); the rest is for what the queue holds. 20 s: for
# that, and to see that it is empty, a bucket at 10 Mbps needs.
STANDARD = Rules(0.0, 0.0, 0.0, (3, 5, 8, 12, 20), rule_out_bytes=17 * MB, once_s=20.0)
THOROUGH = Rules(0.0, 0.0, 0.0, (10, 20, 30), pass_from_s=30, once_s=30.0)


@dataclass(frozen=True, slots=True)
class Drop:
    """The line began faster than it went on. mbps, seconds: the beginning; start_s: when the rest had settled."""

    mbps: float
    seconds: float
    start_s: float


def batches_of(between: Between, start_s: float, end_s: float, batch_s: float = _BATCH_S) -> list[float]:
    """Means of one second each, as near as it divides."""
    n = int((end_s - start_s + TIMER_S) / batch_s)
    width_s = (end_s - start_s) / n if n else 0.0
    return [between(start_s + i * width_s, start_s + (i + 1) * width_s) for i in range(n)]


def bounds(batches: Sequence[float], n_looks: int) -> tuple[float, float] | None:
    """The one-sided bounds below and above, each wrong in about 1 % over n_looks; None: too few batches."""
    n = len(batches)
    if n < _LEAST_BATCHES:
        return None
    mean, spread = statistics.fmean(batches), statistics.stdev(batches)
    least_r = next((r for wanders, r in _WANDERS if spread > wanders * mean), 0.0)
    r = min(max(_lag1(batches) + 1 / n, least_r), _MOST_CORRELATION)
    t = quantile(1 - (1 - CONFIDENCE) / n_looks, n - 1)
    least = _LEAST_SPREAD * mean * math.sqrt(min(1.0, _LUCKY_BATCHES / n))
    half = t * max(spread, least) * math.sqrt((1 + r) / ((1 - r) * n))
    return max(0.0, mean - half), mean + half


def find_drop(between: Between, begin_s: float, end_s: float, most_mbps: float) -> Drop | None:
    """Where the rate fell for good, if it did. begin_s: of the load, ramp included. most_mbps: the pace, above which
    nothing is compared, so that our own pacing is no drop."""
    n = int((end_s - begin_s + TIMER_S) / _SLOT_S) - 1  # the first slot is slow start
    at_s = [end_s - (n - i) * _SLOT_S for i in range(n + 1)]
    plain = [between(a, b) for a, b in pairwise(at_s)]
    slots = [min(rate, most_mbps) for rate in plain]
    first = 0
    while first + 1 < n and slots[first] < _DROPPED * slots[first + 1]:
        first += 1
    cuts = range(first + _HEAD_SLOTS, n - _TAIL_SLOTS + 1)
    if not cuts:
        return None
    cut = min(cuts, key=lambda at: _squares(slots[first:at]) + _squares(slots[at:]))
    head, tail = statistics.fmean(slots[first:cut]), statistics.fmean(slots[cut + 1 :])
    within = math.sqrt((_squares(slots[first:cut]) + _squares(slots[cut + 1 :])) / (n - first - 1))
    if tail >= _DROPPED * head or head - tail <= _CLEARLY * within:
        return None
    return Drop(statistics.fmean(plain[first:cut]), at_s[cut] - begin_s, at_s[cut + 1])


@dataclass(slots=True)
class Sequential:
    """Called with the samples so far, once a slot: whether they are enough. Afterwards it says when it was decided."""

    rules: Rules
    most_mbps: float
    last_s: float
    """Counting ends here in any case."""
    streams: int = 1
    looks: int = 0
    decided_s: float | None = None
    """Seconds of load until both thresholds were first decided. What follows only watches that it lasts."""
    decided_bytes: int | None = None
    _tail_looks: int = field(default=0, repr=False)

    def __call__(self, samples: Sequence[Sample], posts: Sequence[Post] = ()) -> bool:
        first = next((sample.at_s for sample in samples if sample.counted), None)
        if first is None:
            return False
        begin_s, end_s = samples[0].at_s, samples[-1].at_s
        over = end_s - first >= self.last_s - TIMER_S
        between = arrived_between(samples)
        if samples[-1].acked_bytes is None:
            # What is confirmed comes a whole request at a time: spread over the time that it took.
            between, end_s = posts_between(posts), min(end_s, covered_until_s(posts, self.streams))
        counted_s = end_s - first + TIMER_S
        if over or counted_s <= _BATCH_S:
            return over
        drop = find_drop(between, begin_s, end_s, self.most_mbps)
        if drop is None:
            if self.looks < len(self.rules.looks_s) and counted_s >= self.rules.looks_s[self.looks]:
                self.looks += 1
                if self._decided(batches_of(between, first, end_s), counted_s) and self.decided_s is None:
                    self._note(samples)
            done = self.decided_s is not None and self._lasts(between, begin_s, first, end_s, counted_s)
        else:
            done = self._look_at_tail(between, drop, end_s)
            if done:
                self._note(samples)
        ends_s = (
            self.rules.looks_s[-1]
            if drop is None
            else max(self.rules.looks_s[-1], drop.start_s - first + _TAIL_LOOKS_S[-1])
        )
        return done or counted_s >= ends_s

    def _decided(self, batches: Sequence[float], counted_s: float) -> bool:
        interval = bounds([min(batch, self.most_mbps) for batch in batches], len(self.rules.looks_s))
        if counted_s < _EARLY_S and interval is not None and self._near_fail(interval[1]):
            return False
        said = [self.rules.says(interval, mbps) for mbps in (self.rules.minimum_mbps, self.rules.recommended_mbps)]
        return "borderline" not in said and ("pass" not in said or counted_s >= self.rules.pass_from_s)

    def _near_fail(self, upper_mbps: float) -> bool:
        """Just below a threshold for the first seconds: a line that comes and goes may be up again in the next."""
        thresholds = (self.rules.minimum_mbps, self.rules.recommended_mbps)
        return any(_EARLY_FAIL * mbps <= upper_mbps < mbps for mbps in thresholds)

    def _lasts(self, between: Between, begin_s: float, first_s: float, end_s: float, counted_s: float) -> bool:
        """Nothing passed, or what passed was not a bucket of up to rule_out_bytes."""
        mean = between(first_s, end_s)
        near = mean / (1 - self.rules.near_enough)
        passed = [mbps for mbps in (self.rules.minimum_mbps, self.rules.recommended_mbps) if near >= mbps]
        if not passed:
            return True
        surplus = surplus_bytes(between, begin_s, end_s, max(passed))
        return counted_s >= self.rules.pass_from_s and surplus >= self.rules.rule_out_bytes

    def _look_at_tail(self, between: Between, drop: Drop, end_s: float) -> bool:
        tail_s = end_s - drop.start_s + TIMER_S
        if self._tail_looks >= len(_TAIL_LOOKS_S) or tail_s < _TAIL_LOOKS_S[self._tail_looks]:
            return False
        self._tail_looks += 1
        self.looks += 1
        return self._decided(batches_of(between, drop.start_s, end_s), tail_s)

    def _note(self, samples: Sequence[Sample]) -> None:
        self.decided_s = samples[-1].at_s - samples[0].at_s
        self.decided_bytes = arrived(samples[-1])


def at_the_end(rules: Rules) -> Rules:
    """One look, once all is counted: the length is fixed beforehand, so no look has to share the error with others."""
    return replace(rules, looks_s=(_ANY_LENGTH_S,), pass_from_s=0, only_look_s=rules.once_s) if rules.looks_s else rules


def surplus_bytes(between: Between, begin_s: float, end_s: float, mbps: float) -> int:
    """How much more was carried than a line of so many Mbps would have."""
    return max(0, int((between(begin_s, end_s) - mbps) * MBPS_BYTES_PER_S * (end_s - begin_s)))


def spread_of(batches: Sequence[float]) -> float | None:
    """The coefficient of variation; None: too few to tell."""
    mean = statistics.fmean(batches) if len(batches) >= _LEAST_BATCHES else 0.0
    return statistics.stdev(batches) / mean if mean else None


def _squares(values: Sequence[float]) -> float:
    centre = sum(values) / len(values)
    return sum((value - centre) ** 2 for value in values)


def _lag1(values: Sequence[float]) -> float:
    centre = statistics.fmean(values)
    variance = sum((value - centre) ** 2 for value in values)
    if variance == 0.0:
        return 0.0
    return sum((a - centre) * (b - centre) for a, b in pairwise(values)) / variance
