"""What is the answer of a run, by the results of its checks? Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypedDict

from emrnetcheck.diagnosis import causes_of, headline_of, meanings_of, segment_of, verdict_of
from emrnetcheck.evidence import Case, ClinicReport
from emrnetcheck.judging import judge_all, with_accepted
from emrnetcheck.model import Acknowledged, Cause, Check, CheckResult, ReportFinding, Segment, Site, Verdict

_NOT_ASKED = "not asked for"
NOT_THEN = "not then"
"""Why a check is skipped whose evidence was not measured yet by the version that made the report."""


class Answer(TypedDict):
    """The fields of a report that follow from its checks."""

    verdict: Verdict
    headline: str
    causes: tuple[Cause, ...]
    checks: tuple[CheckResult, ...]
    segment: Segment | None


def answer_of(
    found: tuple[CheckResult, ...],
    checks: Sequence[Check[Case, Any]],
    vantage: str,
    accepted: Mapping[str, Acknowledged] = MappingProxyType({}),
) -> Answer:
    """The verdict and its causes. accepted: what somebody accepted and still holds, by code; it is no cause."""
    checked = with_accepted(found, accepted)
    results = tuple(replace(each, findings=_not_accepted(each)) for each in checked)
    verdict = verdict_of(checked)
    causes = causes_of(results, meanings_of(checks))
    return {
        "verdict": verdict,
        "headline": headline_of(verdict, causes, vantage, checked),
        "causes": causes,
        "checks": checked,
        "segment": segment_of(results, causes, vantage),
    }


def _not_accepted(result: CheckResult) -> tuple[ReportFinding, ...]:
    return tuple(finding for finding in result.findings if finding.acknowledged is None)


def judged_again(
    report: ClinicReport,
    site: Site,
    checks: Sequence[Check[Case, Any]],
    accepted: Mapping[str, Acknowledged] = MappingProxyType({}),
) -> ClinicReport:
    """The same evidence with today's checks and this site's limits; what was left out then stays left out.

    A check that did not exist then is skipped: that nobody measured for it is no fault of the clinic's. accepted: as
    in `answer_of`.
    """
    younger = frozenset(check.id for check in checks if _is_younger(check, report))
    left_out = frozenset(result.id for result in report.checks if result.skipped_because == _NOT_ASKED)
    took_s: Mapping[str, float] = {result.id: result.duration_s for result in report.checks}
    results = tuple(
        replace(result, duration_s=took_s.get(result.id, 0.0))
        for result in judge_all(
            checks, Case(site, report.evidence), report.unmeasured, {}, not_asked=left_out | younger
        )
    )
    results = tuple(replace(each, skipped_because=NOT_THEN) if each.id in younger else each for each in results)
    return replace(report, **answer_of(results, checks, report.vantage, accepted))


def _is_younger(check: Check[Case, Any], report: ClinicReport) -> bool:
    """It was not in the report, and nobody tried to measure what it needs."""
    if any(result.id == check.id for result in report.checks):
        return False
    return any(getattr(report.evidence, name) is None and name not in report.unmeasured for name in check.needs)
