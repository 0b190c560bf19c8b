"""Consequences are skipped and name their cause; what was not measured is not judged; a bug costs one check."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.diagnosis import verdict_of
from emrnetcheck.evidence import Case, Seen
from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.link import CardCounters
from emrnetcheck.evidence.names import Names
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.judging import _status, judge_all, with_accepted
from emrnetcheck.model import (
    Access,
    Acknowledged,
    Check,
    CheckResult,
    Code,
    Contact,
    Failure,
    FailureKind,
    Finding,
    ReportFinding,
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
    because_of_link = {
        "router",
        "address",
        "path",
        "ddns",
        "upload",
        "download",
        "bufferbloat",
        "capacity",
        "port",
        "exposure",
    }
    assert skipped(found) == dict.fromkeys(because_of_link, "link")


def test_a_dead_router_explains_what_is_behind_it() -> None:
    found = results(case(lan=lan(silent()), address=CUT, port=port()))
    assert codes(found["router"]) == ["router.unreachable"]
    behind = {"address", "path", "dns", "ddns", "upload", "download", "bufferbloat", "capacity", "port", "exposure"}
    assert skipped(found) == dict.fromkeys(behind, "router")


def test_no_internet_explains_what_needs_it() -> None:
    found = results(case(address=CUT, dns=dns(b.dead_resolver()), port=port(), upload=None))
    assert codes(found["address"]) == ["address.no_internet"]
    behind = ("path", "dns", "ddns", "upload", "download", "bufferbloat", "capacity", "port", "exposure")
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


def test_what_is_asked_by_ipv4_alone_is_not_known_because_there_is_none() -> None:
    only_v6 = address(witness("2600::1", version=6), public_v4=None, public_v6="2600::1")
    unasked = port(outside=())
    seen = replace(b.HEALTHY, address=only_v6, names=None, port=unasked)
    found = results(Case(SITE, seen), {"names": Failure(FailureKind.TIMEOUT, "ask", "192.0.2.53")})
    assert codes(found["address"]) == ["address.ipv6_only"]
    assert [(found[name].skipped_because, codes(found[name])) for name in ("ddns", "port")] == [("address", [])] * 2
    assert verdict_of(tuple(found.values())) is Verdict.INCONCLUSIVE


def test_short_capacity_is_a_remark_beside_a_marginal_upload() -> None:
    site = replace(SITE, users=20)
    assert codes(results(case(site))["capacity"]) == ["capacity.short"]
    assert codes(results(case(site, upload=b.upload(3.5)))["capacity"]) == ["capacity.slow_line"]


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
        (Access.LAN_ONLY, {"address", "path", "dns", "ddns", "upload", "download", "bufferbloat", "capacity"}),
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


def test_a_check_that_was_not_asked_for_is_told_as_far_as_it_explains_one_that_was() -> None:
    """Else a port asked for alone, with a VPN on, would be a fault of the clinic's."""
    alone = frozenset(check.id for check in ALL) - {"port"}
    found = results(case(link=ON_VPN, port=port(b.outside(False))), not_asked=alone)
    assert codes(found["link"]) == ["link.vpn"]
    assert found["link"].status is Status.UNKNOWN
    assert skipped(found)["port"] == "link"
    assert {each for each in found if found[each].status is not Status.SKIPPED} == {"link"}


def test_what_was_left_out_by_wish_stays_marked_where_it_explains() -> None:
    """So that the same evidence is judged the same again, and the run is not taken for a whole one."""
    found = results(case(link=ON_VPN, port=port(b.outside(False))), not_asked=frozenset({"link"}))
    assert found["link"].skipped_because == "not asked for"
    assert codes(found["link"]) == ["link.vpn"]


def test_one_that_lives_on_another_that_was_not_asked_tells_why_as_well() -> None:
    alone = frozenset(check.id for check in ALL) - {"bufferbloat"}
    found = results(case(link=ON_VPN), not_asked=alone)
    assert skipped(found)["bufferbloat"] == "link"
    assert codes(found["link"]) == ["link.vpn"]


def test_a_check_that_was_not_asked_for_and_explains_nothing_is_not_told() -> None:
    slow = replace(LINK, speed_mbps=10)
    found = results(case(link=slow), not_asked=frozenset({"link"}))
    assert codes(found["link"]) == []
    assert skipped(found)["link"] == "not asked for"
    assert codes(results(case(link=slow))["link"]) != []


