"""Which tables hold the evidence, value by value? For an IT helper who wants to see what no sentence tells."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from itertools import chain

from emrnetcheck.evidence import EVIDENCE_NAMES, ClinicReport
from emrnetcheck.model import Failure

Cell = tuple[str, ...]
"""The values of one field: most have one, a list has several, what is not known has none."""
_YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True, slots=True)
class Table:
    """columns: their names, by the names in the JSON report. rows: the first cell of each names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All tables of one kind of evidence."""

    name: str
    tables: tuple[Table, ...]


def evidence_of(report: ClinicReport) -> tuple[Evidence, ...]:
    """What was measured, kind by kind, and who outside was told what."""
    found = [(name, getattr(report.evidence, name)) for name in EVIDENCE_NAMES]
    told = [Evidence(name, tuple(_of(name, value))) for name, value in found if value is not None]
    if report.third_parties:
        told.append(Evidence("third_parties", tuple(_of_records("third_parties", report.third_parties))))
    return tuple(told)


def _of(caption: str, value: object) -> Iterator[Table]:
    """A table of the single values, then one for each list of records."""
    single, lists = _parted(value)
    if single:
        yield Table(caption, ("name", "value"), tuple(((name,), cell) for name, cell in single.items()))
    for name, records in lists.items():
        yield from _of_records(f"{caption}: {name}", records)


def _of_records(caption: str, records: Sequence[object]) -> Iterator[Table]:
    """A row for each, without columns in which nothing is known. Lists inside a record get a table of their own."""
    parted = [_parted(record) for record in records]
    every = dict.fromkeys(chain.from_iterable(single for single, _ in parted))
    columns = [name for name in every if any(single.get(name) for single, _ in parted)]
    if columns:
        rows = [
            ((str(number),), *(single.get(name, ()) for name in columns))
            for number, (single, _) in enumerate(parted, start=1)
        ]
        yield Table(caption, ("no.", *columns), tuple(rows))
    for number, (_, lists) in enumerate(parted, start=1):
        for name, inner in lists.items():
            yield from _of_records(f"{caption}, no. {number}: {name}", inner)


def _parted(value: object, within: str = "") -> tuple[dict[str, Cell], dict[str, Sequence[object]]]:
    """Its single values, those of records inside it too, by dotted names; and its lists of records."""
    single: dict[str, Cell] = {}
    lists: dict[str, Sequence[object]] = {}
    for name, inner in _members(value):
        path = f"{within}{name}"
        if _is_record(inner):
            below, lists_below = _parted(inner, f"{path}.")
            single |= below
            lists |= lists_below
        elif isinstance(inner, list | tuple) and any(_is_record(each) for each in inner):
            lists[path] = inner
        else:
            single[path] = _cell(inner)
    return single, lists


def _members(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(name), inner) for name, inner in value.items())
    elif is_dataclass(value):
        yield from ((each.name, getattr(value, each.name)) for each in fields(value))
    else:
        yield "value", value


def _is_record(value: object) -> bool:
    return isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, Failure))


def _cell(value: object) -> Cell:
    if isinstance(value, list | tuple | frozenset):
        return tuple(chain.from_iterable(_cell(each) for each in value))
    word = _word(value)
    return (word,) if word else ()


def _word(value: object) -> str:
    """One value as it is read; "" where it is not known."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, float):
        # Three places are more than any of these figures is good for; what is below one keeps its digits.
        return f"{value:.3f}".rstrip("0").rstrip(".") if abs(value) >= 1 or value == 0 else f"{value:.4g}"
    if isinstance(value, Failure):
        return value.in_words()
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def facts_of(facts: Mapping[str, object]) -> tuple[tuple[str, Cell], ...]:
    """The facts of a finding, by name."""
    return tuple((name, _cell(value)) for name, value in facts.items())
