"""PURE: which rates follow from the running totals of a load, and which from the POSTs that were answered?"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence

from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Post, Sample

Between = Callable[[float, float], float]
"""Mean Mbps between two moments of time.monotonic()."""


def arrived(sample: Sample) -> int:
    """The best that is known of what the other side's kernel has, whether or not in order."""
    if sample.arrived_bytes is not None:
        return sample.arrived_bytes
    return sample.confirmed_bytes if sample.acked_bytes is None else sample.acked_bytes


def acked_between(samples: Sequence[Sample]) -> Between:
    """By what was acknowledged in order, as a server's program sees it; where that is unknown, by what was confirmed.

    One lost packet holds back what came after it: then a second that shows too little is followed by one that shows
    too much.
    """
    counts = [sample.confirmed_bytes if sample.acked_bytes is None else sample.acked_bytes for sample in samples]
    return _between([sample.at_s for sample in samples], counts)


def arrived_between(samples: Sequence[Sample]) -> Between:
    """By arrived(): as even as the line."""
    return _between([sample.at_s for sample in samples], [arrived(sample) for sample in samples])


def posts_between(posts: Sequence[Post]) -> Between:
    """By answered POSTs, the bytes of each spread evenly over the time from its head to its answer."""

    def between(a_s: float, b_s: float) -> float:
        total = 0.0
        for post in posts:
            inside_s = min(post.end_s, b_s) - max(post.start_s, a_s)
            if inside_s > 0:
                total += post.n_bytes * inside_s / (post.end_s - post.start_s)
        return total / (b_s - a_s) / MBPS_BYTES_PER_S

    return between


def covered_until_s(posts: Sequence[Post], streams: int) -> float:
    """Until when every stream's bytes are covered by answered POSTs (the rule of RMBT: the slowest stream decides)."""
    last: dict[int, float] = {}
    for post in posts:
        last[post.stream] = max(last.get(post.stream, 0.0), post.end_s)
    return min(last.values()) if len(last) == streams else -math.inf


def _between(times: Sequence[float], totals: Sequence[int]) -> Between:
    """Between two samples the rate is taken as even."""

    def total_at(at_s: float) -> float:
        after = bisect_right(times, at_s)
        if after in (0, len(times)):
            return float(totals[0] if after == 0 else totals[-1])
        share = (at_s - times[after - 1]) / (times[after] - times[after - 1])
        return totals[after - 1] + share * (totals[after] - totals[after - 1])

    def between(a_s: float, b_s: float) -> float:
        return (total_at(b_s) - total_at(a_s)) / (b_s - a_s) / MBPS_BYTES_PER_S

    return between
