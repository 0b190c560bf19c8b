"""What is fine: said at length, or by name where something is to be mended?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import CheckResult, Severity, Status
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import STATE_INDENT, Line, state_line
from emrnetcheck.reports.reasons import deciding
from emrnetcheck.reports.wording import sentence

# What "can it be hosted here?" means: the rest is about the way there.
_ASKED_FOR = ("ddns", "upload", "capacity", "port", "exposure")
MOST_NAMES = 5
"""So many checks are named on a screen; of further ones it is said how many there are."""


def fine(checks: Iterable[CheckResult]) -> Iterator[Line]:
    """Each good finding in its sentence, and what would make it safer."""
    for check in checks:
        good = [f for f in check.findings if f.severity is Severity.OK] if check.status is not Status.FAIL else []
        for finding in good:
            yield state_line(Status.PASS, sentence(finding.summary))
            if finding.advice:
                yield Line(sentence(finding.advice), lead="Safer: ", indent=STATE_INDENT)
        if not good and check.status is Status.PASS:
            yield state_line(Status.PASS, sentence(check.title))


def fine_in_short(report: ClinicReport, short: bool) -> Iterator[Line]:
    """By name only: where something is to be mended, that comes first. Else what was asked for is said at length."""
    decided = bool(deciding(report))
    at_length = [] if decided else list(fine(check for check in report.checks if check.id in _ASKED_FOR))
    yield from at_length
    good = [check for check in report.checks if (decided or check.id not in _ASKED_FOR) and _is_fine(check)]
    # Where not all have room, what was asked for has it first.
    names = [check.title for check in sorted(good, key=lambda check: short and check.id not in _ASKED_FOR)]
    if names:
        named = wording.first_few(names, MOST_NAMES if short else len(names), "; ")
        yield Line(sentence(named), lead="Also: " if at_length else "")


def _is_fine(check: CheckResult) -> bool:
    good = any(finding.severity is Severity.OK for finding in check.findings)
    return check.status is Status.PASS or (check.status is not Status.FAIL and good)
