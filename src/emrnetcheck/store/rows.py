"""What does a value of a row mean, in a database that keeps any type anywhere?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from emrnetcheck.store.faults import UnreadableError

Row = TypeVar("Row")
Read = TypeVar("Read")
Word = TypeVar("Word", bound=StrEnum)
LeftOut = Callable[[str], None]
"""Is told, in words, of what cannot be read and is therefore not in the answer."""

_NUMBER = (float, int)


def readable(rows: Iterable[Row], read: Callable[[Row], Read], left_out: LeftOut | None) -> Iterator[Read]:
    """What can be read. left_out: told of each row that cannot; without it, that is an UnreadableError."""
    for row in rows:
        try:
            yield read(row)
        except UnreadableError as error:
            if left_out is None:
                raise
            left_out(f"Of {error}.")


def word_of(kind: type[Word], name: str, value: Any) -> Word:  # noqa: ANN401 (SQLite keeps any type anywhere)
    try:
        return kind(value)
    except ValueError:
        raise UnreadableError(f"{shown(value)} is no {name}") from None


def moment_of(value: Any) -> datetime:  # noqa: ANN401 (SQLite keeps any type anywhere)
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        raise UnreadableError(f"{shown(value)} is no time") from None


def text_of(row: Mapping[str, Any], name: str) -> str:
    if not isinstance(row[name], str):
        raise UnreadableError(f"{shown(row[name])} is no text for {name}")
    return str(row[name])


def number_of(row: Mapping[str, Any], name: str) -> float | None:
    if row[name] is not None and not is_number(row[name]):
        raise UnreadableError(f"{shown(row[name])} is no number for {name}")
    return None if row[name] is None else float(row[name])


def is_number(value: object) -> bool:
    """Infinity is none, and no JSON has it."""
    return isinstance(value, _NUMBER) and math.isfinite(value)


def shown(value: object) -> str:
    return repr(value)[:60]
