"""What does each check say of the evidence, and which findings only follow from others? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from emrnetcheck.evidence import Case
from emrnetcheck.model import Check, CheckResult, Failure, FailureKind, Finding, ReportFinding, Severity, Status

# Left undone because the user said so: no question of its own for each check.
_NOT_ASKED = "not asked for"
_NOT_TRIED = {FailureKind.OFFLINE: "offline", FailureKind.INTERRUPTED: "interrupted", FailureKind.LEFT_OUT: "quick"}


def judge_all(
    checks: Iterable[Check[Case, Any]],
    case: Case,
    unmeasured: Mapping[str, Failure],
    durations_s: Mapping[str, float],
    *,
    not_asked: frozenset[str] = frozenset(),
    strict: bool = False,
) -> tuple[CheckResult, ...]:
    """Every check in order. A bug in a judge makes that check `unknown`; with strict it is raised.

    unmeasured: why evidence is missing, by its name. durations_s: how long each evidence took to measure.
    not_asked: ids of checks that the user left out.
    """
    results: list[CheckResult] = []
    codes_found: dict[str, str] = {}
    for check in checks:
        if check.id in not_asked:
            result = _skipped(check, _NOT_ASKED)
        else:
            result = _judge_check(check, case, unmeasured, codes_found, results, strict=strict)
        results.append(replace(result, duration_s=sum(durations_s.get(name, 0.0) for name in check.needs)))
        codes_found |= {finding.code: check.id for finding in result.findings}
    return tuple(results)


def _judge_check(
    check: Check[Case, Any],
    case: Case,
    unmeasured: Mapping[str, Failure],
    codes_found: Mapping[str, str],
    earlier: Iterable[CheckResult],
    *,
    strict: bool,
) -> CheckResult:
    if case.site.access not in check.needed_for:
        return _skipped(replace(check, required=False), "access")
    because = _first_cause(check.follows.get("*", ()), codes_found) or _inherited(check, earlier)
    if because is not None:
        return _skipped(check, because)
    for name in check.needs:
        because = _not_tried(unmeasured.get(name))
        if because is not None:
            return _skipped(check, because)
    because = None
    kept = []
    for finding in _findings(check, case, unmeasured, strict=strict):
        cause = _first_cause(check.follows.get(finding.code, ()), codes_found)
        because = because or cause
        if cause is None:
            kept.append(finding)
    status = _status(tuple(kept))
    if because is not None and status not in (Status.FAIL, Status.UNKNOWN):
        # What was left out was the answer: side remarks that are kept must not pass for it.
        return replace(_skipped(check, because), findings=tuple(kept))
    return CheckResult(check.id, check.title, status, check.required, None, tuple(kept), 0.0)


def _not_tried(failure: Failure | None) -> str | None:
    """A detail is what was seen until the interruption: that is told."""
    return None if failure is None or failure.detail else _NOT_TRIED.get(failure.kind)


def _first_cause(codes: tuple[str, ...], codes_found: Mapping[str, str]) -> str | None:
    return next((codes_found[code] for code in codes if code in codes_found), None)


def _inherited(check: Check[Case, Any], earlier: Iterable[CheckResult]) -> str | None:
    """Why the check was skipped that this one lives on; not that the user left it out, who may want just this one."""
    because = next((result.skipped_because for result in earlier if result.id == check.lives_on), None)
    return because if because != _NOT_ASKED else None


def _skipped(check: Check[Case, Any], because: str) -> CheckResult:
    return CheckResult(check.id, check.title, Status.SKIPPED, check.required, because, (), 0.0)


def _findings(
    check: Check[Case, Any], case: Case, unmeasured: Mapping[str, Failure], *, strict: bool
) -> list[ReportFinding]:
    for name in check.needs:
        if getattr(case.seen, name) is None:
            failure = unmeasured.get(name, Failure(FailureKind.OTHER, detail="it was not measured"))
            code = check.unmeasured.get(failure.kind, f"{check.id}.unmeasured")
            return [_stated(check, Finding(code, {"why": failure.in_words(), "kind": failure.kind.value}))]
    limits = replace(check.limits, **case.site.limits.get(check.id, {}))
    try:
        found = [_stated(check, finding) for finding in check.judge(case, limits)]
        if not found:
            raise LookupError("the judge said nothing")  # silence must not pass for "fine"
        return found
    except Exception as bug:  # a bug in one judge must not cost the report; `strict` raises it in tests
        if strict:
            raise
        detail = Failure(FailureKind.INTERNAL, f"judging {check.id}", detail=f"{type(bug).__name__}: {bug}"[:200])
        facts = {"why": detail.in_words(), "kind": detail.kind.value}
        return [_stated(check, Finding(f"{check.id}.unmeasured", facts))]


def _stated(check: Check[Case, Any], finding: Finding) -> ReportFinding:
    code = check.codes[finding.code]
    return ReportFinding(
        code=finding.code,
        severity=code.severity,
        summary=code.summary.format_map(finding.facts),
        advice=code.advice.format_map(finding.facts),
        expected=finding.expected,
        actual=finding.actual,
        facts=dict(finding.facts),
    )


_STATUS_BY_SEVERITY = (
    (Severity.FAIL, Status.FAIL),
    (Severity.UNKNOWN, Status.UNKNOWN),
    (Severity.WARN, Status.WARN),
    (Severity.NOTICE, Status.NOTICE),
)


def _status(findings: tuple[ReportFinding, ...]) -> Status:
    severities = {finding.severity for finding in findings}
    return next((status for severity, status in _STATUS_BY_SEVERITY if severity in severities), Status.PASS)
