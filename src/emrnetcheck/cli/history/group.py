"""emrnetcheck history: what was measured before. Nothing here measures anything."""

from __future__ import annotations

import typer

from emrnetcheck.cli.history.compare import compare
from emrnetcheck.cli.history.export import export
from emrnetcheck.cli.history.listing import listing
from emrnetcheck.cli.history.prune import prune
from emrnetcheck.cli.history.rejudge import rejudge
from emrnetcheck.cli.history.show import show
from emrnetcheck.cli.history.trend import trend
from emrnetcheck.cli.history.watches import watches

app = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
app.callback()(listing)
app.command(name="show")(show)
app.command(name="compare")(compare)
app.command(name="trend")(trend)
app.command(name="watches")(watches)
app.command(name="export")(export)
app.command(name="prune")(prune)
app.command(name="rejudge")(rejudge)

__all__ = ["app"]
