"""Does the line carry enough upload to host the EMR?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.evidence.upload import (
    GOODPUT_PER_LINE_RATE,
    NEAR_ENOUGH,
    Decision,
    SecondServer,
    Upload,
    against,
    goodput_thresholds,
)
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Severity, Site


@dataclass(frozen=True, slots=True)
class Limits:
    """goodput_per_line_rate: providers sell the line rate; what programs get of it is less by the headers of Ethernet,
    IP and TCP: 1448/1538 = 0.941 with timestamps and preamble, 0.955 measured without (throughput.md 0.7). So a line
    sold as 5 Mbps passes a limit of 5 Mbps.
    near_enough: a line passes once it is certainly above all but this share of a limit. A line of exactly 3 Mbps would
    be "too close to say" for ever without it (0.03: the headers of PPPoE, 0.5 %, and the interval of a steady line,
    1 to 2 %); one that is 5 % too slow still does not pass (test_upload_sequential).
    busy_share: other traffic of this computer above this share of the minimum makes the line a shared one (10 %:
    throughput.md 4.3). own_error_ratio: what of our own traffic may be taken for others' during the load: the headers
    of full frames, 66 in 1448 bytes, which may be counted otherwise (see beside.others_between).
    unstable_spread: standard deviation of the means over one second, as a share of the rate. Above 0.3 the stated error
    rates no longer hold (throughput.md 4.4).
    burst_mb: a result that does not rule out a burst of this size says so: the largest that the test was built to see
    (16 MB; a line that boosts 12 to 2 Mbps with 8 MB misled a short test: throughput.md 4.5)."""

    goodput_per_line_rate: float = GOODPUT_PER_LINE_RATE
    near_enough: float = NEAR_ENOUGH
    busy_share: float = 0.1
    own_error_ratio: float = 0.05
    unstable_spread: float = 0.3
    burst_mb: float = 16.0


_MB = 1e6

_ASK_FOR_MORE = (
    'Call your internet provider and say: "I need at least {recommended_mbps:g} Mbps of upload, better 10; today I '
    'get about {line_rate_mbps:.1f}."'
)

CODES = {
    "upload.ok": Code(
        Severity.OK,
        "Upload is {goodput_mbps:.1f} Mbps (a line of about {line_rate_mbps:.1f} Mbps); "
        "{recommended_mbps:g} is enough.",
    ),
    "upload.marginal": Code(
        Severity.WARN,
        "Upload is {goodput_mbps:.1f} Mbps (a line of about {line_rate_mbps:.1f} Mbps): enough to start with, but "
        "{recommended_mbps:g} is better.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "The server sends every page up this line. With several people at once it becomes the bottleneck.",
    ),
    "upload.near_recommended": Code(
        Severity.WARN,
        "Upload is about {goodput_mbps:.1f} Mbps (between {lower_mbps:.1f} and {upper_mbps:.1f}): enough to start "
        "with; too close to say whether it reaches {recommended_mbps:g}.",
        "Run the check again with --thorough, at a quiet hour.",
        Contact.IT_HELPER,
        "The line carries enough to begin. Whether it is comfortable for several people is not certain.",
    ),
    "upload.below_minimum": Code(
        Severity.FAIL,
        "Upload is only {goodput_mbps:.1f} Mbps (a line of about {line_rate_mbps:.1f} Mbps; {measured_against}); at "
        "least {minimum_mbps:g} is needed.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "The server sends every page up this line. Below this the EMR is slow for everybody outside.",
    ),
    "upload.burst_then_drop": Code(
        Severity.FAIL,
        "Upload started at {burst_mbps:.1f} Mbps but settled at {goodput_mbps:.1f} ({measured_against}); at least "
        "{minimum_mbps:g} is needed all the time.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "Some lines are fast for a few seconds only. Speed tests see the fast part; people at work get the slow one.",
    ),
    "upload.burst_then_marginal": Code(
        Severity.WARN,
        "Upload started at {burst_mbps:.1f} Mbps but settled at {goodput_mbps:.1f}: enough to start with, but "
        "{recommended_mbps:g} is better.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "Some lines are fast for a few seconds only. Speed tests see the fast part; people at work get the slow one.",
    ),
    "upload.borderline": Code(
        Severity.UNKNOWN,
        "Upload is about {goodput_mbps:.1f} Mbps (between {lower_mbps:.1f} and {upper_mbps:.1f}): too close to say "
        "whether it reaches {minimum_mbps:g}.",
        "Run the check again with --thorough, at a quiet hour.",
        Contact.IT_HELPER,
        "The true rate may be just above the minimum or just below it. Either answer would be a guess.",
    ),
    "upload.unstable": Code(
        Severity.WARN,
        "The upload is unstable: from second to second it varies by {spread:.0%}.",
        "Measure again by cable and at a quiet hour. If it stays so, report it to your internet provider.",
        Contact.ISP,
        "A line that varies so much is slow at times, however good its average is.",
    ),
    "upload.burst_seen": Code(
        Severity.NOTICE,
        "The upload started at {burst_mbps:.1f} Mbps and settled at {goodput_mbps:.1f}: what lasts is what counts.",
    ),
    "upload.burst_possible": Code(
        Severity.NOTICE,
        "Some lines are fast for their first megabytes only. This test was long enough to notice up to "
        "{ruled_out_mb:.1f} MB.",
    ),
    "upload.tester_limited": Code(
        Severity.UNKNOWN,
        "Upload is at least {goodput_mbps:.1f} Mbps. The line may carry more, but the test was the limit: {why}.",
        "Close other programs and run the check again by cable. A server nearer by may help: [upload] servers.",
        Contact.IT_HELPER,
        "The line may be fast enough; this test cannot show it.",
    ),
    "upload.line_busy": Code(
        Severity.UNKNOWN,
        "Upload was {goodput_mbps:.1f} Mbps, but something else on this computer was sending {other_mbps:.1f} Mbps.",
        "Run the check again when nobody uses the line: stop backups and large transfers first.",
        Contact.IT_HELPER,
        "The line was shared during the test, so its whole speed is not known.",
    ),
    "upload.line_shared": Code(
        Severity.NOTICE,
        "Something else on this computer was sending {other_mbps:.1f} Mbps meanwhile; the whole line is faster.",
    ),
    "upload.second_opinion": Code(
        Severity.NOTICE,
        "speedtest-cli says {their_mbps:.1f} Mbps. It counts what was handed to the socket, not what arrived; not used "
        "for the verdict.",
        why="It counts data that still waits in this computer, and data that the server refused: often too much. On "
        "fast lines it is often too slow itself.",
    ),
    "upload.no_second_opinion": Code(Severity.NOTICE, "There is no second opinion by speedtest-cli: {why}."),
    "upload.unmeasured": Code(
        Severity.UNKNOWN,
        "Upload could not be measured: {why}.",
        "Run the check again later. Another server can be set: [upload] servers.",
        Contact.IT_HELPER,
        "The upload decides whether the EMR can be hosted here, so nothing is said without it.",
    ),
}


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
    facts = _facts(case.site, seen, code, limits.goodput_per_line_rate)
    wanted_mbps = minimum_mbps if code in _ABOUT_THE_MINIMUM else recommended_mbps
    expected = None if code == "upload.tester_limited" else f"at least {wanted_mbps:.2f} Mbps goodput"
    findings = [Finding(code, facts, expected, f"{seen.goodput_mbps:.2f} Mbps goodput{_interval(seen)}")]
    if busy and code == "upload.ok":
        findings.append(Finding("upload.line_shared", facts))
    if seen.spread is not None and seen.spread > limits.unstable_spread and code != "upload.line_busy":
        findings.append(Finding("upload.unstable", {"spread": seen.spread}))
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
_ENOUGH = ("upload.ok", "upload.marginal", "upload.near_recommended")
_ABOUT_THE_MINIMUM = ("upload.below_minimum", "upload.burst_then_drop", "upload.borderline")


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
    facts: dict[str, Fact] = {
        "goodput_mbps": goodput_mbps,
        "line_rate_mbps": goodput_mbps / per_line_rate,
        "minimum_mbps": site.minimum_mbps,
        "recommended_mbps": site.recommended_mbps,
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


def _measured_against(second: SecondServer | None) -> str:
    if second is None or second.goodput_mbps is None or second.tester_limited is not None:
        return "measured against one server only"
    return "the better of two servers" if second.is_slower else "two servers agree"


def _interval(seen: Upload) -> str:
    if seen.lower_mbps is None or seen.upper_mbps is None:
        return ""
    return f" ({seen.lower_mbps:.2f} to {seen.upper_mbps:.2f})"


CHECK: Check[Case, Limits] = Check(
    id="upload",
    title="Upload speed",
    needs=("upload",),
    uses=("second_opinion",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={"*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet")},
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
