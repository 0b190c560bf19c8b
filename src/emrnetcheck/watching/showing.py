"""How is one leg told: to the placing, to people as the last minute, and as the whole watch?"""

from __future__ import annotations

from itertools import islice, takewhile
from typing import TYPE_CHECKING

from emrnetcheck.evidence.watch import LegFigures, LegTotal, Sample
from emrnetcheck.placing import Health, State
from emrnetcheck.watching.limits import JITTER_LAST
from emrnetcheck.watching.recent import MOST, median

if TYPE_CHECKING:
    from emrnetcheck.watching.leg import LegWatch

SPARK_BUCKETS, SPARK_BUCKET_S = 30, 2.0
_LATE_S = 10.0  # what got no answer is counted late, after what was asked later
_STATE_LAST = 120  # as long as it takes to know a small loss from none


def state(leg: LegWatch) -> State:
    """In the words of placing."""
    if not leg.watched.target:
        return State(Health.ABSENT)
    # Of a trouble, only what was since it began: what was before it would make it look better than it is.
    if leg.fault is None:
        last = leg.recent.last(_STATE_LAST)
    else:
        since = takewhile(lambda each: each.at_s >= leg.bad_since_s, leg.recent.newest_first())
        last = list(islice(since, MOST))
    came = [each.rtt_ms for each in last if each.rtt_ms is not None]
    # What can no longer be sent says nothing of how it is now.
    unsent = leg.unsent_in_row >= leg.limits.least
    if leg.fault is None and (unsent or len(came) < leg.limits.least):
        return State(Health.UNKNOWN)
    return State(
        Health.BAD if leg.fault is not None else Health.GOOD,
        leg.fault,
        median_ms=median(came[:JITTER_LAST]),
        jitter_ms=leg.recent.jitter_ms(),
        sent=len(last),
        lost=len(last) - len(came),
    )


def figures(leg: LegWatch, now_s: float) -> LegFigures:
    """Over the last minute, for people."""
    minute_s = SPARK_BUCKETS * SPARK_BUCKET_S
    newest = takewhile(lambda each: now_s - each.at_s <= minute_s + _LATE_S, leg.recent.newest_first())
    minute = [each for each in newest if now_s - each.at_s <= minute_s][::-1]
    came = [each.took_ms for each in minute if each.took_ms is not None]
    return LegFigures(
        leg=leg.watched.leg,
        target=leg.watched.target,
        method=leg.watched.method,
        health=leg.state().health,
        fault=leg.fault or "",
        sent=len(minute),
        lost=len(minute) - len(came),
        now_ms=median(came[-5:]),
        worst_ms=max(came, default=None),
        usual_ms=leg.usual_ms,
        slow_ms=leg.slow_ms(),
        spark=_spark(minute, now_s),
        why=leg.watched.why,
        ever=leg.sent > leg.lost,
        cut=any(each.cut for each in minute),
    )


def total(leg: LegWatch, now_s: float) -> LegTotal:
    """Over the whole watch."""
    open_s = max(0.0, now_s - leg.bad_since_s) if leg.fault is not None else 0.0
    return LegTotal(
        leg=leg.watched.leg,
        target=leg.watched.target,
        method=leg.watched.method,
        sent=leg.sent,
        lost=leg.lost,
        unsent=leg.unsent,
        p50_ms=leg.sketch.percentile_ms(0.50),
        p95_ms=leg.sketch.percentile_ms(0.95),
        p99_ms=leg.sketch.percentile_ms(0.99),
        max_ms=leg.sketch.max_ms,
        bad_s=round(leg.bad_s + open_s, 1),
        cut=leg.cut,
    )


def _spark(minute: list[Sample], now_s: float) -> tuple[float | None, ...]:
    buckets: list[float | None] = [-1.0] * SPARK_BUCKETS
    for each in minute:
        number = SPARK_BUCKETS - 1 - int((now_s - each.at_s) / SPARK_BUCKET_S)
        if 0 <= number < SPARK_BUCKETS:
            held = buckets[number]
            if each.took_ms is None or held is None:
                buckets[number] = None
            else:
                buckets[number] = max(held, each.took_ms)
    return tuple(buckets)
