"""Consequences are skipped and name their cause; what was not measured is not judged; a bug costs one check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.diagnosis import verdict_of
from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.names import Names
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.judging import judge_all
from emrnetcheck.model import (
    Access,
    Check,
    CheckResult,
    Code,
    Contact,
    Failure,
    FailureKind,
    Finding,
    Severity,
    Status,
    Verdict,
)
from tests.checks import builders as b
from tests.checks.builders import LINK, PUBLIC, SITE, address, case, dns, lan, limits, port, resolver, silent, witness

CUT = address(witness(None), outside_reached=())
PROXIED = address(witness(PUBLIC), witness(b.OLD, "stun"))
NO_LINK = replace(LINK, interface=None)
ON_VPN = replace(LINK, interface="wg0", medium="unknown", vpn=True, speed_mbps=None, duplex=None)


def results(case_: Case, unmeasured: dict[str, Failure] | None = None, **options: Any) -> dict[str, CheckResult]:
    found = judge_all(ALL, case_, unmeasured or {}, {}, **{"strict": True} | options)
    return {result.id: result for result in found}


def codes(result: CheckResult) -> list[str]:
    return [finding.code for finding in result.findings]


def skipped(found: dict[str, CheckResult]) -> dict[str, str | None]:
    return {name: result.skipped_because for name, result in found.items() if result.status is Status.SKIPPED}


def test_the_healthy_clinic_passes_every_check() -> None:
    assert {result.status for result in results(case()).values()} == {Status.PASS}


def test_results_keep_the_order_of_the_checks() -> None:
    assert list(results(case())) == [check.id for check in ALL]


def test_without_a_connection_everything_else_is_skipped_because_of_it() -> None:
    found = results(case(link=NO_LINK))
    assert found["link"].status is Status.FAIL
    assert skipped(found) == {check.id: "link" for check in ALL if check.id != "link"}


def test_a_vpn_leaves_what_it_changes_unsaid() -> None:
    found = results(case(link=ON_VPN, lan=lan(), port=port(b.outside(False))))
    assert found["link"].status is Status.UNKNOWN
    because_of_link = {"router", "address", "ddns", "upload", "download", "bufferbloat", "capacity", "port", "exposure"}
    assert skipped(found) == dict.fromkeys(because_of_link, "link")


def test_a_dead_router_explains_what_is_behind_it() -> None:
    found = results(case(lan=lan(silent()), address=CUT, port=port()))
    assert codes(found["router"]) == ["router.unreachable"]
    behind = {"address", "dns", "ddns", "upload", "download", "bufferbloat", "capacity", "port", "exposure"}
    assert skipped(found) == dict.fromkeys(behind, "router")


def test_no_internet_explains_what_needs_it() -> None:
    found = results(case(address=CUT, dns=dns(b.dead_resolver()), port=port(), upload=None))
    assert codes(found["address"]) == ["address.no_internet"]
    behind = ("dns", "ddns", "upload", "download", "bufferbloat", "capacity", "port", "exposure")
    assert skipped(found) == dict.fromkeys(behind, "address")


def test_carrier_grade_nat_explains_that_nobody_gets_in() -> None:
    found = results(case(address=address(wan_v4="100.64.0.9"), port=port(b.outside(False))))
    assert codes(found["address"]) == ["address.cgnat"]
    assert found["port"].skipped_because == "address"
    assert found["port"].findings == ()


def test_a_private_address_of_the_router_explains_that_nobody_gets_in_whoever_is_in_front() -> None:
    found = results(case(address=address(wan_v4="192.168.0.2"), port=port(b.outside(False))))
    assert codes(found["address"]) == ["address.private_wan"]
    assert found["port"].skipped_because == "address"


def test_a_mere_suspicion_of_carrier_grade_nat_leaves_the_forward_to_be_named() -> None:
    hops = (Hop(1, b.ROUTER, 0.5), Hop(2, "100.64.0.1", 8.0))
    found = results(case(address=address(wan_v4=None, hops=hops), port=port(b.outside(False))))
    assert codes(found["address"]) == ["address.cgnat_or_forward"]
    assert codes(found["port"]) == ["port.shut_outside"]


def test_what_is_wrong_at_the_server_is_said_behind_carrier_grade_nat_too() -> None:
    found = results(case(address=address(wan_v4="100.64.0.9"), port=port(b.outside(False), **b.DOWN)))
    assert codes(found["port"]) == ["port.not_listening"]


def test_a_proxy_leaves_no_verdict_on_what_is_compared_with_its_address() -> None:
    stale = b.names(b.source("93.184.216.50"))
    found = results(case(address=PROXIED, names=stale, port=port(b.outside(False))))
    assert codes(found["address"]) == ["address.proxied"]
    assert skipped(found) == {"ddns": "address", "port": "address", "exposure": "address"}


OUTSIDE_SAYS = {
    "port.open_unproven": (Access.DIRECT, b.outside(True)),
    "port.shut_outside": (Access.DIRECT, b.outside(False)),
    "port.unverified": (Access.DIRECT, b.outside(None)),
    "port.other_address": (Access.DIRECT, b.outside(False, dialled=b.OLD)),
    "port.exposed": (Access.VPN, b.outside(True)),
    "port.not_applicable": (Access.VPN, b.outside(False)),
    "port.not_tested": (Access.VPN, b.outside(None)),
}


@pytest.mark.parametrize(("access", "attempt"), OUTSIDE_SAYS.values(), ids=OUTSIDE_SAYS)
def test_through_a_vpn_nothing_is_said_of_outside(access: Access, attempt: OutsideTry) -> None:
    """The service outside tries the VPN's address."""
    site = replace(SITE, access=access)
    plain = results(case(site, port=port(attempt)))["port"]
    assert {code for code, given in OUTSIDE_SAYS.items() if given == (access, attempt)} == set(codes(plain))
    through_vpn = results(case(site, link=ON_VPN, lan=lan(), port=port(attempt)))["port"]
    assert (through_vpn.skipped_because, codes(through_vpn)) == ("link", [])


