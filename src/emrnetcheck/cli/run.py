"""emrnetcheck run: the whole battery, a live display, then the report."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from emrnetcheck.cli.keeping import keep
from emrnetcheck.cli.options import (
    ConfigOption,
    FormatsOption,
    NoSaveOption,
    OutputOption,
    PlainOption,
    QuietOption,
    StrictOption,
    VerboseOption,
)
from emrnetcheck.cli.standard_output import OutputError
from emrnetcheck.exit_status import ExitStatus, exit_status_of

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Mode, Site
    from emrnetcheck.runner import Options


def run(
    config: ConfigOption = None,
    quick: Annotated[bool, typer.Option("--quick", help="Shorter, for the weekly repeat.")] = False,
    thorough: Annotated[bool, typer.Option("--thorough", help="Upload for 30 seconds, before deployment.")] = False,
    only: Annotated[str, typer.Option("--only", metavar="ID,..", help="Only these checks.")] = "",
    skip: Annotated[str, typer.Option("--skip", metavar="ID,..", help="All but these checks.")] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Office network only; nothing leaves the office.")] = False,
    second_opinion: Annotated[
        bool, typer.Option("--second-opinion", help="Show speedtest-cli's upload figure beside ours.")
    ] = False,
    formats: FormatsOption = None,
    output: OutputOption = None,
    no_save: NoSaveOption = False,
    strict: StrictOption = False,
    plain: PlainOption = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Run the checks and print the readiness report (the default command)."""
    if quick and thorough:
        refuse("--quick and --thorough exclude each other: choose one.")
    from emrnetcheck.cli.apart import apart
    from emrnetcheck.cli.delivering import deliver, formats_of, targets_of  # they refuse by what is below

    site = settings(config)
    chosen = formats_of(formats or ["text"], output)
    targets = targets_of(chosen, output)
    from emrnetcheck.model import Mode

    mode = Mode.QUICK if quick else Mode.THOROUGH if thorough else Mode.STANDARD
    options = _options(mode, only, skip, offline=offline)
    if second_opinion:
        options = _with_second_opinion(options, site)
    try:
        with apart(lambda sentence: typer.echo(sentence, err=True)):
            report = _measure(site, options, quiet=quiet, plain=plain)
        try:
            deliver(report, targets, plain=plain, verbose=verbose)
            if site == type(site)() and not quiet:
                _point_to_setup()
        finally:
            # After the report, which must not wait for it; and also where the report could not be written.
            if not no_save:
                keep(report, site)
    except typer.Exit:
        raise
    except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70
        bug()
    raise typer.Exit(exit_status_of(report.verdict, strict=strict, interrupted=report.interrupted))


def _point_to_setup() -> None:
    """Where nothing is set, half of what decides was not looked at."""
    command = os.environ.get("EMRNETCHECK_COMMAND") or "emrnetcheck"
    typer.echo(f"Nothing is set yet about the EMR. To check its name and port too: {command} setup", err=True)


def refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(ExitStatus.USAGE)


def settings(config: Path | None) -> Site:
    from emrnetcheck.config import ConfigError, find_file, load

    try:
        return load(find_file(config))
    except ConfigError as error:
        refuse(str(error))


def _options(mode: Mode, only: str, skip: str, *, offline: bool) -> Options:
    from emrnetcheck.checks import ALL
    from emrnetcheck.runner import Options

    known = [check.id for check in ALL]
    lists = []
    for option, text in (("--only", only), ("--skip", skip)):
        ids = tuple(part.strip() for part in text.split(",") if part.strip())
        for wrong in (part for part in ids if part not in known):
            refuse(f"{option} {wrong} is no check: known are {', '.join(known)}.")
        lists.append(ids)
    return Options(mode=mode, only=lists[0], skip=lists[1], offline=offline)


def _with_second_opinion(options: Options, site: Site) -> Options:
    """It stands beside our own figure: where that is not measured, there is nothing to ask for."""
    from emrnetcheck.model import Access

    if options.offline:
        refuse("--second-opinion asks speedtest.net, and --offline keeps this run inside the office: choose one.")
    if "upload" in options.skip or (options.only and "upload" not in options.only):
        refuse("--second-opinion stands beside the upload check: run that too, or leave the option out.")
    if site.access is Access.LAN_ONLY:
        refuse('--second-opinion has nothing to stand beside: with access = "lan_only" the upload is not measured.')
    return replace(options, also=("second_opinion",))


def _measure(site: Site, options: Options, *, quiet: bool, plain: bool) -> ClinicReport:
    from emrnetcheck import runner
    from emrnetcheck.checks import ALL
    from emrnetcheck.probes import PROBES
    from emrnetcheck.reports.progress import display

    with display(sys.stderr, quiet=quiet, plain=plain, environ=os.environ) as show:
        return runner.run(site, options, probes=PROBES, checks=ALL, tell=show)


def bug() -> NoReturn:
    """A bug: one sentence; the details only where they are asked for, because they may show the clinic's data.

    That standard output takes no more is none, and goes on to the program's entry.
    """
    error = sys.exc_info()[1]
    if isinstance(error, OutputError):
        raise error
    if os.environ.get("EMRNETCHECK_DEBUG"):
        traceback.print_exc()
    typer.echo(
        f"emrnetcheck has an error of its own ({type(error).__name__}); nothing was judged. "
        "Run it again with EMRNETCHECK_DEBUG=1 and send what it prints to its developers.",
        err=True,
    )
    raise typer.Exit(ExitStatus.INTERNAL_ERROR)
