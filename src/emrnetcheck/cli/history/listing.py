"""emrnetcheck history: the runs that are kept, the newest first."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

from emrnetcheck.cli.history.asking import (
    VANTAGES,
    FormOption,
    SinceOption,
    SiteOption,
    VantageOption,
    chosen,
    command,
    ending,
    here,
    kept_settings,
    leaving_out,
    show_lines,
    since_of,
)
from emrnetcheck.cli.keeping import place
from emrnetcheck.cli.options import ConfigOption, PlainOption

_SHOWN = 20


def listing(
    context: typer.Context,
    site: SiteOption = None,
    vantage: VantageOption = None,
    verdict: Annotated[
        str | None, typer.Option("--verdict", metavar="WORD", help="Only runs with this verdict, as in the JSON.")
    ] = None,
    since: SinceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="At most so many.")] = _SHOWN,
    form: FormOption = "text",
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """List the runs that are kept, the newest first; or do one of the commands below with them."""
    if context.invoked_subcommand is not None:
        return
    chosen(form, ("text", "json"), "--format")
    with ending():
        from emrnetcheck.model import Verdict
        from emrnetcheck.reports import history as page
        from emrnetcheck.store import NothingStoredError
        from emrnetcheck.store.asked import Wanted
        from emrnetcheck.store.reading import kept_runs

        wanted = Wanted(
            site=site,
            vantage=chosen(vantage, VANTAGES, "--vantage") if vantage is not None else None,
            verdict=Verdict(chosen(verdict, list(Verdict), "--verdict")) if verdict is not None else None,
            since=since_of(since, datetime.now(UTC)),
        )
        with leaving_out() as left_out:
            try:
                # One more, to know whether there are more.
                where = place(kept_settings(config))
                runs = kept_runs(where, wanted, most=limit + 1, left_out=left_out.append)
            except NothingStoredError:
                runs = []
        if form == "json":
            sys.stdout.write(page.render_json(runs[:limit]))
            return
        lines = page.history_page(
            runs[:limit],
            more=len(runs) + len(left_out) > limit,
            all_wanted=wanted == Wanted() and not left_out,
            zone=here(),
            command=command(),
        )
        show_lines(lines, plain=plain)