NAME_SAYS = {
    "ddns.ok": b.names(),
    "ddns.stale": b.names(b.source("93.184.216.50")),
    "ddns.servers_disagree": b.names(b.source(PUBLIC), b.source("93.184.216.50", server="93.184.2.53")),
    "ddns.propagating": b.names(resolvers=(b.answer("1.1.1.1", "93.184.216.50"),)),
    "ddns.local_differs": b.names(system=("93.184.216.50",)),
}


@pytest.mark.parametrize(("code", "names"), NAME_SAYS.items(), ids=NAME_SAYS)
def test_through_a_proxy_nothing_is_said_of_the_names_address(code: str, names: Names) -> None:
    assert codes(results(case(names=names))["ddns"]) == [code]
    two_to_one = address(witness(PUBLIC), witness(PUBLIC), witness(b.OLD, "stun"))
    through_proxy = results(case(address=two_to_one, names=names))["ddns"]
    assert (through_proxy.skipped_because, codes(through_proxy)) == ("address", [])


def test_a_private_address_in_the_name_is_wrong_behind_a_proxy_too() -> None:
    found = results(case(address=PROXIED, names=b.names(b.source("10.0.0.1"))))
    assert codes(found["ddns"]) == ["ddns.private_address"]


def test_side_remarks_do_not_pass_for_the_answer_that_was_left_out() -> None:
    """The address is not known for sure, so whether the name is right is not known: the TTL alone decides nothing."""
    three = address(witness(PUBLIC), witness(b.OLD))
    names = b.names(b.source("93.184.216.50", ttl_s=7200))
    found = results(case(address=three, names=names))
    assert codes(found["address"]) == ["address.nat_pool"]
    assert found["ddns"].status is Status.SKIPPED
    assert found["ddns"].skipped_because == "address"
    assert codes(found["ddns"]) == ["ddns.ttl_long"]


