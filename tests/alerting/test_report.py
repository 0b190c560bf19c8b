"""What the alarms take from a report: fresh, written down and read again, or of another day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.alerting import AlertState, step
from emrnetcheck.alerting.blind import blind_to
from emrnetcheck.alerting.machine import ALONE
from emrnetcheck.alerting.report import judged
from emrnetcheck.alerting.second import _SECOND, is_confirmed
from emrnetcheck.alerting.seen import LIVES_ON
from emrnetcheck.checks import ALL, SAFETY
from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.upload import SecondServer
from emrnetcheck.model import Failure, FailureKind, Severity
from emrnetcheck.model.alerts import USUAL
from emrnetcheck.model.mail import MailKind
from emrnetcheck.reports.json import parse, render
from tests.alerting.scenes import FAULTS, HOME, LOADED, NOISE, SHORT, WHEN, Shot, report_of, run_at
from tests.checks import builders as b

SILENT = Failure(FailureKind.TIMEOUT, "connect")


def shot(table: str, name: str, **more: Any) -> Shot:
    return Shot(((table, name),), **{"upload_mbps": 6.0 if name in LOADED else None} | more)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_cause_also_of_a_report_that_was_kept(name: str) -> None:
    report = report_of(shot("fault", name))
    run = judged(report)
    causes = [each for each in run.problems if each.cause and each.severity is Severity.FAIL]
    assert [each.code for each in causes] == [FAULTS[name][1]]
    assert causes[0].confirmed
    assert not causes[0].accepted
    assert causes[0].summary
    assert causes[0].contact is not None
    assert causes[0].when is not None
    assert causes[0].check in run.answered
    assert not set(causes[0].explains) & run.answered
    assert not run.answered & run.unknown
    assert judged(parse(render(report))) == run


@pytest.mark.parametrize("name", [*NOISE, *SHORT])
def test_a_report_that_was_kept_says_the_same(name: str) -> None:
    report = report_of(shot("noise" if name in NOISE else "short", name))
    assert judged(parse(render(report))) == judged(report)


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_no_fault(name: str) -> None:
    for mbps in (None, 6.0):
        found = judged(report_of(Shot((("noise", name),), mbps)))
        assert not [each for each in found.problems if each.severity is Severity.FAIL]


def test_what_was_not_asked_for_is_no_part_of_it() -> None:
    report = report_of(shot("fault", "EMR stopped"))
    left_out = tuple(
        replace(each, skipped_because="not asked for") if each.id == "emr" else each for each in report.checks
    )
    run = judged(replace(report, checks=left_out))
    assert "emr" not in run.unknown | run.answered
    assert run.left_out == {"emr"}
    assert "tls" in run.unknown
    assert not run.whole


def test_what_is_accepted_is_marked() -> None:
    run = judged(report_of(shot("fault", "database open", accepted=("exposure.dangerous_open",))))
    [accepted] = [each for each in run.problems if each.accepted]
    assert (accepted.code, accepted.cause, accepted.severity) == ("exposure.dangerous_open", False, Severity.FAIL)
    assert "exposure" in run.answered


def test_a_report_that_an_older_version_kept_is_read_too() -> None:
    kept = Path(__file__).parent.parent / "golden" / "stored" / "upload_2_5.json"
    run = judged(parse(kept.read_text(encoding="utf-8")))
    assert [each.code for each in run.problems if each.cause] == ["upload.below_minimum"]


def test_what_is_accepted_while_it_is_open_ends_without_a_mail_and_is_mailed_anew_after_its_time() -> None:
    accepted = ("exposure.dangerous_open", "exposure.ssh_open")
    course = [(), (), accepted, accepted, (), ()]
    state, told = AlertState(), []
    for number, each in enumerate(course):
        at = WHEN + timedelta(days=number)
        run = run_at(shot("fault", "database open", accepted=each), at, f"run{number}")
        state, notices = step(state, run, USUAL, at)
        told += [(number, notice.kind, notice.code) for notice in notices]
    assert told == [(1, MailKind.ALERT, "exposure.dangerous_open"), (5, MailKind.ALERT, "exposure.dangerous_open")]
    assert [(each.code, each.accepted) for each in state.closed] == [("exposure.dangerous_open", True)]


def test_where_it_was_made() -> None:
    here, away = judged(report_of(Shot((), None))), judged(report_of(Shot((), None, elsewhere=True)))
    assert (here.place, here.here) == (HOME, True)
    assert away.place not in (None, HOME)
    assert not away.here
    assert not judged(report_of(shot("fault", "EMR stopped"))).here  # nothing shows it while the EMR is not there


def upload(**changes: Any) -> Seen:
    second = replace(SecondServer("two.example", 2.0, 1.9, 2.1), **changes)
    return replace(b.HEALTHY, upload=b.upload(2.0, second=second))


def outside(*tries: Any, **changes: Any) -> Seen:
    return replace(b.HEALTHY, port=b.port(*tries, **changes))


NOBODY = b.outside(None, "two.example", kind=FailureKind.TIMEOUT)
CONFIRMED = [
    ("upload.below_minimum", replace(b.HEALTHY, upload=b.upload(2.0)), True),
    ("upload.below_minimum", upload(), True),
    ("upload.below_minimum", upload(goodput_mbps=None, failure=SILENT), False),
    ("upload.below_minimum", upload(tester_limited="the processor"), False),
    ("port.not_forwarded", outside(b.outside(False)), True),
    ("port.not_forwarded", outside(b.outside(False), b.outside(False, "two.example")), True),
    ("port.not_forwarded", outside(b.outside(False), NOBODY), False),
    ("port.not_forwarded", outside(b.outside(False), NOBODY, syn_seen=False), True),
    ("ddns.stale", replace(b.HEALTHY, address=b.address(b.witness(b.PUBLIC, service="one"))), True),
    (
        "ddns.stale",
        replace(b.HEALTHY, address=b.address(b.witness(b.PUBLIC, service="one"), b.witness(None, service="two"))),
        False,
    ),
    ("ddns.name_missing", replace(b.HEALTHY, names=None), True),
    (
        "ddns.name_missing",
        replace(
            b.HEALTHY, names=b.names(b.source(rcode="NXDOMAIN"), resolvers=(b.answer("1.1.1.1", rcode="NXDOMAIN"),))
        ),
        True,
    ),
    (
        "ddns.name_missing",
        replace(b.HEALTHY, names=b.names(b.source(rcode="NXDOMAIN"), resolvers=(b.no_answer("1.1.1.1"),))),
        False,
    ),
    ("dns.resolver_down", replace(b.HEALTHY, dns=b.dns(b.dead_resolver())), True),
    ("dns.resolver_down", replace(b.HEALTHY, dns=replace(b.dns(b.dead_resolver()), system_ms=9.0)), False),
    (
        "dns.resolver_down",
        replace(b.HEALTHY, dns=replace(b.dns(b.dead_resolver()), system_ms=9.0, system_failure=SILENT)),
        True,
    ),
    ("emr.error", b.HEALTHY, True),
]


@pytest.mark.parametrize(("code", "seen", "expected"), CONFIRMED, ids=range(len(CONFIRMED)))
def test_a_second_method_or_server_of_the_same_run(code: str, seen: Seen, expected: bool) -> None:
    assert is_confirmed(code, seen) is expected


BLIND = [
    ("address.cgnat", {}, False),
    ("address.cgnat", {"address": b.address(wan_v4=None)}, False),
    ("address.cgnat", {"address": b.address(wan_v4=None, hops=())}, True),
    ("address.cgnat", {"address": None}, True),
    ("switch.throughput_bad", {}, True),
    ("switch.throughput_bad", {"lan_load": b.lan_load()}, False),
    ("switch.slow", {}, False),
    ("switch.slow", {"lan": b.lan(b.target())}, True),
    ("link.many_errors", {}, True),
    ("link.many_errors", {"wear": b.WEAR}, False),
    ("tls.outside_expired", {}, True),
    ("port.exposed", {}, False),
    ("port.exposed", {"port": b.port(NOBODY)}, True),
    ("port.exposed", {"port": b.port()}, True),
    ("ddns.aaaa_dead", {}, True),
    ("emr.error", {}, False),
]


@pytest.mark.parametrize(("code", "changes", "expected"), BLIND, ids=range(len(BLIND)))
def test_what_a_run_could_not_have_found(code: str, changes: dict[str, Any], expected: bool) -> None:
    assert (code in blind_to(replace(b.HEALTHY, **changes))) is expected


def test_what_the_alarms_know_of_checks_is_so() -> None:
    known = {code for check in ALL for code in check.codes}
    assert LIVES_ON.items() <= {check.id: check.lives_on for check in ALL}.items()
    assert ALONE == SAFETY
    assert set(_SECOND) <= known
    assert blind_to(Seen()) <= known
