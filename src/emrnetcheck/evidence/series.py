"""How fast and how surely did one host answer, asked many times? Figures of a series, and what a loss of none means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from emrnetcheck.model import Failure

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Series:
    """Round trip times of one host, asked the same way again and again.

    sent and lost count the probes after the warm-up. All *_ms are round trip times by the nearest rank, None without
    a received probe. jitter_ms: mean of |RTT(i) - RTT(i-1)| over probes received with consecutive numbers.
    method: "icmp" (datagram socket), "icmp_raw", "icmp_api" (Windows), "tcp:PORT", "udp_errors" or "none".
    failure: why there is nothing, where sent is 0 or everything was lost.
    """

    address: str
    sent: int
    lost: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    jitter_ms: float | None
    method: str
    failure: Failure | None = None


def loss_upper_ratio(sent: int, lost: int, confidence: float = _CONFIDENCE) -> float | None:
    """The share that may be lost for all that these probes can tell: the one-sided upper bound, at 95 % confidence if
    none is said.

    Exact (Clopper and Pearson, Biometrika 26, 1934): the p at which `lost` or fewer of `sent` have 5 % probability.
    For none lost it is 1 - 0.05 ** (1 / sent), about 3 / sent. None of nothing sent.
    """
    if sent <= 0:
        return None
    return 1.0 if lost >= sent else _where_at_most(lost, sent, 1.0 - confidence)


def loss_lower_ratio(sent: int, lost: int) -> float | None:
    """The share that is lost for all that these probes can tell at the least: the one-sided lower bound at 95 %.

    Exact, as loss_upper_ratio: the p at which `lost` or more of `sent` have 5 % probability. None of nothing sent.
    """
    if sent <= 0:
        return None
    return 0.0 if lost <= 0 else _where_at_most(lost - 1, sent, _CONFIDENCE)


@lru_cache(maxsize=4096)
def _where_at_most(lost: int, sent: int, probability: float) -> float:
    """The share at which `lost` or fewer of `sent` have this probability: the more is lost, the smaller it is."""
    # By logarithms: the product of the small ones of a long series is too small for a number.
    whole = math.lgamma(sent + 1)
    ways = [whole - math.lgamma(number + 1) - math.lgamma(sent - number + 1) for number in range(lost + 1)]
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(ways, sent, middle) > probability:
            low = middle
        else:
            high = middle
    return high


def _at_most(ways: Sequence[float], sent: int, ratio: float) -> float:
    """The probability of fewer than len(ways) of `sent`, each lost with this probability. ways: the logarithm of the
    number of ways to lose 0, 1, ..."""
    if not 0.0 < ratio < 1.0:
        return 1.0 if ratio <= 0.0 or len(ways) > sent else 0.0
    lost_log, kept_log = math.log(ratio), math.log1p(-ratio)
    return sum(math.exp(each + number * lost_log + (sent - number) * kept_log) for number, each in enumerate(ways))
