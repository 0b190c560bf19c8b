"""Did the report name the right cause first, and all the others, and none that is not there?

What is right follows from the scenario's own expectation, which is written from what is broken in its clinic: of the
codes that must be found, those that are a cause. A scenario of which that does not say enough has `causes`.

A cause is named where the page says so, and the first-named is the one that is read first: what nobody reads is no
answer. A page that gives no reason for a verdict other than ready is wrong, whatever the report holds.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Severity, Verdict
from emrnetcheck.reports.json import parse
from emrnetcheck.reports.page import physician
from emrnetcheck.reports.wording import sentence
from tests.lab.scenarios import NO_CAUSE, Expect

_ORDER = (Severity.FAIL, Severity.UNKNOWN, Severity.WARN)


class UnclearError(ValueError):
    """The expectation does not say which cause comes first."""


@dataclass(frozen=True, slots=True)
class Causes:
    """What a report should name. first: NO_CAUSE where nothing is broken and nothing is open."""

    first: str
    all: frozenset[str]


@dataclass(frozen=True, slots=True)
class Named:
    """What a report named, of what it should. of: all that it should, and each that it should not have."""

    first_right: bool
    right: int
    of: int
    wrong: tuple[str, ...] = ()


def expected(expect: Expect) -> Causes:
    """What is right; UnclearError where only a look at the clinic can tell."""
    if expect.causes:
        names = [code for code in expect.causes if code != NO_CAUSE]
        return Causes(expect.causes[0], frozenset(names))
    known = _severities()
    if strange := [code for code in expect.codes_must if code not in known]:
        raise UnclearError(f"codes_must has a pattern ({strange[0]}), which names no cause: write causes")
    found = [code for code in expect.codes_must if known[code] is not None]
    first = expect.first_cause or _only_worst(found, known)
    return Causes(first, frozenset(found) | ({first} - {NO_CAUSE}))


def named(expect: Expect, report: Mapping[str, Any] | None) -> Named:
    """How the report compares. What it may say (codes_may) is neither right nor wrong."""
    right = expected(expect)
    if report is None:
        return Named(False, 0, len(right.all), ("no report, so no cause",))
    codes, has_reason = _read(parse(json.dumps(report)))
    besides = [code for code in codes if code not in right.all and not _matches(code, expect.codes_may)]
    first_right = has_reason and (not besides if right.first == NO_CAUSE else codes[:1] == [right.first])
    wrong = [] if has_reason else ["the page gives no reason for its verdict"]
    if has_reason and not first_right:
        wrong = [f"the first-named cause is {codes[0] if codes else NO_CAUSE}, not {right.first}"]
    wrong += [f"{code} is no named cause" for code in sorted(right.all - set(codes))]
    wrong += [f"{code} is named and should not be" for code in besides]
    return Named(first_right, len(right.all & set(codes)), len(right.all) + len(besides), tuple(wrong))


def _read(report: ClinicReport) -> tuple[list[str], bool]:
    """The causes in the order in which the page tells them; and whether it has a reason number 1, if it needs one."""
    lines = list(physician(report))
    place = {line.text: number for number, line in reversed([*enumerate(lines)])}
    told = [(place[said], cause.code) for cause in report.causes if (said := sentence(cause.summary)) in place]
    has_reason = report.verdict is Verdict.READY or any(line.lead == "1. " for line in lines)
    return [code for _, code in sorted(told, key=lambda each: each[0])], has_reason


def score_of(everything: Sequence[Named]) -> str:
    """The two figures, in a line."""
    first = sum(each.first_right for each in everything)
    right, of = sum(each.right for each in everything), sum(each.of for each in everything)
    return f"first-named cause right {first} of {len(everything)}; causes right {right} of {of}"


@cache
def _severities() -> Mapping[str, Severity | None]:
    """Of every code of `run`; None: it is never a cause. What is not known counts only of what has to be known."""
    return {
        name: code.severity
        if code.severity in _ORDER and (check.required or code.severity is not Severity.UNKNOWN)
        else None
        for check in ALL
        for name, code in check.codes.items()
    }


def _only_worst(codes: Iterable[str], known: Mapping[str, Severity | None]) -> str:
    for severity in _ORDER:
        worst = [code for code in codes if known[code] is severity]
        if len(worst) > 1:
            raise UnclearError(f"{' and '.join(worst)} are equally bad: write first_cause or causes")
        if worst:
            return worst[0]
    return NO_CAUSE


def _matches(code: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(code, pattern) for pattern in patterns)
