"""Which days of the week and which times of the day does somebody mean?"""

from __future__ import annotations

import re

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY_MINUTES = 24 * 60
_SETS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{2})", re.ASCII)
_SHORTEST_NAME = 3
_MINUTES = 60


def split(text: str) -> tuple[str, list[str]]:
    """The days, and the list behind them, in lower case: "Mon, Tue 07:00, 12:00" is "mon,tue" and both times.

    ValueError where there are not both.
    """
    days, _, rest = re.sub(r"\s*([,-])\s*", r"\1", text.strip().lower()).partition(" ")
    if not days or not rest.strip():
        raise ValueError("days and times")
    return days, rest.strip().split(",")


def days_of(text: str) -> frozenset[int]:
    """ "daily", "weekdays", "weekends", "mon", "mon-fri", "mon,thu"; 0 is Monday. ValueError for anything else."""
    if text in _SETS:
        return frozenset(_SETS[text])
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        begin = _day(first)
        end = _day(last) if dash else begin
        found.update((begin + each) % len(DAYS) for each in range((end - begin) % len(DAYS) + 1))
    return frozenset(found)


def _day(text: str) -> int:
    """A day by its name, or by at least three letters of its beginning."""
    text = text.removesuffix("s") if text.removesuffix("s") in DAYS else text
    if len(text) >= _SHORTEST_NAME:
        for number, name in enumerate(DAYS):
            if name.startswith(text):
                return number
    raise ValueError(f"{text[:20]!r} is no day")


def minute_of(text: str, *, last: int = DAY_MINUTES - 1) -> int:
    """A time on the clock as minutes after midnight, up to `last`. ValueError for anything else."""
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found[2]) >= _MINUTES or not (minute := int(found[1]) * _MINUTES + int(found[2])) <= last:
        raise ValueError(f"{text[:20]!r} is no time")
    return minute


def clock(minute: int) -> str:
    """Minutes after midnight as on a clock: "06:30"."""
    return f"{minute // _MINUTES:02}:{minute % _MINUTES:02}"


def days_in_words(days: frozenset[int]) -> str:
    """ "every day", "Monday to Friday", "Monday", "Monday and Thursday"."""
    if len(days) == len(DAYS):
        return "every day"
    named = [DAYS[day].capitalize() for day in sorted(days)]
    if len(days) > 2 and max(days) - min(days) == len(days) - 1:  # noqa: PLR2004 - two days are told one by one
        return f"{named[0]} to {named[-1]}"
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
