"""Which pages are looked at: the samples, and whole clinics out of their stored evidence."""

from __future__ import annotations

from dataclasses import replace

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import CheckResult, Severity
from emrnetcheck.reports import html, week
from emrnetcheck.reports.plots import pictures_of, pictures_of_week
from emrnetcheck.reports.week.as_html import html as week_as_html
from emrnetcheck.runner.answer import answer_of
from emrnetcheck.store.extract import past_run
from tests.browser.mails import shown
from tests.reports.mail import samples as mails
from tests.reports.samples import SAMPLES
from tests.reports.stored import CASE_NAMES, report_of
from tests.reports.test_client_page import SAMPLES as CLIENTS
from tests.reports.week.rows import NOW, TWO_WEEKS, heard

WEEK, WORST = "week", "worst"
MAILS = {f"mail_{name}": compose for name, compose in mails.SAMPLES.items()}
NAMES = (WEEK, WORST, *MAILS, *SAMPLES, *CLIENTS, *CASE_NAMES)
TESTED = (*SAMPLES, *CLIENTS, "healthy", "database_open", "no_settings")
"""The other clinics' pages have nothing that these do not have."""
DRAWN = frozenset({"not_ready", "client_far", "healthy"})
"""Those that are tested with their pictures, which take longer than all the rest of a page."""


def report_named(name: str) -> ClinicReport:
    """A sample or a client by its name, or the report that a run would have made of stored evidence."""
    if name == WORST:
        return _worst()
    return {**SAMPLES, **CLIENTS}.get(name) or report_of(name)


def _worst() -> ClinicReport:
    """The clinic in which all is broken at once that is broken in any: more than one page will ever have to tell."""
    reports = [report_of(name) for name in CASE_NAMES]
    whole = report_of("database_open")
    results = tuple(
        max((check for report in reports for check in report.checks if check.id == wanted.id), key=_how_bad)
        for wanted in whole.checks
    )
    return replace(whole, **answer_of(results, ALL, "host"))


def _how_bad(check: CheckResult) -> tuple[int, int]:
    """By its worst finding, then by how much there is to say."""
    order = list(Severity)
    said = sum(len(finding.summary) + len(finding.advice) for finding in check.findings)
    return max((order.index(finding.severity) for finding in check.findings), default=-1), said


def page_of(name: str, *, drawn: bool = True) -> str:
    """The page as `--format html` writes it, with its pictures or without."""
    if name == WEEK:
        return _week()
    if name in MAILS:
        return shown(MAILS[name]())
    report = report_named(name)
    if not drawn:
        return html.render(report)
    return html.render(report, pictures=pictures_of(report), dark=pictures_of(report, dark=True))


def _week() -> str:
    """The week as `report week --format html` writes it."""
    rows = tuple(past_run(each) for each in TWO_WEEKS)
    summary = week.summarise(rows, rows, now=NOW, reports={each.id: heard(each) for each in TWO_WEEKS})
    return week_as_html(summary, pictures_of_week(rows, now=NOW))
