"""What does an IT helper want to see: every check with its codes, and the main figures of the evidence?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import CheckResult
from emrnetcheck.reports.accepted import in_words
from emrnetcheck.reports.certificate import certificate_lines
from emrnetcheck.reports.details_address import address_lines
from emrnetcheck.reports.details_client import client_lines
from emrnetcheck.reports.details_emr import emr_lines
from emrnetcheck.reports.details_lan import lan_lines
from emrnetcheck.reports.details_link import link_lines
from emrnetcheck.reports.details_load import download_lines, second_opinion_lines, upload_lines
from emrnetcheck.reports.details_names import dns_lines, names_lines
from emrnetcheck.reports.details_path import path_lines
from emrnetcheck.reports.details_port import port_lines
from emrnetcheck.reports.doors import exposure_lines
from emrnetcheck.reports.line import STATE_INDENT, Line, heading, state_line
from emrnetcheck.reports.wording import sentence


def details(report: ClinicReport) -> Iterator[Line]:
    """Every check with what was expected and found, then the evidence, then what was not measured."""
    yield heading("Every check")
    for check in report.checks:
        yield from _check(check)
    found = list(figures(report.evidence))
    if found:
        yield Line()
        yield heading("Main figures")
        yield from found
    if report.unmeasured:
        yield Line()
        yield heading("Not measured")
        for name, failure in report.unmeasured.items():
            yield Line(sentence(failure.in_words()), lead=f"{name}: ")
    yield Line()
    yield Line(made_by(report))


def made_by(report: ClinicReport) -> str:
    """Which report it is, for whoever has several."""
    return f"Report {report.id}, {report.schema}, Python {report.environment.python}."


def _check(check: CheckResult) -> Iterator[Line]:
    required = ", required" if check.required else ""
    yield state_line(check.status, f"{check.id}: {check.title} ({check.duration_s:.1f} s{required})")
    if check.skipped_because:
        yield Line(f"skipped because: {check.skipped_because}", indent=STATE_INDENT)
    for finding in check.findings:
        yield Line(sentence(finding.summary), lead=f"{finding.code}: ", indent=STATE_INDENT, hang=2)
        if finding.acknowledged is not None:
            yield Line(in_words(finding.acknowledged), indent=STATE_INDENT + 2, hang=2)
        if finding.expected is not None or finding.actual is not None:
            expected, actual = finding.expected or "nothing in particular", finding.actual or "nothing"
            yield Line(f"expected {expected}; found {actual}", indent=STATE_INDENT + 2, hang=2)


def figures(seen: Seen) -> Iterator[Line]:
    """What was measured, for an IT helper; each line's lead says of what it is."""
    for part in (
        link_lines,
        lan_lines,
        address_lines,
        path_lines,
        dns_lines,
        names_lines,
        port_lines,
        certificate_lines,
        emr_lines,
        exposure_lines,
        client_lines,
        upload_lines,
        download_lines,
        second_opinion_lines,
    ):
        yield from part(seen)
