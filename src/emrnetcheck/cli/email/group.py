"""emrnetcheck email: try the mail server, send what waits, look after what does."""

from __future__ import annotations

import typer

from emrnetcheck.cli.email import outbox
from emrnetcheck.cli.email.password import password
from emrnetcheck.cli.email.sending import send
from emrnetcheck.cli.email.trial import trial

app = typer.Typer(rich_markup_mode=None, no_args_is_help=True, help="Try the mail server, and look after the mails.")
app.command(name="test")(trial)
app.command(name="send")(send)
app.command(name="password")(password)
app.add_typer(outbox.app, name="outbox")

__all__ = ["app"]
