"""How often did the office's address change, and for how long was the name wrong each time? From a series of looks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from emrnetcheck.evidence import Seen
from emrnetcheck.model.spells import Spell, spells


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
class OverTime:
    """looks: those that tell whether the name was right. days: between the first look and the last."""

    looks: int
    days: float
    changes: tuple[Change, ...]
    wrong: tuple[Spell, ...]


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
    wrong = spells((each.at_unix_s, each.named != (each.public,)) for each in told)
    return OverTime(len(told), days, _changes(ordered), wrong)


def _changes(ordered: list[Sighting]) -> tuple[Change, ...]:
    known = [each for each in ordered if each.public is not None]
    return tuple(
        Change(one.public or "", other.public or "", one.at_unix_s, other.at_unix_s)
        for one, other in pairwise(known)
        if one.public != other.public
    )
