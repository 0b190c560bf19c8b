"""Which command was meant? `emrnetcheck` alone, or with options only, means `emrnetcheck run`."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from emrnetcheck import __version__

_OWN_OPTIONS = ("--help", "-h", "--version", "--install-completion", "--show-completion")
COMMANDS = (
    "run",
    "setup",
    "client",
    "compare",
    "watch",
    "status",
    "history",
    "report",
    "schedule",
    "email",
    "acknowledge",
    "checks",
    "explain",
    "schema",
    "privileges",
    "responder",
    "ddns",
)
"""In the order of the help. Each is a module here: with a function of its name, or an `app` where it has commands."""
_GROUPS = {"history": "history.group", "schedule": "schedule.group", "email": "email.group"}


def with_default_command(arguments: list[str]) -> list[str]:
    """The arguments with `run` put in front where no command is named, so that the plain call does the main job."""
    if not arguments or (arguments[0].startswith("-") and arguments[0].split("=")[0] not in _OWN_OPTIONS):
        return ["run", *arguments]
    return arguments


def app_for(arguments: list[str]) -> typer.Typer:
    """With the command that is named, and no other: to make all of them takes longer than what most of them do.

    With all of them where none is, or one that there is not: for the help, and for "did you mean".
    """
    named = arguments[0] if arguments else ""
    return app_of((named,) if named in COMMANDS else COMMANDS)


def app_of(names: tuple[str, ...] = COMMANDS) -> typer.Typer:
    """The program with these commands."""
    app = typer.Typer(
        name="emrnetcheck",
        help="Is this clinic's network ready to host its own EMR? Without a command it runs all checks and says so.",
        rich_markup_mode=None,  # help texts hold [section] names, which are no markup
        pretty_exceptions_enable=False,  # a traceback with local variables could show secrets
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback()(_group)
    for name in names:
        module = import_module(f"emrnetcheck.cli.{_GROUPS.get(name, name)}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name=name)(getattr(module, name))
    return app


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"emrnetcheck {__version__}")
        raise typer.Exit


def _group(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    pass
