"""emrnetcheck schedule: checks, reports and mail that nobody has to start."""

from __future__ import annotations

import typer

from emrnetcheck.cli.schedule.installing import dry_run, install
from emrnetcheck.cli.schedule.removing import remove
from emrnetcheck.cli.schedule.running import run
from emrnetcheck.cli.schedule.telling import status

app = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Have checks, reports and mail done by themselves, by this computer's own scheduler.",
)
app.command(name="install")(install)
app.command(name="remove")(remove)
app.command(name="status")(status)
app.command(name="dry-run")(dry_run)
app.command(name="run")(run)

__all__ = ["app"]
