"""Which figures does a series of round trips give?"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, FailureKind

_P50, _P95, _P99 = 0.50, 0.95, 0.99


def series_of(
    address: str, rtts_ms: Sequence[float | None], method: str, failure: Failure | None, operation: str = "ping"
) -> Series:
    """The figures of round trips in ms by sequence number, None where lost; the warm-up is taken off already."""
    received = sorted(rtt for rtt in rtts_ms if rtt is not None)
    why = None if received else failure or Failure(FailureKind.TIMEOUT, operation, address)
    return Series(
        address=address,
        sent=len(rtts_ms),
        lost=len(rtts_ms) - len(received),
        p50_ms=percentile(received, _P50),
        p95_ms=percentile(received, _P95),
        p99_ms=percentile(received, _P99),
        max_ms=received[-1] if received else None,
        jitter_ms=jitter_ms(rtts_ms),
        method=method if received else "none",
        failure=why,
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile of sorted values: always a value that was seen. None of nothing."""
    return ordered[math.ceil(share * len(ordered)) - 1] if ordered else None


def jitter_ms(rtts_ms: Sequence[float | None]) -> float | None:
    """Mean of |RTT(i) - RTT(i-1)| over probes received with consecutive numbers; None if no two are."""
    steps = [
        abs(later - earlier)
        for earlier, later in itertools.pairwise(rtts_ms)
        if earlier is not None and later is not None
    ]
    return sum(steps) / len(steps) if steps else None
