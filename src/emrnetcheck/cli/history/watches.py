"""emrnetcheck history watches: what past watches came to, the newest first."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from emrnetcheck.cli.history.asking import (
    FormOption,
    SinceOption,
    SiteOption,
    chosen,
    command,
    ending,
    here,
    kept_settings,
    leaving_out,
    opened,
    show_lines,
    since_of,
)
from emrnetcheck.cli.options import ConfigOption, PlainOption

_SHOWN = 20


def watches(
    site: SiteOption = None,
    since: SinceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = _SHOWN,
    form: FormOption = "text",
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """List what past watches came to, the newest first; `history show ID` reads one."""
    chosen(form, ("text", "json"), "--format")
    with ending():
        from emrnetcheck.reports import watches as page
        from emrnetcheck.store import NothingStoredError

        clinic = kept_settings(config)
        began = since_of(since, datetime.now(UTC))
        with leaving_out("watch", "watches") as left_out:
            try:
                with opened(clinic) as history:
                    # One more, to know whether there are more.
                    found = history.watches(site=site, since=began, most=limit + 1, left_out=left_out.append)
            except NothingStoredError:
                found = []
        if form == "json":
            sys.stdout.write(page.render_json(found[:limit]))
            return
        lines = page.watches_page(
            found[:limit],
            more=len(found) + len(left_out) > limit,
            all_wanted=site is None and began is None and not left_out,
            zone=here(),
            command=command(),
        )
        show_lines(lines, plain=plain)
