"""Does the line carry enough upload to host the EMR?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """goodput_per_line_rate: providers sell the line rate; what programs get of it is less by the headers of Ethernet,
    IP and TCP: 1448/1538 = 0.941 with timestamps and preamble, 0.955 measured without (throughput.md 0.7). So a line
    sold as 5 Mbps passes a limit of 5 Mbps.
    busy_share: other traffic of this computer above this share of the minimum makes the line a shared one (10 %:
    throughput.md 4.3). own_error_ratio: what of our own traffic may be taken for others' during the load: the headers
    of full frames, 66 in 1448 bytes, which may be counted otherwise (see beside.others_between)."""

    goodput_per_line_rate: float = 0.94
    busy_share: float = 0.1
    own_error_ratio: float = 0.05


_LAST_BIT = 1 - 1e-12

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
    "upload.below_minimum": Code(
        Severity.FAIL,
        "Upload is only {goodput_mbps:.1f} Mbps (a line of about {line_rate_mbps:.1f} Mbps); at least {minimum_mbps:g} "
        "is needed.",
        _ASK_FOR_MORE,
        Contact.ISP,
        "The server sends every page up this line. Below this the EMR is slow for everybody outside.",
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
    "upload.unmeasured": Code(
        Severity.UNKNOWN,
        "Upload could not be measured: {why}.",
        "Run the check again later. Another server can be set: [upload] servers.",
        Contact.IT_HELPER,
        "The upload decides whether the EMR can be hosted here, so nothing is said without it.",
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """upload.* : goodput against the thresholds taken as line rates times `goodput_per_line_rate`."""
    seen = need(case.seen.upload)
    if seen.goodput_mbps is None:
        return [Finding("upload.unmeasured", {"why": "nothing was confirmed by the other side"})]
    ratio = limits.goodput_per_line_rate
    minimum_mbps, recommended_mbps = case.site.minimum_mbps * ratio, case.site.recommended_mbps * ratio
    # 0.94 times a threshold is itself reached, whatever the last bit of the product says.
    minimum_mbps, recommended_mbps = minimum_mbps * _LAST_BIT, recommended_mbps * _LAST_BIT
    facts: dict[str, Fact] = {
        "goodput_mbps": seen.goodput_mbps,
        "line_rate_mbps": seen.goodput_mbps / ratio,
        "minimum_mbps": case.site.minimum_mbps,
        "recommended_mbps": case.site.recommended_mbps,
        "server": seen.server,
        "method": seen.method,
    }
    actual = f"{seen.goodput_mbps:.2f} Mbps goodput"
    before_mbps, during_mbps = seen.other_sent_mbps or 0.0, seen.other_during_mbps or 0.0
    other_mbps = max(before_mbps, during_mbps)
    little_mbps = limits.busy_share * case.site.minimum_mbps
    busy = before_mbps > little_mbps or during_mbps > max(little_mbps, limits.own_error_ratio * seen.goodput_mbps)
    shared = facts | {"other_mbps": other_mbps}
    if seen.goodput_mbps >= recommended_mbps:
        fine = Finding("upload.ok", facts, f"at least {recommended_mbps:.2f} Mbps goodput", actual)
        return [fine, Finding("upload.line_shared", shared)] if busy else [fine]
    if seen.tester_limited is not None:
        return [Finding("upload.tester_limited", facts | {"why": seen.tester_limited}, None, actual)]
    if busy:
        return [Finding("upload.line_busy", shared, f"at least {recommended_mbps:.2f} Mbps goodput", actual)]
    if seen.goodput_mbps >= minimum_mbps:
        return [Finding("upload.marginal", facts, f"at least {recommended_mbps:.2f} Mbps goodput", actual)]
    return [Finding("upload.below_minimum", facts, f"at least {minimum_mbps:.2f} Mbps goodput", actual)]


CHECK: Check[Case, Limits] = Check(
    id="upload",
    title="Upload speed",
    needs=("upload",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={"*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet")},
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
