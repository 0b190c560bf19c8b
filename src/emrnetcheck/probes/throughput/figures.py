"""PURE: which figures follow from one load: goodput, its interval, whether it was steady, by which method?"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from emrnetcheck.probes.throughput.counted import (
    Between,
    acked_between,
    arrived_between,
    covered_until_s,
    posts_between,
)
from emrnetcheck.probes.throughput.plan import Load, LoadPlan, Post, Sample
from emrnetcheck.probes.throughput.sequential import (
    Drop,
    batches_of,
    bounds,
    find_drop,
    spread_of,
    surplus_bytes,
)

GOODPUT_PER_LINE_RATE = 1448 / 1538
"""0.9415: 1448 bytes of payload (MTU 1500, less IPv4, TCP and its timestamps) in 1538 on the wire (Ethernet header 14,
checksum 4, preamble 8, gap 12: IEEE 802.3). What an Ethernet line of that rate delivers; PPPoE and VPNs less."""

_METHODS_DIFFER = 0.10
_CHANGED_COURSE = 0.7  # throughput.md 4.5
_BATCHES_TO_TELL = 4
_USUAL_LOOKS = 3
_SLOWED = 1.25  # times as fast as later: no ramp
_APART = 0.03
_STEADY_RTTS = 5
_MUCH_WAITING = 0.15
_MUCH_WINDOW = 0.2
_FILLED_DELAY = 1.05
_LEAST_CONFIRMED_S = 1.0
_MANY_POSTS = 8
_PACED_SETTLES_S = 1.0
_LEAST_PACED_S = 2.0
_HOLDS_THE_PACE = 0.9


@dataclass(frozen=True, slots=True)
class Figures:
    """Rates in Mbps of request bodies; times of time.monotonic(). See evidence.upload for the fields' meaning."""

    goodput_mbps: float
    lower_mbps: float | None
    upper_mbps: float | None
    settled: bool | None
    start_s: float
    end_s: float
    ramp_s: float
    method: str
    confirmed_goodput_mbps: float | None
    samples: tuple[float, ...]
    drop: Drop | None
    spread: float | None
    ruled_out_bytes: int
    """By so much more was carried than a line of the minimum would have carried."""


