"""Does the wire do to frames what its settings say? Fine timing is the bench's: machines that run tests are noisy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lab.conftest import Trial

pytestmark = [pytest.mark.lab, pytest.mark.alone]

FRAME_BYTES = 1514


def blast(trial: Trial, count: int, **settings: float | bool) -> dict[str, Any]:
    return trial("blast", json.dumps(settings), str(count))


def test_a_cut_wire_carries_nothing_until_it_is_mended(trial: Trial) -> None:
    facts = trial("cut_and_mended")
    assert (facts["plain"], facts["cut"], facts["mended"]) == (True, False, True)
    assert facts["counters"]["cut_drops"] > 0
    assert facts["counters"]["frames_out"] > 0


def test_a_plain_wire_carries_all_in_order(trial: Trial) -> None:
    facts = blast(trial, 300)
    assert facts["numbers"] == list(range(300))
    assert facts["counters"]["queue_drops"] == facts["counters"]["loss_drops"] == 0


def test_frames_take_their_time_at_the_rate(trial: Trial) -> None:
    facts = blast(trial, 60, rate_mbps=1)
    least_s = 59 * FRAME_BYTES * 8 / 1e6
    took_s = facts["times"][-1] - facts["times"][0]
    assert least_s * 0.97 < took_s < least_s * 2


def test_a_burst_goes_ahead_of_the_rate_until_the_tokens_are_used(trial: Trial) -> None:
    facts = blast(trial, 60, rate_mbps=1, burst_bytes=30 * FRAME_BYTES)
    times = facts["times"]
    at_the_rate_s = 29 * FRAME_BYTES * 8 / 1e6
    assert times[28] - times[0] < at_the_rate_s / 2
    assert times[-1] - times[30] > at_the_rate_s * 0.9


def test_a_burst_is_held_to_the_peak_rate(trial: Trial) -> None:
    facts = blast(trial, 60, rate_mbps=0.5, burst_bytes=90 * FRAME_BYTES, peak_mbps=2)
    took_s = facts["times"][-1] - facts["times"][0]
    peak_s = 59 * FRAME_BYTES * 8 / 2e6
    assert peak_s * 0.97 < took_s < peak_s * 2


def test_a_rate_that_wanders_stays_within_its_share_and_is_the_same_each_time(trial: Trial) -> None:
    first, second, steady = (
        _half_second_counts(blast(trial, 500, rate_mbps=1, queue_bytes=900_000, wander_ratio=ratio))
        for ratio in (0.3, 0.3, 0.0)
    )
    mean = 1e6 / 8 / FRAME_BYTES / 2
    assert all(0.65 * mean < count < 1.35 * mean for count in first)
    assert max(first) - min(first) > 0.15 * mean  # a steady one: less than 0.1
    assert max(steady) - min(steady) < 0.1 * mean
    assert all(abs(a - b) < 0.1 * mean for a, b in zip(first, second, strict=False))


def _half_second_counts(facts: dict[str, Any]) -> list[int]:
    """Frames in each half second, the first frame's on; the last is not whole."""
    times = facts["times"]
    slots = [int((at_s - times[0]) / 0.5) for at_s in times]
    return [slots.count(slot) for slot in range(slots[-1])]


def test_the_queue_drops_what_does_not_fit(trial: Trial) -> None:
    facts = blast(trial, 100, rate_mbps=1, queue_bytes=10_000)
    counters = facts["counters"]
    assert counters["queue_drops"] > 0
    assert counters["queue_max_bytes"] <= 10_000
    assert len(facts["numbers"]) == 100 - counters["queue_drops"]
    assert facts["numbers"] == sorted(facts["numbers"])


def test_loss_loses_about_what_it_says_and_the_same_each_time(trial: Trial) -> None:
    first, second = (blast(trial, 400, loss_ratio=0.25) for _ in range(2))
    assert 60 < first["counters"]["loss_drops"] < 140
    assert len(first["numbers"]) == 400 - first["counters"]["loss_drops"]
    assert first["numbers"] == second["numbers"]


def test_delay_is_in_each_direction(trial: Trial) -> None:
    output = trial("delayed")["output"]
    rtt_ms = float(output.split("time=")[1].split()[0])
    assert 60.0 <= rtt_ms < 120.0


def test_jitter_overtakes_only_where_it_may(trial: Trial) -> None:
    kept = blast(trial, 200, jitter_ms=20)["numbers"]
    mixed = blast(trial, 200, jitter_ms=20, reorder=True)["numbers"]
    assert kept == list(range(200))
    assert sorted(mixed) == kept != mixed


def test_a_frame_that_no_ethernet_carries_makes_the_lab_fail(trial: Trial) -> None:
    assert "oversize = 1" in trial("too_big")["said"]


def test_unknown_settings_are_refused_and_change_nothing(trial: Trial) -> None:
    facts = trial("refused_settings")
    assert "speed_mbps" in facts["unknown"]
    assert "rate_mbps=-1" in facts["negative"]
    assert facts["still_works"]
