"""What does a build server read of a run: a suite, with a case for each check, as JUnit XML?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC
from xml.sax.saxutils import escape, quoteattr

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import CheckResult, ReportFinding, Severity, Status
from emrnetcheck.reports import wording
from emrnetcheck.reports.accepted import in_words
from emrnetcheck.reports.wording import sentence

# Not knowing is no failure, as a test that could not be run is an error; a warning is a pass with something to read.
_ELEMENTS = {Status.FAIL: "failure", Status.UNKNOWN: "error", Status.SKIPPED: "skipped"}
_DECIDES = {Status.FAIL: Severity.FAIL, Status.UNKNOWN: Severity.UNKNOWN}

# What XML 1.0 has no way to hold, not even as a character reference (XML 1.0, production 2).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: ClinicReport) -> str:
    """One XML document in the form of the schema that Jenkins publishes (junit-10.xsd); ends with a newline.

    No name of this computer is in it, and the time is UTC, which that schema cannot say.
    """
    titles = {check.id: check.title for check in report.checks}
    counts = Counter(check.status for check in report.checks)
    name = _attribute(f"emrnetcheck {report.site}")
    numbers = (
        f'tests="{len(report.checks)}" failures="{counts[Status.FAIL]}" errors="{counts[Status.UNKNOWN]}" '
        f'time="{report.duration_s:.3f}"'
    )
    began = report.started_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="emrnetcheck" {numbers}>',
        f'  <testsuite name={name} {numbers} skipped="{counts[Status.SKIPPED]}" timestamp="{began}">',
        *_properties(report),
        *(line for check in report.checks for line in _case(report, check, titles)),
        f"    <system-out>{_text(wording.clean(sentence(report.headline)))}</system-out>",
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _properties(report: ClinicReport) -> Iterator[str]:
    told = {
        "id": report.id,
        "verdict": report.verdict.value,
        "vantage": report.vantage,
        "mode": report.mode.value,
        "interrupted": str(report.interrupted).lower(),
        "version": report.tool.version,
    }
    yield "    <properties>"
    for name, value in told.items():
        yield f"      <property name={_attribute(name)} value={_attribute(value)}/>"
    yield "    </properties>"


def _case(report: ClinicReport, check: CheckResult, titles: Mapping[str, str]) -> Iterator[str]:
    what = f"classname={_attribute(f'emrnetcheck.{report.vantage}')} name={_attribute(f'{check.id}: {check.title}')}"
    opening = f'    <testcase {what} time="{check.duration_s:.3f}"'
    inside = [*_outcome(check, titles), *_said(check)]
    if not inside:
        yield f"{opening}/>"
        return
    yield f"{opening}>"
    yield from inside
    yield "    </testcase>"


def _outcome(check: CheckResult, titles: Mapping[str, str]) -> Iterator[str]:
    """What is wrong; of a check that passed, or only warns, nothing."""
    element = _ELEMENTS.get(check.status)
    if element is None:
        return
    if check.status is Status.SKIPPED:
        yield f"      <skipped message={_attribute(wording.why_skipped(check.skipped_because or '', titles))}/>"
        return
    found = [finding for finding in check.findings if _decides(finding, check)]
    kind = found[0].code if found else f"{check.id}.{check.status.value}"
    message = " ".join(sentence(finding.summary) for finding in found) or check.title
    body = _text("\n".join(_lines(found)))
    yield f"      <{element} type={_attribute(kind)} message={_attribute(message)}>{body}</{element}>"


def _decides(finding: ReportFinding, check: CheckResult) -> bool:
    return finding.severity is _DECIDES.get(check.status) and finding.acknowledged is None


def _said(check: CheckResult) -> Iterator[str]:
    """All other findings: what is fine, what is only worth knowing, and what somebody accepted."""
    others = [finding for finding in check.findings if not _decides(finding, check)]
    if others:
        text = _text("\n".join(_lines(others)))
        yield f"      <system-out>{text}</system-out>"


def _lines(findings: list[ReportFinding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.severity.value} {finding.code}: {wording.clean(sentence(finding.summary))}"
        if finding.acknowledged is not None:
            yield f"  {in_words(finding.acknowledged)}"
        if finding.expected is not None or finding.actual is not None:
            yield f"  expected: {wording.clean(finding.expected or '-')}; found: {wording.clean(finding.actual or '-')}"
        if finding.advice:
            yield f"  to do: {wording.clean(sentence(finding.advice))}"


def _attribute(text: str) -> str:
    """In quotation marks."""
    return quoteattr(_legal(wording.clean(text)))


def _text(text: str) -> str:
    return escape(_legal(text))


def _legal(text: str) -> str:
    return _NOT_XML.sub("?", text)
