"""Did something large come too slowly? One place, so that `client` and `watch` say the same."""

from __future__ import annotations

from emrnetcheck.placing.limits import LegLimits

_LEAST_BYTES = 200_000  # less is over before a connection is up to speed


def is_slow_load(seconds: float, body_bytes: int, limits: LegLimits) -> bool:
    """Over the time that anybody waits for a page, and not because there is much of it."""
    if seconds <= limits.page_s:
        return False
    if body_bytes < _LEAST_BYTES:
        return True
    return body_bytes * 8 / seconds / 1_000_000 < limits.bulk_mbps
