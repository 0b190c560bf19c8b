"""What does a letter for people hold, from top to bottom, before it is text or a page; and how is it text?

For mails and for the week as a page: both say the same in the same order, since both are made of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrnetcheck.reports import terminal_lines, wording
from emrnetcheck.reports.line import Line, heading, section
from emrnetcheck.reports.week.render import beside
from emrnetcheck.reports.week.table import Row

if TYPE_CHECKING:
    from emrnetcheck.reports.html.base import Shown

WIDTH = 72
"""Columns of the text: with a mail program's own "> " before it, it still fits into 76."""
BESIDE = "This week and the week before"
IN_WORDS = "The pictures, in words"
_LONGEST_LINK = 900
"""RFC 5322, 2.1.1: a line has at most 998 characters."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address that stands for itself, below what is said of it. url: https or mailto, without blanks."""

    said: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """answer: the first line. opening, then rows (this week beside the one before), pictures, closing, footer.

    opening and closing: with headings. link: at the very end; None: there is none.
    """

    subject: str
    answer: Line
    opening: Sequence[Line]
    rows: Sequence[Row] = ()
    pictures: Sequence[Shown] = ()
    closing: Sequence[Line] = ()
    footer: Sequence[Line] = ()
    link: Link | None = None


def as_text(letter: Letter) -> str:
    """Complete by itself: what the pictures show is told in words. At most WIDTH columns, but for the link."""
    parts = [_laid_out([letter.answer, *letter.opening])]
    if letter.rows:
        table = "\n".join(beside(letter.rows, WIDTH)) + "\n"
        parts.append(_laid_out([Line(), heading(BESIDE), Line()]) + table)
    if letter.pictures:
        parts.append(_laid_out(in_words(letter.pictures)))
    parts.append(_laid_out(letter.closing))
    if letter.footer or letter.link:
        parts.append("\n-- \n" + _laid_out(letter.footer) + _linked(letter.link))
    return "".join(parts)


def in_words(pictures: Sequence[Shown]) -> Iterator[Line]:
    """What they show, for who cannot see them."""
    yield from section(IN_WORDS, (Line(f"{each.title}: {each.alt}", lead="- ") for each in pictures))


def _laid_out(lines: Iterable[Line]) -> str:
    return terminal_lines.laid_out(lines, width=WIDTH)


def _linked(link: Link | None) -> str:
    if link is None:
        return ""
    return _laid_out([Line(link.said)]) + wording.clean(link.url)[:_LONGEST_LINK] + "\n"
