"""Does the schedule do what it is for, and if not, what is wrong?"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from emrnetcheck.model.claims import Claim, Ended
from emrnetcheck.schedule.due import CLOCK_AHEAD, CLOCK_WAS_WRONG, When, coming, due, next_due
from emrnetcheck.schedule.job import LONGEST_RUN_MINUTES, WAKE_MINUTES

# The scheduler looks four times in it: what is not begun then, is not begun by it.
GRACE = timedelta(minutes=4 * WAKE_MINUTES)
_LONGEST = timedelta(minutes=LONGEST_RUN_MINUTES)


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that is done by the clock, how it went last, and when it is next. All times with a time zone.

    next_at: with this computer's offset; None: never. overdue_since: when it should have been begun, and was not: of
    several moments that were missed the first.
    """

    kind: str
    when: When
    last: Claim | None
    next_at: datetime | None
    overdue_since: datetime | None


def work(
    kind: str,
    when: When,
    zone: tzinfo,
    *,
    last: Claim | None,
    covered: Claim | None = None,
    taken: Collection[datetime] = (),
    installed_at: datetime | None,
    now: datetime,
    offset_s: int,
) -> Work:
    """How it stands now. covered: by something else that did the same and more, as a check does what a look does: one
    that is caught up, for all looks until then. taken: due moments to come that were claimed by a clock that was ahead:
    they do not come again."""
    offset = timedelta(seconds=offset_s)
    if covered is not None and covered.claimed_at > now + CLOCK_AHEAD:
        covered = None
    seen = [each.due_at for each in (last, covered) if each is not None]
    if covered is not None:
        until = min(covered.claimed_at, now)
        seen += filter(None, [due(when, zone, last_claimed=None, installed_at=None, now=until, offset_s=offset_s)])
    claimed = max(seen, default=None)
    missed = due(when, zone, last_claimed=claimed, installed_at=installed_at, now=now, offset_s=offset_s)
    next_at = missed or _next(when, zone, max(now - offset, claimed or now - offset), taken)
    # Where something is due every half hour, the newest moment is never old.
    known = [each for each in (claimed, installed_at) if each is not None and each <= now]
    first = missed if missed is None or not known else next_due(when, zone, max(known))
    late = first is not None and missed is not None and first + offset + GRACE < now
    return Work(
        kind=kind,
        when=when,
        last=last,
        next_at=None if next_at is None else next_at + offset,
        overdue_since=first + offset if late and first is not None else None,
    )


def _next(when: When, zone: tzinfo, after: datetime, taken: Collection[datetime]) -> datetime | None:
    return next((each for each in coming(when, zone, after) if each not in taken), None)


def troubles(works: tuple[Work, ...], now: datetime, told: Callable[[datetime], str]) -> list[str]:
    """A sentence for each thing that did not go as it should. told: how a moment is written."""
    found = []
    for each in works:
        if each.overdue_since is not None:
            found.append(
                f"The {each.kind} of {told(each.overdue_since)} has not been done, nor one since. If this computer was "
                f"off or asleep, the newest is caught up within {WAKE_MINUTES} minutes."
            )
        found += _of_last(each, now, told)
    return found


def clock_troubles(
    installed_at: datetime, worked_at: datetime | None, now: datetime, told: Callable[[datetime], str]
) -> list[str]:
    """What does not fit the clock of this computer. worked_at: the latest moment at which any work was begun."""
    shows = f"This computer's clock shows {told(now)}"
    if now < installed_at - CLOCK_WAS_WRONG:
        why = "which is before the schedule was installed: nothing is done. Set it right; if it is, install again."
        return [f"{shows}, {why}"]
    if worked_at is not None and worked_at > now + CLOCK_AHEAD:
        why = "Looks go on; a check or a report that was made for a moment to come is not made again."
        return [f"{shows}, and work was done at {told(worked_at)}: it was ahead then, or is behind now. {why}"]
    return []


def _of_last(work: Work, now: datetime, told: Callable[[datetime], str]) -> list[str]:
    last = work.last
    if last is None:
        return []
    which = f"The {work.kind} of {told(last.due_at)}"
    if last.outcome is Ended.FAILED:
        return [f"{which} failed by an error of the program or of its history."]
    if last.outcome is Ended.STOPPED:
        return [f"{which} was stopped by somebody before its end."]
    if last.finished_at is None and last.outcome is None and now - last.claimed_at > _LONGEST:
        return [f"{which} was begun and never ended: it was killed, or the computer went off."]
    return []


def in_words(claim: Claim | None, now: datetime) -> str:
    """How the last one went, in a word or two."""
    if claim is None:
        return "not yet"
    if claim.outcome is None:
        return "at work" if now - claim.claimed_at <= _LONGEST else "begun, never ended"
    return {
        Ended.KEPT: "measured, alerts not told yet",
        Ended.DONE: "done",
        Ended.FAILED: "failed",
        Ended.STOPPED: "stopped",
    }[claim.outcome]