def test_a_limit_of_the_settings_counts() -> None:
    office = lan(b.target(), b.target("peer", b.PEER, p95_ms=5.5))
    assert codes(results(case(lan=office))["switch"]) == ["switch.slow"]
    assert codes(results(case(limits("switch", slow_wired_ms=6.0), lan=office))["switch"]) == ["switch.ok"]


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
    worn = replace(b.WEAR, grown=CardCounters(crc_errors=5))
    found = results(case(link=replace(LINK, duplex="half"), wear=worn))["link"]
    assert codes(found) == ["link.half_duplex", "link.errors"]
    assert found.status is Status.FAIL


@dataclass(frozen=True, slots=True)
class NoLimits:
    """Nothing to set."""


def broken(judge: Any) -> Check[Case, NoLimits]:
    known = {
        "broken.ok": Code(Severity.OK, "It is {what}."),
        "broken.mute": Code(Severity.FAIL, "It is mute.", "Call.", Contact.ISP, say="It is {what}."),
        "broken.unmeasured": Code(Severity.UNKNOWN, "Not known: {why}.", "Ask.", Contact.IT_HELPER),
    }
    return Check("broken", "Broken", ("link",), NoLimits(), known, judge)


def raises(_case: Case, _limits: NoLimits) -> list[Finding]:
    raise ZeroDivisionError("by zero")


