"""How is a line laid out on a terminal, at any width, with and without colour?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import chain
from typing import IO

from rich.console import Console
from rich.text import Text

from emrnetcheck.reports import wording
from emrnetcheck.reports.line import HEADING, Line

USUAL_WIDTH = 80
WIDEST = 100  # longer lines are hard to read
NARROWEST = 40  # below this the terminal may wrap: there is no room for hanging indents
LEAST_ROOM = 20  # columns beside a lead; with fewer the text begins on the margin

# Colours of the basic palette only, so that any terminal's own theme keeps them readable.
STYLES = {
    HEADING: "bold",
    "strong": "bold",
    "good": "bold green",
    "warn": "bold yellow",
    "bad": "bold red",
    "unsure": "bold magenta",
}


def console_into(width: int, *, colour: bool, plain: bool) -> tuple[Console, StringIO]:
    """A console that writes the same bytes wherever it is, and what it writes into."""
    out = StringIO()
    console = Console(
        file=out,
        width=max(width, NARROWEST),
        height=USUAL_WIDTH,  # rich falls back to 80 columns on a dumb terminal unless both are given
        color_system="standard" if colour and not plain else None,
        force_terminal=colour and not plain,
        no_color=not colour or plain,
        legacy_windows=False,
        emoji=False,
        markup=False,
        highlight=False,
    )
    return console, out


def show_lines(lines: Iterable[Line], stream: IO[str], *, environ: Mapping[str, str], plain: bool = False) -> None:
    """Lines that are no report, laid out as one is."""
    plain = plain or not takes_unicode(stream)
    colour = wants_colour(stream, environ=environ, plain=plain)
    stream.write(laid_out(lines, width=width_of(stream), colour=colour, plain=plain))
    stream.flush()


def laid_out(lines: Iterable[Line], *, width: int = USUAL_WIDTH, colour: bool = False, plain: bool = False) -> str:
    """The lines as text."""
    console, out = console_into(width, colour=colour, plain=plain)
    put(lines, console, plain=plain)
    return out.getvalue()


def put(lines: Iterable[Line], console: Console, *, plain: bool) -> None:
    """The lines, on this console."""
    for text in chain.from_iterable(_folded(line, console, plain) for line in lines):
        console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)


def wants_colour(stream: IO[str], *, environ: Mapping[str, str], plain: bool) -> bool:
    """Colour only for a terminal that knows it and a user who did not refuse it (NO_COLOR set and not empty)."""
    return not plain and stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def width_of(stream: IO[str]) -> int:
    """Columns to write in: the terminal's, up to a readable width; 80 for anything else."""
    if not stream.isatty():
        return USUAL_WIDTH
    return min(Console(file=stream, legacy_windows=False).width, WIDEST)


def takes_unicode(stream: IO[str]) -> bool:
    """Whether any letter can be written there: not on an old Windows code page."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")


def _folded(line: Line, console: Console, plain: bool) -> Iterator[Text]:
    """The screen lines of one line. Text is never read as markup: it only ever enters a Text object."""
    lead, body = (_safe(part, plain) for part in (line.lead, line.text))
    body = body.upper() if line.style == HEADING else body  # capitals tell it where there is no colour
    # `clean` takes the blanks at the end that align the leads; they are ours, so put them back.
    lead += " " * (len(line.lead) - len(lead))
    margin = line.indent + (len(lead) if line.hang is None else line.hang)
    room = console.width - max(margin, line.indent + len(lead))
    if room < LEAST_ROOM:
        lead, body, margin = "", lead + body, line.indent
        room = console.width - margin
    head = Text.assemble(" " * line.indent, (lead, STYLES.get(line.lead_style, "")))
    for piece in Text(body, style=STYLES.get(line.style, "")).wrap(console, room, overflow="fold") or [Text()]:
        piece.rstrip()
        whole = head + piece
        if not piece:
            whole.rstrip()
        yield whole
        head = Text(" " * margin)


def _safe(text: str, plain: bool) -> str:
    cleaned = wording.clean(text)
    return wording.ascii_only(cleaned) if plain else cleaned
