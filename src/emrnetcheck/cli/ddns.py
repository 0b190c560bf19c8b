"""emrnetcheck ddns history: how often the address changed, and how long the name was wrong, by stored reports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.ddns_watch import watch
from emrnetcheck.cli.watch_log import WATCH_SUFFIX, read_watch
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.checks.ddns.over_time import OverTime, Sighting

SCHEMA = "emrnetcheck/ddns-history/1"
_REPORT_MAX_BYTES = 20_000_000
_FILES_MAX = 20_000
_MINUTE_S = 60

app = typer.Typer(help="The EMR's name over time.", rich_markup_mode=None, no_args_is_help=True)


app.command(name="watch")(watch)


@app.command()
def history(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help="Reports as JSON, logs of `ddns watch` (.jsonl), or folders."),
    ],
    form: Annotated[str, typer.Option("--format", metavar="text|json", help="The format.")] = "text",
) -> None:
    """Say how often the office's address changed, and how long the name was wrong each time."""
    if form not in ("text", "json"):
        typer.echo(f"--format {form} is not known here: choose from text, json.", err=True)
        raise typer.Exit(ExitStatus.USAGE)
    from emrnetcheck.checks.ddns.over_time import over_time

    sightings: list[Sighting] = []
    skipped: list[tuple[str, str]] = []
    reports = 0
    for file in _all(files):
        read = read_watch(file) if file.suffix == WATCH_SUFFIX else _read(file)
        if isinstance(read, str):
            skipped.append((str(file), read))
        else:
            reports += 1
            sightings += read if isinstance(read, list) else [read]
    for name, why in skipped:
        typer.echo(_safe(f"Skipped {name}: {why}"), err=True)
    found = over_time(sightings)
    if form == "json":
        made = {"schema": SCHEMA, "reports": reports, "skipped": len(skipped), **asdict(found)}
        typer.echo(json.dumps(made, indent=2, allow_nan=False))
    else:
        typer.echo("\n".join(_safe(line) for line in _text(found, reports, len(skipped))))
    if not sightings:
        raise typer.Exit(ExitStatus.USAGE)


def _safe(text: str) -> str:
    from emrnetcheck.reports.wording import clean

    return clean(text)


def _all(paths: list[Path]) -> Iterator[Path]:
    """The files, and the reports and logs of the folders."""
    count = 0
    for path in paths:
        for file in sorted((*path.glob("*.json"), *path.glob(f"*{WATCH_SUFFIX}"))) if path.is_dir() else [path]:
            count += 1
            if count > _FILES_MAX:
                return
            yield file


def _read(file: Path) -> Sighting | str:
    """What the report saw, or why it cannot be used: a sentence."""
    from emrnetcheck.checks.ddns.over_time import sighting
    from emrnetcheck.reports.json import NotAReportError, parse

    try:
        if not file.is_file():
            return "there is no such file."
        if file.stat().st_size > _REPORT_MAX_BYTES:
            return "it is too large to be a report."
        report = parse(file.read_bytes())
        at_unix_s = report.started_at.timestamp()
    except OSError as error:
        return f"it cannot be read: {error.strerror}."
    except NotAReportError as error:
        return str(error)
    except (ValueError, OverflowError):
        return "its time makes no sense."
    return sighting(at_unix_s, report.evidence)


def _text(found: OverTime, reports: int, skipped: int) -> Iterator[str]:
    left_out = f", {skipped} skipped" if skipped else ""
    yield f"{reports} reports and logs over {found.days:.1f} days{left_out}."
    yield f"{found.looks} looks tell whether the name was right."
    yield f"The office's address changed {_times(len(found.changes))}."
    for change in found.changes:
        when = f"between {_moment(change.before_unix_s)} and {_moment(change.after_unix_s)}"
        yield f"- {change.old} to {change.new}, {when}"
    yield f"The name was wrong {_times(len(found.wrong))}."
    for wrong in found.wrong:
        most = f"and at most {_minutes(wrong.at_most_s)}" if wrong.at_most_s is not None else "with no upper bound seen"
        still = "; it still was at the last look" if wrong.still else ""
        yield f"- from {_moment(wrong.began_unix_s)}: at least {_minutes(wrong.at_least_s)} {most}{still}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _minutes(duration_s: float) -> str:
    return f"{duration_s / _MINUTE_S:.0f} min"


def _moment(at_unix_s: float) -> str:
    return f"{datetime.fromtimestamp(at_unix_s, UTC):%Y-%m-%d %H:%M} UTC"