def test_short_capacity_follows_from_marginal_upload() -> None:
    site = replace(SITE, users=20)
    assert codes(results(case(site))["capacity"]) == ["capacity.short"]
    assert results(case(site, upload=b.upload(3.5)))["capacity"].skipped_because == "upload"


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_evidence_that_failed_is_unmeasured_with_its_reason(check: Check[Case, Any]) -> None:
    why = Failure(FailureKind.OUT_OF_TIME, "the probe")
    site_seen = replace(b.HEALTHY, **{check.needs[0]: None})
    alone = judge_all([check], Case(SITE, site_seen), {check.needs[0]: why}, {}, strict=True)
    assert codes(alone[0]) == [f"{check.id}.unmeasured"]
    assert alone[0].status is Status.UNKNOWN
    assert "the time for it ran out" in alone[0].findings[0].summary


def test_nothing_measured_at_all_is_unknown_everywhere() -> None:
    found = results(Case(SITE, Seen()))
    assert {result.status for result in found.values()} <= {Status.UNKNOWN, Status.SKIPPED}
    assert skipped(found) == {**dict.fromkeys(("download", "bufferbloat", "capacity"), "upload"), "tls": "port"}


@pytest.mark.parametrize(
    ("check_id", "name", "code"), [("ddns", "names", "ddns.unset"), ("port", "port", "port.unset")]
)
def test_what_the_settings_do_not_tell_has_its_own_code(check_id: str, name: str, code: str) -> None:
    unset = {name: Failure(FailureKind.NOT_CONFIGURED)}
    found = results(Case(SITE, replace(b.HEALTHY, **{name: None})), unset)
    assert codes(found[check_id]) == [code]
    assert found[check_id].status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("access", "not_needed"),
    [
        (Access.DIRECT, set()),
        (Access.VPN, set()),
        (Access.TUNNEL, {"ddns"}),
        (Access.LAN_ONLY, {"address", "dns", "ddns", "upload", "download", "bufferbloat", "capacity"}),
    ],
)
def test_what_the_way_of_access_does_not_need_is_skipped_and_not_required(access: Access, not_needed: set[str]) -> None:
    found = results(case(replace(SITE, access=access), port=port(b.outside(False))))
    assert {name for name, because in skipped(found).items() if because == "access"} == not_needed
    assert not any(found[name].required for name in not_needed)


def test_what_was_not_asked_for_is_skipped_and_stays_required() -> None:
    found = results(case(), not_asked=frozenset({"dns"}))
    assert found["dns"].skipped_because == "not asked for"
    assert found["dns"].required


def test_a_check_that_was_not_asked_for_explains_nothing() -> None:
    found = results(case(link=NO_LINK), not_asked=frozenset({"link"}))
    assert "link" not in set(skipped(found).values())


def test_a_limit_of_the_settings_counts() -> None:
    five = lan(b.target(p95_ms=5.5), b.target("peer", b.PEER))
    assert codes(results(case(lan=five))["router"]) == ["router.slow"]
    assert codes(results(case(limits("router", slow_wired_ms=6.0), lan=five))["router"]) == ["router.ok"]


def test_the_time_of_a_check_is_that_of_its_needs() -> None:
    found = judge_all(ALL, case(), {}, {"lan": 2.5, "upload": 10.0}, strict=True)
    assert {result.id: result.duration_s for result in found if result.duration_s} == {
        "router": 2.5,
        "switch": 2.5,
        "upload": 10.0,
        "bufferbloat": 10.0,
        "capacity": 10.0,
    }


def test_the_worst_finding_is_the_status() -> None:
    both = replace(LINK, duplex="half", receive_errors=500)
    found = results(case(link=both))["link"]
    assert codes(found) == ["link.half_duplex", "link.errors"]
    assert found.status is Status.FAIL


@dataclass(frozen=True, slots=True)
class NoLimits:
    """Nothing to set."""


def broken(judge: Any) -> Check[Case, NoLimits]:
    known = {
        "broken.ok": Code(Severity.OK, "It is {what}."),
        "broken.unmeasured": Code(Severity.UNKNOWN, "Not known: {why}.", "Ask.", Contact.IT_HELPER),
    }
    return Check("broken", "Broken", ("link",), NoLimits(), known, judge)


