"""Which causes make the verdict what it is, and which findings are left to be told beside them?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Cause, Contact, ReportFinding, Severity
from emrnetcheck.model import deciding as model

# What Wi-Fi makes slow as a slow line does.
_SPEEDS = ("upload", "capacity", "download", "bufferbloat")
_ON_WIFI = "link.wifi"


def deciding(report: ClinicReport) -> tuple[Cause, ...]:
    """The causes that make its verdict what it is."""
    return model.deciding(report.verdict, report.causes, report.checks)


def left_open(report: ClinicReport) -> dict[str, list[str]]:
    """Which checks its verdict could not do without, by why they were left out; empty for any other verdict."""
    return model.left_open(report.verdict, report.checks)


def left(report: ClinicReport, severity: Severity) -> Iterator[ReportFinding]:
    """Findings of this severity that are no reason, follow from none and are not accepted: the gravest cause first."""
    causes = deciding(report)
    codes = {code for cause in causes for code in (cause.code, *cause.signs)}
    followers = {id_ for cause in causes for id_ in cause.explains if not is_of(cause.code, id_)}
    rank = {cause.code: number for number, cause in enumerate(report.causes)}
    found = [
        finding
        for check in report.checks
        for finding in check.findings
        if finding.severity is severity
        and finding.code not in codes
        and check.id not in followers
        and finding.acknowledged is None
    ]
    yield from sorted(found, key=lambda finding: rank.get(finding.code, len(rank)))


def is_of(code: str, check_id: str) -> bool:
    """Whether this check has this code."""
    return code.partition(".")[0] == check_id


def first_of_all(report: ClinicReport, cause: Cause) -> str:
    """What to do before the provider is called: over Wi-Fi a slow line is no more than likely. "": nothing."""
    if cause.contact is not Contact.ISP or cause.code.partition(".")[0] not in _SPEEDS:
        return ""
    found = (finding for check in report.checks for finding in check.findings if finding.code == _ON_WIFI)
    return next((finding.advice for finding in found), "")
