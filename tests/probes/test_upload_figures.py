"""From totals and answered POSTs to figures: no network, no clock."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from emrnetcheck.probes.throughput.figures import Figures, figures, held_by_the_window, waited_for_answers
from emrnetcheck.probes.throughput.plan import Load, LoadPlan, Post, Sample

PLAN = LoadPlan(pace_mbps=10.0)
SLOT_S = 0.25
RAMP_S = 2.0


def a_load(
    rate_mbps: Callable[[float], float],
    *,
    seconds: float = 10.0,
    acked: bool = True,
    post_scale: float = 1.0,
    paced_from_s: float | None = None,
) -> Load:
    """Four streams that carry rate_mbps(time); one POST a second each, answered with post_scale of what was acked."""
    samples, total = [], 0.0
    for i in range(round(seconds / SLOT_S) + 1):
        at_s = i * SLOT_S
        paced = paced_from_s is not None and at_s > paced_from_s
        known = int(total) if acked else None
        samples.append(Sample(100 + at_s, known, 0, counted=at_s >= RAMP_S and not paced, paced=paced))
        total += rate_mbps(at_s) * 125_000 * SLOT_S
    posts = tuple(
        Post(stream, 100.0 + i, 101.0 + i, int(rate_mbps(i + 0.5) * 125_000 / 4 * post_scale))
        for i, stream in itertools.product(range(int(seconds)), range(4))
    )
    return Load(tuple(samples), posts, int(total), (20.0,), (50.0,), 0.1, 1e9, 4, False)


def found(load: Load) -> Figures:
    result = figures(load, PLAN)
    assert result is not None
    return result


def test_a_steady_line() -> None:
    seen = found(a_load(lambda at_s: 5.0 if at_s >= 1 else 2.0))
    assert seen.goodput_mbps == pytest.approx(5.0, rel=1e-4)
    assert seen.method == "tcp_info"
    assert seen.settled is True
    assert (seen.start_s, seen.end_s, seen.ramp_s) == (102.0, 110.0, 2.0)
    assert seen.lower_mbps is not None
    assert seen.upper_mbps is not None
    assert 4.8 < seen.lower_mbps < 5.0 < seen.upper_mbps < 5.2
    assert len(seen.samples) == 40
    assert seen.samples[0] == pytest.approx(2.0)


def test_where_acks_say_more_than_answers_the_answers_count() -> None:
    """A proxy that acknowledges in the server's place."""
    seen = found(a_load(lambda _: 5.0, post_scale=0.8))
    assert seen.method == "confirmed_posts"
    assert seen.goodput_mbps == pytest.approx(4.0, rel=1e-3)


def test_within_ten_percent_the_acks_count() -> None:
    seen = found(a_load(lambda _: 5.0, post_scale=0.95))
    assert seen.method == "tcp_info"
    assert seen.confirmed_goodput_mbps == pytest.approx(4.75, rel=1e-3)


def test_without_acks_the_answers_count() -> None:
    seen = found(a_load(lambda _: 5.0, acked=False))
    assert seen.method == "confirmed_posts"
    assert seen.goodput_mbps == pytest.approx(5.0, rel=1e-3)


def test_answers_count_only_as_far_as_every_stream_has_them() -> None:
    load = a_load(lambda _: 5.0, acked=False)
    posts = tuple(post for post in load.posts if post.stream != 3 or post.end_s <= 106.0)
    seen = found(Load(load.samples, posts, 0, (), (), 0.0, 0.0, 4, False))
    assert seen.end_s == 106.0
    assert seen.goodput_mbps == pytest.approx(5.0, rel=1e-3)


@pytest.mark.parametrize("acked", [True, False])
def test_nothing_counted_is_no_figure(acked: bool) -> None:
    assert figures(a_load(lambda _: 5.0, seconds=1.0, acked=acked), PLAN) is None


def test_no_answer_and_no_acks_is_no_figure() -> None:
    load = a_load(lambda _: 5.0, acked=False)
    assert figures(Load(load.samples, (), 0, (), (), 0.0, 0.0, 4, False), PLAN) is None


@pytest.mark.parametrize(("late_mbps", "settled"), [(2.5, False), (4.5, True), (9.0, False)])
def test_a_rate_that_changes_course_is_not_settled(late_mbps: float, settled: bool) -> None:
    assert found(a_load(lambda at_s: 5.0 if at_s < 7.5 else late_mbps)).settled is settled


def test_a_very_fast_line_has_an_interval_too_where_the_cap_leaves_two_seconds_of_it() -> None:
    seen = found(a_load(lambda at_s: 95.0 if at_s <= 3.75 else 10.0, paced_from_s=3.75))
    assert seen.goodput_mbps == pytest.approx(95.0, rel=1e-4)
    assert seen.lower_mbps is not None
    assert 85 < seen.lower_mbps < 95


def test_paced_samples_do_not_lower_the_figure() -> None:
    seen = found(a_load(lambda at_s: 50.0 if at_s <= 6 else 10.0, paced_from_s=6.0))
    assert seen.goodput_mbps == pytest.approx(50.0, rel=1e-3)
    assert seen.end_s == 106.0
    assert min(seen.samples) == pytest.approx(50.0)


