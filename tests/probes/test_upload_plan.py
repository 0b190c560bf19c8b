"""How long is the next body of a stream?"""

from __future__ import annotations

import pytest

from emrnetcheck.probes.throughput.plan import LoadPlan

KIB = 1024
PLAN = LoadPlan(
    first_body_bytes=64 * KIB,
    largest_body_bytes=1024 * KIB,
    body_target_s=0.75,
    body_target_rtts=10.0,
)


@pytest.mark.parametrize(
    ("last_kib", "took_s", "rtt_s", "next_kib"),
    [
        (100, 0.77, 0.02, 100),  # 0.75 s of sending: just right
        (200, 1.52, 0.02, 100),  # twice as long as wanted
        (100, 0.395, 0.02, 200),  # half as long
        (64, 0.08, 0.02, 256),  # grows fourfold at most
        (64, 5.02, 0.02, 64),  # never shorter than the first
        (800, 0.395, 0.02, 1024),  # never longer than servers take
        (64, 1.2, 0.6, 256),  # long delay: most of 1.2 s was waiting, and 6 s of sending are wanted
        (256, 6.6, 0.6, 256),  # long delay: ten round trips of sending, one of waiting
    ],
)
def test_a_body_takes_its_time_whatever_the_delay(last_kib: int, took_s: float, rtt_s: float, next_kib: int) -> None:
    assert PLAN.next_body_bytes(last_kib * KIB, took_s, rtt_s) == pytest.approx(next_kib * KIB, rel=0.001)
