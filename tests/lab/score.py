"""How many answers about what is slow were right, by command, and how often was a healthy clinic called slow?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

HEALTHY = "fine"
"""How the names of the scenarios begin in which nothing is slow, whatever they look like."""
_COMMANDS = ("run", "client", "watch")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command said in one place. wrong: why it is not right; empty: it is."""

    place: str
    word: str
    seconds: float
    told: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """One scenario with all its answers. failed: why the lab gave none; then all of the `asked` places are wrong."""

    name: str
    title: str
    asked: tuple[str, ...]
    answers: tuple[Answer, ...] = ()
    failed: str = ""

    def right(self) -> list[str]:
        """The places whose answers are."""
        return [each.place for each in self.answers if not each.wrong]


def as_line(placed: Placed) -> str:
    """For whoever puts several together: one line of JSON."""
    return json.dumps(asdict(placed))


def from_line(line: str) -> Placed:
    """ValueError, TypeError or LookupError where as_line has not written it."""
    table = json.loads(line)
    answers = tuple(Answer(**{**each, "wrong": tuple(each["wrong"])}) for each in table["answers"])
    return Placed(**{**table, "asked": tuple(table["asked"]), "answers": answers})


def table_of(placed: Placed) -> list[str]:
    """As lines for people."""
    lines = [f"{placed.name}: {placed.title}"]
    if placed.failed:
        lines.append(f"  WRONG the lab: {placed.failed}")
    for each in placed.answers:
        mark = "WRONG" if each.wrong else "right"
        lines.append(f"  {mark} {each.place:<13} {each.word.splitlines()[0]:<9} {each.seconds:5.1f} s  {each.told}")
        lines += [f"        {why}" for why in each.wrong]
    return lines


def score_of(all_placed: Sequence[Placed]) -> list[str]:
    """All answers, those of each command, and the false alarms."""
    asked = [place for placed in all_placed for place in placed.asked]
    right = [place for placed in all_placed for place in placed.right()]
    by_command = [
        f"{command} {_count(right, command)} of {_count(asked, command)}"
        for command in _COMMANDS
        if _count(asked, command)
    ]
    lines = [f"{len(right)} of {len(asked)} answers right: {', '.join(by_command)}"]
    healthy = [placed for placed in all_placed if placed.name.startswith(HEALTHY)]
    if healthy:
        among = sum(len(placed.answers) for placed in healthy)
        alarms = among - sum(len(placed.right()) for placed in healthy)
        variants = len({placed.name for placed in healthy})
        lines.append(f"false alarms in {variants} healthy clinics: {alarms} of {among} answers")
    return lines


def all_right(all_placed: Sequence[Placed]) -> bool:
    """Whether somebody was asked, and everybody right."""
    asked = sum(len(placed.asked) for placed in all_placed)
    return asked > 0 and asked == sum(len(placed.right()) for placed in all_placed)


def _count(places: Sequence[str], command: str) -> int:
    return sum(place.startswith(command) for place in places)
