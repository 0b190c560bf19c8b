"""A clinic whose settings say that nothing loads the line gets an answer all the same, and no false alarm of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import Case, ClinicReport
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Mode, Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.model.schedule import LOADING_CHECKS
from emrnetcheck.reports.mail.subjects import of_week
from emrnetcheck.reports.week import Unloaded, Week, compared, summarise
from emrnetcheck.runner.answer import answer_of
from emrnetcheck.store.extract import past_run
from tests.checks.builders import SITE
from tests.reports.mail.samples import of_week as mail_of
from tests.reports.mail.samples import read, text_of
from tests.reports.week.rows import ago, heard, report, row

KNOWN = Unloaded(measured_at=ago(60), upload_mbps=9.4)


def look(days: float, **changes: object) -> ClinicReport:
    """All but what loads the line was asked."""
    base = report(days)
    seen = replace(base.evidence, upload=None, download=None, **changes)  # type: ignore[arg-type]
    found = judge_all(ALL, Case(SITE, seen), {}, {}, not_asked=LOADING_CHECKS)
    return replace(base, evidence=seen, **answer_of(found, ALL, "host"))


def week(*reports: ClinicReport, unloaded: Unloaded | None = KNOWN) -> Week:
    rows = [past_run(each) for each in reports]
    told = {each.id: heard(each) for each in reports}
    return summarise(rows, rows, now=ago(0), reports=told, unloaded=unloaded)


def said(told: Week) -> str:
    return " ".join(text_of(read(mail_of(told))).split())


def test_where_all_else_is_well_it_says_so_and_why_the_upload_is_missing() -> None:
    told = week(look(8), look(1))
    assert of_week(told) == "NO FAULT FOUND, upload not measured as the settings say - but measured on only 1 of 7 days"
    text = said(told)
    assert text.startswith("NO FAULT FOUND. The upload is not measured, as the settings say.")
    assert "Found by the last look, 25 Nov 2026" in text
    assert (
        'Upload: Not measured, because the settings say so ([schedule] load_tests = "never"). Without it nobody can '
        'say "ready". Measured last on Sun 27 Sep 2026: 9.4 Mbps. A run that you start measures it, once.'
    ) in text
    for wrong in ("COULD NOT TELL", "Not known: no whole run", "if this computer is off then"):
        assert wrong.lower() not in text.lower()
    assert "Nothing: neither of the two last runs found anything wrong." in text


def test_where_it_was_never_measured_it_says_that() -> None:
    assert "No such figure is kept." in said(week(look(1), unloaded=Unloaded()))


def test_what_is_broken_is_broken_without_a_load_too() -> None:
    told = week(look(8), look(1, emr=None, port=None, address=None))
    assert told.latest is not None
    assert not told.latest.no_fault
    assert "NO FAULT" not in said(told)
    dead = replace(past_run(look(1)), verdict=Verdict.NOT_READY, statuses={"router": Status.FAIL})
    failed = summarise([dead], [], now=ago(0), unloaded=KNOWN)
    assert of_week(failed).startswith("NOT READY")
    assert "load_tests" in said(failed)


def test_a_whole_run_that_somebody_started_is_the_answer() -> None:
    told = week(report(3), look(1))
    assert told.latest is not None
    assert (told.latest.id, told.latest.all_but_load) == ("run-3", False)


def test_without_such_settings_a_look_is_no_answer() -> None:
    assert week(look(1), unloaded=None).latest is None


@pytest.mark.parametrize(
    "part",
    [
        row(1, whole=False, mode=Mode.QUICK, statuses={"router": Status.PASS}),
        row(1, whole=False, statuses={"router": Status.SKIPPED, "emr": Status.PASS}),
        row(1, whole=False, statuses={"router": Status.PASS, "upload": Status.PASS}),
        row(1, whole=False, statuses={}),
    ],
)
def test_a_part_that_somebody_asked_for_is_no_look_at_all_the_rest(part: PastRun) -> None:
    assert summarise([part], [], now=ago(0), unloaded=KNOWN).latest is None
    assert compared([part], [], unloaded=True) == (None, None)


def test_where_nobody_looked_it_is_not_the_settings_fault() -> None:
    text = said(summarise([], [], now=ago(0), unloaded=KNOWN))
    assert "No data is neither good nor bad" in text
    assert "load_tests" not in text
