"""How often did the office's address change, and for how long was the name wrong each time? From a series of looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from emrnetcheck.evidence import Seen


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look. at_unix_s: when. public: the office's address; named: what the name's own servers said. None and ():
    not known."""

    at_unix_s: float
    public: str | None
    named: tuple[str, ...]
    ttl_s: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """The address was another one at the look `before` than at the look `after` (seconds since 1970)."""

    old: str
    new: str
    before_unix_s: float
    after_unix_s: float


@dataclass(frozen=True, slots=True)
class WrongTime:
    """The name was wrong at one look or several in a row.

    at_least_s: between the first and the last of them. at_most_s: from the right look before to the right look after,
    None where one of these is missing. still: it is wrong at the end of the series.
    """

    began_unix_s: float
    at_least_s: float
    at_most_s: float | None
    still: bool


@dataclass(frozen=True, slots=True)
class OverTime:
    """looks: those that tell whether the name was right. days: between the first look and the last."""

    looks: int
    days: float
    changes: tuple[Change, ...]
    wrong: tuple[WrongTime, ...]


_DAY_S = 86_400


def sighting(at_unix_s: float, seen: Seen) -> Sighting:
    """What one run saw of the name and the address."""
    public = seen.address.public_v4 if seen.address is not None else None
    own = [answer for answer in seen.names.authoritative if answer.authoritative] if seen.names is not None else []
    named = tuple(sorted({address for answer in own for address in answer.addresses}))
    return Sighting(at_unix_s, public, named, max((answer.ttl_s for answer in own if answer.ttl_s), default=None))


def over_time(sightings: Iterable[Sighting]) -> OverTime:
    """The changes of the address, and the times when the name was wrong; looks are put in order of time first.

    The looks are samples: what happened between two of them is told as bounds. A change there and back between two
    looks is not seen.
    """
    ordered = sorted(sightings, key=lambda each: each.at_unix_s)
    told = [each for each in ordered if each.public is not None and each.named]
    days = (ordered[-1].at_unix_s - ordered[0].at_unix_s) / _DAY_S if ordered else 0.0
    return OverTime(len(told), days, _changes(ordered), _wrong(told))


def _changes(ordered: list[Sighting]) -> tuple[Change, ...]:
    known = [each for each in ordered if each.public is not None]
    return tuple(
        Change(one.public or "", other.public or "", one.at_unix_s, other.at_unix_s)
        for one, other in pairwise(known)
        if one.public != other.public
    )


def _wrong(told: list[Sighting]) -> tuple[WrongTime, ...]:
    found: list[WrongTime] = []
    right_before: Sighting | None = None
    row: list[Sighting] = []
    for each in told:
        if each.named != (each.public,):
            row.append(each)
            continue
        if row:
            found.append(_wrong_time(row, right_before, each))
            row = []
        right_before = each
    if row:
        found.append(_wrong_time(row, right_before, None))
    return tuple(found)


def _wrong_time(row: list[Sighting], before: Sighting | None, after: Sighting | None) -> WrongTime:
    bounded = before is not None and after is not None
    at_most_s = after.at_unix_s - before.at_unix_s if bounded and after and before else None
    return WrongTime(row[0].at_unix_s, row[-1].at_unix_s - row[0].at_unix_s, at_most_s, after is None)
