"""What does each check say of the evidence, and which findings only follow from others? Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emrnetcheck.evidence import Case
from emrnetcheck.model import (
    Acknowledged,
    Check,
    CheckResult,
    Failure,
    FailureKind,
    Finding,
    ReportFinding,
    Severity,
    Status,
)

# Left undone because the user said so: no question of its own for each check.
_NOT_ASKED = "not asked for"
_NOT_TRIED = {FailureKind.OFFLINE: "offline", FailureKind.INTERRUPTED: "interrupted", FailureKind.LEFT_OUT: "quick"}


@dataclass(slots=True)
class _Found:
    """What was found so far: who found it, by code. explaining: what of it was why another could not be told."""

    by: dict[str, str] = field(default_factory=dict)
    explaining: set[str] = field(default_factory=set)

    def first_cause(self, codes: tuple[str, ...]) -> str | None:
        code = next((code for code in codes if code in self.by), None)
        if code is None:
            return None
        self.explaining.add(code)
        return self.by[code]


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
    not_asked: ids of checks that the user left out. Where there is evidence for one of them all the same, what it finds
    is told as far as it is why one of the others could not be told.
    """
    results: list[CheckResult] = []
    found = _Found()
    unasked = _Found(found.by)
    for check in checks:
        if check.id in not_asked and any(getattr(case.seen, name) is None for name in check.needs):
            result = _skipped(check, _NOT_ASKED)
        else:
            mine = unasked if check.id in not_asked else found
            result = _judge_check(check, case, unmeasured, mine, results, strict=strict)
        results.append(replace(result, duration_s=sum(durations_s.get(name, 0.0) for name in check.needs)))
        found.by |= {finding.code: check.id for finding in result.findings}
    # One that was asked may live on one that was not, which could not be told because of a third.
    named = {each.skipped_because for each in results if each.id not in not_asked}
    indirectly = {code for code in unasked.explaining if found.by[code] in named}
    return tuple(_as_asked(each, found.explaining | indirectly) if each.id in not_asked else each for each in results)


def _as_asked(result: CheckResult, explaining: Collection[str]) -> CheckResult:
    """Of a check that nobody asked for, what explains another. That nobody did stays with it."""
    told = tuple(each for each in result.findings if each.code in explaining)
    status = _status(told) if told else Status.SKIPPED
    return replace(result, status=status, skipped_because=_NOT_ASKED, findings=told)


def with_accepted(results: Iterable[CheckResult], accepted: Mapping[str, Acknowledged]) -> tuple[CheckResult, ...]:
    """The results with what somebody accepted marked, by code.

    An accepted fault counts as a warning, so that nobody is told "ready" without a word; an accepted warning as a
    note. What could not be told stays so: nobody can accept what nobody knows.
    """
    return tuple(_with_accepted(result, accepted) for result in results)


def _with_accepted(result: CheckResult, accepted: Mapping[str, Acknowledged]) -> CheckResult:
    findings = tuple(
        replace(finding, acknowledged=accepted.get(finding.code) if finding.severity is not Severity.OK else None)
        for finding in result.findings
    )
    if result.status is Status.SKIPPED or all(finding.acknowledged is None for finding in findings):
        return result
    return replace(result, findings=findings, status=_status(findings))


def _judge_check(
    check: Check[Case, Any],
    case: Case,
    unmeasured: Mapping[str, Failure],
    found: _Found,
    earlier: Iterable[CheckResult],
    *,
    strict: bool,
) -> CheckResult:
    if case.site.access not in check.needed_for:
        return _skipped(replace(check, required=False), "access")
    because = found.first_cause(check.follows.get("*", ())) or _inherited(check, earlier)
    if because is not None:
        return _skipped(check, because)
    for name in check.needs:
        because = _not_tried(unmeasured.get(name))
        if because is not None:
            return _skipped(check, because)
    because = None
    kept = []
    for finding in _findings(check, case, unmeasured, strict=strict):
        cause = found.first_cause(check.follows.get(finding.code, ()))
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
    # Diagnosis says it later; that a fact is missing is a bug of this judge, and shows here.
    code.say.format_map(finding.facts)
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


_ACCEPTED = {Severity.FAIL: Severity.WARN, Severity.WARN: Severity.NOTICE}


def _status(findings: tuple[ReportFinding, ...]) -> Status:
    severities = {
        _ACCEPTED.get(finding.severity, finding.severity) if finding.acknowledged is not None else finding.severity
        for finding in findings
    }
    return next((status for severity, status in _STATUS_BY_SEVERITY if severity in severities), Status.PASS)
