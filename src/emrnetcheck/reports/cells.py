"""What may stand in a cell of a CSV file, so that neither a terminal nor a spreadsheet obeys it?"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from emrnetcheck.reports.wording import clean

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for a formula, at the beginning of a cell


def cell(value: object) -> object:
    """Text from outside on one line and no formula; several words in one; None: nothing."""
    if isinstance(value, list | tuple):
        value = " ".join(value)
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A whole CSV file: a line for the names of the columns, then the rows."""
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(head)
    table.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()
