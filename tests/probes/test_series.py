"""Figures of a series of round trips; what stays possible where nothing was lost."""

from __future__ import annotations

import pytest

from emrnetcheck.evidence.series import loss_lower_ratio, loss_upper_ratio
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.series import jitter_ms, percentile, series_of


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, None), ([1.0], 0.95, 1.0), ([1.0, 2.0], 0.5, 1.0), (list(map(float, range(1, 101))), 0.95, 95.0)],
)
def test_percentile_is_a_value_that_was_seen(values: list[float], share: float, expected: float | None) -> None:
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("rtts_ms", "expected"),
    [([], None), ([1.0], None), ([1.0, None, 9.0], None), ([1.0, 2.0, None, 9.0, 6.0], 2.0)],
)
def test_jitter_skips_what_was_lost(rtts_ms: list[float | None], expected: float | None) -> None:
    assert jitter_ms(rtts_ms) == expected


def test_a_series_without_an_answer_has_no_figures_but_a_reason() -> None:
    seen = series_of("10.0.0.1", (None, None), "icmp", None)
    assert (seen.sent, seen.lost, seen.p50_ms, seen.p95_ms, seen.p99_ms, seen.max_ms) == (2, 2, None, None, None, None)
    assert seen.failure == Failure(FailureKind.TIMEOUT, "ping", "10.0.0.1")
    assert seen.method == "none"


@pytest.mark.parametrize(
    ("sent", "lost", "expected"),
    [
        (0, 0, None),
        (1, 1, 1.0),
        (100, 0, 0.02951),
        (300, 0, 0.00994),
        (60, 1, 0.0766),
        (1000, 50, 0.0629),
        (300, 295, 0.9934),
    ],
)
def test_what_loss_stays_possible_is_the_exact_bound(sent: int, lost: int, expected: float | None) -> None:
    """Clopper and Pearson's, one-sided at 95 %: 1 - 0.05 ** (1 / n) for none lost, else by the beta distribution."""
    found = loss_upper_ratio(sent, lost)
    assert found == (expected if expected is None else pytest.approx(expected, abs=0.0005))


@pytest.mark.parametrize(
    ("sent", "lost", "expected"),
    [(0, 0, None), (60, 0, 0.0), (60, 1, 0.00085), (60, 3, 0.01377), (300, 295, 0.9653), (100, 100, 0.9705)],
)
def test_what_was_lost_at_the_least_is_the_exact_bound(sent: int, lost: int, expected: float | None) -> None:
    """One of n: 1 - 0.95 ** (1 / n); all of n: 0.05 ** (1 / n)."""
    found = loss_lower_ratio(sent, lost)
    assert found == (expected if expected is None else pytest.approx(expected, abs=0.00005))


def test_the_bounds_hold_for_days_of_probes() -> None:
    """Where the product of the probabilities is too small for a number."""
    assert loss_lower_ratio(100_000, 1000) == pytest.approx(0.0095, abs=0.0001)
    assert loss_upper_ratio(100_000, 1000) == pytest.approx(0.0105, abs=0.0001)
