"""Does the line carry enough upload to host the EMR?"""

from __future__ import annotations

from emrnetcheck.checks.upload.codes import CODES
from emrnetcheck.checks.upload.limits import Limits
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.evidence.upload import Decision, SecondServer, Upload, against, goodput_thresholds
from emrnetcheck.model import Access, Check, Fact, FailureKind, Finding, Segment, Site
from emrnetcheck.office.cable import BAD_CABLE, OWN_CONNECTION
from emrnetcheck.workloads import carried, each, in_mbps, in_people, line_rate_for

_MB = 1e6
_BITS = 8
_SCANNED_PAGE_MB = 2.0  # as capacity's limit, which goes before it


def judge(case: Case, limits: Limits) -> list[Finding]:
    """upload.* : goodput against the thresholds taken as line rates times `goodput_per_line_rate`.

    The whole interval counts, against both: where a threshold is within it, that is said, and nothing else.
    """
    seen = need(case.seen.upload)
    if seen.goodput_mbps is None:
        return [Finding("upload.unmeasured", {"why": "nothing was confirmed by the other side"})]
    minimum_mbps, recommended_mbps = goodput_thresholds(case.site, limits.goodput_per_line_rate)
    busy = _busy(seen, case.site.minimum_mbps, limits)
    against_minimum = against(seen, minimum_mbps, limits.near_enough)
    against_recommended = against(seen, recommended_mbps, limits.near_enough)
    code = _code(seen, against_minimum, against_recommended, busy)
    if code == "upload.marginal" and carried(seen.goodput_mbps, each(case.site).mbps) >= case.site.users:
        code = "upload.below_recommended"
    by_wifi = case.seen.link is not None and case.seen.link.medium == "wifi"
    if by_wifi:
        code = _OVER_WIFI.get(code, code)
    facts = _facts(case.site, seen, code, limits.goodput_per_line_rate)
    wanted_mbps = minimum_mbps if code in _ABOUT_THE_MINIMUM else recommended_mbps
    expected = None if code == "upload.tester_limited" else f"at least {wanted_mbps:.2f} Mbps goodput"
    findings = [Finding(code, facts, expected, f"{seen.goodput_mbps:.2f} Mbps goodput{_interval(seen)}")]
    if busy and code == "upload.ok":
        findings.append(Finding("upload.line_shared", facts))
    if seen.spread is not None and seen.spread > limits.unstable_spread and code != "upload.line_busy":
        findings.append(Finding("upload.unstable_over_wifi" if by_wifi else "upload.unstable", {"spread": seen.spread}))
    if seen.burst_mbps is not None and code in _WITHOUT_THE_BURST:
        findings.append(Finding("upload.burst_seen", facts))
    ruled_out = seen.ruled_out_bytes
    if code in _ENOUGH and ruled_out is not None and ruled_out < limits.burst_mb * _MB:
        findings.append(Finding("upload.burst_possible", {"ruled_out_mb": ruled_out / _MB}))
    return [*findings, *_second_opinion(case.seen.second_opinion)]


def _second_opinion(said: SecondOpinion | None) -> list[Finding]:
    """Beside ours, whatever it says: nothing follows from it."""
    if said is None:
        return []
    if said.mbps is None:
        why = said.failure.in_words() if said.failure is not None else "it gave no figure"
        return [Finding("upload.no_second_opinion", {"why": why})]
    facts: dict[str, Fact] = {"their_mbps": said.mbps, "server": said.server or "", "capped": said.capped}
    return [Finding("upload.second_opinion", facts, None, f"{said.mbps:.2f} Mbps by its own count")]


_WITHOUT_THE_BURST = ("upload.ok", "upload.near_recommended", "upload.borderline", "upload.line_busy")
_ENOUGH = ("upload.ok", "upload.marginal", "upload.below_recommended", "upload.near_recommended")
_ABOUT_THE_MINIMUM = ("upload.below_minimum", "upload.burst_then_drop", "upload.borderline", "upload.slow_over_wifi")
# Which of the two is slow, the Wi-Fi or the line, cannot be told: nobody is sent to the provider for it.
_OVER_WIFI = {
    "upload.below_minimum": "upload.slow_over_wifi",
    "upload.burst_then_drop": "upload.slow_over_wifi",
    "upload.marginal": "upload.marginal_over_wifi",
    "upload.below_recommended": "upload.marginal_over_wifi",
    "upload.burst_then_marginal": "upload.marginal_over_wifi",
}


def _busy(seen: Upload, minimum_mbps: float, limits: Limits) -> bool:
    before_mbps, during_mbps = seen.other_sent_mbps or 0.0, seen.other_during_mbps or 0.0
    little_mbps = limits.busy_share * minimum_mbps
    # The mean rate of all the load: after a burst goodput_mbps is of its slow rest only.
    own_error_mbps = limits.own_error_ratio * (seen.own_during_mbps or seen.goodput_mbps or 0.0)
    return before_mbps > little_mbps or during_mbps > max(little_mbps, own_error_mbps)


