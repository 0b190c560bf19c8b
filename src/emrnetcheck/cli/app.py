"""Which command was meant? `emrnetcheck` alone, or with options only, means `emrnetcheck run`."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.core import TyperGroup

from emrnetcheck import __version__
from emrnetcheck.cli.checks import checks
from emrnetcheck.cli.explain import explain
from emrnetcheck.cli.run import run
from emrnetcheck.cli.schema import schema

_OWN_OPTIONS = ("--help", "-h", "--version", "--install-completion", "--show-completion")


class _RunByDefault(TyperGroup):
    """Puts `run` in front of options that are not the group's own, so that the plain call does the main job."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0].split("=")[0] not in _OWN_OPTIONS):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="emrnetcheck",
    cls=_RunByDefault,
    help="Is this clinic's network ready to host its own EMR? Without a command it runs all checks and says so.",
    no_args_is_help=False,
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
