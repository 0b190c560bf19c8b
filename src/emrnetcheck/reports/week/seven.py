"""What do the runs of seven days say together? Pure: rows of the history in, figures out."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median

from emrnetcheck.model import Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.model.spells import Spell, spells

DAYS = 7
_ANSWERED = frozenset({Status.PASS, Status.NOTICE, Status.WARN})
NO_INTERNET = frozenset({"address.no_internet", "address.line_down"})
NO_WAY_OUT = frozenset({"link.none", "router.none", "router.unreachable"})
"""Findings that leave it open whether the line works, and with which nobody in the office gets out all the same."""
WRONG_FOR_SOME = frozenset({"ddns.propagating", "ddns.negative_cached", "ddns.servers_disagree", "ddns.ttl_overridden"})
"""Warnings only, because they pass; meanwhile some people are led to a wrong address."""


@dataclass(frozen=True, slots=True)
class Range:
    """Of what was measured `count` times."""

    count: int
    median: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is right or wrong at each look. looks: those that could tell; right: at how many it was right.

    wrong: each time when it was wrong within these days, without what was before or after them: else one outage over
    the border would count in both weeks.
    """

    looks: int
    right: int
    wrong: tuple[Spell, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """The address was another one at the second look than at the first (seconds since 1970)."""

    before_unix_s: float
    after_unix_s: float


@dataclass(frozen=True, slots=True)
class Seven:
    """Seven days. runs 0: nobody looked, which is neither good nor bad.

    whole: runs that asked the whole question, and could ask it; verdicts are theirs. days: those with a run.
    uploads: the median of each day, None for a day without any, the first day first. address_looks: how many runs
    knew the public address. by_tunnel: how many runs were made through a VPN or a proxy: their figures and their
    address are another line's, and in none of these. troubles: how many whole runs each check failed in, by its id.
    unconnected: how many had no network connection at all, and so count in no verdict. elsewhere: how many more were
    made on another network than the clinic's, and count nowhere.
    """

    starts_at: datetime
    ends_at: datetime
    runs: int
    whole: int
    days: int
    verdicts: Mapping[Verdict, int]
    upload_mbps: Range | None
    idle_rtt_ms: Range | None
    loaded_rtt_ms: Range | None
    uploads_mbps: tuple[float | None, ...]
    internet: Question
    emr: Question
    outside: Question
    name: Question
    address_looks: int
    moves: tuple[Move, ...]
    by_tunnel: int
    troubles: Mapping[str, int]
    unconnected: int = 0
    elsewhere: int = 0


def seven(around: Sequence[PastRun], starts_at: datetime, ends_at: datetime) -> Seven:
    """around: runs of that time, and before and after it, the oldest first: how long something was wrong is told by
    the right looks on both sides."""
    rows = [row for row in around if starts_at <= row.started_at <= ends_at]
    whole = [row for row in rows if row.whole and not row.unconnected]
    own = [row for row in rows if not row.by_tunnel]
    known = [row for row in around if row.public_v4 is not None and not row.by_tunnel]
    days = days_of(rows, starts_at)
    return Seven(
        starts_at=starts_at,
        ends_at=ends_at,
        runs=len(rows),
        whole=len(whole),
        days=sum(map(bool, days)),
        verdicts=dict(Counter(row.verdict for row in whole)),
        upload_mbps=_range(row.goodput_mbps for row in own),
        idle_rtt_ms=_range(row.idle_rtt_ms for row in own),
        loaded_rtt_ms=_range(row.loaded_rtt_ms for row in own),
        uploads_mbps=tuple(_middle(row.goodput_mbps for row in day if not row.by_tunnel) for day in days),
        internet=_question(around, starts_at, ends_at, _internet),
        emr=_question(around, starts_at, ends_at, lambda row: _of_check(row, "emr")),
        outside=_question(around, starts_at, ends_at, lambda row: _of_check(row, "port")),
        name=_question(around, starts_at, ends_at, name_is_right),
        address_looks=sum(row.public_v4 is not None for row in own),
        moves=tuple(
            Move(one.started_at.timestamp(), other.started_at.timestamp())
            for one, other in pairwise(known)
            if one.public_v4 != other.public_v4 and starts_at <= other.started_at <= ends_at
        ),
        by_tunnel=len(rows) - len(own),
        troubles=dict(Counter(id_ for row in whole for id_, status in row.statuses.items() if status is Status.FAIL)),
        unconnected=sum(row.unconnected for row in rows),
    )


def _range(values: Iterable[float | None]) -> Range | None:
    there = [value for value in values if value is not None]
    return Range(len(there), median(there), min(there), max(there)) if there else None


def _middle(values: Iterable[float | None]) -> float | None:
    found = _range(values)
    return found.median if found is not None else None


def days_of(rows: Sequence[PastRun], starts_at: datetime) -> list[list[PastRun]]:
    """Seven days of the calendar, by the clock on the wall of where it starts."""
    days: list[list[PastRun]] = [[] for _ in range(DAYS)]
    for row in rows:
        number = (row.started_at.astimezone(starts_at.tzinfo).date() - starts_at.date()).days
        days[min(number, DAYS - 1)].append(row)
    return days


def _question(
    around: Sequence[PastRun], starts_at: datetime, ends_at: datetime, is_right: Callable[[PastRun], bool | None]
) -> Question:
    told = ((row.started_at.timestamp(), is_right(row)) for row in around)
    looks = [(at_s, right) for at_s, right in told if right is not None]
    since_s, until_s = starts_at.timestamp(), ends_at.timestamp()
    rights = [right for at_s, right in looks if since_s <= at_s <= until_s]
    wrong = spells((at_s, not right) for at_s, right in looks)
    rights_s = [at_s for at_s, right in looks if right]
    of_these = (
        _within(each, rights_s, since_s, until_s)
        for each in wrong
        if since_s <= each.began_unix_s + each.at_least_s and each.began_unix_s <= until_s
    )
    return Question(len(rights), sum(rights), tuple(of_these))


def _within(spell: Spell, rights_s: Sequence[float], since_s: float, until_s: float) -> Spell:
    """What of it was in this time. rights_s: the looks at which it was right, in order."""
    first_s, last_s = spell.began_unix_s, spell.began_unix_s + spell.at_least_s
    number = bisect_left(rights_s, first_s)
    before_s = rights_s[number - 1] if number else None
    after_s = rights_s[number] if number < len(rights_s) else None
    # Wrong at the border on both sides of it, as far as anybody looked: there it is known.
    begins_s = since_s if first_s < since_s else None if before_s is None else max(before_s, since_s)
    ends_s = until_s if last_s > until_s else None if after_s is None else min(after_s, until_s)
    first_s, last_s = max(first_s, since_s), min(last_s, until_s)
    at_most_s = None if begins_s is None or ends_s is None else ends_s - begins_s
    return Spell(first_s, last_s - first_s, at_most_s, still=spell.still or last_s == until_s)


def _internet(row: PastRun) -> bool | None:
    codes = frozenset(row.codes)
    if codes & (NO_INTERNET | NO_WAY_OUT):
        return False
    # Whatever else is wrong with the address: somebody on the Internet answered.
    return True if row.statuses.get("address") in _ANSWERED | {Status.FAIL} else None


def _of_check(row: PastRun, id_: str) -> bool | None:
    status = row.statuses.get(id_)
    return True if status in _ANSWERED else False if status is Status.FAIL else None


def name_is_right(row: PastRun) -> bool | None:
    """Whether all who ask are led to the office; None: the run could not tell."""
    return False if WRONG_FOR_SOME & frozenset(row.codes) else _of_check(row, "ddns")
