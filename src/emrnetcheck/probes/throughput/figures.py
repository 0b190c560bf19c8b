"""PURE: which figures follow from one load: goodput, its interval, whether it was steady, by which method?"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Load, LoadPlan, Post, Sample

GOODPUT_PER_LINE_RATE = 1448 / 1538
"""0.9415: 1448 bytes of payload (MTU 1500, less IPv4, TCP and its timestamps) in 1538 on the wire (Ethernet header 14,
checksum 4, preamble 8, gap 12: IEEE 802.3). What an Ethernet line of that rate delivers; PPPoE and VPNs less."""

CONFIDENCE = 0.95
# Student's t at 0.975 by degrees of freedom 1..30; the normal 1.96 is near enough above.
_T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_T_975_MANY = 1.96
_BATCH_S = 1.0
_LEAST_SPREAD = 0.02  # throughput.md 4.4: a run of equal batches is luck, not certainty
_MOST_CORRELATION = 0.7
_METHODS_DIFFER = 0.10
_CHANGED_COURSE = 0.7  # throughput.md 4.5
_BATCHES_TO_TELL = 4
_MUCH_WAITING = 0.15
_FILLED_DELAY = 1.05
_LEAST_CONFIRMED_S = 1.0
_MANY_POSTS = 8
_PACED_SETTLES_S = 1.0
_LEAST_PACED_S = 2.0
_HOLDS_THE_PACE = 0.9

Between = Callable[[float, float], float]
"""Mean Mbps between two moments of time.monotonic()."""


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


def figures(load: Load, plan: LoadPlan) -> Figures | None:
    """None: too little was counted or confirmed to tell a rate."""
    counted = [sample for sample in load.samples if sample.counted]
    if len(counted) < 2:  # noqa: PLR2004 - a rate needs two moments
        return None
    start_s, end_s = counted[0].at_s, counted[-1].at_s
    by_posts = _by_posts(load.posts)
    posts_end_s = min(end_s, _confirmed_until_s(load))
    confirmed = by_posts(start_s, posts_end_s) if _enough_posts(load.posts, start_s, posts_end_s) else None
    between, method = by_posts, "confirmed_posts"
    if all(sample.acked_bytes is not None for sample in load.samples):
        by_acks = _by_acks(load.samples)
        if confirmed is None or _agree(by_acks(start_s, posts_end_s), confirmed):
            between, method = by_acks, "tcp_info"
    if method == "confirmed_posts":
        if confirmed is None:
            return None
        end_s = posts_end_s
    shown = [sample for sample in load.samples if not sample.paced]
    settled: bool | None
    tail = _broken_tail(load.samples, between, plan) if method == "tcp_info" else None
    if tail is not None:
        start_s, end_s = tail
        shown = list(load.samples)
    batches = _batches(between, start_s, end_s)
    settled = False if tail is not None else _settled(batches)
    mean = between(start_s, end_s)
    half = _half_width(batches, mean)
    return Figures(
        goodput_mbps=mean,
        lower_mbps=None if half is None else max(0.0, mean - half),
        upper_mbps=None if half is None else mean + half,
        settled=settled,
        start_s=start_s,
        end_s=end_s,
        ramp_s=start_s - load.samples[0].at_s,
        method=method,
        confirmed_goodput_mbps=confirmed,
        samples=tuple(between(a.at_s, b.at_s) for a, b in itertools.pairwise(shown) if b.at_s <= end_s),
    )


def waited_for_answers(load: Load, found: Figures) -> bool:
    """Whether the requests, not the line, may have been the limit: streams spent much of the time waiting for answers,
    and the delay did not rise, so the line was never full."""
    if not load.idle_ms or not load.loaded_ms:
        return False
    idle_s = statistics.median(load.idle_ms) / 1000
    answers = sum(found.start_s < post.end_s <= found.end_s for post in load.posts)
    waiting = answers * idle_s / (load.streams * (found.end_s - found.start_s))
    filled = statistics.median(load.loaded_ms) / 1000 > _FILLED_DELAY * idle_s
    return waiting > _MUCH_WAITING and not filled


def _agree(acked_mbps: float, confirmed_mbps: float) -> bool:
    return abs(acked_mbps - confirmed_mbps) <= _METHODS_DIFFER * confirmed_mbps


def _confirmed_until_s(load: Load) -> float:
    """Until when every stream's bytes are covered by answered POSTs (the rule of RMBT: the slowest stream decides)."""
    last: dict[int, float] = {}
    for post in load.posts:
        last[post.stream] = max(last.get(post.stream, 0.0), post.end_s)
    return min(last.values()) if len(last) == load.streams else -math.inf


