"""Is something due now, and when is it due next? Out of the clock and of what was claimed last, and of nothing else.

A due moment is what a clock on the clinic's wall shows. A time that the wall clock leaves out (the hour that daylight
saving skips) is as much later as the clock jumps; of a time that it shows twice, the first counts. Both are what
`datetime` does with fold=0 (PEP 495).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from emrnetcheck.schedule.words import DAY_MINUTES, DAYS, clock, days_in_words, days_of, minute_of, split

CLOCK_WAS_WRONG = timedelta(days=1)
"""What was claimed this much later than now, was claimed while the clock was wrong, and says nothing of today.

More than any mistake of a time zone (14 h), so that one is not taken for it: then nothing is due until the clock has
passed what was claimed. That holds for the report; a check and a look go by CLOCK_AHEAD.
"""
CLOCK_AHEAD = timedelta(minutes=10)
"""What was done this much later than now, was done while the clock was ahead: no reason to wait for what does no harm
when it is done once more. More than what setting the clock each day moves it by; less than a start comes after another.
"""
# The longest way between two moments of a week: 7 days, and one that a zone may leave out (Samoa, 2011). What is due on
# such a day is so on the next one: it is found only from the day before.
_FAR_DAYS = 8
_NEAR_DAYS = 1
_MINUTES = 60
_ONE_DAY = timedelta(days=1)
# Parts of an hour that the quarters of an hour at which the scheduler starts us can keep.
_EVERY = re.compile(r"every (15|30|60) minutes", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """Moments of a week on the wall clock: (day, minute of the day), each once, in order; 0 is Monday. Empty: never."""

    slots: tuple[tuple[int, int], ...]

    def in_words(self) -> str:
        """ "every day at 06:30", "Monday at 07:00", "never"."""
        if not self.slots:
            return "never"
        by_minutes: dict[tuple[int, ...], set[int]] = {}
        for day in range(len(DAYS)):
            minutes = tuple(minute for at, minute in self.slots if at == day)
            by_minutes.setdefault(minutes, set()).add(day)
        by_minutes.pop((), None)
        return "; ".join(_on_days(frozenset(days), minutes) for minutes, days in by_minutes.items())


def _on_days(days: frozenset[int], minutes: tuple[int, ...]) -> str:
    regularly = _regularly(minutes)
    if regularly and len(days) == len(DAYS):
        return regularly
    return f"{days_in_words(days)} {regularly or 'at ' + ', '.join(map(clock, minutes))}"


def _regularly(minutes: tuple[int, ...]) -> str:
    """In words, where it is all day long."""
    for every in (15, 30, 60):
        if minutes == tuple(range(0, DAY_MINUTES, every)):
            return f"every {every} minutes"
    return ""


def parse(text: str) -> When:
    """ "daily 06:30", "mon-fri 06:30, 12:15", "every 30 minutes", "hourly" or "off". ValueError in words else."""
    plain = text.strip().lower()
    if plain == "off":
        return When(())
    every = _EVERY.fullmatch("every 60 minutes" if plain == "hourly" else plain)
    if every is not None:
        return _when((day, minute) for day in range(len(DAYS)) for minute in range(0, DAY_MINUTES, int(every[1])))
    try:
        days, times = split(text)
        return _when((day, minute_of(each)) for day in days_of(days) for each in times)
    except ValueError:
        # Who wrote "every ten minutes" has to be told which there are.
        regular = ', "every 30 minutes" (or 15, or 60)' if plain.startswith("every") else ""
        raise ValueError(
            f'must be such as "daily 06:30", "mon-fri 06:30, 12:15", "monday 07:00"{regular} or "off"'
        ) from None


def parse_all(texts: Iterable[str]) -> When:
    """All moments of several. ValueError as `parse`."""
    return _when(slot for text in texts for slot in parse(text).slots)


def _when(slots: Iterable[tuple[int, int]]) -> When:
    return When(tuple(sorted(set(slots))))


def due(
    when: When,
    zone: tzinfo,
    *,
    last_claimed: datetime | None,
    installed_at: datetime | None,
    now: datetime,
    offset_s: int = 0,
) -> datetime | None:
    """The due moment to claim now (UTC), or None. Of several that were missed it is the newest: caught up once.

    last_claimed: the due moment that was claimed last, None: none. installed_at: nothing before it is due, so nothing
    at all while the clock shows a time before it. now: with a time zone. offset_s: from the due moment on it is waited
    so long; the moment itself is told without it, so that it stays the same one when the offset changes. A clock that
    was set back does not make anything due again, unless it was wrong by more than CLOCK_WAS_WRONG: then whoever claims
    has to see that this moment was claimed before.
    """
    moment = _last(when, zone, now - timedelta(seconds=offset_s))
    if moment is None or (installed_at is not None and moment <= installed_at):
        return None
    if last_claimed is not None and moment <= last_claimed <= now + CLOCK_WAS_WRONG:
        return None
    return moment


def next_due(when: When, zone: tzinfo, after: datetime) -> datetime | None:
    """The first due moment later than `after` (UTC, without offset); None: never."""
    around = _around(when, zone, after, range(-_NEAR_DAYS, _FAR_DAYS + 1))
    return min((each for each in around if each > after), default=None)


def coming(when: When, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """All due moments later than `after`, in order, without end (unless there is none)."""
    moment = next_due(when, zone, after)
    while moment is not None:
        yield moment
        moment = next_due(when, zone, moment)


def moments(whens: Iterable[When], zone: tzinfo, since: datetime, until: datetime) -> int:
    """How many moments of any of these there are after since, up to until: at one that two have, one run is made."""
    first, last = since.astimezone(zone).date() - _ONE_DAY, until.astimezone(zone).date() + _ONE_DAY
    days = [first + number * _ONE_DAY for number in range((last - first).days + 1)]
    return len({each for when in whens for day in days for each in _of_day(when, zone, day) if since < each <= until})


def _last(when: When, zone: tzinfo, until: datetime) -> datetime | None:
    around = _around(when, zone, until, range(-_FAR_DAYS, _NEAR_DAYS + 1))
    return max((each for each in around if each <= until), default=None)


def _around(when: When, zone: tzinfo, moment: datetime, days: range) -> Iterator[datetime]:
    """Every due moment of the days around, in no order: where a zone leaves a day out, days overlap."""
    today = moment.astimezone(zone).date()
    for each in days:
        yield from _of_day(when, zone, today + each * _ONE_DAY)


def _of_day(when: When, zone: tzinfo, day: date) -> Iterator[datetime]:
    for weekday, minute in when.slots:
        if weekday == day.weekday():
            wall = datetime.combine(day, time(minute // _MINUTES, minute % _MINUTES), tzinfo=zone)
            yield wall.astimezone(UTC)


def offset_s(site: str, host_id: str, spread_s: int) -> int:
    """How long this computer waits after each due moment, in whole minutes below spread_s (seconds).

    Always the same for the same site and computer, and spread evenly over many: else all clinics of a helper would
    measure against the same server at the same minute.
    """
    minutes = spread_s // _MINUTES
    if minutes <= 0:
        return 0
    digest = hashlib.sha256(f"{site}\0{host_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % minutes * _MINUTES
