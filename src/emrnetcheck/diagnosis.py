"""Which things are really broken, in which order should they be mended, and what follows from them? Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from emrnetcheck.model import (
    Cause,
    Check,
    CheckResult,
    Code,
    FailureKind,
    ReportFinding,
    Segment,
    Severity,
    Status,
    Urgency,
    Verdict,
    first_sentence,
)
from emrnetcheck.model.deciding import deciding, left_open

_MOST_TITLES = 3  # in a headline

# Safety before speed: an open door, or patients' data in the clear, is named before anything that is merely broken.
_FIRST = (
    "exposure.dangerous_open",
    "port.exposed",
    "port.exposed_by_ipv6",
    "exposure.open_resolver",
    "tls.plain_http",
    "emr.redirects_unencrypted",
    "exposure.ssh_open",
    "exposure.router_page",
    "exposure.web_unknown",
)
_FINE = (Severity.OK, Severity.NOTICE)
_SOONEST_FIRST = (Urgency.TODAY, Urgency.THIS_WEEK, Urgency.SOON)

# Where no name is found, whoever has to be asked by name cannot be asked: that is no second fault.
_NO_NAMES = ("dns.none_configured", "dns.resolver_down", "dns.own_service_down", "dns.resolver_failing")
_NAMES_FAIL = tuple(kind.value for kind in FailureKind if kind.value.startswith("name_"))
_ASKED_BY_NAME = ("address.no_witness",)

# One other computer of the office: nobody but who sits there waits for it.
_ONE_PEER = ("switch.loss", "switch.slow", "switch.jitter")

# One broken thing seen in several ways: mend the first, and the others are gone. They stay in the evidence.
_SIGNS: Mapping[str, tuple[str, ...]] = {
    # Whoever cannot send and receive at once runs into the other end's frames and damages them.
    "link.half_duplex": ("link.late_collisions", "link.many_errors", "link.errors"),
    "link.late_collisions": ("link.many_errors", "link.errors"),
    "address.cgnat_or_forward": ("port.not_forwarded",),
    # An inside address is what that protection is for.
    "ddns.private_address": ("ddns.rebind_protection",),
}

_Row = tuple[CheckResult, ReportFinding]

_HEADLINES = {
    Verdict.READY: "Ready to host the EMR.",
    Verdict.READY_WITH_WARNINGS: "Ready to host the EMR, with warnings.",
    Verdict.NOT_READY: "Not ready to host the EMR.",
    Verdict.INCONCLUSIVE: "Could not tell whether the EMR can be hosted here.",
}
_CLIENT_HEADLINES = {
    Verdict.READY: "Nothing slow was found.",
    Verdict.READY_WITH_WARNINGS: "Nothing slow was found, with warnings.",
    Verdict.NOT_READY: "Something is slow or broken.",
    Verdict.INCONCLUSIVE: "Could not tell which part is slow.",
}
_SEGMENT_CHECK = "segment"
CLIENT = "client"
"""The vantage of a computer that uses the EMR (Report.vantage)."""


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


def causes_of(results: tuple[CheckResult, ...], codes: Mapping[str, Code]) -> tuple[Cause, ...]:
    """What is broken, then what could not be told, then warnings; each code once, with the checks it explains.

    What is only another sign of a cause is none of its own.
    What is broken is in the order in which to act: open doors, then what is for today, then from near to far.
    codes: what the codes mean, each with its own segment (`meanings_of`).
    """
    causes: list[Cause] = []
    without_names, signs = _without_names(results), _signs(results)
    for severity in (Severity.FAIL, Severity.UNKNOWN, Severity.WARN):
        rows = [
            (result, finding)
            for result in results
            for finding in result.findings
            if finding.severity is severity and (severity is not Severity.UNKNOWN or _counts(result, results))
            if result.id not in without_names and finding.code not in signs
        ]
        rows.sort(key=lambda row: _rank(row[1], codes))
        for result, finding in _for_all_first(rows, codes):
            if finding.code not in {cause.code for cause in causes}:
                cause = _cause(result, finding, results, codes[finding.code], without_names)
                causes.append(_with_signs(cause, signs, results))
    return tuple(causes)


def _signs(results: tuple[CheckResult, ...]) -> dict[str, str]:
    """What was found that is only a sign of something else that was: by its code, of what."""
    found = {finding.code for result in results for finding in result.findings}
    of: dict[str, str] = {}
    for cause, signs in _SIGNS.items():
        for sign in found.intersection(signs) if cause in found else ():
            of[sign] = of.get(cause, cause)
    return of


def _with_signs(cause: Cause, signs: Mapping[str, str], results: tuple[CheckResult, ...]) -> Cause:
    """With its signs, and with the checks that have nothing but those to say against the clinic."""
    of_this = tuple(
        dict.fromkeys(f.code for result in results for f in result.findings if signs.get(f.code) == cause.code)
    )
    all_said = (
        result.id
        for result in results
        if (bad := {f.code for f in result.findings if f.severity not in _FINE}) and bad <= {*of_this}
    )
    return replace(cause, signs=of_this, explains=tuple(dict.fromkeys((*cause.explains, *all_said))))


def _rank(finding: ReportFinding, codes: Mapping[str, Code]) -> tuple[int, int]:
    if finding.code in _FIRST:
        return _FIRST.index(finding.code), 0
    due = codes[finding.code].due
    urgent = finding.severity is Severity.FAIL and due is not None
    return len(_FIRST), _SOONEST_FIRST.index(due) if urgent and due is not None else 0


def _without_names(results: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """Checks that could tell nothing only because no name is found here."""
    if not any(finding.code in _NO_NAMES for result in results for finding in result.findings):
        return ()
    return tuple(
        result.id
        for result in results
        if result.status is Status.UNKNOWN
        and all(f.code in _ASKED_BY_NAME or f.facts.get("kind") in _NAMES_FAIL for f in result.findings)
    )


def _for_all_first(rows: list[_Row], codes: Mapping[str, Code]) -> list[_Row]:
    """What makes the EMR slow for everybody, before what is one other computer's own; the rest stays in its order."""
    own = [row for row in rows if row[1].code in _ONE_PEER]
    others = [row for row in rows if row[1].code not in _ONE_PEER]
    shared = [number for number, row in enumerate(others) if codes[row[1].code].segment is not None]
    if not own or not shared:
        return rows
    behind = shared[-1] + 1
    return [*others[:behind], *own, *others[behind:]]


