"""What is a report as one page for a browser, which also prints well? Physician first, then all evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import CheckResult, ReportFinding, Status
from emrnetcheck.reports import wording
from emrnetcheck.reports.accepted import in_words
from emrnetcheck.reports.client_page import CLIENT, client_page
from emrnetcheck.reports.details import figures
from emrnetcheck.reports.glossary import GLOSSARY
from emrnetcheck.reports.html.base import Shown, fill, pictures_for
from emrnetcheck.reports.html.blocks import sections
from emrnetcheck.reports.html.tables import evidence_of, facts_of
from emrnetcheck.reports.line import STATE_STYLE, Line
from emrnetcheck.reports.method import MEASURED
from emrnetcheck.reports.page import MORE, physician

SIGNS = {"good": "✓", "warn": "!", "bad": "✗", "unsure": "?"}
"""Beside the word of a state, never in its place."""


def render(
    report: ClinicReport,
    *,
    pictures: Sequence[Shown] = (),
    dark: Sequence[Shown] = (),
    zone: tzinfo = UTC,
    command: str = "emrnetcheck",
) -> str:
    """The page, whole in one file. dark: the same pictures for a dark screen."""
    page = client_page if report.vantage == CLIENT else physician
    *lines, _, following, _, _ = page(report, zone=zone, command=command)
    verdict, *opening = lines
    parts = sections(opening)
    return fill(
        "report.html",
        report=report,
        verdict=verdict,
        sign=SIGNS.get(verdict.style, ""),
        page_one=[part for part in parts if part.title not in (MORE, GLOSSARY, MEASURED)],
        more=[part for part in parts if part.title == MORE],
        glossary=[part for part in parts if part.title == GLOSSARY],
        measured=[part for part in parts if part.title == MEASURED],
        following=following,
        command=command,
        when=wording.day_and_time(report.started_at.astimezone(zone)),
        started_utc=report.started_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        pictures=pictures_for(pictures, dark),
        checks=[_check(check) for check in report.checks],
        figures=_by_kind(figures(report.evidence)),
        unmeasured=[(name, failure.in_words()) for name, failure in report.unmeasured.items()],
        evidence=evidence_of(report),
    )


def _check(check: CheckResult) -> dict[str, object]:
    """What the template asks of a check, and cannot look up itself."""
    return {
        "result": check,
        "word": wording.STATE_WORDS[check.status],
        "style": STATE_STYLE[check.status],
        "skipped": check.status is Status.SKIPPED,
        "findings": [(finding, facts_of(finding.facts), _accepted(finding)) for finding in check.findings],
    }


def _accepted(finding: ReportFinding) -> str:
    return in_words(finding.acknowledged) if finding.acknowledged is not None else ""


def _by_kind(lines: Iterable[Line]) -> dict[str, list[str]]:
    """The figures below what they are about, in the order in which that first comes."""
    told: dict[str, list[str]] = {}
    for line in lines:
        told.setdefault(line.lead.strip().removesuffix(":"), []).append(line.text)
    return told
