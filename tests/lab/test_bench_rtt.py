"""Does the bench that judges the sampler count rightly itself?"""

from __future__ import annotations

import pytest

from tests.lab.bench_rtt import Measured, _possible


def test_figures_are_of_what_was_received() -> None:
    seen = Measured((3.0, None, 1.0, 2.0, None))
    assert (seen.lost, seen.median_ms, seen.p95_ms) == (2, 2.0, 3.0)


@pytest.mark.parametrize(("ratio", "low", "high"), [(0.0, 0, 0), (0.01, 3, 19), (0.05, 33, 69)])
def test_possible_losses_are_the_binomial_s(ratio: float, low: int, high: int) -> None:
    """The quantiles of 0.5 and of 99.5 %, as exact fractions give them."""
    assert _possible(ratio) == (low, high)
