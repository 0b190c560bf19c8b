"""PURE: Student's t: how many standard errors leave out how much? Exact for whole degrees of freedom, without scipy."""

from __future__ import annotations

import functools
import math

_FAR = 1e6
_HALVINGS = 80


@functools.cache
def quantile(probability: float, freedom: int) -> float:
    """The t below which `probability` (above 0.5, below 1) of the distribution lies."""
    if not 0.5 < probability < 1.0 or freedom < 1:  # noqa: PLR2004 - a half is the middle
        raise ValueError("a probability between 0.5 and 1 and at least one degree of freedom are needed")
    low, high = 0.0, _FAR
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 + _within(middle, freedom)) / 2 < probability else (low, middle)
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """P(|T| <= t): Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2 == 1
    term = cosine if odd else 1.0
    total = term if freedom > 1 else 0.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * cosine * cosine
        total += term
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
