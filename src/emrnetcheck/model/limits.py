"""What is a limit of a check: a number with what it means, its unit and its source, in one place?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

RULE_OF_THUMB = "rule of thumb; no published limit for an EMR was found"
_KEY = "limit"
_UNITS = {
    "_ms": "ms",
    "_mbps": "Mbps",
    "_mb": "MB",
    "_s": "seconds",
    "_seconds": "seconds",
    "_days": "days",
    "_bytes": "bytes",
    "_bits": "bits",
    "_per_s": "per second",
    "_dbm": "dBm below zero",
    "_ratio": "share",
    "_share": "share",
    "_factor": "times",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that a check goes by."""

    name: str
    value: float
    unit: str
    meaning: str
    source: str


def limit(default: float, meaning: str, source: str = RULE_OF_THUMB, *, unit: str = "") -> Any:  # noqa: ANN401 (as field)
    """A field of a check's Limits. unit: where the field's name does not end with it."""
    return field(default=default, metadata={_KEY: (meaning, source, unit)})


def limits_in(limits: Any) -> Iterator[Limit]:  # noqa: ANN401 (any check's Limits)
    """Every limit of a check, in order."""
    for each in fields(limits):
        meaning, source, unit = each.metadata[_KEY]
        yield Limit(each.name, getattr(limits, each.name), unit or _unit_of(each.name), meaning, source)


def _unit_of(name: str) -> str:
    longest = max((ending for ending in _UNITS if name.endswith(ending)), key=len, default="")
    return _UNITS.get(longest, "count")