def figures(load: Load, plan: LoadPlan, n_looks: int = _USUAL_LOOKS, minimum_mbps: float = 0.0) -> Figures | None:
    """None: too little was counted or confirmed to tell a rate. n_looks: of the sequential test; over all of them the
    bounds hold."""
    counted = [sample for sample in load.samples if sample.counted]
    if len(counted) < 2:  # noqa: PLR2004 - a rate needs two moments
        return None
    start_s = counted[0].at_s
    counts = _counts(load, start_s, counted[-1].at_s)
    if counts is None:
        return None
    steady, end_s, by_acks = counts.steady, counts.end_s, counts.method == "tcp_info"
    shown = [sample for sample in load.samples if not sample.paced]
    begin_s, last_s = load.samples[0].at_s, load.samples[-1].at_s if by_acks else end_s
    drop = find_drop(steady, begin_s, last_s, plan.pace_mbps)
    tail = (drop.start_s, last_s) if drop is not None else None
    if tail is None and by_acks:
        tail = _broken_tail(load.samples, counts.between, plan)
    if tail is not None:
        start_s, end_s = tail
        shown = list(load.samples)
    batches = batches_of(steady, start_s, end_s)
    interval = bounds(batches, n_looks)
    if interval is None and any(sample.paced for sample in load.samples):  # the cap left little of a very fast line
        interval = bounds(batches_of(steady, start_s, end_s, plan.slot_s), n_looks)
    slowed = drop is not None or (start_s > begin_s and steady(begin_s, start_s) > _SLOWED * steady(start_s, end_s))
    return Figures(
        goodput_mbps=_goodput_mbps(counts, start_s, end_s, interval, slowed=slowed),
        lower_mbps=None if interval is None else interval[0],
        upper_mbps=None if interval is None else interval[1],
        settled=False if tail is not None else _settled(batches),
        start_s=start_s,
        end_s=end_s,
        ramp_s=start_s - begin_s,
        method=counts.method,
        confirmed_goodput_mbps=counts.confirmed_mbps,
        samples=tuple(steady(a.at_s, b.at_s) for a, b in itertools.pairwise(shown) if b.at_s <= end_s),
        drop=drop,
        spread=spread_of(batches_of(steady, start_s, end_s, _spread_batch_s(load))),
        ruled_out_bytes=surplus_bytes(steady, begin_s, last_s, minimum_mbps),
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """Which counts are believed, up to end_s. between: as they were confirmed; steady: as the data arrived."""

    between: Between
    steady: Between
    method: str
    confirmed_mbps: float | None
    end_s: float


def _counts(load: Load, start_s: float, end_s: float) -> _Counts | None:
    """What the other side's kernel acknowledged, where the answers do not contradict it; else the answers."""
    by_posts = posts_between(load.posts)
    posts_end_s = min(end_s, covered_until_s(load.posts, load.streams))
    confirmed = by_posts(start_s, posts_end_s) if _enough_posts(load.posts, start_s, posts_end_s) else None
    if all(sample.acked_bytes is not None for sample in load.samples):
        by_acks = acked_between(load.samples)
        # From the beginning on as well: a POST under way when a burst ends is answered long after, and its bytes are
        # then spread over seconds that did not carry them.
        begins_s = (start_s, load.samples[0].at_s)
        if confirmed is None or any(_agree(by_acks(a, posts_end_s), by_posts(a, posts_end_s)) for a in begins_s):
            return _Counts(by_acks, arrived_between(load.samples), "tcp_info", confirmed, end_s)
    return None if confirmed is None else _Counts(by_posts, by_posts, "confirmed_posts", confirmed, posts_end_s)


def _goodput_mbps(
    counts: _Counts, start_s: float, end_s: float, interval: tuple[float, float] | None, *, slowed: bool
) -> float:
    goodput_mbps, arrived_mbps = counts.between(start_s, end_s), counts.steady(start_s, end_s)
    apart = arrived_mbps != 0 and abs(goodput_mbps / arrived_mbps - 1) > _APART
    if slowed or apart or (interval is not None and not interval[0] <= goodput_mbps <= interval[1]):
        # A line that slows down loses much at once: what had arrived by then is read, and acknowledged, seconds later.
        return arrived_mbps
    return goodput_mbps


def waited_for_answers(load: Load, found: Figures) -> bool:
    """Whether the requests, not the line, may have been the limit: streams spent much of the time waiting for answers,
    and the line was never full."""
    if not load.idle_ms or _was_full(load):
        return False
    idle_s = statistics.median(load.idle_ms) / 1000
    answers = sum(found.start_s < post.end_s <= found.end_s for post in load.posts)
    waiting = answers * idle_s / (load.streams * (found.end_s - found.start_s))
    return waiting > _MUCH_WAITING


def held_by_the_window(load: Load) -> bool:
    """Whether the server's receive window, not the line, may have been the limit (where the line was full, as behind a
    deep queue, it was the line all the same)."""
    return load.window_limited is not None and load.window_limited > _MUCH_WINDOW and not _was_full(load)


def _was_full(load: Load) -> bool:
    """The delay rose. Not known: it may have been."""
    if not load.idle_ms or not load.loaded_ms:
        return True
    return statistics.median(load.loaded_ms) > _FILLED_DELAY * statistics.median(load.idle_ms)


def _spread_batch_s(load: Load) -> float:
    """On a line of long delay TCP itself goes up and down within a few round trips: that is not the line's doing."""
    rtt_s = statistics.median(load.idle_ms) / 1000 if load.idle_ms else 0.0
    return max(1.0, _STEADY_RTTS * rtt_s)


def _agree(acked_mbps: float, confirmed_mbps: float) -> bool:
    return abs(acked_mbps - confirmed_mbps) <= _METHODS_DIFFER * confirmed_mbps


def _enough_posts(posts: Sequence[Post], start_s: float, end_s: float) -> bool:
    """Long enough, or on a very fast line many enough, that the uneven ends do not matter."""
    inside = sum(post.start_s >= start_s and post.end_s <= end_s for post in posts)
    return end_s - start_s >= _LEAST_CONFIRMED_S or (end_s > start_s and inside >= _MANY_POSTS)


def _broken_tail(samples: Sequence[Sample], between: Between, plan: LoadPlan) -> tuple[float, float] | None:
    """The paced part, if the line did not even hold the pace: then that is the rate, not what came before."""
    paced = [sample.at_s for sample in samples if sample.paced]
    if not paced or paced[-1] - paced[0] < _PACED_SETTLES_S + _LEAST_PACED_S:
        return None
    start_s, end_s = paced[0] + _PACED_SETTLES_S, paced[-1]
    return (start_s, end_s) if between(start_s, end_s) < _HOLDS_THE_PACE * plan.pace_mbps else None


def _settled(batches: Sequence[float]) -> bool | None:
    """Whether the last third went on as the rest had begun; None if that is too short to tell."""
    if len(batches) < _BATCHES_TO_TELL:
        return None
    cut = len(batches) - max(1, len(batches) // 3)
    early, late = statistics.fmean(batches[:cut]), statistics.fmean(batches[cut:])
    return late >= _CHANGED_COURSE * early and early >= _CHANGED_COURSE * late
