"""Which percentiles had millions of answer times, in constant memory?"""

from __future__ import annotations

import math
from array import array

_LEAST_MS, _MOST_MS = 0.01, 100_000.0
_STEP = 1.04  # so a percentile is right within 2 %
_BINS = math.ceil(math.log(_MOST_MS / _LEAST_MS) / math.log(_STEP)) + 2


class Sketch:
    """A histogram with bins that grow by 4 %: 400 of them from 0.01 ms to 100 s. The largest value is kept as it is."""

    def __init__(self) -> None:
        self._counts = array("Q", bytes(8 * _BINS))
        self.count = 0
        self.max_ms: float | None = None

    def add(self, ms: float) -> None:
        """One value, not negative."""
        bounded = min(max(ms, _LEAST_MS), _MOST_MS)
        self._counts[math.ceil(math.log(bounded / _LEAST_MS) / math.log(_STEP))] += 1
        self.count += 1
        self.max_ms = ms if self.max_ms is None else max(self.max_ms, ms)

    def percentile_ms(self, share: float) -> float | None:
        """The nearest-rank percentile, as the middle of its bin and never above the largest; None of nothing."""
        if not self.count or self.max_ms is None:
            return None
        rank, passed = math.ceil(share * self.count), 0
        for number, count in enumerate(self._counts):
            passed += count
            if passed >= rank:
                middle_ms: float = _LEAST_MS * _STEP ** (number - 0.5)
                return min(middle_ms, self.max_ms)
        return self.max_ms
