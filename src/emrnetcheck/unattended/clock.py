"""Can this computer's clock be believed, and since when is anything due?

A clock that was wrong for one start would write a report of another week, and forget what is too old by it. A computer
that was off for weeks looks the same. So a clock that is far from the last work is believed at the second start that
finds it so: a quarter of an hour later.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo

from emrnetcheck.model.claims import CLOCK
from emrnetcheck.schedule.due import CLOCK_WAS_WRONG
from emrnetcheck.store import StoreError
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History

FAR = timedelta(hours=36)
"""Work of every day is done in time every day, also where it is some hours later on one than on the day before."""
_MARK_ANEW = FAR / 3


def believed_since(
    history: History,
    site: str,
    now: datetime,
    *,
    installed_at: datetime | None,
    zone: tzinfo,
    tell: Callable[[str], None],
) -> datetime | None:
    """From when on something is due: not before the history is there, which alone knows what was done. None: the clock
    is not believed yet, and nothing is to be done by it. tell: why."""
    claims, shown = Claims(history), f"{now.astimezone(zone):%Y-%m-%d %H:%M}"
    if installed_at is not None and now < installed_at - CLOCK_WAS_WRONG:
        # As after an empty battery. No mark: it would be taken for the beginning of the history.
        tell(f"Nothing is done: this computer's clock shows {shown}, which is before the schedule was installed.")
        return None
    worked_at = claims.worked_at(site)
    is_far = worked_at is None or not now - FAR <= worked_at <= now + CLOCK_WAS_WRONG
    if is_far:
        mark = claims.last(CLOCK, site, until=now)
        if mark is None or now - mark.due_at > _MARK_ANEW:
            claims.claim(CLOCK, site, now, now)
        if mark is None or now - mark.due_at > FAR:
            tell(_why(worked_at, shown, zone))
            return None
    first = claims.first(site)
    if first is None:
        return None
    if not is_far:
        _forget_doubts(claims, site, first.claimed_at)
    return first.claimed_at


def _forget_doubts(claims: Claims, site: str, since: datetime) -> None:
    """A start with a right clock lies in between: a doubt from before it confirms no later one. The beginning of the
    history stays."""
    mark = claims.last(CLOCK, site)
    if mark is not None and mark.due_at > since:
        with suppress(StoreError):  # the next start does it
            claims.forget_after(CLOCK, site, since)


def _why(worked_at: datetime | None, shown: str, zone: tzinfo) -> str:
    if worked_at is None:
        return "The history knows of no work yet: what is due from now on is done."
    return (
        f"Nothing is done yet: this computer's clock shows {shown}, and the last work was at "
        f"{worked_at.astimezone(zone):%Y-%m-%d %H:%M}. If it still shows so at the next start, it is believed."
    )
