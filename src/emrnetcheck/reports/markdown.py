"""What is pasted into a ticket or an e-mail: the physician's page, then the evidence, as Markdown?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import CheckResult, Status
from emrnetcheck.reports import wording
from emrnetcheck.reports.accepted import in_words
from emrnetcheck.reports.client_page import CLIENT, client_page
from emrnetcheck.reports.details import figures, made_by
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.markdown_lines import code, escaped, table, written
from emrnetcheck.reports.page import physician
from emrnetcheck.reports.wording import sentence

_HEAD = ("Check", "Result", "Finding", "What was found", "Expected", "Measured")


def render(report: ClinicReport, *, zone: tzinfo = UTC, command: str = "emrnetcheck") -> str:
    """CommonMark with tables, in the order of the page on a terminal; ends with a newline."""
    page = client_page if report.vantage == CLIENT else physician
    # Nobody reads a file from its end, as one does on a terminal: the verdict is not said there again.
    lines = list(page(report, zone=zone, command=command))[:-2]
    parts = [*written(lines, command=command), *_checks(report), *_figures(report), *_not_measured(report)]
    return "\n".join([*parts, "", escaped(made_by(report))]) + "\n"


def _checks(report: ClinicReport) -> Iterator[str]:
    yield from ("", "## Every check", "")
    titles = {check.id: check.title for check in report.checks}
    yield from table(_HEAD, (row for check in report.checks for row in _rows(check, titles)))


def _rows(check: CheckResult, titles: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """One for each finding; what is true of the whole check stands in the first."""
    name = escaped(f"{check.title}{' (required)' if check.required else ''}")
    state = wording.STATE_WORDS[check.status]
    if check.status is Status.SKIPPED:
        yield name, state, "", escaped(sentence(wording.why_skipped(check.skipped_because or "", titles))), "", ""
        name = state = ""
    for finding in check.findings:
        accepted = f" ({in_words(finding.acknowledged)})" if finding.acknowledged is not None else ""
        said = escaped(f"{sentence(finding.summary)}{accepted}")
        yield name, state, code(finding.code), said, escaped(finding.expected or ""), escaped(finding.actual or "")
        name = state = ""
    if name:
        yield name, state, "", "", "", ""


def _figures(report: ClinicReport) -> Iterator[str]:
    found = list(figures(report.evidence))
    if found:
        yield from ("", "## Main figures", "")
        yield from (_bullet(line) for line in found)


def _not_measured(report: ClinicReport) -> Iterator[str]:
    if report.unmeasured:
        yield from ("", "## Not measured", "")
        for name, failure in report.unmeasured.items():
            yield f"- {escaped(name)}: {escaped(sentence(failure.in_words()))}"


def _bullet(line: Line) -> str:
    return f"- {escaped(line.lead)} {escaped(line.text)}" if line.lead else f"  - {escaped(line.text)}"
