"""emrnetcheck history prune --keep-days N: forget what is older."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from emrnetcheck.cli.history.asking import ending, kept_settings, opened
from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.cli.run import refuse


def prune(
    keep_days: Annotated[
        int | None,
        typer.Option("--keep-days", min=1, max=36_500, help="Keep so many days (default: [history] keep_days)."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: ConfigOption = None,
) -> None:
    """Forget the runs that are older, and give their room back. Asks before."""
    with ending():
        from emrnetcheck.store import NothingStoredError, StoreError

        site = kept_settings(config)
        days = keep_days or site.history_keep_days
        before = datetime.now(UTC) - timedelta(days=days)
        try:
            with opened(site) as history:
                count = history.count_before(before)
        except NothingStoredError:
            count = 0
        if not count:
            typer.echo(f"No run is older than {days} days: nothing is forgotten.")
            return
        if not yes:
            if not sys.stdin.isatty():
                refuse(f"To forget {_runs(count)} older than {days} days without being asked, add --yes.")
            if not typer.confirm(f"Forget {_runs(count)} older than {days} days, for good?"):
                typer.echo("Nothing is forgotten.")
                return
        with opened(site, write=True) as history:
            typer.echo(f"Forgotten: {_runs(history.prune(before))}.")
            try:
                history.give_room_back()
            except StoreError as error:  # it needs room for a while, and nobody else in the file
                typer.echo(f"Note: the file is as large as before. {error}", err=True)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
