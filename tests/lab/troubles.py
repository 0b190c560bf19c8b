"""Which troubles did a watch tell, from when until when, and are they those that there were?

Every trouble of such a scenario begins and ends while it is watched: what the watch says at its end says of each how
long it was, and nothing of a moment at which all was well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from emrnetcheck.model import Segment
from tests.lab.segments import Said

_EARLY_S = 1.0
"""What was asked so shortly before is under way when it begins."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One that was: from when until when, in the seconds of the changes, and as what each watch is to tell it.

    "": that watch does not feel it; "lan|router": either. slack_s: how much later its begin may be told, and by how
    much its end may be told earlier or later: as long as it takes until the next question shows it.
    """

    from_s: float
    to_s: float
    slack_s: float
    watch_emr: str = ""
    watch_pc: str = ""
    watch_site2: str = ""

    def __post_init__(self) -> None:
        if not 0.0 < self.from_s < self.to_s:
            raise ValueError(f"trouble: from_s {self.from_s:g} and to_s {self.to_s:g} are no time that passes")
        for place in ("watch_emr", "watch_pc", "watch_site2"):
            for word in self.told_as(place):
                if word not in list(Segment):
                    raise ValueError(f"trouble: {place}: {word!r} is none of {', '.join(Segment)}")

    def told_as(self, place: str) -> tuple[str, ...]:
        """The segments that are right to tell there; empty where there is nothing to tell."""
        words: str = getattr(self, place)
        return tuple(words.split("|")) if words else ()


@dataclass(frozen=True, slots=True)
class Told:
    """One that a watch told and did not take back, in the seconds of the changes. to_s None: it never ended."""

    segment: str
    from_s: float
    to_s: float | None = None


def told_by(said: Said) -> list[Told]:
    """In the order in which they began; by the lines that were written when it happened."""
    found: list[Told] = []
    for line in _lines(said):
        if line.get("event") == "begin":
            found.append(Told(str(line["segment"]), line["at_unix_s"] - said.zero_unix_s))
        elif line.get("event") == "end":
            # What is taken back may have ended before: it is the last of that segment, open or not.
            last = max(number for number, each in enumerate(found) if each.segment == line["segment"])
            if line.get("withdrawn"):
                del found[last]
            else:
                found[last] = replace(found[last], to_s=line["at_unix_s"] - said.zero_unix_s)
    return sorted(found, key=lambda each: each.from_s)


def problems(troubles: Sequence[Trouble], place: str, said: Said, also: Sequence[str] = ()) -> list[str]:
    """What is wrong with what this watch told of these troubles. also: segments that it may tell beside."""
    wanted = sorted((each for each in troubles if each.told_as(place)), key=lambda each: each.from_s)
    told = [each for each in told_by(said) if each.segment not in also]
    if len(told) != len(wanted):
        return [f"{len(wanted)} troubles, told as {_listed(told)}"]
    found = []
    for trouble, each in zip(wanted, told, strict=True):
        found += _wrong(trouble, place, each)
    return found or _wrong_sums(wanted, told, said)


def _wrong(trouble: Trouble, place: str, told: Told) -> list[str]:
    right = trouble.told_as(place)
    found = [] if told.segment in right else [f"{told.segment}, not {' or '.join(right)}"]
    if not trouble.from_s - _EARLY_S <= told.from_s <= trouble.from_s + trouble.slack_s:
        found.append(f"{told.segment} told from {told.from_s:.1f} s on, and it was from {trouble.from_s:g} s on")
    if told.to_s is None or abs(told.to_s - trouble.to_s) > trouble.slack_s:
        until = "the end" if told.to_s is None else f"{told.to_s:.1f} s"
        found.append(f"{told.segment} told until {until}, and it was until {trouble.to_s:g} s")
    return found


def _wrong_sums(wanted: Sequence[Trouble], told: Sequence[Told], said: Said) -> list[str]:
    """What it says at its end: of each segment how often, and for how long."""
    by_segment = _lines(said)[-1]["by_segment"]
    found = []
    for segment in dict.fromkeys(each.segment for each in told):
        pairs = [pair for pair in zip(wanted, told, strict=True) if pair[1].segment == segment]
        total = by_segment.get(segment, {"events": 0, "bad_s": 0.0})
        bad_s = sum(trouble.to_s - trouble.from_s for trouble, _ in pairs)
        slack_s = sum(2 * trouble.slack_s for trouble, _ in pairs)
        if total["events"] != len(pairs) or abs(total["bad_s"] - bad_s) > slack_s:
            said_s = f"{total['events']} times, {total['bad_s']:g} s"
            found.append(f"{segment} was bad {len(pairs)} times, {bad_s:g} s, and the end says {said_s}")
    return found


def _listed(told: Sequence[Told]) -> str:
    words = (
        f"{each.segment} {each.from_s:.1f} to {'-' if each.to_s is None else f'{each.to_s:.1f}'} s" for each in told
    )
    return ", ".join(words) or "none"


def _lines(said: Said) -> list[Mapping[str, Any]]:
    """All lines; the watch is over, so that none is half."""
    return [json.loads(line) for line in said.stdout.splitlines()]
