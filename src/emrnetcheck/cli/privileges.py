"""emrnetcheck privileges: what can be measured without being root, what needs more, and what goes here and now."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the table is printed."""

    TEXT = "text"
    MARKDOWN = "markdown"


def privileges(
    format_: Annotated[Format, typer.Option("--format", help="text, or markdown for the table alone.")] = Format.TEXT,
) -> None:
    """List what each measurement can do as which user on which system, and what this process may do. Sends nothing."""
    from emrnetcheck.net.privilege import allowed
    from emrnetcheck.reports.abilities import as_markdown, as_text

    for line in as_markdown() if format_ is Format.MARKDOWN else as_text(allowed()):
        typer.echo(line)