def _code(seen: Upload, against_minimum: Decision, against_recommended: Decision, busy: bool) -> str:
    if against_recommended == "pass":
        return "upload.ok"
    if seen.tester_limited is not None:
        return "upload.tester_limited"
    if busy:
        return "upload.line_busy"
    if against_minimum == "borderline":
        return "upload.borderline"
    if against_minimum == "fail":
        return "upload.below_minimum" if seen.burst_mbps is None else "upload.burst_then_drop"
    if against_recommended == "borderline":
        return "upload.near_recommended"
    return "upload.marginal" if seen.burst_mbps is None else "upload.burst_then_marginal"


def _facts(site: Site, seen: Upload, code: str, per_line_rate: float) -> dict[str, Fact]:
    goodput_mbps = seen.goodput_mbps or 0.0
    number = carried(goodput_mbps, each(site).mbps)
    facts: dict[str, Fact] = {
        "goodput_mbps": goodput_mbps,
        "goodput": in_mbps(goodput_mbps),
        "line_rate": in_mbps(goodput_mbps / per_line_rate),
        "line_rate_mbps": goodput_mbps / per_line_rate,
        "minimum_mbps": site.minimum_mbps,
        "recommended_mbps": site.recommended_mbps,
        "wanted_mbps": max(site.recommended_mbps, line_rate_for(site, per_line_rate)),
        "needed": _needed(site, per_line_rate),
        "is_enough": _is_enough(site, number),
        "so_far": "enough to start with" if number else "more than the least of all",
        "people": f". It carries {in_people(number)} at once, not {site.users}" if number < site.users else "",
        "scan": _scan(site, goodput_mbps),
        "server": seen.server,
        "method": seen.method,
        "measured_against": _measured_against(seen.second),
        "other_mbps": max(seen.other_sent_mbps or 0.0, seen.other_during_mbps or 0.0),
    }
    if seen.burst_mbps is not None:
        facts["burst_mbps"] = seen.burst_mbps
    if code == "upload.tester_limited":
        facts["why"] = seen.tester_limited or ""
    if code in ("upload.borderline", "upload.near_recommended"):
        facts |= {"lower_mbps": seen.lower_mbps or 0.0, "upper_mbps": seen.upper_mbps or 0.0}
    return facts


def _needed(site: Site, per_line_rate: float) -> str:
    """The minimum, and what the people planned need where that is more than any clinic should have."""
    line_mbps = line_rate_for(site, per_line_rate)
    for_all = f", and {line_mbps} for {site.users} people" if line_mbps > site.recommended_mbps else ""
    return f"at least {site.minimum_mbps:g} is needed{for_all}"


def _is_enough(site: Site, number: int) -> str:
    """Not "enough" where the people planned need more: that is capacity's to say."""
    if number < site.users:
        return f"the rule for any clinic, {site.recommended_mbps:g}, is met"
    return f"{site.recommended_mbps:g} is enough"


def _scan(site: Site, goodput_mbps: float) -> str:
    size_mb = site.limits.get("capacity", {}).get("scanned_page_mb", _SCANNED_PAGE_MB)
    return f"A scanned page of {size_mb:g} MB takes {size_mb * _BITS / goodput_mbps:.1f} s" if goodput_mbps else ""


def _measured_against(second: SecondServer | None) -> str:
    if second is None or second.goodput_mbps is None or second.tester_limited is not None:
        return "measured against one server only"
    return "the better of two servers" if second.is_slower else "two servers agree"


def _interval(seen: Upload) -> str:
    if seen.lower_mbps is None or seen.upper_mbps is None:
        return ""
    return f" ({seen.lower_mbps:.2f} to {seen.upper_mbps:.2f})"


_HOLES = ("path.mtu_black_hole", "path.mtu_black_hole_far")
# What is slow may be the proxy, or the Wi-Fi that the server should not be on.
_IN_BETWEEN = ("address.proxied", "link.server_on_wifi")
_TOO_SLOW = (
    "upload.below_minimum",
    "upload.marginal",
    "upload.below_recommended",
    "upload.burst_then_drop",
    "upload.burst_then_marginal",
    "upload.borderline",
    "upload.near_recommended",
    "upload.tester_limited",
    "upload.unstable",
    "upload.slow_over_wifi",
    "upload.marginal_over_wifi",
    "upload.unstable_over_wifi",
)

CHECK: Check[Case, Limits] = Check(
    id="upload",
    title="Upload speed",
    needs=("upload",),
    uses=("second_opinion", "link"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LINE,
    required=True,
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        # Its packets are of full size; and over a cable that collapses under load nothing can be measured.
        "upload.unmeasured": (*_HOLES, *BAD_CABLE),
        "upload.stalled": (*_HOLES, *OWN_CONNECTION, *_IN_BETWEEN),
        **dict.fromkeys(_TOO_SLOW, (*OWN_CONNECTION, *_IN_BETWEEN)),
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
    unmeasured={FailureKind.STALLED: "upload.stalled"},
)