def _enough_posts(posts: Sequence[Post], start_s: float, end_s: float) -> bool:
    """Long enough, or on a very fast line many enough, that the uneven ends do not matter."""
    inside = sum(post.start_s >= start_s and post.end_s <= end_s for post in posts)
    return end_s - start_s >= _LEAST_CONFIRMED_S or (end_s > start_s and inside >= _MANY_POSTS)


def _by_posts(posts: Sequence[Post]) -> Between:
    def between(a_s: float, b_s: float) -> float:
        total = 0.0
        for post in posts:
            inside_s = min(post.end_s, b_s) - max(post.start_s, a_s)
            if inside_s > 0:
                total += post.n_bytes * inside_s / (post.end_s - post.start_s)
        return total / (b_s - a_s) / MBPS_BYTES_PER_S

    return between


def _by_acks(samples: Sequence[Sample]) -> Between:
    def acked_at(at_s: float) -> float:
        for before, after in itertools.pairwise(samples):
            if before.at_s <= at_s <= after.at_s and after.at_s > before.at_s:
                share = (at_s - before.at_s) / (after.at_s - before.at_s)
                return (before.acked_bytes or 0) + share * ((after.acked_bytes or 0) - (before.acked_bytes or 0))
        return float(samples[-1].acked_bytes or 0)

    def between(a_s: float, b_s: float) -> float:
        return (acked_at(b_s) - acked_at(a_s)) / (b_s - a_s) / MBPS_BYTES_PER_S

    return between


def _broken_tail(samples: Sequence[Sample], between: Between, plan: LoadPlan) -> tuple[float, float] | None:
    """The paced part, if the line did not even hold the pace: then that is the rate, not what came before."""
    paced = [sample.at_s for sample in samples if sample.paced]
    if not paced or paced[-1] - paced[0] < _PACED_SETTLES_S + _LEAST_PACED_S:
        return None
    start_s, end_s = paced[0] + _PACED_SETTLES_S, paced[-1]
    return (start_s, end_s) if between(start_s, end_s) < _HOLDS_THE_PACE * plan.pace_mbps else None


def _batches(between: Between, start_s: float, end_s: float) -> list[float]:
    n = int((end_s - start_s + 0.01) / _BATCH_S)
    width_s = (end_s - start_s) / n if n else 0.0
    return [between(start_s + i * width_s, start_s + (i + 1) * width_s) for i in range(n)]


def _settled(batches: Sequence[float]) -> bool | None:
    """Whether the last third went on as the rest had begun; None if that is too short to tell."""
    if len(batches) < _BATCHES_TO_TELL:
        return None
    cut = len(batches) - max(1, len(batches) // 3)
    early, late = statistics.fmean(batches[:cut]), statistics.fmean(batches[cut:])
    return late >= _CHANGED_COURSE * early and early >= _CHANGED_COURSE * late


def _half_width(batches: Sequence[float], mean: float) -> float | None:
    """Half the two-sided 95 % interval by batch means, widened for their correlation (throughput.md 4.4)."""
    n = len(batches)
    if n < _BATCHES_TO_TELL:
        return None
    spread = statistics.stdev(batches)
    r = min(max(_lag1(batches) + 1 / n, 0.0), _MOST_CORRELATION)
    t = _T_975[n - 2] if n - 2 < len(_T_975) else _T_975_MANY
    return t * max(spread, _LEAST_SPREAD * mean) * math.sqrt((1 + r) / ((1 - r) * n))


def _lag1(values: Sequence[float]) -> float:
    centre = statistics.fmean(values)
    variance = sum((value - centre) ** 2 for value in values)
    if variance == 0.0:
        return 0.0
    return sum((a - centre) * (b - centre) for a, b in itertools.pairwise(values)) / variance
