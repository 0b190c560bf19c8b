"""A report with a secret of its own in every field that holds text, made from the types themselves."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, tzinfo
from enum import Enum
from typing import Any

from emrnetcheck.checks import EVERY
from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import Report
from emrnetcheck.reports.sharing import Speech
from emrnetcheck.reports.sharing.fields import KINDS, Kind

SPEECH = Speech(
    {name: code for check in EVERY for name, code in check.codes.items()}, {check.id: check.title for check in EVERY}
)


class Planter:
    """Makes values of any type of a report. raw: a bare word in every field; else what such a field holds."""

    def __init__(self, *, raw: bool) -> None:
        self.raw = raw
        self.start = 0  # another for each of several reports, whose secrets differ
        self.planted: dict[str, str] = {}

    def report(self) -> ClinicReport:
        made = self.value(Report, "")
        assert isinstance(made, Report)
        return made

    def value(self, kind: Any, field: str) -> Any:
        origin = typing.get_origin(kind)
        arguments = typing.get_args(kind)
        if isinstance(kind, typing.TypeVar):
            return self.value(Seen, field)
        if origin in (typing.Union, types.UnionType):
            told = [each for each in arguments if each is not type(None)]
            return self.value(str if str in told else told[0], field)
        if origin is frozenset:
            return frozenset({self.value(arguments[0], field)})
        if origin is tuple:
            kinds = [arguments[0]] * 2 if arguments[-1] is Ellipsis else arguments
            return tuple(self.value(each, field) for each in kinds)
        if origin is not None and is_dataclass(origin):
            return self.value(origin, field)
        if origin is not None:  # a mapping
            return {"why": self.value(arguments[1], field)}
        if isinstance(kind, type) and is_dataclass(kind):
            hints = typing.get_type_hints(kind)
            return kind(**{f.name: self.value(hints[f.name], f"{kind.__name__}.{f.name}") for f in fields(kind)})
        if kind is str:
            return self.text(field)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return next(iter(kind))
        return {
            int: 1, float: 1.0, bool: True, tzinfo: UTC,
            datetime: datetime(2026, 11, 24, tzinfo=UTC), date: date(2027, 3, 3)
        }[kind]  # fmt: skip

    def text(self, field: str) -> str:
        number = self.start + len(self.planted) + 1
        if KINDS.get(field) is Kind.CODE:
            return "ddns.stale" if "code" in field.lower() else "ddns"
        word = f"Zq{number:03d}Xylophone"
        self.planted[word] = field
        if self.raw:
            return word
        made = self._like(KINDS.get(field), word, number)
        self.planted[made] = field
        if KINDS.get(field) is Kind.DETAIL:
            self.planted |= dict.fromkeys((f"416 555 {number:04d}", "1971-03-04"), field)
        return made

    @staticmethod
    def _like(kind: Kind | None, word: str, number: int) -> str:
        low, high = number % 250 + 1, number // 250
        places = (
            f"{word}.example.net",
            f"81.2.{high}.{low}",
            f"https://{word}.example.net:8443/oscar/{word}?q={word}",
            f"2a02:1:{number:x}::7",
            f"192.168.{high}.{low}:8443",
            f"*.{word}.example.net",
            word,
        )
        return {
            Kind.PLACE: places[number % len(places)],
            Kind.PLACES: f"{word}.example.net 81.2.{high}.{low}",
            Kind.SITE: f"{word} Family Practice",
            Kind.MAC: f"52:54:00:12:{high:02x}:{low:02x}",
            Kind.FINGERPRINT: f"{number:064x}".replace("0", "d"),
            Kind.PATH: f"/{word}/login;jsessionid={word}",
            Kind.FILE: f"/mnt/{word}/.config/ddclient.conf",
            Kind.INTERFACE: f"enx{word}",
            Kind.ISSUER: f"CN={word} Root, O={word}",
            Kind.SYSTEM: f"Linux 6.1.0-{word}",
            Kind.TEXT: f"the name {word}.example.net leads to 81.2.{high}.{low} ({word}'s office, {word}@example.net)",
            Kind.DETAIL: f"{word} says: call +1 416 555 {number:04d}, born 1971-03-04",
            Kind.FOREIGN: f'Welcome to {word} <b>Medical</b> & "Dental" Zoë {word}',
        }.get(kind or Kind.WORD, word)


def strings(value: object) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for each in fields(value):
            yield from strings(getattr(value, each.name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(key)
            yield from strings(inner)
    elif isinstance(value, tuple | frozenset):
        for inner in value:
            yield from strings(inner)


def text_fields(kind: Any, field: str = "", seen: set[type] | None = None) -> Iterator[str]:
    """Every "Class.field" of a report that holds text, by its types."""
    seen = set() if seen is None else seen
    if isinstance(kind, typing.TypeVar):
        kind = Seen
    origin = typing.get_origin(kind)
    target = origin if origin is not None and is_dataclass(origin) else kind
    if is_dataclass(target) and isinstance(target, type):
        if target not in seen:
            seen.add(target)
            for name, hint in typing.get_type_hints(target).items():
                yield from text_fields(hint, f"{target.__name__}.{name}", seen)
    elif kind is str:
        yield field
    elif origin is not None:
        # The keys of mappings are the program's own; see copying._key.
        arguments = typing.get_args(kind)
        is_mapping = isinstance(origin, type) and origin.__name__ == "Mapping"
        for each in arguments[1:] if is_mapping else arguments:
            if each is not Ellipsis:
                yield from text_fields(each, field, seen)