def _counts(result: CheckResult, results: tuple[CheckResult, ...]) -> bool:
    """Whether not knowing this decides anything: it is required, or something required was left out because of it."""
    return result.required or any(other.required and other.skipped_because == result.id for other in results)


def _cause(
    result: CheckResult,
    finding: ReportFinding,
    results: tuple[CheckResult, ...],
    code: Code,
    without_names: tuple[str, ...],
) -> Cause:
    following = tuple(other.id for other in results if other.skipped_because == result.id)
    if finding.code in _NO_NAMES:
        following += without_names
    return Cause(
        code=finding.code,
        summary=finding.summary,
        advice=finding.advice,
        contact=code.contact,
        explains=(result.id, *following),
        segment=code.segment,
        say=code.say.format_map(finding.facts),
        when=code.due,
    )


def meanings_of(checks: Iterable[Check[Any, Any]]) -> dict[str, Code]:
    """What every code of these checks means, with the segment of its check where it has none of its own."""
    return {
        name: replace(code, segment=code.segment or check.segment)
        for check in checks
        for name, code in check.codes.items()
    }


def segment_of(results: tuple[CheckResult, ...], causes: tuple[Cause, ...], vantage: str = "host") -> Segment | None:
    """Where on the way the first thing is that is broken or slow: an open question is neither, nor is an open door.

    A client has a check for just that; what else it warns of makes nothing slow.
    """
    bad = {
        finding.code
        for result in results
        for finding in result.findings
        if finding.severity in (Severity.FAIL, Severity.WARN)
    }
    asked = [cause for cause in causes if vantage != CLIENT or cause.code.startswith(f"{_SEGMENT_CHECK}.")]
    return next((cause.segment for cause in asked if cause.code in bad and cause.code not in _FIRST), None)


def headline_of(
    verdict: Verdict, causes: Sequence[Cause], vantage: str = "host", checks: Sequence[CheckResult] = ()
) -> str:
    """One sentence: the verdict, and the first sentence of the first cause that decides it.

    checks: where none does, those that were left out are why it could not be told.
    """
    said = (_CLIENT_HEADLINES if vantage == CLIENT else _HEADLINES)[verdict]
    reasons = deciding(verdict, causes, checks) if verdict is not Verdict.READY else ()
    if reasons:
        return f"{said.rstrip('.')}: {first_sentence(reasons[0].summary)}"
    missing = list(chain.from_iterable(left_open(verdict, checks).values()))
    if not missing:
        return said
    this = "this was" if len(missing) == 1 else "these were"
    more = f" and {len(missing) - _MOST_TITLES} more" if len(missing) > _MOST_TITLES else ""
    return f"{said.rstrip('.')}, because {this} not tested: {', '.join(missing[:_MOST_TITLES])}{more}."
