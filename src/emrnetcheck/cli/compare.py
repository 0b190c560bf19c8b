"""emrnetcheck compare A.json B.json: what do the clinic's report and one from elsewhere tell together?"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.run import bug, refuse
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.placing.comparing import Comparison


def compare(
    first: Annotated[Path, typer.Argument(metavar="A.json", help="A report of run or of client, as JSON.")],
    second: Annotated[Path, typer.Argument(metavar="B.json", help="Another one; the order does not matter.")],
    form: Annotated[str, typer.Option("--format", metavar="text|json", help="The format.")] = "text",
    plain: Annotated[bool, typer.Option("--plain", help="ASCII text without colour.")] = False,
) -> None:
    """Place the fault by two reports: the clinic's and one from elsewhere, or two from elsewhere."""
    if form not in ("text", "json"):
        refuse(f"--format {form} is not known here: choose from text, json.")
    try:
        status = _compared(first, second, form, plain=plain)
    except typer.Exit:
        raise
    except Exception:  # noqa: BLE001 - the last line: a bug must end in one sentence and status 70, not in "not ready"
        bug()
    raise typer.Exit(status)


def _compared(first: Path, second: Path, form: str, *, plain: bool) -> ExitStatus:
    from emrnetcheck.placing import comparing

    reports = (_read(first), _read(second))
    try:
        found = comparing.compare(*reports)
    except comparing.NotComparableError as error:
        refuse(str(error))
    _put(found, reports, form, plain=plain)
    return _status(found)


def _read(file: Path) -> ClinicReport:
    from emrnetcheck.cli.report_file import read_report
    from emrnetcheck.reports.json import NotAReportError
    from emrnetcheck.reports.wording import clean

    try:
        return read_report(file)
    except NotAReportError as error:
        refuse(clean(f"{file}: {error}"))


def _put(found: Comparison, reports: tuple[ClinicReport, ClinicReport], form: str, *, plain: bool) -> None:
    from emrnetcheck.reports import compare as page
    from emrnetcheck.reports import terminal_lines

    if form == "json":
        sys.stdout.write(page.render_json(found, reports))
        return
    lines = page.compare_page(found, reports, zone=datetime.now().astimezone().tzinfo or UTC)
    terminal_lines.show_lines(lines, sys.stdout, environ=os.environ, plain=plain)


def _status(found: Comparison) -> ExitStatus:
    from emrnetcheck.placing.places import Place

    by_place = {Place.NOWHERE: ExitStatus.READY, Place.UNCLEAR: ExitStatus.COULD_NOT_TELL}
    return by_place.get(found.place, ExitStatus.NOT_READY)
