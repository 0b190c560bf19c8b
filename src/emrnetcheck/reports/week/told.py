"""What does a kept report tell a week: its verdict, what is not right, and what to do?

Read straight out of its JSON: to build the whole report again takes half a second, and a week needs little of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emrnetcheck.model import Cause, Contact, Severity, Urgency, Verdict

PROBLEMS = (Severity.FAIL, Severity.WARN, Severity.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding that is not fine. check, title: of its check. accepted: somebody acknowledged it."""

    code: str
    check: str
    title: str
    severity: Severity
    summary: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Told:
    """titles: of the checks by their ids, in the report's order."""

    verdict: Verdict
    headline: str
    causes: tuple[Cause, ...]
    problems: tuple[Problem, ...]
    titles: Mapping[str, str]


def told(text: str) -> Told | None:
    """None where the text is no report that can be read so."""
    try:
        report = json.loads(text)
        checks = report["checks"]
        return Told(
            verdict=Verdict(report["verdict"]),
            headline=_words(report["headline"]),
            causes=tuple(_cause(each) for each in report["causes"]),
            problems=tuple(problem for check in checks for problem in _problems(check)),
            titles={_words(check["id"]): _words(check["title"]) for check in checks},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _problems(check: Mapping[str, Any]) -> Iterator[Problem]:
    for finding in check["findings"]:
        severity = Severity(finding["severity"])
        if severity in PROBLEMS:
            yield Problem(
                code=_words(finding["code"]),
                check=_words(check["id"]),
                title=_words(check["title"]),
                severity=severity,
                summary=_words(finding["summary"]),
                accepted=bool(finding.get("acknowledged")),
            )


def _cause(data: Mapping[str, Any]) -> Cause:
    return Cause(
        code=_words(data["code"]),
        summary=_words(data["summary"]),
        advice=_words(data["advice"]),
        contact=Contact(data["contact"]) if data["contact"] is not None else None,
        explains=tuple(_words(each) for each in data["explains"]),
        say=_words(data.get("say", "")),  # older reports have none of these
        when=Urgency(data["when"]) if data.get("when") is not None else None,
        signs=tuple(_words(each) for each in data.get("signs", ())),
    )


def _words(value: Any) -> str:  # noqa: ANN401 (JSON is any of its types)
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
