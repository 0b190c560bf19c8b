"""What did somebody accept, until when, and why? Shown on page one: accepted is not mended."""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Acknowledged, ReportFinding, Severity, Status
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import STATE_INDENT, Line, state_line
from emrnetcheck.reports.wording import sentence

_WORST_FIRST = (Severity.FAIL, Severity.UNKNOWN, Severity.WARN, Severity.NOTICE, Severity.OK)


def accepted_findings(report: ClinicReport) -> tuple[tuple[ReportFinding, Acknowledged], ...]:
    """The accepted findings of a report, the worst first."""
    found = [
        (finding, finding.acknowledged)
        for check in report.checks
        for finding in check.findings
        if finding.acknowledged is not None
    ]
    return tuple(sorted(found, key=lambda row: _WORST_FIRST.index(row[0].severity)))


def in_words(accepted: Acknowledged) -> str:
    """ "accepted until 3 Mar 2027: the new line is ordered"."""
    until = accepted.until
    return f"accepted until {until.day} {wording.MONTHS[until.month - 1]} {until.year}: {wording.clean(accepted.why)}"


def accepted(report: ClinicReport) -> Iterator[Line]:
    """Each with its sentence, its end and its reason."""
    for finding, why in accepted_findings(report):
        state = Status.PASS if finding.severity is Severity.OK else Status(finding.severity.value)
        yield state_line(state, sentence(finding.summary))
        words = in_words(why)
        yield Line(sentence(words[0].upper() + words[1:]), indent=STATE_INDENT)
