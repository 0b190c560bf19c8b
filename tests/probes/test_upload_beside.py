"""What goes on beside a load: delays with nothing dropped, others' traffic with our own taken off."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.throughput import beside
from emrnetcheck.probes.throughput.beside import Mark, others_between, p95, probe_every_s
from emrnetcheck.probes.throughput.delays import Delays
from emrnetcheck.probes.throughput.plan import Load, LoadPlan, Others, Sample
from tests.checks.builders import UPLOAD

BEFORE = Mark(10.0, 1_000_000, 5_000_000, 400_000, 100_000)
PLAN = LoadPlan()
LOAD = Load((), (), 0, (), (), 0.1, 0.0, 4, False)


@pytest.fixture
def selector() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as made:
        yield made


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def endpoint(listener: socket.socket) -> Endpoint:
    return Endpoint("127.0.0.1", listener.getsockname()[1])


def turn(selector: selectors.BaseSelector) -> None:
    """One round of what is ready."""
    for key, events in selector.select(1.0):
        assert key.data(time.monotonic(), events) is None


def test_what_is_not_ours_is_others() -> None:
    after = Mark(12.0, 1_000_000 + 500_000, 5_000_000 + 250_000, 400_000 + 250_000, 100_000 + 0)
    assert others_between(BEFORE, after) == Others(1.0, 1.0, own_sent_mbps=1.0)


def test_less_than_ours_is_nothing() -> None:
    after = replace(BEFORE, at_s=12.0, sent_bytes=1_000_100, own_sent_bytes=500_000)
    assert others_between(BEFORE, after) == Others(0.0, 0.0, own_sent_mbps=0.4)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (replace(BEFORE, sent_bytes=None, received_bytes=None), replace(BEFORE, at_s=11.0)),
        (BEFORE, replace(BEFORE, at_s=11.0, sent_bytes=None, received_bytes=None)),
        (BEFORE, BEFORE),
    ],
    ids=["not read before", "not read after", "no time between"],
)
def test_what_cannot_be_read_is_not_known(before: Mark, after: Mark) -> None:
    assert others_between(before, after) is None


@pytest.mark.parametrize(
    ("sent_mbps", "own_mbps", "own_known", "for_sure_mbps"),
    [
        (0.67, 5.2, True, 0.67),
        (0.67, 5.2, False, None),  # burst_then_settles without TCP_INFO: what was sent again
        (0.43, 5.1, False, None),  # honest_5 without it
        (3.0, 3.1, False, 3.0),  # line_busy
        (1.25, 5.0, False, None),
        (1.26, 5.0, False, 1.26),
        (0.0, 5.0, True, 0.0),
    ],
)
def test_what_may_be_our_own_is_not_others(
    sent_mbps: float, own_mbps: float, own_known: bool, for_sure_mbps: float | None
) -> None:
    load = replace(LOAD, loaded_others=Others(sent_mbps, 0.0, own_mbps, own_known))
    seen = beside.with_what_was_beside(UPLOAD, load)
    assert (seen.other_during_mbps, seen.own_during_mbps) == (for_sure_mbps, own_mbps)


@pytest.mark.parametrize("known", [(True, False), (False, True), (False, False)])
def test_ours_is_known_only_if_it_was_all_the_time(known: tuple[bool, bool]) -> None:
    after = replace(BEFORE, at_s=12.0, own_known=known[1])
    others = others_between(replace(BEFORE, own_known=known[0]), after)
    assert others is not None
    assert not others.own_known


@pytest.mark.parametrize(("mbps", "every_s"), [(1.0, 0.2), (2.17, 0.2), (2.18, 0.1), (10.0, 0.1), (0.0, 0.2)])
@pytest.mark.parametrize("acked", [True, False])
def test_probes_take_one_percent_of_the_line_at_most(mbps: float, every_s: float, acked: bool) -> None:
    bytes_at = [int(n * 0.25 * mbps * 125_000) for n in range(9)]
    samples = [
        Sample(100 + 0.25 * n, done if acked else None, 0 if acked else done, counted=False, paced=False)
        for n, done in enumerate(bytes_at)
    ]
    assert probe_every_s(PLAN, samples) == every_s


@pytest.mark.parametrize(("n", "expected"), [(0, None), (1, 1), (19, 19), (20, 19), (21, 20), (100, 95)])
def test_the_95th_percentile_is_one_of_the_values(n: int, expected: float | None) -> None:
    assert p95([float(value) for value in range(1, n + 1)]) == expected


def test_a_load_tells_its_delays_and_the_others() -> None:
    load = Load((), (), 0, (20.0,) * 16, (50.0,) * 80, 0.1, 0.0, 4, False, 8.0, Others(0.5, 0.25), None, "cubic")
    seen = beside.with_what_was_beside(UPLOAD, load)
    assert (seen.idle_probes, seen.loaded_probes, seen.loaded_seconds) == (16, 80, 8.0)
    assert (seen.idle_rtt_p95_ms, seen.loaded_rtt_p95_ms, seen.rpm) == (20.0, 50.0, 1200.0)
    assert (seen.other_sent_mbps, seen.other_received_mbps, seen.other_during_mbps) == (0.5, 0.25, None)
    assert seen.congestion == "cubic"


def test_a_load_without_delays_tells_none() -> None:
    seen = beside.with_what_was_beside(UPLOAD, Load((), (), 0, (), (), 0.1, 0.0, 4, False))
    assert (seen.loaded_probes, seen.loaded_rtt_p95_ms, seen.rpm) == (0, None, None)


def test_a_probe_is_timed_by_the_kernel(selector: selectors.BaseSelector, listener: socket.socket) -> None:
    delays = Delays(endpoint(listener), selector, 0.1)
    started_s = time.monotonic()
    delays.tick(started_s - 0.5)  # as if we had been busy for half a second since
    turn(selector)
    (delay_ms,) = delays.samples_ms(time.monotonic())
    assert 0.0 < delay_ms < 400.0
    assert delays.answered == 1


def test_probes_keep_step_when_they_are_late(selector: selectors.BaseSelector, listener: socket.socket) -> None:
    delays = Delays(endpoint(listener), selector, 0.1)
    for at_s in (100.0, 100.13, 100.21):
        delays.tick(at_s)
    assert delays.started == 3
    assert delays.next_s == pytest.approx(100.3)
    delays.tick(105.0)
    assert delays.next_s == pytest.approx(105.1)
    delays.close()


def test_a_probe_nobody_answers_stays_in(selector: selectors.BaseSelector, listener: socket.socket) -> None:
    """Nothing is read from the selector here: as if no answer came."""
    delays = Delays(endpoint(listener), selector, 0.1)
    delays.tick(100.0)
    assert delays.samples_ms(101.0) == (1000.0,)
    delays.give_up(103.5)
    assert delays.samples_ms(103.5) == (3500.0,)
    assert (delays.started, delays.answered, delays.waiting) == (1, 0, False)


def test_the_youngest_probes_are_left_out_answered_or_not(
    selector: selectors.BaseSelector, listener: socket.socket
) -> None:
    delays = Delays(endpoint(listener), selector, 0.1)
    delays.tick(100.0)
    delays.give_up(103.5)  # the usual answer takes 3.5 s
    delays.tick(104.0)
    delays.tick(106.0)
    assert delays.samples_ms(107.6) == pytest.approx((3500.0, 3600.0))
    delays.close()
