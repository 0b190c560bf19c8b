"""The verdict, the order of the causes, what each explains, and the headline."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.diagnosis import _SIGNS, causes_of, headline_of, segment_of, verdict_of
from emrnetcheck.model import (
    Cause,
    CheckResult,
    Code,
    Contact,
    FailureKind,
    ReportFinding,
    Segment,
    Severity,
    Status,
    Urgency,
    Verdict,
)

CODES: Mapping[str, Code] = defaultdict(
    lambda: Code(Severity.FAIL, ""),
    {
        "a.bad": Code(Severity.FAIL, "", contact=Contact.ISP, say="{what} is bad."),
        "b.bad": Code(Severity.WARN, "", contact=Contact.ROUTER, when=Urgency.TODAY),
    },
)
SEVERITY = {
    Status.PASS: Severity.OK,
    Status.NOTICE: Severity.NOTICE,
    Status.WARN: Severity.WARN,
    Status.FAIL: Severity.FAIL,
    Status.UNKNOWN: Severity.UNKNOWN,
}


def finding(code: str, severity: Severity) -> ReportFinding:
    return ReportFinding(code, severity, f"It is {code}.", f"Mend {code}.", None, None, {"what": f"The {code}"})


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
    return [cause.code for cause in causes_of(results, CODES)]


def test_failures_come_first_then_what_is_not_known_then_warnings() -> None:
    found = codes(
        result("a", Status.WARN), result("b", Status.UNKNOWN), result("c", Status.FAIL), result("d", Status.FAIL)
    )
    assert found == ["c.bad", "d.bad", "b.bad", "a.bad"]


def test_an_open_door_comes_before_everything() -> None:
    exposed = result("port", Status.FAIL, finding("port.exposed", Severity.FAIL))
    assert codes(result("a", Status.FAIL), exposed) == ["port.exposed", "a.bad"]


def test_an_open_door_is_nowhere_on_the_way() -> None:
    exposed = result("port", Status.FAIL, finding("port.exposed", Severity.FAIL))
    slow = result("a", Status.WARN)
    meanings = {"port.exposed": Code(Severity.FAIL, ""), "a.bad": Code(Severity.WARN, "", segment=Segment.LINE)}
    causes = causes_of((slow, exposed), meanings)
    assert [cause.code for cause in causes] == ["port.exposed", "a.bad"]
    assert segment_of((slow, exposed), causes) is Segment.LINE


def test_what_is_for_today_comes_before_what_can_wait_and_else_what_is_near() -> None:
    meanings = {
        "slow.bad": Code(Severity.FAIL, ""),
        "dead.bad": Code(Severity.FAIL, "", when=Urgency.TODAY),
        "shut.bad": Code(Severity.FAIL, "", when=Urgency.TODAY),
    }
    found = tuple(result(name, Status.FAIL) for name in ("slow", "dead", "shut"))
    assert [cause.code for cause in causes_of(found, meanings)] == ["dead.bad", "shut.bad", "slow.bad"]


def test_warnings_stay_in_their_order_whatever_their_hurry() -> None:
    meanings = {"a.bad": Code(Severity.WARN, ""), "b.bad": Code(Severity.WARN, "", when=Urgency.TODAY)}
    found = tuple(result(name, Status.WARN) for name in "ab")
    assert [cause.code for cause in causes_of(found, meanings)] == ["a.bad", "b.bad"]


def nameless(id_: str, kind: FailureKind) -> CheckResult:
    told = ReportFinding(f"{id_}.unmeasured", Severity.UNKNOWN, "?", "", None, None, {"kind": kind.value})
    return result(id_, Status.UNKNOWN, told)


DEAD_NAMES = result("dns", Status.FAIL, finding("dns.resolver_down", Severity.FAIL))


def test_a_dead_name_look_up_explains_what_had_to_be_asked_by_name() -> None:
    no_witness = result("address", Status.UNKNOWN, finding("address.no_witness", Severity.UNKNOWN))
    results = (no_witness, DEAD_NAMES, nameless("upload", FailureKind.NAME_TIMEOUT))
    (cause,) = causes_of(results, CODES)
    assert cause.code == "dns.resolver_down"
    assert cause.explains == ("dns", "address", "upload")


def test_a_dead_name_look_up_explains_nothing_else() -> None:
    slow = result(
        "b", Status.UNKNOWN, finding("b.bad", Severity.UNKNOWN), *nameless("b", FailureKind.NAME_TIMEOUT).findings
    )
    results = (DEAD_NAMES, nameless("upload", FailureKind.TIMEOUT), slow)
    assert codes(*results) == ["dns.resolver_down", "upload.unmeasured", "b.bad", "b.unmeasured"]
    assert codes(nameless("upload", FailureKind.NAME_TIMEOUT)) == ["upload.unmeasured"]


PEER = tuple(f"switch.{what}" for what in ("loss", "slow", "jitter"))


@pytest.mark.parametrize(
    ("warned", "order", "segment"),
    [
        # The EMR is slow for everybody, and one PC is on a bad Wi-Fi.
        ((*PEER, "emr.slow"), ("emr.slow", *PEER), Segment.SERVER),
        ((*PEER, "upload.low", "emr.slow"), ("upload.low", "emr.slow", *PEER), Segment.LINE),
        # The whole office network is everybody's, and so is the EMR server's own connection.
        (("switch.all_loss", "switch.loss", "emr.slow"), ("switch.all_loss", "emr.slow", "switch.loss"), Segment.LAN),
        (("switch.loss", "switch.emr_loss"), ("switch.emr_loss", "switch.loss"), Segment.LAN),
        # A certificate that ends soon makes nothing slow.
        (("switch.loss", "tls.expiring"), ("switch.loss", "tls.expiring"), Segment.LAN),
        (("switch.loss", "emr.slow", "tls.expiring"), ("emr.slow", "switch.loss", "tls.expiring"), Segment.SERVER),
        (PEER, PEER, Segment.LAN),
    ],
)
def test_what_is_slow_for_everybody_comes_before_one_pc(
    warned: tuple[str, ...], order: tuple[str, ...], segment: Segment
) -> None:
    segments = {
        **{code: Segment.LAN for code in warned if code.startswith("switch.")},
        "emr.slow": Segment.SERVER,
        "upload.low": Segment.LINE,
    }
    found = tuple(result(code, Status.WARN, finding(code, Severity.WARN)) for code in warned)
    causes = causes_of(found, {code: Code(Severity.WARN, "", segment=segments.get(code)) for code in warned})
    assert tuple(cause.code for cause in causes) == order
    assert segment_of(found, causes) is segment


SIGNS = [
    (("link.half_duplex", "link.many_errors", "link.late_collisions"), ["link.half_duplex"]),
    (("link.errors", "link.late_collisions"), ["link.late_collisions"]),
    (("link.half_duplex", "link.slow_speed", "link.errors"), ["link.half_duplex", "link.slow_speed"]),
    (("link.many_errors",), ["link.many_errors"]),
    (("address.cgnat_or_forward", "port.not_forwarded"), ["address.cgnat_or_forward"]),
    (("port.not_forwarded",), ["port.not_forwarded"]),
    (("ddns.private_address", "ddns.rebind_protection"), ["ddns.private_address"]),
]


def found_of(names: tuple[str, ...]) -> tuple[CheckResult, ...]:
    """Each check with its findings."""
    checks = dict.fromkeys(name.partition(".")[0] for name in names)
    return tuple(
        result(id_, Status.FAIL, *(finding(name, Severity.FAIL) for name in names if name.startswith(f"{id_}.")))
        for id_ in checks
    )


@pytest.mark.parametrize(("names", "causes"), SIGNS)
def test_one_broken_thing_is_named_once(names: tuple[str, ...], causes: list[str]) -> None:
    found = causes_of(found_of(names), CODES)
    assert [cause.code for cause in found] == causes
    assert {code for cause in found for code in (cause.code, *cause.signs)} == set(names), "none is lost"


def test_a_sign_of_a_sign_belongs_to_the_first() -> None:
    (cause,) = causes_of(found_of(("link.late_collisions", "link.half_duplex", "link.errors")), CODES)
    assert (cause.code, set(cause.signs)) == ("link.half_duplex", {"link.late_collisions", "link.errors"})


def test_a_check_that_has_only_signs_is_explained_and_no_other() -> None:
    names = ("address.cgnat_or_forward", "port.not_forwarded")
    (cause,) = causes_of(found_of(names), CODES)
    assert cause.explains == ("address", "port")
    found = causes_of(found_of((*names, "port.exposed")), CODES)
    assert [(each.code, each.explains) for each in found] == [
        ("port.exposed", ("port",)),
        ("address.cgnat_or_forward", ("address",)),
    ]


def test_the_codes_of_signs_are_codes_and_none_is_graver_than_its_cause() -> None:
    gravest_first = (Severity.FAIL, Severity.UNKNOWN, Severity.WARN)
    known = {name: code for check in ALL for name, code in check.codes.items()}
    for cause, signs in _SIGNS.items():
        for sign in signs:
            assert gravest_first.index(known[cause].severity) <= gravest_first.index(known[sign].severity)


def test_a_warning_is_no_reason_for_not_knowing() -> None:
    """A quick run: it leaves out what the verdict needs, and SSH is open beside it."""
    warned = result("exposure", Status.WARN)
    left_out = tuple(result(id_, Status.SKIPPED, because="quick") for id_ in ("upload", "capacity", "emr", "tls"))
    could_not = "Could not tell whether the EMR can be hosted here"
    for results, said in (
        ((warned, left_out[0]), f"{could_not}, because this was not tested: upload."),
        ((warned, *left_out), f"{could_not}, because these were not tested: upload, capacity, emr and 1 more."),
        ((warned, *left_out, result("b", Status.UNKNOWN)), f"{could_not}: It is b.bad."),
        # What was left out because of the warning is its fault.
        ((warned, result("upload", Status.SKIPPED, because="exposure")), f"{could_not}: It is exposure.bad."),
    ):
        assert verdict_of(results) is Verdict.INCONCLUSIVE
        assert headline_of(Verdict.INCONCLUSIVE, causes_of(results, CODES), "host", results) == said


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
    (cause,) = causes_of((vpn, left_out), CODES)
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
        CODES,
    )
    assert cause == Cause(
        "a.bad", "It is a.bad.", "Mend a.bad.", Contact.ISP, ("a", "b"), None, "The a.bad is bad.", Urgency.THIS_WEEK
    )


def test_a_code_without_a_contact_is_a_cause_too() -> None:
    (cause,) = causes_of((result("z", Status.FAIL),), CODES)
    assert cause.contact is None


def test_the_headline_names_the_first_cause() -> None:
    causes = causes_of((result("a", Status.FAIL), result("z", Status.FAIL)), CODES)
    assert headline_of(Verdict.NOT_READY, causes) == "Not ready to host the EMR: It is a.bad."


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        ("It is slow. It carries 2.5 people. Why?", "It is slow."),
        ("It is slow (2.5 Mbps, of a.example. no more).", "It is slow (2.5 Mbps, of a.example. no more)."),
        ("Nobody gets in", "Nobody gets in"),
    ],
)
def test_the_headline_has_one_sentence_of_the_cause(summary: str, said: str) -> None:
    cause = Cause("a.bad", summary, "", None, ("a",))
    assert headline_of(Verdict.NOT_READY, (cause,)) == f"Not ready to host the EMR: {said}"


@pytest.mark.parametrize("verdict", Verdict)
def test_the_headline_is_one_sentence_without_a_cause_too(verdict: Verdict) -> None:
    headline = headline_of(verdict, ())
    assert headline.endswith(".")
    assert headline.count(".") == 1


def test_ready_never_names_a_cause() -> None:
    causes = causes_of((result("a", Status.UNKNOWN),), CODES)
    assert headline_of(Verdict.READY, causes) == "Ready to host the EMR."


def test_the_codes_that_come_first_exist() -> None:
    from emrnetcheck.diagnosis import _ASKED_BY_NAME, _FIRST, _NO_NAMES, _ONE_PEER

    assert {*_FIRST, *_ONE_PEER, *_NO_NAMES, *_ASKED_BY_NAME} <= {code for check in ALL for code in check.codes}


@pytest.mark.parametrize(
    ("severity", "when", "due"),
    [
        (Severity.FAIL, None, Urgency.THIS_WEEK),
        (Severity.UNKNOWN, None, Urgency.THIS_WEEK),
        (Severity.WARN, None, Urgency.SOON),
        (Severity.WARN, Urgency.TODAY, Urgency.TODAY),
        (Severity.NOTICE, None, None),
        (Severity.OK, None, None),
    ],
)
def test_how_soon_to_act(severity: Severity, when: Urgency | None, due: Urgency | None) -> None:
    assert Code(severity, "", when=when).due is due


def test_a_cause_says_how_soon_to_act() -> None:
    warning, failure = (result(name, Status.WARN if name == "b" else Status.FAIL) for name in "bz")
    assert [cause.when for cause in causes_of((warning, failure), CODES)] == [Urgency.THIS_WEEK, Urgency.TODAY]
