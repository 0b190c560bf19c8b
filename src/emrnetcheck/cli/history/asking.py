"""What do all commands about past runs share: how they open the history, how they end, what may be asked for?"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.keeping import place
from emrnetcheck.cli.run import bug, refuse
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.model import Site
    from emrnetcheck.reports.line import Line
    from emrnetcheck.store.history import Document, History

VANTAGES = ("host", "client")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_AGE = re.compile(r"([0-9]{1,5})([hdw])")
_TOLD = 5  # of what was left out
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The run's id, the beginning of one, or: latest.")]
FormOption = Annotated[str, typer.Option("--format", metavar="text|json", help="The format.")]
SiteOption = Annotated[str | None, typer.Option("--site", metavar="NAME", help="Only runs of this site.")]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Only runs since then: 2026-11-01, or 30d for 30 days.")
]
VantageOption = Annotated[
    str | None, typer.Option("--vantage", metavar="host|client", help="Only what `run`, or what `client` found.")
]


@contextmanager
def ending() -> Iterator[None]:
    """However the work inside ends, the program ends in one sentence and a status that says what it was."""
    from emrnetcheck.store import NoSuchRunError, StoreError

    try:
        yield
    except typer.Exit:
        raise
    except NoSuchRunError as error:
        refuse(_clean(str(error)))
    except StoreError as error:
        typer.echo(_clean(str(error)), err=True)
        raise typer.Exit(ExitStatus.COULD_NOT_TELL) from None
    except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70
        bug()


@contextmanager
def opened(site: Site, *, write: bool = False) -> Iterator[History]:
    """The history of these settings."""
    from emrnetcheck.store.history import History

    with History.opened(place(site), write=write) as history:
        yield history


@contextmanager
def leaving_out(what: str = "run", plural: str = "runs") -> Iterator[list[str]]:
    """Put into it, in words, what could not be read: it is told at the end, so that nobody takes the rest for all."""
    left_out: list[str] = []
    yield left_out
    if left_out:
        count = len(left_out)
        runs = f"1 {what} cannot be read and is" if count == 1 else f"{count} {plural} cannot be read and are"
        more = f" And {len(left_out) - _TOLD} more." if len(left_out) > _TOLD else ""
        typer.echo(_clean(f"Note: {runs} left out. {' '.join(left_out[:_TOLD])}{more}"), err=True)


def kept_settings(config: Path | None) -> Site:
    """Of which clinic the runs are, and where: a mistake elsewhere in the settings file is told by who needs that."""
    from emrnetcheck.config import ConfigError, find_file
    from emrnetcheck.config.kept import load_kept

    try:
        return load_kept(find_file(config))
    except ConfigError as error:
        refuse(str(error))


def report_of(document: Document) -> ClinicReport:
    """The stored report; StoreError where it is none that this version reads."""
    from emrnetcheck.reports.json import NotAReportError, parse
    from emrnetcheck.store import StoreError

    try:
        return parse(document.report)
    except NotAReportError as error:
        raise StoreError(f"The stored run {document.run.id[:60]} cannot be read: {error}") from error


def chosen(value: str, known: Iterable[str], option: str) -> str:
    """One of the known words; anything else is refused in a sentence."""
    if value not in known:
        refuse(f"{option} {_clean(value)[:60]} is not known here: choose from {', '.join(known)}.")
    return value


def since_of(text: str | None, now: datetime) -> datetime | None:
    """A day (its beginning, in the zone of this computer), or a time before now."""
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).astimezone()
        return now - age_of(text)
    except (ValueError, OverflowError):
        refuse(f"--since {_clean(text)[:60]} is no time: write a day such as 2026-11-01, or 12h, 30d or 8w.")


def age_of(text: str) -> timedelta:
    """12h, 30d or 8w; ValueError for anything else."""
    found = _AGE.fullmatch(text)
    if found is None or not int(found[1]):
        raise ValueError(text)
    return int(found[1]) * _UNITS[found[2]]


def here() -> tzinfo:
    """The zone of this computer."""
    return datetime.now().astimezone().tzinfo or UTC


def command() -> str:
    """How this program is called on this computer."""
    return os.environ.get("EMRNETCHECK_COMMAND") or "emrnetcheck"


def show_lines(lines: Iterable[Line], *, plain: bool) -> None:
    """On standard output, as it can take them."""
    from emrnetcheck.reports import terminal_lines

    terminal_lines.show_lines(lines, sys.stdout, environ=os.environ, plain=plain)


def _clean(text: str) -> str:
    from emrnetcheck.reports.wording import clean

    return clean(text)
