"""How does a week look as plain text, as Markdown and as JSON?"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import zip_longest

from emrnetcheck.reports import terminal_lines
from emrnetcheck.reports.week.page import closing, opening
from emrnetcheck.reports.week.summary import Week
from emrnetcheck.reports.week.table import HEAD, Row, rows

SCHEMA = "emrnetcheck/week/1"
_NAME_CHARS = 23
_LEAST_CELL_CHARS = 20  # narrower, the two weeks stand below each other


def text(
    week: Week,
    *,
    zone: tzinfo = UTC,
    width: int = 78,
    colour: bool = False,
    plain: bool = False,
    command: str = "emrnetcheck",
) -> str:
    """Complete by itself: for a terminal, and as the text part of a mail. Ends with a newline."""
    parts = [
        terminal_lines.laid_out(opening(week, zone), width=width, colour=colour, plain=plain),
        "\n".join(beside(list(rows(week)), width)) + "\n",
        terminal_lines.laid_out(closing(week, command=command), width=width, colour=colour, plain=plain),
    ]
    return "\n".join(parts[:2]) + parts[2]


def beside(table: Sequence[Row], width: int) -> Iterator[str]:
    """The lines of the table; below each other where there is no room for both."""
    cell = (width - _NAME_CHARS - 4) // 2
    if cell < _LEAST_CELL_CHARS:
        yield from _below(table, width)
        return
    for name, this, last in (HEAD, *((row.name, row.this, row.last) for row in table)):
        columns = (textwrap.wrap(each, size) for each, size in ((name, _NAME_CHARS), (this, cell), (last, cell)))
        for parts in zip_longest(*columns, fillvalue=""):
            yield f"{parts[0]:{_NAME_CHARS}}  {parts[1]:{cell}}  {parts[2]}".rstrip()


def _below(table: Iterable[Row], width: int) -> Iterator[str]:
    for row in table:
        yield row.name
        for head, cell in zip(HEAD[1:], (row.this, row.last), strict=True):
            said = f"{head.lower()}: {cell}"
            yield from textwrap.wrap(said, width, initial_indent="  ", subsequent_indent="    ")


def markdown(week: Week, *, zone: tzinfo = UTC, command: str = "emrnetcheck") -> str:
    """CommonMark with a table; ends with a newline."""
    from emrnetcheck.reports.markdown_lines import table, written

    beside = table(HEAD, ((row.name, row.this, row.last) for row in rows(week)))
    parts = [*written(opening(week, zone), command=command), "", *beside]
    # Its own title is the first line's; the lines below it begin with a heading.
    parts += list(written([*list(opening(week, zone))[:1], *closing(week, command=command)], command=command))[1:]
    return "\n".join(parts) + "\n"


def as_json(week: Week) -> str:
    """One JSON document in ASCII; ends with a newline."""
    from emrnetcheck.reports.json import plain_data

    made = plain_data(replace(week, rows=()))  # those are the history's own, and have its addresses
    del made["rows"]
    return json.dumps({"schema": SCHEMA, **made}, indent=2, allow_nan=False) + "\n"
