"""What does a person read on a terminal, at any width, with and without colour?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from io import StringIO
from itertools import chain
from typing import IO

from rich.console import Console
from rich.text import Text

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.reports import wording
from emrnetcheck.reports.details import details
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.page import physician

USUAL_WIDTH = 80
WIDEST = 100  # longer lines are hard to read
NARROWEST = 40  # below this the terminal may wrap: there is no room for hanging indents
LEAST_ROOM = 20  # columns beside a lead; with fewer the text begins on the margin

# Colours of the basic palette only, so that any terminal's own theme keeps them readable.
STYLES = {
    "heading": "bold",
    "strong": "bold",
    "good": "bold green",
    "warn": "bold yellow",
    "bad": "bold red",
    "unsure": "bold magenta",
}


def render(
    report: ClinicReport,
    *,
    width: int = USUAL_WIDTH,
    colour: bool = False,
    verbose: bool = False,
    plain: bool = False,
    zone: tzinfo = UTC,
    command: str = "emrnetcheck",
) -> str:
    """The report as text. Without colour it is the same bytes wherever it goes; plain: ASCII only, no colour."""
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
    write(report, console, verbose=verbose, plain=plain, zone=zone, command=command)
    return out.getvalue()


def write(
    report: ClinicReport,
    console: Console,
    *,
    verbose: bool = False,
    plain: bool = False,
    zone: tzinfo = UTC,
    command: str = "emrnetcheck",
) -> None:
    """The report, on this console."""
    lines = list(physician(report, zone=zone, command=command))
    if verbose:
        # The verdict stays the last line, so the details go before it.
        lines = [*lines[:-3], *details(report), Line(), *lines[-3:]]
    for text in chain.from_iterable(_folded(line, console, plain) for line in lines):
        console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)


def show(
    report: ClinicReport,
    stream: IO[str],
    *,
    environ: Mapping[str, str],
    plain: bool = False,
    verbose: bool = False,
    zone: tzinfo | None = None,
) -> None:
    """The report, on a stream as the stream can take it: coloured on a terminal that wants it, plain otherwise."""
    plain = plain or not takes_unicode(stream)
    colour = wants_colour(stream, environ=environ, plain=plain)
    text = render(
        report,
        width=width_of(stream),
        colour=colour,
        verbose=verbose,
        plain=plain,
        zone=zone or report.started_at.astimezone().tzinfo or UTC,
        command=environ.get("EMRNETCHECK_COMMAND") or "emrnetcheck",
    )
    stream.write(text)
    stream.flush()


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