BUGS = {
    "an exception": raises,
    "an unknown code": lambda _case, _limits: [Finding("broken.nonsense")],
    "a sentence without its facts": lambda _case, _limits: [Finding("broken.ok")],
    "words for the telephone without their facts": lambda _case, _limits: [Finding("broken.mute")],
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


def test_an_upload_that_stalls_everywhere_is_told_as_that_and_all_else_follows() -> None:
    stalled = Failure(FailureKind.STALLED, "upload", "", "one: the transfer stopped; two: the transfer stopped")
    found = results(case(upload=None), unmeasured={"upload": stalled})
    assert (found["upload"].status, codes(found["upload"])) == (Status.UNKNOWN, ["upload.stalled"])
    assert skipped(found)["capacity"] == skipped(found)["bufferbloat"] == "upload"


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


@pytest.mark.parametrize(
    "because",
    [
        "link.half_duplex",
        "link.many_errors",
        "link.late_collisions",
        "link.unsteady",
        "link.wifi_unsteady",
        "link.lost",
    ],
)
def test_a_bad_cable_explains_losses_and_a_slow_upload(because: str) -> None:
    grown = {
        "link.many_errors": CardCounters(crc_errors=11),
        "link.late_collisions": CardCounters(late_collisions=1),
        "link.unsteady": CardCounters(carrier_changes=2),
        "link.wifi_unsteady": CardCounters(carrier_changes=2),
    }
    duplex = "half" if because == "link.half_duplex" else "full"
    medium = "wifi" if because == "link.wifi_unsteady" else "wired"
    wear = replace(b.WEAR, grown=grown.get(because, CardCounters()))
    seen: dict[str, Any] = {
        "link": replace(LINK, duplex=duplex, medium=medium),
        "wear": replace(wear, interface=None, address=None) if because == "link.lost" else wear,
        "lan": lan(b.target(lost=20), b.target("peer", b.PEER, lost=20)),
        "upload": replace(b.UPLOAD, goodput_mbps=1.0, line_rate_mbps=1.1, lower_mbps=0.9, upper_mbps=1.1),
    }
    site = replace(SITE, lan_address="192.168.1.99") if medium == "wifi" else SITE
    found = results(case(site, **seen))
    assert because in codes(found["link"])
    assert "capacity" in skipped(found)
    # On Wi-Fi what the router and the others lose has a word of its own: it is the Wi-Fi's, whether that drops or not.
    following = ("upload",) if medium == "wifi" else ("router", "switch", "upload")
    assert {name: skipped(found).get(name) for name in following} == dict.fromkeys(following, "link")
    # These two are warnings: whether the line is fast enough is not known. Wi-Fi that loses so much is a fault.
    surely = because not in ("link.unsteady", "link.lost")
    assert verdict_of(tuple(found.values())) is (Verdict.NOT_READY if surely else Verdict.INCONCLUSIVE)


def test_a_rate_near_a_limit_is_no_evidence_while_the_cable_drops() -> None:
    near = replace(b.UPLOAD, goodput_mbps=4.7, line_rate_mbps=5.0, lower_mbps=2.9, upper_mbps=6.4)
    assert "upload.near_recommended" in codes(results(case(SITE, upload=near))["upload"])
    wear = replace(b.WEAR, grown=CardCounters(carrier_changes=2))
    found = results(case(SITE, link=LINK, wear=wear, upload=near))
    assert (skipped(found)["upload"], codes(found["upload"])) == ("link", [])
    assert verdict_of(tuple(found.values())) is Verdict.INCONCLUSIVE


def test_with_too_weak_a_signal_a_slow_upload_is_not_blamed_on_the_line() -> None:
    site = replace(SITE, lan_address="192.168.1.99")
    weak = replace(LINK, medium="wifi", signal_dbm=-80)
    slow = replace(b.UPLOAD, goodput_mbps=1.0, line_rate_mbps=1.1, lower_mbps=0.9, upper_mbps=1.1)
    found = results(case(site, link=weak, upload=slow))
    assert skipped(found)["upload"] == "link"
    assert verdict_of(tuple(found.values())) is Verdict.INCONCLUSIVE


KNOWN = Acknowledged("It is known.", date(2027, 3, 3))


@pytest.mark.parametrize(
    ("found", "accepted", "status", "verdict"),
    [
        # A fault counts as a warning at best, a warning as a note; what is not known stays unknown.
        ((Severity.FAIL,), (0,), Status.WARN, Verdict.READY_WITH_WARNINGS),
        ((Severity.WARN,), (0,), Status.NOTICE, Verdict.READY),
        ((Severity.NOTICE,), (0,), Status.NOTICE, Verdict.READY),
        ((Severity.OK,), (0,), Status.PASS, Verdict.READY),
        ((Severity.UNKNOWN,), (0,), Status.UNKNOWN, Verdict.INCONCLUSIVE),
        # What was not accepted counts as ever.
        ((Severity.FAIL, Severity.FAIL), (0,), Status.FAIL, Verdict.NOT_READY),
        ((Severity.FAIL, Severity.FAIL), (0, 1), Status.WARN, Verdict.READY_WITH_WARNINGS),
        ((Severity.FAIL, Severity.UNKNOWN), (0,), Status.UNKNOWN, Verdict.INCONCLUSIVE),
        ((Severity.WARN, Severity.WARN), (1,), Status.WARN, Verdict.READY_WITH_WARNINGS),
        ((Severity.FAIL, Severity.OK), (), Status.FAIL, Verdict.NOT_READY),
    ],
)
def test_what_somebody_accepted_counts_less_and_is_never_ready_out_of_a_fault(
    found: tuple[Severity, ...], accepted: tuple[int, ...], status: Status, verdict: Verdict
) -> None:
    findings = tuple(ReportFinding(f"a.{n}", each, "S.", "", None, None, {}) for n, each in enumerate(found))
    before = CheckResult("a", "A", _status(findings), True, None, findings, 0.0)
    after = with_accepted((before,), {f"a.{n}": KNOWN for n in accepted})
    assert after[0].status is status
    assert verdict_of(after) is verdict
    assert [f.severity for f in after[0].findings] == list(found)
    marked = [n for n, f in enumerate(after[0].findings) if f.acknowledged is not None]
    assert marked == [n for n in accepted if found[n] is not Severity.OK]


def test_what_was_left_out_because_of_an_accepted_fault_is_still_not_known() -> None:
    """Ready is said only of what was measured."""
    fault = ReportFinding("a.bad", Severity.FAIL, "S.", "", None, None, {})
    cause = CheckResult("a", "A", Status.FAIL, True, None, (fault,), 0.0)
    left_out = CheckResult("b", "B", Status.SKIPPED, True, "a", (), 0.0)
    after = with_accepted((cause, left_out), {"a.bad": KNOWN})
    assert [each.status for each in after] == [Status.WARN, Status.SKIPPED]
    assert verdict_of(after) is Verdict.INCONCLUSIVE
