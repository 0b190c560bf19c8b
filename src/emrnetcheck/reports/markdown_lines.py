"""How is a page of lines written as Markdown, so that it reads well as it is, and no foreign text becomes markup?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from emrnetcheck.reports import wording
from emrnetcheck.reports.line import STATE_INDENT, Line

# Wherever it stands. "_" inside a word and "&" before no entity are left alone, so that names stay readable.
_ANYWHERE = re.compile(r"[\\`*<\[\]|~$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|&(?=#?[0-9A-Za-z]+;)")
_AT_THE_START = re.compile(r"^(#(?=#*(\s|$))|[>=]|[+-](?=[\s-]|$)|\d{1,9}(?=[.)](\s|$)))")
# What GitHub makes a link of without being asked to: an address that a stranger chose is not to be clicked on.
_LINKS = re.compile(r"(?i)(?<=http)(?=://)|(?<=https)(?=://)|(?<=ftp)(?=://)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?=@)")
_NUMBERED = re.compile(r"(\d+)\. ")


def escaped(text: str) -> str:
    """Foreign text on one line that reads as it is and is no markup, no HTML and no link."""
    safe = _ANYWHERE.sub(r"\\\g<0>", wording.clean(text))
    start = _AT_THE_START.match(safe)
    if start is not None:
        # A digit cannot be escaped; what follows it can.
        at = start.end() if start[0].isdigit() else 0
        safe = f"{safe[:at]}\\{safe[at:]}"
    return _LINKS.sub(r"\\", safe)


def code(text: str) -> str:
    """Text as a code span, whatever is in it."""
    safe = wording.clean(text).replace("|", "/")
    if not safe:
        return ""
    longest = max((len(run) for run in re.findall("`+", safe)), default=0)
    fence, gap = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{gap}{safe}{gap}{fence}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table; cells are Markdown already."""
    lines = [_row(head), _row(["---"] * len(head))]
    return [*lines, *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell or ' ' for cell in cells)} |"


def written(lines: Iterable[Line], *, command: str) -> Iterator[str]:
    """Lines of a page as lines of Markdown. The first one is its title.

    command: how this program is called; a line that is such a call is written as code.
    """
    inside = ""  # how far what belongs to the last item of a list has to be moved in; "": there is none
    first = True
    for line in lines:
        if line.style == "heading" or first:
            inside, marks = "", "# " if first else "## "
            yield from ("",) * (not first)
            yield f"{marks}{escaped(line.text)}"
            first = False
        elif not (line.text or line.lead):
            inside = ""
        elif line.indent and inside:
            yield f"{inside}- {_said(line, command)}"
        elif marker := _marker(line):
            yield from ("",) * (not inside)
            inside = " " * len(marker)
            yield f"{marker}{_item(line, command)}"
        else:
            inside = ""
            yield ""
            yield _said(line, command)


def _marker(line: Line) -> str:
    """What begins an item of a list; "": the line is none."""
    numbered = _NUMBERED.fullmatch(line.lead)
    if numbered is not None:
        return numbered[0]
    return "- " if line.lead == "- " or _state(line) or _term(line) else ""


def _state(line: Line) -> str:
    """The word in front, where it is filled up to its column: PASS, BAD."""
    padded = not line.indent and len(line.lead) == STATE_INDENT and line.lead.endswith(" ")
    return line.lead.strip() if padded else ""


def _term(line: Line) -> bool:
    """Whether it says what the words in front mean, or of what the rest is: one of several, and no sentence."""
    return not line.indent and line.lead.endswith(": ") and line.style != "strong"


def _item(line: Line, command: str) -> str:
    word = _state(line)
    if not word:
        return _said(line, command) if _term(line) else _text(line, command)
    return f"**{escaped(word)}** {_text(line, command)}"


def _said(line: Line, command: str) -> str:
    lead = wording.clean(line.lead)
    return f"{escaped(lead)} {_text(line, command)}" if lead else _text(line, command)


def _text(line: Line, command: str) -> str:
    if line.text.startswith(f"{command} "):
        return code(line.text)
    text = escaped(line.text)
    return f"**{text}**" if text and line.style == "strong" else text
