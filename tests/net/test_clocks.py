"""A sleep, a clock that is set, and neither, on systems with and without a clock that counts through a sleep."""

from __future__ import annotations

import pytest

from emrnetcheck.net import clocks
from emrnetcheck.net.clocks import Clocks, Gap, gap

BEFORE = Clocks(1_000.0, 1_800_000_000.0, 5_000.0)


def after(mono_s: float, wall_s: float, through_s: float | None) -> Gap:
    before = BEFORE if through_s is not None else Clocks(BEFORE.mono_s, BEFORE.wall_s, None)
    through = None if through_s is None or before.through_s is None else before.through_s + through_s
    return gap(before, Clocks(before.mono_s + mono_s, before.wall_s + wall_s, through))


@pytest.mark.parametrize(
    ("mono_s", "wall_s", "through_s", "expected"),
    [
        (1.0, 1.0, 1.0, Gap(None, None)),
        (1.0, 1.1, 1.0, Gap(None, None)),
        (1.0, 3_601.0, 3_601.0, Gap(3_600.0, None)),  # Linux, macOS: slept
        (1.0, 3_601.0, 1.0, Gap(None, 3_600.0)),  # set forward
        (1.0, -3_599.0, 1.0, Gap(None, -3_600.0)),  # set back
        (1.0, 7_201.0, 3_601.0, Gap(3_600.0, 3_600.0)),  # slept, and set meanwhile
        (600.0, 600.0, None, Gap(600.0, None)),  # Windows: its monotonic clock counts on, but nobody had a turn
        (600.0, 600.0, 600.0, Gap(600.0, None)),  # stopped by somebody
        (14.0, 14.0, 14.0, Gap(None, None)),  # a busy computer
        (1.0, 3_601.0, None, Gap(None, 3_600.0)),
    ],
)
def test_what_happened_between_two_readings(
    mono_s: float, wall_s: float, through_s: float | None, expected: Gap
) -> None:
    assert after(mono_s, wall_s, through_s) == expected


def test_two_real_readings_are_a_moment_apart() -> None:
    assert gap(clocks.read(), clocks.read()) == Gap(None, None)


@pytest.mark.parametrize(("system", "has_one"), [("linux", True), ("win32", False)])
def test_which_systems_count_through_a_sleep(system: str, has_one: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", system)
    monkeypatch.setattr("time.CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr("time.clock_gettime", lambda _number: 1.0, raising=False)
    assert (clocks.read().through_s is not None) is has_one
