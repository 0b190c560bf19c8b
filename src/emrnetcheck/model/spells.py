"""When was something wrong, and for how long, where it was only looked at now and then?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spell:
    """It was wrong at one look or several in a row (times in seconds since 1970).

    at_least_s: between the first and the last of them. at_most_s: from the right look before to the right look after,
    None where one of these is missing. still: it is wrong at the end of the series.
    """

    began_unix_s: float
    at_least_s: float
    at_most_s: float | None
    still: bool


def spells(looks: Iterable[tuple[float, bool]]) -> tuple[Spell, ...]:
    """The looks in order of time, each with whether it was wrong then. What was between two looks is told as bounds."""
    found: list[Spell] = []
    right_before_s: float | None = None
    wrong_s: list[float] = []
    for at_s, is_wrong in looks:
        if is_wrong:
            wrong_s.append(at_s)
            continue
        if wrong_s:
            found.append(_spell(wrong_s, right_before_s, at_s))
            wrong_s = []
        right_before_s = at_s
    if wrong_s:
        found.append(_spell(wrong_s, right_before_s, None))
    return tuple(found)


def _spell(wrong_s: list[float], before_s: float | None, after_s: float | None) -> Spell:
    at_most_s = after_s - before_s if before_s is not None and after_s is not None else None
    return Spell(wrong_s[0], wrong_s[-1] - wrong_s[0], at_most_s, after_s is None)
