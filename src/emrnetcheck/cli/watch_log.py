"""What did a log of `ddns watch` see, line by line? Its JSON lines in, sightings out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emrnetcheck.checks.ddns.over_time import Sighting

WATCH_SUFFIX = ".jsonl"
_FILE_MAX_BYTES = 50_000_000
_LINE_MAX_CHARS = 20_000


def read_watch(file: Path) -> list[Sighting] | str:
    """One sighting for each line that changed what is known; or why the log cannot be used: a sentence."""
    try:
        if not file.is_file():
            return "there is no such file."
        if file.stat().st_size > _FILE_MAX_BYTES:
            return "it is too large to be a log of a watch."
        with file.open(encoding="utf-8", errors="replace") as lines:
            return sightings(lines) or "it is no log of `ddns watch`."
    except OSError as error:
        return f"it cannot be read: {error.strerror}."


def sightings(lines: Iterable[str]) -> list[Sighting]:
    """Lines that are no events, or are cut (the computer was switched off), are passed over."""
    from emrnetcheck.checks.ddns.over_time import Sighting

    found: list[Sighting] = []
    public: str | None = None
    named: dict[str, tuple[str, ...]] = {}
    for event in filter(None, map(_event, lines)):
        kind, place, new = event.get("event"), event.get("place"), event.get("new")
        if kind == "start":  # another watch: what was known before is old
            public, named = None, {}
        at_unix_s, addresses = _time(event.get("at")), _addresses(new)
        if at_unix_s is None or addresses is None:
            continue
        if kind == "address" and addresses:
            public = addresses[0]
        elif kind == "answer" and isinstance(place, dict) and place.get("kind") == "source":
            named[str(place.get("server"))] = addresses
        else:
            continue
        told = tuple(sorted({address for each in named.values() for address in each}))
        found.append(Sighting(at_unix_s, public, told, None))
    return found


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line) if len(line) <= _LINE_MAX_CHARS else None
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def _time(text: object) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp() if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None


def _addresses(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(value)
