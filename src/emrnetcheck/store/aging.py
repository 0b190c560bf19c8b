"""Is it really so late, or is the clock wrong? Before what is old is forgotten for good. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

GAP = timedelta(days=60)
"""Nobody is surprised by a computer that was off for so long; of a longer time without a run, a wrong clock may be the
reason."""
DAYS = 7
"""With runs on so many days since, it is believed: clocks that are years ahead are set right sooner."""


def believed(now: datetime, newest_first: Iterable[datetime]) -> datetime:
    """Now, or when the last run was that is in doubt by no one. newest_first: when the runs began."""
    later = now
    days: set[date] = set()
    for began in newest_first:
        if began > now:
            continue  # the clock was wrong then
        if later - began > GAP:
            return began
        days.add(began.date())
        if len(days) == DAYS:
            return now
        later = began
    return now
