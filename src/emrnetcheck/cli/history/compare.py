"""emrnetcheck history compare A B: what changed between two runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from emrnetcheck.cli.history.asking import (
    FormOption,
    chosen,
    ending,
    here,
    kept_settings,
    opened,
    report_of,
    show_lines,
)
from emrnetcheck.cli.options import ConfigOption, PlainOption


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="The earlier run's id, or the beginning of one.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The later one's; or: latest.")] = "latest",
    form: FormOption = "text",
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Say what changed between two runs: checks by their codes, and the figures of both."""
    chosen(form, ("text", "json"), "--format")
    with ending():
        from emrnetcheck.reports import changes as page

        with opened(kept_settings(config)) as history:
            before, after = (report_of(history.document(id_)) for id_ in (first, second))
        found = page.changes(before, after)
        if form == "json":
            sys.stdout.write(page.render_json(found, before, after))
        else:
            show_lines(page.changes_page(found, before, after, zone=here()), plain=plain)
