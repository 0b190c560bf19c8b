"""emrnetcheck history export: everything that is kept, for other programs."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.history.asking import (
    VANTAGES,
    SinceOption,
    SiteOption,
    VantageOption,
    chosen,
    ending,
    kept_settings,
    leaving_out,
    opened,
    since_of,
)
from emrnetcheck.cli.options import ConfigOption
from emrnetcheck.cli.run import refuse
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.store.asked import Wanted
    from emrnetcheck.store.history import History
    from emrnetcheck.store.rows import LeftOut


def export(
    form: Annotated[str, typer.Option("--format", metavar="csv|jsonl", help="A table, or the whole reports.")] = "csv",
    output: Annotated[Path | None, typer.Option("--output", help="Write to this file.")] = None,
    site: SiteOption = None,
    vantage: VantageOption = None,
    since: SinceOption = None,
    config: ConfigOption = None,
) -> None:
    """Write the kept runs, the oldest first: a line each as CSV, or each whole report as a line of JSON."""
    chosen(form, ("csv", "jsonl"), "--format")
    with ending():
        from emrnetcheck.store.asked import Wanted

        wanted = Wanted(
            site=site,
            vantage=chosen(vantage, VANTAGES, "--vantage") if vantage is not None else None,
            since=since_of(since, datetime.now(UTC)),
        )
        with leaving_out() as left_out, opened(kept_settings(config)) as history, _out(output) as out:
            (_csv if form == "csv" else _jsonl)(history, wanted, out, left_out.append)
        if left_out:
            raise typer.Exit(ExitStatus.COULD_NOT_TELL)


@contextmanager
def _out(output: Path | None) -> Iterator[IO[str]]:
    if output is None:
        yield sys.stdout
        return
    try:
        with _whole(output) as out:
            yield out
    except OSError as error:
        refuse(f"--output {output} cannot be written: {error.strerror}. Choose another place.")


@contextmanager
def _whole(output: Path) -> Iterator[IO[str]]:
    """For this user only, and under its name when all of it is there."""
    if output.exists() and not output.is_file():  # a pipe or a device
        with output.open("w", encoding="utf-8", newline="") as out:
            yield out
        return
    target = output.resolve()
    descriptor, beside = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)  # 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _csv(history: History, wanted: Wanted, out: IO[str], left_out: LeftOut) -> None:
    from emrnetcheck.model.past import PastRun
    from emrnetcheck.reports.cells import csv_text
    from emrnetcheck.reports.history import as_data

    rows = [as_data(run) for run in reversed(history.runs(wanted, left_out=left_out))]
    names = [each.name for each in fields(PastRun)]
    out.write(csv_text(names, [[_cell(row[name]) for name in names] for row in rows]))


def _cell(value: object) -> object:
    """As every program reads it: 0 and 1, and pairs as check=status."""
    if isinstance(value, bool):
        return int(value)
    return [f"{name}={each}" for name, each in value.items()] if isinstance(value, dict) else value


def _jsonl(history: History, wanted: Wanted, out: IO[str], left_out: LeftOut) -> None:
    for document in history.documents(wanted, left_out=left_out):
        try:
            line = json.dumps(json.loads(document.report), separators=(",", ":"))
        except ValueError:
            left_out(f"The report of the run {document.run.id[:60]} is damaged.")
        else:
            out.write(f"{line}\n")
