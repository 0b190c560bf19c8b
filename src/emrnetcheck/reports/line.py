"""What is a line of a report for people, before it is laid out?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Status
from emrnetcheck.reports import wording

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


def heading(title: str) -> Line:
    """The title of a part, told by its capitals where there is no colour."""
    return Line(title.upper(), style="heading")


def state_line(status: Status, text: str) -> Line:
    """A sentence behind its state as a word."""
    lead = wording.STATE_WORDS[status].ljust(STATE_INDENT)
    return Line(text, lead=lead, lead_style=STATE_STYLE[status])
