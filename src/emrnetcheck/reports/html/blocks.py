"""Which sections and lists are the lines of a report? Nothing is decided here: the lines and their order are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from emrnetcheck.reports.line import HEADING, Line
from emrnetcheck.reports.wording import STATE_WORDS

_NUMBERED = re.compile(r"\d+\. ")
_BULLET = "- "


class Kind(StrEnum):
    """As what an item is marked up."""

    STATE = "state"  # a sentence behind its state as a word
    NUMBER = "number"
    BULLET = "bullet"
    TERM = "term"  # a word, and what is said of it
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Note:
    """What stands below an item: what to do about it, whom to call."""

    label: str
    text: str

    @property
    def is_labelled(self) -> bool:
        """Whether it is told what the text is."""
        return bool(self.label)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is said. label: the state as a word, or what stands before a text."""

    kind: Kind
    text: str
    label: str = ""
    style: str = ""
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below one heading; title "": what stands before the first."""

    title: str
    items: tuple[Item, ...]

    @property
    def lists(self) -> Sequence[tuple[Kind, Sequence[Item]]]:
        """Neighbours of one kind are one list."""
        return [(kind, list(items)) for kind, items in groupby(self.items, key=lambda item: item.kind)]


@dataclass(slots=True)
class _Open:
    """An item that may still get notes, and a section that may still get items."""

    title: str
    items: list[tuple[Item, list[Note]]] = field(default_factory=list)

    def closed(self) -> Section:
        whole = (Item(i.kind, i.text, i.label, i.style, tuple(notes)) for i, notes in self.items)
        return Section(self.title, tuple(whole))


def sections(lines: Iterable[Line]) -> tuple[Section, ...]:
    """The lines in the same order: a heading begins a section, what is indented belongs to the item above."""
    found = [_Open("")]
    for line in lines:
        if line.style == HEADING:
            found.append(_Open(line.text))
        elif line.indent and found[-1].items:
            found[-1].items[-1][1].append(Note(_label(line.lead), line.text))
        elif line.text or line.lead:
            found[-1].items.append((_item(line), []))
    return tuple(each.closed() for each in found if each.items)


def _item(line: Line) -> Item:
    label = _label(line.lead)
    if line.lead_style or label in STATE_WORDS.values():
        return Item(Kind.STATE, line.text, label, line.lead_style)
    if _NUMBERED.fullmatch(line.lead):
        return Item(Kind.NUMBER, line.text, style=line.style)
    if line.lead == _BULLET:
        return Item(Kind.BULLET, line.text, style=line.style)
    return Item(Kind.TERM if label else Kind.TEXT, line.text, label, line.style)


def _label(lead: str) -> str:
    """Without what aligns it on a terminal."""
    return lead.strip().removesuffix(":")
