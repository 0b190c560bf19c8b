"""Which things are really broken, in which order should they be mended, and what follows from them? Pure."""

from __future__ import annotations

from emrnetcheck.model import Cause, CheckResult, Contact, ReportFinding, Severity, Status, Verdict

# Safety before speed: an open door is named before anything that is merely broken.
_FIRST = ("exposure.dangerous_open", "port.exposed", "exposure.open_resolver")

_HEADLINES = {
    Verdict.READY: "Ready to host the EMR.",
    Verdict.READY_WITH_WARNINGS: "Ready to host the EMR, with warnings.",
    Verdict.NOT_READY: "Not ready to host the EMR.",
    Verdict.INCONCLUSIVE: "Could not tell whether the EMR can be hosted here.",
}


def verdict_of(results: tuple[CheckResult, ...]) -> Verdict:
    """Ready only if every required check was measured and passed (DESIGN section 2, rule 1).

    A failed check, required or not, means not ready; a required one that is unknown, or skipped for any reason but
    that the clinic has no need of it, means inconclusive.
    """
    if any(result.status is Status.FAIL for result in results):
        return Verdict.NOT_READY
    undecided = (Status.UNKNOWN, Status.SKIPPED)
    if not results or any(result.required and result.status in undecided for result in results):
        return Verdict.INCONCLUSIVE
    if any(result.status is Status.WARN for result in results):
        return Verdict.READY_WITH_WARNINGS
    return Verdict.READY


def causes_of(results: tuple[CheckResult, ...], contacts: dict[str, Contact | None]) -> tuple[Cause, ...]:
    """What is broken, then what could not be told, then warnings; each code once, with the checks it explains.

    contacts: who can mend a finding, by code.
    """
    causes: list[Cause] = []
    for severity in (Severity.FAIL, Severity.UNKNOWN, Severity.WARN):
        rows = [
            (result, finding)
            for result in results
            for finding in result.findings
            if finding.severity is severity and (severity is not Severity.UNKNOWN or _counts(result, results))
        ]
        rows.sort(key=lambda row: _FIRST.index(row[1].code) if row[1].code in _FIRST else len(_FIRST))
        for result, finding in rows:
            if finding.code not in {cause.code for cause in causes}:
                causes.append(_cause(result, finding, results, contacts))
    return tuple(causes)


def _counts(result: CheckResult, results: tuple[CheckResult, ...]) -> bool:
    """Whether not knowing this decides anything: it is required, or something required was left out because of it."""
    return result.required or any(other.required and other.skipped_because == result.id for other in results)


def _cause(
    result: CheckResult,
    finding: ReportFinding,
    results: tuple[CheckResult, ...],
    contacts: dict[str, Contact | None],
) -> Cause:
    following = tuple(other.id for other in results if other.skipped_because == result.id)
    return Cause(
        code=finding.code,
        summary=finding.summary,
        advice=finding.advice,
        contact=contacts.get(finding.code),
        explains=(result.id, *following),
    )


def headline_of(verdict: Verdict, causes: tuple[Cause, ...]) -> str:
    """One sentence: the verdict, and the first cause where there is one."""
    if not causes or verdict is Verdict.READY:
        return _HEADLINES[verdict]
    return f"{_HEADLINES[verdict].rstrip('.')}: {causes[0].summary}"
