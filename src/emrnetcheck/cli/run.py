"""emrnetcheck run: the whole battery, a live display, then the report."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from emrnetcheck.exit_status import ExitStatus, exit_status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Mode, Site
    from emrnetcheck.runner import Options

FORMATS = {"text": "txt", "json": "json"}
"""The formats of this version, and the endings of the files that --output DIR gets."""

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The settings file (default: $EMRNETCHECK_CONFIG, then the user's and the site's)."),
]


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
    formats: Annotated[
        list[str] | None, typer.Option("--format", metavar="text|json", help="May be repeated with --output DIR.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write to this file, or into this folder.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 on warnings too.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="ASCII text without colour or live display.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress; only the report.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="All checks with their figures.")] = False,
) -> None:
    """Run the checks and print the readiness report (the default command)."""
    if quick and thorough:
        refuse("--quick and --thorough exclude each other: choose one.")
    site = settings(config)
    chosen = _formats(formats or ["text"], output)
    targets = _targets(chosen, output)
    from emrnetcheck.model import Mode

    mode = Mode.QUICK if quick else Mode.THOROUGH if thorough else Mode.STANDARD
    options = _options(mode, only, skip, offline=offline)
    if second_opinion:
        options = _with_second_opinion(options, site)
    try:
        report = _measure(site, options, quiet=quiet, plain=plain)
        _deliver(report, targets, plain=plain, verbose=verbose)
    except typer.Exit:
        raise
    except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70
        _internal_error()
    raise typer.Exit(exit_status_of(report.verdict, strict=strict, interrupted=report.interrupted))


def refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(ExitStatus.USAGE)


def settings(config: Path | None) -> Site:
    from emrnetcheck.config import ConfigError, find_file, load

    try:
        return load(find_file(config))
    except ConfigError as error:
        refuse(str(error))


def _formats(formats: list[str], output: Path | None) -> list[str]:
    chosen = list(dict.fromkeys(formats))
    for name in chosen:
        if name not in FORMATS:
            refuse(f"--format {name} is not known in this version: choose from {', '.join(FORMATS)}.")
    if len(chosen) > 1 and (output is None or _is(output.is_file)):
        refuse("More than one --format needs --output with a folder to write them into.")
    return chosen


def _targets(formats: list[str], output: Path | None) -> dict[str, Path | None]:
    """Where each format goes (None: standard output); tried before the long run, so that nothing is lost after it."""
    if output is None:
        return {formats[0]: None}
    as_folder = _is(output.is_dir) or len(formats) > 1
    targets: dict[str, Path | None] = {}
    for name in formats:
        target = output / f"emrnetcheck.{FORMATS[name]}" if as_folder else output
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("a"):
                pass
        except OSError as error:
            refuse(f"--output {target} cannot be written: {error.strerror}. Choose another place.")
        targets[name] = target
    return targets


def _is(question: Callable[[], bool]) -> bool:
    """Path.is_dir and Path.is_file raise for names that are too long or may not be looked at."""
    try:
        return question()
    except OSError:
        return False


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


def _deliver(report: ClinicReport, targets: dict[str, Path | None], *, plain: bool, verbose: bool) -> None:
    for name, target in targets.items():
        try:
            _put(report, name, target, plain=plain, verbose=verbose)
        except BrokenPipeError:
            # `emrnetcheck | head`: nobody reads on, which is no fault. The interpreter must not stumble over it again.
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open until the program ends
        except OSError as error:
            where = "Standard output" if target is None else f"--output {target}"
            refuse(f"{where} could not be written: {error.strerror}.")


def _put(report: ClinicReport, name: str, target: Path | None, *, plain: bool, verbose: bool) -> None:
    """One rendering to its file, or to standard output."""
    from emrnetcheck.reports import json, terminal

    here = datetime.now().astimezone().tzinfo or UTC
    if target is None and name == "text":
        terminal.show(report, sys.stdout, environ=os.environ, verbose=verbose, plain=plain, zone=here)
        return
    is_json = name == "json"
    text = json.render(report) if is_json else terminal.render(report, verbose=verbose, plain=plain, zone=here)
    text = text if text.endswith("\n") else text + "\n"
    if target is None:
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    if target.exists() and not target.is_file():
        target.write_text(text, encoding="utf-8")  # a device or a pipe must stay what it is
        return
    # Written beside and moved into place: an interrupted write leaves the old file whole. A link stays a link.
    target = target.resolve()
    beside = target.with_name(f".{target.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(target)


def _internal_error() -> NoReturn:
    """A bug: one sentence; the details only where they are asked for, because they may show the clinic's data."""
    if os.environ.get("EMRNETCHECK_DEBUG"):
        traceback.print_exc()
    error = sys.exc_info()[1]
    typer.echo(
        f"emrnetcheck has an error of its own ({type(error).__name__}); nothing was judged. "
        "Run it again with EMRNETCHECK_DEBUG=1 and send what it prints to its developers.",
        err=True,
    )
    raise typer.Exit(ExitStatus.INTERNAL_ERROR)
