"""emrnetcheck history trend: upload, round trips and verdicts over the weeks."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from emrnetcheck.cli.history.asking import (
    VANTAGES,
    FormOption,
    SinceOption,
    SiteOption,
    chosen,
    ending,
    here,
    kept_settings,
    leaving_out,
    show_lines,
    since_of,
)
from emrnetcheck.cli.keeping import place
from emrnetcheck.cli.options import ConfigOption, PlainOption

_SINCE = timedelta(weeks=26)
_MOST_ROWS = 200


def trend(
    by: Annotated[str, typer.Option("--by", metavar="week|run", help="A line for each.")] = "week",
    since: SinceOption = None,
    site: SiteOption = None,
    vantage: Annotated[
        str, typer.Option("--vantage", metavar="host|client", help="What `run`, or what `client` found.")
    ] = "host",
    form: FormOption = "text",
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Show upload, round trips and verdicts over the weeks (half a year), with a small graph. One site at a time."""
    chosen(form, ("text", "json"), "--format")
    chosen(by, ("week", "run"), "--by")
    chosen(vantage, VANTAGES, "--vantage")
    with ending():
        from emrnetcheck.reports import trend as page
        from emrnetcheck.store import NothingStoredError
        from emrnetcheck.store.asked import Wanted
        from emrnetcheck.store.reading import kept_figures

        now = datetime.now(UTC)
        wanted = Wanted(vantage=vantage, site=site, since=since_of(since, now) or now - _SINCE)
        with leaving_out() as left_out:
            try:
                clinic = kept_settings(config)
                runs = kept_figures(place(clinic), wanted, left_out=left_out.append)
            except NothingStoredError:
                runs = []
        zone = here()
        week = by == "week"
        if not runs:
            # Not an empty graph: that there is nothing to see is no good news.
            if form == "json":
                sys.stdout.write(page.render_json([], site=site, week=week))
            else:
                typer.echo("No data: no run is kept for that time. That is neither good nor bad.")
            return
        sites = {run.site for run in runs}
        mine = clinic.name if clinic.name in sites else runs[-1].site  # else that of the newest
        others = sorted(sites - {mine})
        chosen_runs = [run for run in runs if run.site == mine]
        rows = page.by_week(chosen_runs, last=now.astimezone(zone).date(), zone=zone)
        if not week:
            rows = page.by_run(chosen_runs[-_MOST_ROWS:], zone=zone)
        if form == "json":
            sys.stdout.write(page.render_json(rows, site=mine, week=week))
        else:
            show_lines(page.trend_page(rows, site=mine, others=others, week=week), plain=plain)
