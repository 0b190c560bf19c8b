"""Did this computer sleep, or was its clock set, between two readings of all clocks?"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

SLEPT_LEAST_S = 2.0
SET_LEAST_S = 2.0
# Where no clock counts on through a sleep, or all do (Windows), only the hole shows: nobody had a turn for so long.
HOLE_S = 15.0


@dataclass(frozen=True, slots=True)
class Clocks:
    """One reading. through_s: a clock that also counts while the computer sleeps; None where there is none."""

    mono_s: float
    wall_s: float
    through_s: float | None


@dataclass(frozen=True, slots=True)
class Gap:
    """slept_s: for how long nothing ran. set_by_s: by how much the wall clock was set forward (back: negative)."""

    slept_s: float | None
    set_by_s: float | None


def read() -> Clocks:
    """All clocks now."""
    return Clocks(time.monotonic(), time.time(), _through_s())


def _through_s() -> float | None:
    # Linux: CLOCK_BOOTTIME (time_namespaces(7)). macOS: its CLOCK_MONOTONIC goes on in sleep, Python's monotonic() not.
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return None


def gap(before: Clocks, now: Clocks) -> Gap:
    """What happened between two readings that were to be a moment apart."""
    awake_s = now.mono_s - before.mono_s
    wall_s = now.wall_s - before.wall_s
    if before.through_s is None or now.through_s is None:
        passed_s, slept_s = awake_s, 0.0
    else:
        passed_s = now.through_s - before.through_s
        slept_s = passed_s - awake_s
    if awake_s >= HOLE_S:  # stopped, or starved
        slept_s += awake_s
    set_by_s = wall_s - passed_s
    return Gap(
        slept_s if slept_s >= SLEPT_LEAST_S else None,
        set_by_s if abs(set_by_s) >= SET_LEAST_S else None,
    )
