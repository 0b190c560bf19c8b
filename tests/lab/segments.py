"""Which part of the way is slow in this clinic, and what did the program say from each place?

A scenario's truth is told in the words of `model.Segment`, seen from the one who asks: what is "server" in the office
may be "far" from another clinic, and who cannot know more is not asked for more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from emrnetcheck.model import Segment

NOTHING_SLOW = "none"
UNTOLD = "unclear"
"""Neither a segment nor "nothing is slow"."""
_WORDS = (*Segment, NOTHING_SLOW, UNTOLD)


@dataclass(frozen=True, slots=True)
class Places:
    """What is right to say, by command and host; "": not asked there. "far|none": either, where chance decides.

    site2 is the PC of the second site, or the one host there.
    """

    run_emr: str = ""
    run_pc: str = ""
    client_emr: str = ""
    client_pc: str = ""
    client_site2: str = ""
    watch_emr: str = ""
    watch_pc: str = ""
    watch_site2: str = ""
    watch_also: str = ""
    """What a watch may tell beside, where the truth has more than one: "name|far"."""

    def __post_init__(self) -> None:
        for place, words in self.asked().items():
            for word in words:
                if word not in _WORDS:
                    raise ValueError(f"{place}: {word!r} is none of {', '.join(_WORDS)}")
        for word in self.also():
            if word not in list(Segment):
                raise ValueError(f"watch_also: {word!r} is none of {', '.join(Segment)}")
        if not self.asked():
            raise ValueError("nobody is asked")

    def asked(self) -> dict[str, tuple[str, ...]]:
        """Each place that is asked, in the order in which it is, and what may be said there."""
        names = [each.name for each in fields(self) if each.name != "watch_also"]
        told = {name: str(getattr(self, name)) for name in names}
        return {place: tuple(words.split("|")) for place, words in told.items() if words}

    def also(self) -> tuple[str, ...]:
        """The segments that any watch may tell beside."""
        return tuple(self.watch_also.split("|")) if self.watch_also else ()


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs meanwhile, and must still run at the end."""

    host: str
    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What changes while it is watched, so many seconds after every watch has told what it measured first; without a
    watch, before anything."""

    at_s: float
    wire: str = ""
    """A key of Lab.wires; its `up` and `down` get these settings of WireSettings, the others stay."""
    up: dict[str, Any] = field(default_factory=dict)
    down: dict[str, Any] = field(default_factory=dict)
    cut: bool = False
    """The wire carries nothing from now on, until the next change of it; the cards at its ends do not know that."""
    page_s: float | None = None
    """Where the EMR's page is "slow": from now on it takes so many seconds."""
    unplug: str = ""
    """The host of the office whose cable comes out of the switch: its card sees that. It has no leg."""
    start: Program | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one command gave in one place."""

    exit: int
    stdout: str
    stderr: str
    seconds: float
    fine_until_unix_s: float = 0.0
    """When the first thing went wrong, where that was while it was watched."""
    zero_unix_s: float = 0.0
    """When the seconds of the changes began to count."""


_UNDER_WAY_S = 1.0
"""What was asked so shortly before something went wrong may have been under way then, and is lost or late with it."""


def too_early(said: Said) -> list[str]:
    """The events of a watch that began while nothing was wrong yet, as their segments."""
    events = [line for line in map(_parsed, said.stdout.splitlines()) if line.get("event") == "begin"]
    return [str(each["segment"]) for each in events if each["at_unix_s"] < said.fine_until_unix_s - _UNDER_WAY_S]


def kept(said: Said) -> list[str]:
    """The segments that a watch blamed and never took back, each once."""
    blamed: list[str] = []
    for line in map(_parsed, said.stdout.splitlines()):
        if line.get("event") == "begin":
            blamed.append(str(line["segment"]))
        elif line.get("event") == "end" and line.get("withdrawn") and line["segment"] in blamed:
            del blamed[len(blamed) - 1 - blamed[::-1].index(line["segment"])]
    return list(dict.fromkeys(blamed))


def has_answer(lines: str) -> bool:
    """Whether a watch that has told these JSON lines has measured anything yet. The last may be half of one."""
    return any(line.get("event") == "sample" for line in map(_parsed, lines.splitlines()))


def _parsed(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def word_of(place: str, said: Said) -> str:
    """The segment that was named, NOTHING_SLOW, UNTOLD, or else why there is no answer at all."""
    if "Traceback (most recent call last)" in said.stderr:
        return f"a traceback: {said.stderr[-3000:]}"
    command = place.partition("_")[0]
    try:
        found = json.loads(said.stdout.strip().splitlines()[-1] if command == "watch" else said.stdout)
        return {"run": _of_run, "client": _of_client, "watch": _of_watch}[command](found)
    except (ValueError, LookupError, AttributeError, TypeError) as error:
        why = f"{type(error).__name__}: {error}"
        return f"exit {said.exit}, no answer ({why}): {said.stdout[-500:]} {said.stderr[-1500:]}"


def _of_run(report: Mapping[str, Any]) -> str:
    # A clinic is looked at for more than speed: what could not be told says nothing of a segment.
    return NOTHING_SLOW if report["segment"] is None else str(report["segment"])


def _of_client(report: Mapping[str, Any]) -> str:
    if report["segment"] is not None:
        return str(report["segment"])
    return NOTHING_SLOW if report["verdict"] in ("ready", "ready_with_warnings") else UNTOLD


def _of_watch(summary: Mapping[str, Any]) -> str:
    if summary["event"] != "summary":
        raise ValueError("the last line is no summary")
    return NOTHING_SLOW if summary["segment"] is None else str(summary["segment"])


def told(place: str, said: Said) -> str:
    """In a few words, what led to the answer: codes of a report, events of a watch."""
    try:
        if place.startswith("watch"):
            events = [line for line in map(_parsed, said.stdout.splitlines()) if line.get("event") == "begin"]
            return " ".join(f"{each['segment']}:{each['fault']}" for each in events) or "no event"
        found = json.loads(said.stdout)
        codes = [finding["code"] for check in found["checks"] for finding in check["findings"]]
        severities = [finding["severity"] for check in found["checks"] for finding in check["findings"]]
        notable = [code for code, severity in zip(codes, severities, strict=True) if severity not in ("ok", "notice")]
        return " ".join([found["verdict"], *notable])
    except (ValueError, LookupError, AttributeError, TypeError):
        return "(no report)"
