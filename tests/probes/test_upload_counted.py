"""Rates from totals and from answered POSTs: no network, no clock."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from emrnetcheck.model import Mode, Site
from emrnetcheck.probes.throughput.counted import (
    acked_between,
    arrived,
    arrived_between,
    covered_until_s,
    posts_between,
)
from emrnetcheck.probes.throughput.plan import Post, Sample
from emrnetcheck.probes.throughput.sequential import STANDARD, Sequential
from emrnetcheck.probes.throughput.verdict import rules_of

HALF_MBIT = 62_500


def sample(at_s: float, acked: int | None, confirmed: int = 0, arrived_bytes: int | None = None) -> Sample:
    return Sample(at_s, acked, confirmed, counted=True, paced=False, arrived_bytes=arrived_bytes)


def test_what_came_beyond_a_gap_has_arrived_but_is_not_acknowledged_in_order() -> None:
    """4 Mbps; a packet lost in the second second and sent again in the third."""
    samples = [
        sample(0.0, 0, arrived_bytes=0),
        sample(1.0, 8 * HALF_MBIT, arrived_bytes=8 * HALF_MBIT),
        sample(2.0, 9 * HALF_MBIT, arrived_bytes=16 * HALF_MBIT),
        sample(3.0, 24 * HALF_MBIT, arrived_bytes=24 * HALF_MBIT),
    ]
    assert [acked_between(samples)(t, t + 1) for t in range(3)] == [4.0, 0.5, 7.5]
    assert [arrived_between(samples)(t, t + 1) for t in range(3)] == [4.0, 4.0, 4.0]
    assert arrived_between(samples)(0.5, 1.5) == 4.0
    assert acked_between(samples)(-5.0, 5.0) == pytest.approx(1.2)  # nothing before the first nor after the last


@pytest.mark.parametrize(("seen", "n_bytes"), [(sample(0, 5, 3, 7), 7), (sample(0, 5, 3), 5), (sample(0, None, 3), 3)])
def test_the_best_that_is_known_counts(seen: Sample, n_bytes: int) -> None:
    assert arrived(seen) == n_bytes


def test_a_post_counts_evenly_over_the_time_that_it_took() -> None:
    between = posts_between([Post(0, 0.0, 2.0, 4 * HALF_MBIT), Post(1, 1.0, 2.0, 2 * HALF_MBIT)])
    assert [between(0.0, 1.0), between(1.0, 2.0), between(2.0, 3.0)] == [1.0, 2.0, 0.0]


def test_the_slowest_stream_says_how_far_the_posts_reach() -> None:
    posts = [Post(0, 0.0, 2.0, 1), Post(0, 2.0, 3.0, 1), Post(1, 0.0, 2.5, 1)]
    assert covered_until_s(posts, 2) == 2.5
    assert covered_until_s(posts, 3) == -math.inf
    assert covered_until_s([], 1) == -math.inf


@pytest.mark.parametrize(("line_mbps", "most_s"), [(1.0, 4.0), (2.4, 9.0), (20.0, 12.0)])
def test_without_acknowledgements_the_answered_posts_decide_as_soon(line_mbps: float, most_s: float) -> None:
    """Four streams, a POST of 0.8 s each, one beginning every 0.2 s: totals would jump by a quarter of the rate."""
    rules = rules_of(Site(), Mode.STANDARD)
    assert rules.looks_s == STANDARD.looks_s
    test = Sequential(rules, 10.0, 100.0, streams=4)
    n_bytes = int(line_mbps * 125_000 * 0.2)
    posts = [Post(n % 4, 0.2 * n, 0.2 * n + 0.8, n_bytes) for n in range(-4, 200)]
    samples: list[Sample] = []
    for at_s in itertools.takewhile(lambda at_s: at_s < 40, itertools.count(0.0, 0.25)):
        done = [post for post in posts if post.end_s <= at_s]
        total = sum(post.n_bytes for post in done)
        samples.append(replace(sample(at_s, None, total), counted=at_s >= 2.0))
        if test(samples, done):
            break
    assert samples[-1].at_s - 2.0 <= most_s
    assert test.decided_s is not None
