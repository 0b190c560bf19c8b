"""What does an alarm go by in a report, freshly made or kept?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.alerting.blind import blind_to
from emrnetcheck.alerting.second import is_confirmed
from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import CheckResult, ReportFinding, Severity, Status
from emrnetcheck.model.alerts import Judged, Problem

_ANSWERS = (Status.PASS, Status.NOTICE, Status.WARN, Status.FAIL)
_LEFT_OUT = "not asked for"
_NO_PART = (_LEFT_OUT, "access", "not then")
"""Why a check is skipped that this run did not ask at all."""
_PROBLEMS = (Severity.FAIL, Severity.WARN, Severity.UNKNOWN)


def judged(report: ClinicReport) -> Judged:
    """By codes only: no sentence is compared. The causes come first, in the report's order, then what else is not
    fine."""
    return Judged(
        run_id=report.id,
        started_at=report.started_at,
        whole=report.whole,
        verdict=report.verdict,
        problems=tuple(_problems(report)),
        unknown=frozenset(each.id for each in report.checks if each.status not in _ANSWERS and not _no_part(each)),
        answered=frozenset(each.id for each in report.checks if each.status in _ANSWERS),
        blind=blind_to(report.evidence),
        left_out=frozenset(each.id for each in report.checks if each.skipped_because == _LEFT_OUT),
        place=_place(report.evidence),
        here=_is_here(report.evidence),
    )


def _no_part(result: CheckResult) -> bool:
    return result.status is Status.SKIPPED and result.skipped_because in _NO_PART


def _problems(report: ClinicReport) -> Iterator[Problem]:
    """Each code once: that of the check which the report names the cause of."""
    found = {
        finding.code: (result, finding)
        for result in reversed(report.checks)
        for finding in reversed(result.findings)
        if finding.severity in _PROBLEMS
    }
    causes = [cause.code for cause in report.causes if cause.code in found]
    for code in dict.fromkeys((*causes, *reversed(found))):
        yield _problem(*found[code], report)


def _problem(result: CheckResult, finding: ReportFinding, report: ClinicReport) -> Problem:
    cause = next((each for each in report.causes if each.code == finding.code), None)
    return Problem(
        check=result.id,
        code=finding.code,
        cause=cause is not None and finding.acknowledged is None,
        severity=finding.severity,
        accepted=finding.acknowledged is not None,
        confirmed=is_confirmed(finding.code, report.evidence),
        summary=finding.summary,
        advice=finding.advice,
        contact=None if cause is None else cause.contact,
        explains=() if cause is None else tuple(each for each in cause.explains if each != result.id),
        say="" if cause is None else cause.say,
        when=None if cause is None else cause.when,
    )


def _place(seen: Seen) -> str | None:
    """The hardware address of the router: another one is another network, or another router."""
    targets = seen.lan.targets if seen.lan is not None else ()
    return next((each.mac.lower() for each in targets if each.role == "gateway" and each.mac), None)


def _is_here(seen: Seen) -> bool:
    """Something listens as the EMR on this computer, or the server takes connections on the office network."""
    if seen.port is None:
        return False
    listens = seen.port.is_emr_host and seen.port.listening is True
    return listens or (seen.port.lan is not None and seen.port.lan.open is True)
