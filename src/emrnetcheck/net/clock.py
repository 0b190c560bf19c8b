"""How much of an allowed time is left?"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on time.monotonic(), which no clock step moves."""

    at_monotonic_s: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The moment this many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining_s(self) -> float:
        """Seconds until then, never below 0."""
        return max(0.0, self.at_monotonic_s - time.monotonic())

    def passed(self) -> bool:
        """Whether the moment is over."""
        return self.remaining_s() <= 0.0


def ms_since(start_perf_s: float) -> float:
    """Milliseconds since a reading of time.perf_counter() (time.monotonic() is coarse on Windows)."""
    return (time.perf_counter() - start_perf_s) * 1000.0
