"""The options that more than one command has: each said once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from emrnetcheck.reports.formats import FORMATS

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The settings file (default: $EMRNETCHECK_CONFIG, then the user's and the site's)."),
]
FormatsOption = Annotated[
    list[str] | None, typer.Option("--format", metavar="|".join(FORMATS), help="May be repeated with --output DIR.")
]
OutputOption = Annotated[Path | None, typer.Option("--output", help="Write to this file, or into this folder.")]
NoSaveOption = Annotated[bool, typer.Option("--no-save", help="Do not keep this run in the history.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")]
PlainOption = Annotated[bool, typer.Option("--plain", help="ASCII text without colour or live display.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress; only the report.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", "-v", help="All checks with their figures.")]


@dataclass(frozen=True, slots=True)
class Writing:
    """The options of every command that writes what is kept."""

    formats: FormatsOption = None
    output: OutputOption = None
    plain: PlainOption = False
    verbose: VerboseOption = False
    config: ConfigOption = None


def with_writing(command: Callable[..., None]) -> Callable[..., None]:
    """The command with these options in place of its parameter `how`, which is given them as a Writing."""
    options = inspect.signature(Writing, eval_str=True).parameters

    def called(**given: object) -> None:
        how = Writing(**{name: given.pop(name) for name in options})  # type: ignore[arg-type]  # typer has checked them
        command(**given, how=how)

    own = inspect.signature(command, eval_str=True)
    every = [one for each in own.parameters.values() for one in (options.values() if each.name == "how" else (each,))]
    functools.update_wrapper(called, command)
    del called.__wrapped__  # type: ignore[attr-defined]  # typer would read the command's own parameters
    called.__signature__ = own.replace(  # type: ignore[attr-defined]  # what inspect.signature reads
        parameters=[each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in every]
    )
    called.__annotations__ = {each.name: each.annotation for each in every}
    return called