def raises(_case: Case, _limits: NoLimits) -> list[Finding]:
    raise ZeroDivisionError("by zero")


BUGS = {
    "an exception": raises,
    "an unknown code": lambda _case, _limits: [Finding("broken.nonsense")],
    "a sentence without its facts": lambda _case, _limits: [Finding("broken.ok")],
    "nothing said": lambda _case, _limits: [],
}


@pytest.mark.parametrize("judge", BUGS.values(), ids=BUGS)
def test_a_bug_in_a_judge_costs_its_check_only(judge: Any) -> None:
    first, second = judge_all([broken(judge), ALL[0]], case(), {}, {})
    assert first.status is Status.UNKNOWN
    assert codes(first) == ["broken.unmeasured"]
    assert "an error in this program" in first.findings[0].summary
    assert second.status is Status.PASS


@pytest.mark.parametrize("judge", BUGS.values(), ids=BUGS)
def test_a_bug_in_a_judge_is_raised_when_strict(judge: Any) -> None:
    with pytest.raises((ZeroDivisionError, LookupError)):
        judge_all([broken(judge)], case(), {}, {}, strict=True)


def test_the_resolver_is_judged_alone() -> None:
    found = results(case(dns=dns(resolver(), b.dead_resolver("192.168.1.2"))))
    assert [name for name, result in found.items() if result.status is not Status.PASS] == ["dns"]


@pytest.mark.parametrize(
    ("kind", "because"), [(FailureKind.OFFLINE, "offline"), (FailureKind.INTERRUPTED, "interrupted")]
)
def test_what_the_user_left_undone_is_skipped_and_not_asked_about(kind: FailureKind, because: str) -> None:
    found = results(case(upload=None), unmeasured={"upload": Failure(kind)})
    assert (found["upload"].status, found["upload"].skipped_because) == (Status.SKIPPED, because)
    assert found["upload"].required
    assert found["upload"].findings == ()


def test_what_was_seen_until_the_interruption_is_told() -> None:
    partial = Failure(FailureKind.INTERRUPTED, "upload", detail="about 4.2 Mbps just before, not a result")
    found = results(case(upload=None), unmeasured={"upload": partial})
    assert found["upload"].status is Status.UNKNOWN
    (finding,) = found["upload"].findings
    assert finding.code == "upload.unmeasured"
    assert "interrupted: about 4.2 Mbps just before, not a result" in finding.summary


def test_what_lives_on_a_skipped_check_is_skipped_for_its_reason() -> None:
    found = results(case(address=address(witness(None), outside_reached=()), upload=None))
    assert found["upload"].skipped_because == "address"
    assert {found[name].skipped_because for name in ("capacity", "bufferbloat")} == {"address"}


def test_what_lives_on_a_check_that_the_user_left_out_can_still_be_asked_for() -> None:
    found = results(case(), not_asked=frozenset({"upload"}))
    assert found["capacity"].status is Status.PASS


def test_a_download_left_out_of_a_quick_run_is_skipped_and_decides_nothing() -> None:
    found = results(case(download=None), unmeasured={"download": Failure(FailureKind.LEFT_OUT)})
    assert (found["download"].status, found["download"].skipped_because) == (Status.SKIPPED, "quick")
    assert codes(found["bufferbloat"]) == ["bufferbloat.ok"]
    assert verdict_of(tuple(found.values())) is Verdict.READY


def test_a_download_that_could_not_be_measured_or_is_slow_decides_nothing() -> None:
    unknown = results(case(download=None), unmeasured={"download": Failure(FailureKind.NO_SERVER)})
    slow = results(case(download=b.download(0.5)))
    assert codes(unknown["download"]) == ["download.unmeasured"]
    assert codes(slow["download"]) == ["download.slow"]
    for found in (unknown, slow):
        assert verdict_of(tuple(found.values())) is Verdict.READY
