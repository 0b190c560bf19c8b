"""The verdict, the order of the causes, what each explains, and the headline."""

from __future__ import annotations

import itertools

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.diagnosis import causes_of, headline_of, verdict_of
from emrnetcheck.model import Cause, CheckResult, Contact, ReportFinding, Severity, Status, Verdict

CONTACTS: dict[str, Contact | None] = {
    "a.bad": Contact.ISP,
    "b.bad": Contact.ROUTER,
    "port.exposed": Contact.ROUTER,
}
SEVERITY = {
    Status.PASS: Severity.OK,
    Status.NOTICE: Severity.NOTICE,
    Status.WARN: Severity.WARN,
    Status.FAIL: Severity.FAIL,
    Status.UNKNOWN: Severity.UNKNOWN,
}


def finding(code: str, severity: Severity) -> ReportFinding:
    return ReportFinding(code, severity, f"It is {code}.", f"Mend {code}.", None, None, {})


def result(
    id_: str, status: Status, *findings: ReportFinding, required: bool = True, because: str | None = None
) -> CheckResult:
    if not findings and status in SEVERITY:
        findings = (finding(f"{id_}.bad", SEVERITY[status]),)
    return CheckResult(id_, id_, status, required, because, findings, 0.0)


FINE = result("a", Status.PASS)


@pytest.mark.parametrize(
    ("status", "required", "verdict"),
    [
        (Status.PASS, True, Verdict.READY),
        (Status.NOTICE, True, Verdict.READY),
        (Status.WARN, True, Verdict.READY_WITH_WARNINGS),
        (Status.WARN, False, Verdict.READY_WITH_WARNINGS),
        (Status.FAIL, True, Verdict.NOT_READY),
        (Status.FAIL, False, Verdict.NOT_READY),
        (Status.UNKNOWN, True, Verdict.INCONCLUSIVE),
        (Status.UNKNOWN, False, Verdict.READY),
        (Status.SKIPPED, True, Verdict.INCONCLUSIVE),
        (Status.SKIPPED, False, Verdict.READY),
    ],
)
def test_the_verdict_of_one_check_beside_one_that_passed(status: Status, required: bool, verdict: Verdict) -> None:
    assert verdict_of((FINE, result("b", status, required=required))) is verdict


def test_ready_is_said_only_if_every_required_check_passed() -> None:
    """All combinations of two checks, both required."""
    for one, other in itertools.product(Status, repeat=2):
        verdict = verdict_of((result("a", one), result("b", other)))
        if Status.FAIL in (one, other):
            assert verdict is Verdict.NOT_READY
        elif {one, other} & {Status.UNKNOWN, Status.SKIPPED}:
            assert verdict is Verdict.INCONCLUSIVE
        elif Status.WARN in (one, other):
            assert verdict is Verdict.READY_WITH_WARNINGS
        else:
            assert verdict is Verdict.READY


def test_no_checks_at_all_is_no_answer() -> None:
    assert verdict_of(()) is Verdict.INCONCLUSIVE


def codes(*results: CheckResult) -> list[str]:
    return [cause.code for cause in causes_of(results, CONTACTS)]


def test_failures_come_first_then_what_is_not_known_then_warnings() -> None:
    found = codes(
        result("a", Status.WARN), result("b", Status.UNKNOWN), result("c", Status.FAIL), result("d", Status.FAIL)
    )
    assert found == ["c.bad", "d.bad", "b.bad", "a.bad"]


def test_an_open_door_comes_before_everything() -> None:
    exposed = result("port", Status.FAIL, finding("port.exposed", Severity.FAIL))
    assert codes(result("a", Status.FAIL), exposed) == ["port.exposed", "a.bad"]


def test_what_is_fine_or_only_a_note_is_no_cause() -> None:
    assert codes(FINE, result("b", Status.NOTICE)) == []


def test_each_code_is_named_once() -> None:
    twice = result("a", Status.WARN, finding("a.bad", Severity.WARN), finding("a.bad", Severity.WARN))
    assert codes(twice) == ["a.bad"]


def test_what_is_not_known_and_decides_nothing_is_no_cause() -> None:
    assert codes(FINE, result("b", Status.UNKNOWN, required=False)) == []


def test_what_is_not_known_is_a_cause_where_something_required_was_left_out_for_it() -> None:
    """A VPN: the check of the link is not required, but without it there would be a verdict."""
    vpn = result("a", Status.UNKNOWN, required=False)
    left_out = result("b", Status.SKIPPED, because="a")
    (cause,) = causes_of((vpn, left_out), CONTACTS)
    assert cause.code == "a.bad"
    assert cause.explains == ("a", "b")
    assert codes(vpn, result("b", Status.SKIPPED, because="a", required=False)) == []


def test_a_cause_explains_what_was_skipped_because_of_it() -> None:
    (cause,) = causes_of(
        (
            result("a", Status.FAIL),
            result("b", Status.SKIPPED, because="a"),
            result("c", Status.SKIPPED, because="not asked for"),
        ),
        CONTACTS,
    )
    assert cause == Cause("a.bad", "It is a.bad.", "Mend a.bad.", Contact.ISP, ("a", "b"))


def test_a_code_without_a_contact_is_a_cause_too() -> None:
    (cause,) = causes_of((result("z", Status.FAIL),), CONTACTS)
    assert cause.contact is None


def test_the_headline_names_the_first_cause() -> None:
    causes = causes_of((result("a", Status.FAIL), result("b", Status.FAIL)), CONTACTS)
    assert headline_of(Verdict.NOT_READY, causes) == "Not ready to host the EMR: It is a.bad."


@pytest.mark.parametrize("verdict", Verdict)
def test_the_headline_is_one_sentence_without_a_cause_too(verdict: Verdict) -> None:
    headline = headline_of(verdict, ())
    assert headline.endswith(".")
    assert headline.count(".") == 1


def test_ready_never_names_a_cause() -> None:
    causes = causes_of((result("a", Status.UNKNOWN),), CONTACTS)
    assert headline_of(Verdict.READY, causes) == "Ready to host the EMR."


def test_the_codes_that_come_first_exist() -> None:
    from emrnetcheck.diagnosis import _FIRST

    assert set(_FIRST) <= {code for check in ALL for code in check.codes}
