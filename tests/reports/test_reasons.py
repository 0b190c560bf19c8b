"""Page one gives the reason of every verdict, what to do first, and the gravest warning before the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import Case, ClinicReport, Seen, need
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Cause, Contact, Severity, Status, Urgency, Verdict
from emrnetcheck.reports import terminal, wording
from emrnetcheck.reports.reasons import deciding, left
from emrnetcheck.runner.answer import answer_of
from tests.reports.samples import WARNINGS, check, finding
from tests.reports.stored import CASE_NAMES, case_of, report_of


def made_of(name: str, changed: Callable[[Seen], Seen]) -> ClinicReport:
    """The stored clinic's report, were its evidence another."""
    site, seen, unmeasured = case_of(name)
    seen = changed(seen)
    results = judge_all(ALL, Case(site, seen), unmeasured, {}, strict=True)
    return replace(report_of(name), evidence=seen, **answer_of(results, ALL, "host"))


def slow(seen: Seen) -> Seen:
    return replace(seen, upload=report_of("upload_2_5").evidence.upload)


def slow_behind_a_poor_signal(seen: Seen) -> Seen:
    return replace(slow(seen), link=replace(need(seen.link), signal_dbm=-80))


@pytest.mark.parametrize("name", CASE_NAMES)
def test_a_verdict_that_is_not_ready_has_a_reason(name: str) -> None:
    report = report_of(name)
    assert (report.verdict is Verdict.READY) == ("1. " not in terminal.render(report))


def test_a_warning_that_leaves_the_verdict_open_is_its_reason() -> None:
    report = made_of("laptop_on_wifi", slow_behind_a_poor_signal)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert [cause.code for cause in deciding(report)] == ["link.poor_signal"]
    text = terminal.render(report)
    assert "WHY, AND WHAT TO DO\n1. The Wi-Fi signal here is too weak to work with (-80 dBm)." in text
    assert "   Do:   Move this computer" in text
    assert "   Call: whoever looks after the office network" in text


def test_a_warning_that_leaves_nothing_open_is_no_reason() -> None:
    for name in CASE_NAMES:
        report = report_of(name)
        if report.verdict is Verdict.INCONCLUSIVE:
            severities = {f.code: f.severity for each in report.checks for f in each.findings}
            assert {severities[cause.code] for cause in deciding(report)} == {Severity.UNKNOWN}, name


@pytest.mark.parametrize(
    ("because", "again"), [("quick", " without --quick"), ("", ""), ("offline", " without --offline")]
)
def test_what_was_not_asked_is_the_reason_where_nothing_found_is_one(because: str, again: str) -> None:
    """Also beside a warning: it is worth knowing, and leaves nothing open."""
    left_out = check("upload", "Upload speed", Status.SKIPPED, because=because)
    report = replace(warned(), verdict=Verdict.INCONCLUSIVE, causes=warned().causes[1:], headline="Could not tell.")
    text = terminal.render(replace(report, checks=(*report.checks[1:], left_out)))
    said = wording.why_skipped(because, {})
    once = " ".join(text.split())
    assert f"WHY, AND WHAT TO DO 1. {said}: Upload speed. Do: Run the check again{again}. " in once
    assert once.count("Upload speed") == 1
    assert text.index("Run the check again") < text.index("A door is open.")


def test_over_wifi_a_slow_line_is_measured_by_cable_before_the_provider_is_called() -> None:
    text = terminal.render(made_of("laptop_on_wifi", slow))
    assert "Call: your internet provider" not in text
    assert "   Do:   Connect this computer with a cable and run the check again" in text
    assert "First:" not in text, "it is said already"
    by_cable = "   First: For a verdict that you rely on, connect this computer with a cable"
    warnings = terminal.render(WARNINGS)
    assert warnings.index(by_cable) < warnings.index("Call: your internet provider")
    assert by_cable not in terminal.render(report_of("upload_2_5")), "it was measured by cable"


def warned() -> ClinicReport:
    """Something is broken, and of two warnings the later check's is the graver."""
    broken = finding("ddns.stale", Severity.FAIL, "The name is stale.", "Mend it.")
    slow_page = finding("emr.slow", Severity.WARN, "The page is slow.", "Look.")
    whom, say = Contact.ROUTER, "Please close it"
    door = finding("exposure.ssh_open", Severity.WARN, "A door is open.", "Close it.")
    causes = (
        Cause(broken.code, broken.summary, broken.advice, Contact.DNS_PROVIDER, ("ddns",)),
        Cause(door.code, door.summary, door.advice, whom, ("exposure",), say=say, when=Urgency.TODAY),
        Cause(slow_page.code, slow_page.summary, slow_page.advice, Contact.EMR_HOST, ("emr",)),
    )
    checks = (
        check("ddns", "The name", Status.FAIL, broken),
        check("emr", "The page", Status.WARN, slow_page),
        check("exposure", "Doors", Status.WARN, door),
    )
    return replace(WARNINGS, verdict=Verdict.NOT_READY, causes=causes, checks=checks)


def test_among_warnings_safety_comes_before_speed() -> None:
    assert [each.code for each in left(warned(), Severity.WARN)] == ["exposure.ssh_open", "emr.slow"]
    text = terminal.render(warned())
    assert text.index("A door is open.") < text.index("The page is slow.")


def test_a_warning_has_its_words_to_read_out() -> None:
    said = (
        'WARN     A door is open.\n         Do:   Close it.\n         Call: {whom}\n         Say:  "Please close it."\n'
    )
    assert said.format(whom="whoever set up your router, today.") in terminal.render(warned(), verbose=True)


def test_beside_something_broken_a_warning_is_a_line_with_whom_to_call() -> None:
    assert "WARN     A door is open. Call whoever set up your router, today.\n" in terminal.render(warned())
    assert "Do:   Close it." not in terminal.render(warned())
