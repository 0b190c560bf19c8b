"""Are patients being seen now? Then the line is theirs, and no load test may use it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from emrnetcheck.model.schedule import LoadTests
from emrnetcheck.schedule.words import DAY_MINUTES, DAYS, clock, days_in_words, days_of, minute_of, split

_STEP = timedelta(minutes=1)
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Hours:
    """When the clinic is open: (day, first minute, minute of the end), 0 is Monday. Empty: never.

    An end above 24 h is on the next day.
    """

    spans: tuple[tuple[int, int, int], ...]

    def in_words(self) -> str:
        """ "Monday to Friday 08:00-18:00", "none"."""
        by_days: dict[tuple[tuple[int, int], ...], set[int]] = {}
        for day in range(len(DAYS)):
            spans = tuple((start, end) for at, start, end in self.spans if at == day)
            by_days.setdefault(spans, set()).add(day)
        by_days.pop((), None)
        told = [
            f"{days_in_words(frozenset(days))} "
            + ", ".join(
                f"{clock(start)}-{clock(end if end <= DAY_MINUTES else end - DAY_MINUTES)}" for start, end in spans
            )
            for spans, days in by_days.items()
        ]
        return "; ".join(told) or "none"


def _clocks(span: tuple[int, int]) -> str:
    start, end = span
    return f"{clock(start)}-{clock(end if end <= DAY_MINUTES else end - DAY_MINUTES)}"


def parse_hours(text: str) -> Hours:
    """ "mon-fri 08:00-18:00", "mon-fri 08:00-12:00, 13:00-18:00" or "off". ValueError in words for anything else.

    Hours that end before they begin go over midnight.
    """
    if text.strip().lower() == "off":
        return Hours(())
    try:
        days, spans = split(text)
        return _hours((day, *_span(span)) for day in days_of(days) for span in spans)
    except ValueError:
        raise ValueError('must be such as "mon-fri 08:00-18:00", "sat 09:00-12:00" or "off"') from None


def parse_all_hours(texts: Iterable[str]) -> Hours:
    """All hours of several. ValueError as `parse_hours`."""
    return _hours(span for text in texts for span in parse_hours(text).spans)


def _hours(spans: Iterable[tuple[int, int, int]]) -> Hours:
    return Hours(tuple(sorted(set(spans))))


def _span(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    start, end = minute_of(first), minute_of(last, last=DAY_MINUTES)
    if not dash or start == end:
        raise ValueError("no span")
    return start, end if end > start else end + DAY_MINUTES


def in_clinic_hours(hours: Hours, zone: tzinfo, now: datetime) -> bool:
    """Whether the clinic is open, by the clock on its wall. now: with a time zone."""
    wall = now.astimezone(zone)
    minute = wall.hour * _MINUTES + wall.minute
    yesterday = (wall.weekday() - 1) % len(DAYS)
    return any(
        (day == wall.weekday() and start <= minute < end) or (day == yesterday and minute < end - DAY_MINUTES)
        for day, start, end in hours.spans
    )


def may_load(wish: LoadTests, hours: Hours, zone: tzinfo, now: datetime, *, lasting_s: float) -> bool:
    """Whether a load test that takes lasting_s seconds may begin now: it has to be over when the clinic opens."""
    if wish is not LoadTests.OUTSIDE_CLINIC_HOURS:
        return wish is LoadTests.ALWAYS
    end = now + timedelta(seconds=lasting_s)
    at = now
    while at < end:
        if in_clinic_hours(hours, zone, at):
            return False
        at += _STEP
    return not in_clinic_hours(hours, zone, end)
