"""When is a run wanted sooner than the schedule has it, and of which checks?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from emrnetcheck.alerting.state import RETEST_AFTER, AlertState, Watched
from emrnetcheck.schedule.due import CLOCK_AHEAD

_TRIES = 3
_ONE_DAY = timedelta(days=1)


def wants_retest(state: AlertState, now: datetime, askable: Collection[str] | None = None) -> datetime | None:
    """When a suspect, or what seems to be over, should be looked at again; None: the schedule will do. It may be past.

    First RETEST_AFTER the look that asked it last; where that does not answer it, twice and four times as long after,
    and then no more: an open question is no reason to measure all day. Looks that leave it out change nothing of that.
    A clock that was set back by more than CLOCK_AHEAD does not put it off: then it is wanted now, which is past.

    askable: ids of the checks that may be asked now, None: all. What may not, waits, and the others do not wait for it.
    """
    last_at = state.last_at
    if last_at is None or state.away is not None:
        return None
    waiting = [check for check in retest_checks(state) if askable is None or check in askable]
    if not waiting:
        return None
    # Not before the newest run: each moment is taken on once, and where nothing came of it, the next run gives another.
    first = max(last_at, min(_due_at(state.checks[check], last_at) for check in waiting))
    if last_at - now <= CLOCK_AHEAD:
        return first
    # Not `now`, which is another one at each start: what is killed would load the line at each.
    return first + (now - first) // _ONE_DAY * _ONE_DAY


def retest_checks(state: AlertState) -> tuple[str, ...]:
    """Ids of the checks for whose sake it is wanted: a run of these alone is enough."""
    return tuple(sorted(check for check, watched in state.checks.items() if _waits(watched)))


def _due_at(watched: Watched, last_at: datetime) -> datetime:
    asked_at = watched.asked_at or watched.looks[-1].at
    wait: timedelta = RETEST_AFTER * 2**watched.untold
    return min(asked_at, last_at) + wait  # by a clock that was ahead it may be later than the newest run


def _waits(watched: Watched) -> bool:
    if watched.untold >= _TRIES or not watched.looks:
        return False
    last, incident = watched.looks[-1], watched.incident
    if incident is None:
        return last.counts_as_bad
    return last.code is None and not incident.flapping  # what comes and goes is over after hours only
