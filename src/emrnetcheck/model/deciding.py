"""Which causes make a verdict what it is, and what was left out that it cannot do without? The headline and the page
have to say the same."""

from __future__ import annotations

from collections.abc import Sequence

from emrnetcheck.model.report import Cause, CheckResult
from emrnetcheck.model.words import Severity, Status, Verdict

_DECIDES = {
    Verdict.NOT_READY: Severity.FAIL,
    Verdict.INCONCLUSIVE: Severity.UNKNOWN,
    Verdict.READY_WITH_WARNINGS: Severity.WARN,
}


def deciding(verdict: Verdict, causes: Sequence[Cause], checks: Sequence[CheckResult]) -> tuple[Cause, ...]:
    """Those of the causes: a warning is no reason for NOT READY, nor is an open question.

    Where it could not be told, a warning is the reason if a required check was left out because of it.
    """
    severity = _DECIDES.get(verdict)
    severities = {finding.code: finding.severity for check in checks for finding in check.findings}
    missed = {check.id for check in checks if check.required and check.status is Status.SKIPPED}
    return tuple(
        cause
        for cause in causes
        if severities.get(cause.code, severity) is severity
        or (verdict is Verdict.INCONCLUSIVE and missed.intersection(cause.explains))
    )


def left_open(verdict: Verdict, checks: Sequence[CheckResult]) -> dict[str, list[str]]:
    """The titles of required checks that were left out, by why; empty for any verdict that could be told."""
    found: dict[str, list[str]] = {}
    for check in checks if verdict is Verdict.INCONCLUSIVE else ():
        if check.required and check.status is Status.SKIPPED:
            found.setdefault(check.skipped_because or "", []).append(check.title)
    return found
