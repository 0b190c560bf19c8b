"""How is what is kept written so that it can be shown to strangers? A redacted copy of it, or nothing at all."""

from __future__ import annotations

import getpass
import os
import platform
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from emrnetcheck.cli.run import refuse
from emrnetcheck.exit_status import ExitStatus
from emrnetcheck.reports.formats import FORMATS, WEEK_FORMATS, How

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Site
    from emrnetcheck.reports.isp import Look, Terms
    from emrnetcheck.reports.sharing import Secrets, Speech
    from emrnetcheck.reports.week import Week

NAME = "emrnetcheck-shared"
WEEK_NAME = "emrnetcheck-week-shared"
# The zone of this computer and how the program is called here would tell where it is.
_HOW = How(plain=True, zone=UTC)


def share(report: ClinicReport, site: Site, formats: Sequence[str], output: Path | None, *, verbose: bool) -> None:
    """Write the copy in these formats, each into a file that only this user can read; then say where it is."""

    def made() -> tuple[dict[str, str], Secrets]:
        from emrnetcheck.reports.sharing import redacted

        copy, secrets = redacted(report, _speech(), _of_this_computer(site))
        how = replace(_HOW, verbose=verbose)
        return {name: FORMATS[name].render(copy, how) for name in formats}, secrets

    targets = _targets({name: f"{NAME}.{FORMATS[name].ending}" for name in formats}, output)
    _put_out(targets, made, kept="the stored run is")


def share_week(
    week: Week, reports: Sequence[ClinicReport], site: Site, formats: Sequence[str], output: Path | None
) -> None:
    """The same of a week, by the clock of UTC. reports: those that it tells of."""

    def made() -> tuple[dict[str, str], Secrets]:
        from emrnetcheck.reports.sharing import redacted

        copy, secrets = redacted(week, _speech(), _of_this_computer(site), of=reports)
        how = replace(_HOW, command="")
        return {name: WEEK_FORMATS[name].render(copy, how) for name in formats}, secrets

    targets = _targets({name: f"{WEEK_NAME}.{WEEK_FORMATS[name].ending}" for name in formats}, output)
    _put_out(targets, made, kept="the stored runs are")


def share_pack(looks: tuple[Look, ...], terms: Terms, site: Site, folder: Path) -> None:
    """The same of the evidence for the provider: nobody can tell from it whose line that is."""

    def made() -> tuple[dict[str, str], Secrets]:
        from emrnetcheck.reports.isp import pack
        from emrnetcheck.reports.sharing import redacted

        (said, of_whom), secrets = redacted((looks, terms), _speech(), _of_this_computer(site))
        return dict(pack(said, of_whom)), secrets

    from emrnetcheck.reports.isp import FILES

    _put_out(_targets({name: name for name in FILES}, folder), made, kept="the stored runs are")


def _put_out(targets: Mapping[str, Path], make: Callable[[], tuple[dict[str, str], Secrets]], *, kept: str) -> None:
    """Written only where every file was searched for everything that was replaced, and nothing was found."""
    from emrnetcheck.reports.sharing import NotShareable, leaks

    try:
        texts, secrets = make()
        for name, text in texts.items():
            if leaks(text, secrets):
                raise NotShareable(f"a name or an address would still be in {targets[name].name}")
    except NotShareable as error:
        refuse(f"Nothing was written: {error}. Please tell the developers of emrnetcheck, and send them no report.")
    except Exception as error:  # noqa: BLE001 - the last line: what it says may hold what must not be shown
        _own_error(error)
    _write(targets, texts)
    for target in targets.values():
        typer.echo(f"Written, and readable by you only: {target}")
    typer.echo(f"Look at it before you send it to anybody. Nothing was sent, and {kept} as before.")


def _speech() -> Speech:
    from emrnetcheck.checks import EVERY
    from emrnetcheck.reports.sharing import Speech

    codes = {name: code for check in EVERY for name, code in check.codes.items()}
    return Speech(codes, {check.id: check.title for check in EVERY})


def redacted_json(report: ClinicReport, site: Site) -> str | None:
    """The copy as JSON; None where it is not certain that it can be shown to strangers."""
    from emrnetcheck.reports.json import render
    from emrnetcheck.reports.sharing import leaks, shared

    try:
        made = shared(report, _speech(), _of_this_computer(site))
        text = render(made.report)
        return None if leaks(text, made.secrets) else text
    except Exception:  # noqa: BLE001 - none is made then; what the error says may hold what must not be shown
        return None


def _of_this_computer(site: Site) -> Iterator[str]:
    """Who uses this computer, and what the settings say: none of it belongs into a report, and so into no copy."""
    try:
        yield getpass.getuser()
        yield str(Path.home())
    except (OSError, KeyError, RuntimeError, ImportError):
        pass  # an account without a name or a home: then no report can hold it
    yield platform.node()
    if site.name != type(site)().name:
        yield site.name
    yield from (site.hostname or "", site.lan_address or "", site.wan_address or "", *site.peers)


def _targets(files: Mapping[str, str], output: Path | None) -> dict[str, Path]:
    """Where each file goes, by what is in it. Never over one that is there: a copy is always a new one."""
    where = output or Path()
    is_folder = where.is_dir() or len(files) > 1
    targets = {name: where / file if is_folder else where for name, file in files.items()}
    for target in targets.values():
        if os.path.lexists(target):
            refuse(f"{target} is there already, and a shared copy is always a new file: name another with --output.")
    return targets


def _write(targets: Mapping[str, Path], texts: Mapping[str, str]) -> None:
    for name, target in targets.items():
        text = texts[name] if texts[name].endswith("\n") else f"{texts[name]}\n"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                out.write(text)
        except OSError as error:
            refuse(f"--output {target} could not be written: {error.strerror}.")


def _own_error(error: Exception) -> NoReturn:
    """A bug: where it is may be told, never what it says; that may be an address or a name."""
    if os.environ.get("EMRNETCHECK_DEBUG"):
        sys.stderr.writelines(traceback.format_tb(error.__traceback__))
    typer.echo(
        f"emrnetcheck has an error of its own ({type(error).__name__}); nothing was written. With EMRNETCHECK_DEBUG=1 "
        "it tells where, without anything of the clinic.",
        err=True,
    )
    raise typer.Exit(ExitStatus.INTERNAL_ERROR) from None