def test_a_line_that_does_not_hold_the_pace_has_the_lower_rate() -> None:
    seen = found(a_load(lambda at_s: 50.0 if at_s < 6 else 2.5, paced_from_s=6.0))
    assert seen.goodput_mbps == pytest.approx(2.5, rel=1e-3)
    assert seen.settled is False
    assert seen.samples[-1] == pytest.approx(2.5)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Slots that wander by 15 %, as throughput.md 4.4 simulates them. Seeded."""
    chance = random.Random(7)
    held = 0
    for _ in range(400):
        noise, values = 0.0, []
        for _ in range(41):
            noise = 0.5 * noise + chance.gauss(0, 0.15 * (1 - 0.25) ** 0.5)
            values.append(max(0.1, 5.0 * (1 + noise)))
        seen = found(a_load(lambda at_s, values=values: values[round(at_s / SLOT_S)]))  # type: ignore[misc]
        assert seen.lower_mbps is not None
        assert seen.upper_mbps is not None
        held += seen.lower_mbps <= 5.0 <= seen.upper_mbps
    assert held >= 400 * 0.92


@pytest.mark.parametrize(
    ("idle_ms", "loaded_ms", "limited"),
    [(600.0, 601.0, True), (600.0, 900.0, False), (20.0, 20.5, False), (20.0, 120.0, False)],
    ids=["long and never full", "long and full", "short and never full", "short and full"],
)
def test_requests_that_wait_for_answers_may_be_the_limit(idle_ms: float, loaded_ms: float, limited: bool) -> None:
    load = replace(a_load(lambda _at_s: 5.0), idle_ms=(idle_ms,), loaded_ms=(loaded_ms,))
    assert waited_for_answers(load, found(load)) is limited


@pytest.mark.parametrize(
    ("share", "loaded_ms", "held"),
    [
        (0.21, (101.0,), True),
        (0.20, (101.0,), False),
        (0.9, (106.0,), False),  # the line was full: a deep queue
        (0.9, (), False),
        (None, (101.0,), False),
    ],
)
def test_the_servers_window_may_be_the_limit(share: float | None, loaded_ms: tuple[float, ...], held: bool) -> None:
    load = replace(a_load(lambda _at_s: 5.0), idle_ms=(100.0,), loaded_ms=loaded_ms, window_limited=share)
    assert held_by_the_window(load) is held


def test_after_a_burst_in_the_ramp_the_acks_still_count() -> None:
    """POSTs of the burst that are answered late look like 1 Mbps more; in all, as much was answered as acknowledged."""
    load = a_load(lambda at_s: 20.0 if at_s < 1 else 2.4)
    late = tuple(replace(post, end_s=106.0) if post.start_s < 101.0 else post for post in load.posts)
    seen = found(replace(load, posts=late))
    assert seen.method == "tcp_info"
    assert seen.goodput_mbps == pytest.approx(2.4, rel=1e-3)


def test_after_a_drop_only_the_rest_counts() -> None:
    seen = found(a_load(lambda at_s: 11.0 if at_s < 5 else 2.4, seconds=12.0))
    assert seen.drop is not None
    assert seen.drop.mbps == pytest.approx(11.0, rel=0.1)
    assert seen.drop.seconds == pytest.approx(5.0, abs=0.6)
    assert seen.goodput_mbps == pytest.approx(2.4, rel=1e-3)
    assert seen.settled is False
    assert seen.samples[0] == pytest.approx(11.0)


def test_on_a_line_of_long_delay_the_ups_and_downs_of_tcp_are_no_spread() -> None:
    load = a_load(lambda at_s: 8.0 if int(at_s) % 3 == 0 else 3.0, seconds=14.0)
    near, far = found(load).spread, found(replace(load, idle_ms=(600.0,))).spread
    assert near is not None
    assert far is not None
    assert near > 0.3
    assert far < 0.1


@pytest.mark.parametrize(("ramp_mbps", "held_bytes"), [(2.5, 500_000), (10.0, 20_000)])
def test_what_arrived_before_and_is_acknowledged_late_is_no_speed(ramp_mbps: float, held_bytes: int) -> None:
    """2.5 Mbps arrive all the time that counts; a gap from before it is filled in its third second."""
    load = a_load(lambda at_s: 2.5 if at_s >= RAMP_S else ramp_mbps)
    samples = tuple(
        replace(
            sample,
            arrived_bytes=sample.acked_bytes,
            acked_bytes=max(0, (sample.acked_bytes or 0) - (held_bytes if sample.at_s < 104.0 else 0)),
        )
        for sample in load.samples
    )
    seen = found(replace(load, samples=samples, posts=()))
    assert seen.goodput_mbps == pytest.approx(2.5, rel=1e-3)
    assert seen.lower_mbps is not None
    assert seen.upper_mbps is not None
    assert seen.lower_mbps < 2.5 < seen.upper_mbps
