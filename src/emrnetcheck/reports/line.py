"""What is a line of a report for people, before it is laid out?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emrnetcheck.model import Status
from emrnetcheck.reports import wording

INTERRUPTED = "The check was interrupted. Below is what was measured until then."
HEADING = "heading"
_BRIEF_COLUMNS = len("How sure: ")
STATE_INDENT = 9  # as wide as the widest state word and two spaces
STATE_STYLE = {
    Status.PASS: "good",
    Status.NOTICE: "",
    Status.WARN: "warn",
    Status.FAIL: "bad",
    Status.UNKNOWN: "unsure",
    Status.SKIPPED: "",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One folded paragraph: `lead` stands before the text, and what does not fit goes on below the text, or `hang`
    columns in where the lead is too long for that."""

    text: str = ""
    lead: str = ""
    indent: int = 0
    hang: int | None = None
    style: str = ""
    lead_style: str = ""


AT_LENGTH = Line("the same command with -v", lead="How it was measured, and who outside was asked: ")


def heading(title: str) -> Line:
    """The title of a part: how it stands out is told where it is laid out."""
    return Line(title, style=HEADING)


def state_line(status: Status, text: str) -> Line:
    """A sentence behind its state as a word."""
    lead = wording.STATE_WORDS[status].ljust(STATE_INDENT)
    return Line(text, lead=lead, lead_style=STATE_STYLE[status])


def section(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """A headed part; nothing at all where it has no lines. title "": a part without a heading."""
    for number, line in enumerate(lines):
        if number == 0:
            yield Line()
            if title:
                yield heading(title)
        yield line


def in_brief(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """The lines as one paragraph behind its title, where there is little room."""
    text = " ".join(f"{line.lead}{line.text}" for line in lines)
    if text:
        yield Line(text, lead=f"{title}: ".ljust(_BRIEF_COLUMNS))
