"""What does a person read of a report on a terminal?"""

from __future__ import annotations

from datetime import UTC, tzinfo

from rich.console import Console

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.reports.client_page import CLIENT, client_page
from emrnetcheck.reports.details import details
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.page import physician
from emrnetcheck.reports.terminal_lines import USUAL_WIDTH, console_into, put


def render(
    report: ClinicReport,
    *,
    width: int = USUAL_WIDTH,
    colour: bool = False,
    verbose: bool = False,
    plain: bool = False,
    zone: tzinfo = UTC,
    command: str = "emrnetcheck",
) -> str:
    """The report as text. Without colour it is the same bytes wherever it goes; plain: ASCII only, no colour."""
    console, out = console_into(width, colour=colour, plain=plain)
    write(report, console, verbose=verbose, plain=plain, zone=zone, command=command)
    return out.getvalue()


def write(
    report: ClinicReport,
    console: Console,
    *,
    verbose: bool = False,
    plain: bool = False,
    zone: tzinfo = UTC,
    command: str = "emrnetcheck",
) -> None:
    """The report, on this console."""
    page = client_page if report.vantage == CLIENT else physician
    lines = list(page(report, zone=zone, command=command, short=not verbose))
    if verbose:
        # The verdict stays the last line, so the details go before it.
        lines = [*lines[:-3], *details(report), Line(), *lines[-3:]]
    put(lines, console, plain=plain)
