"""Which command was meant? `emrnetcheck` alone, or with options only, means `emrnetcheck run`."""

from __future__ import annotations

from typing import Annotated

import typer

from emrnetcheck import __version__
from emrnetcheck.cli.checks import checks
from emrnetcheck.cli.ddns import app as ddns
from emrnetcheck.cli.explain import explain
from emrnetcheck.cli.responder import responder
from emrnetcheck.cli.run import run
from emrnetcheck.cli.schema import schema

_OWN_OPTIONS = ("--help", "-h", "--version", "--install-completion", "--show-completion")


def with_default_command(arguments: list[str]) -> list[str]:
    """The arguments with `run` put in front where no command is named, so that the plain call does the main job."""
    if not arguments or (arguments[0].startswith("-") and arguments[0].split("=")[0] not in _OWN_OPTIONS):
        return ["run", *arguments]
    return arguments


app = typer.Typer(
    name="emrnetcheck",
    help="Is this clinic's network ready to host its own EMR? Without a command it runs all checks and says so.",
    rich_markup_mode=None,  # help texts hold [section] names, which are no markup
    pretty_exceptions_enable=False,  # a traceback with local variables could show secrets
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"emrnetcheck {__version__}")
        raise typer.Exit


@app.callback()
def _group(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass


app.command(name="run")(run)
app.command(name="checks")(checks)
app.command(name="explain")(explain)
app.command(name="schema")(schema)
app.command(name="responder")(responder)
app.add_typer(ddns, name="ddns")
