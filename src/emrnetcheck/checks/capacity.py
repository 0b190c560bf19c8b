"""How many people outside can work at once over this upload, and how long does a scanned page take?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE, NEAR_ENOUGH, Upload, against, goodput_thresholds
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Segment, Severity, Urgency
from emrnetcheck.model.limits import limit
from emrnetcheck.workloads import WORKLOADS, carried, each, in_mbps, in_people, line_rate_for

_BITS = 8


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person needs, and the page whose time is told."""

    per_user_mbps: float = limit(
        WORKLOADS["records"].mbps,
        "Upload for one person; set, it goes before the figure of [emr] workload.",
        f"{WORKLOADS['records'].source}. No source gives a figure for OSCAR itself, so set your own",
    )
    goodput_per_line_rate: float = limit(
        GOODPUT_PER_LINE_RATE, "Providers sell the line rate; this share of it arrives.", "as for upload", unit="share"
    )
    scanned_page_mb: float = limit(
        2.0, "The scanned page whose time to send is told.", "example: a letter-size page in colour at 300 dots an inch"
    )


_SCAN = "A scanned page of {scan_mb:g} MB takes {scan_s:.1f} s to send."
CODES = {
    "capacity.ok": Code(
        Severity.OK,
        f"The upload carries {{carries}} outside at once {{who}}; {{planned}}. {_SCAN}",
    ),
    "capacity.slow_line": Code(
        Severity.NOTICE,
        f"The upload carries {{carries}} outside at once {{who}}; {{planned}}. {_SCAN}",
    ),
    "capacity.none": Code(
        Severity.FAIL,
        "The upload carries less than one person outside at once {who}; {planned}. One person needs {per_user_mbps:g} "
        f"Mbps; {{goodput}} was measured. {_SCAN}",
        "Order more upload: a line with {needed_mbps} Mbps for {for_whom}. Or plan for work that needs less.",
        Contact.ISP,
        "Not even one person can do that work from outside. The least that any clinic needs is not enough for it.",
        say="I need {needed_mbps} Mbps of upload. Today I get about {line_rate} Mbps. What can you offer?",
    ),
    "capacity.over_wifi": Code(
        Severity.WARN,
        "Over Wi-Fi the upload carries {carries} outside at once {who}; {planned}. The line itself may carry more.",
        "Connect this computer with a cable and run the check again, before you call the provider.",
        Contact.IT_HELPER,
        "Wi-Fi is often slower than the line. A faster line would not help then.",
        say="Over Wi-Fi the upload is only {goodput} Mbps. Please connect this computer with a cable, so that we see "
        "what the line itself does.",
        when=Urgency.THIS_WEEK,
    ),
    "capacity.short": Code(
        Severity.WARN,
        "The upload carries {carries} outside at once {who}, not {users}. For {users}, {required_mbps:g} Mbps is "
        f"needed; {{goodput}} was measured. {_SCAN}",
        "Order more upload: a line with {needed_mbps} Mbps for {users} people. Or plan for fewer at once.",
        Contact.ISP,
        "More people at once make the EMR slow for all of them.",
        say="I need {needed_mbps} Mbps of upload for {users} people at once. Today I get about {line_rate} "
        "Mbps. What can you offer?",
        when=Urgency.THIS_WEEK,
    ),
    "capacity.unmeasured": Code(
        Severity.UNKNOWN,
        "How many people the line carries is not known: {why}.",
        "See what is said about the upload speed.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """capacity.* : users x what each needs, beside the goodput."""
    seen = need(case.seen.upload)
    goodput_mbps = seen.goodput_mbps
    if not goodput_mbps:
        return [Finding("capacity.unmeasured", {"why": "the upload was not measured"})]
    work, users = each(case.site), case.site.users
    number = carried(goodput_mbps, work.mbps)
    if not number and (seen.upper_mbps or 0.0) >= work.mbps:
        number = 1  # perhaps: nobody is told for sure that it carries nobody
    facts: dict[str, Fact] = {
        "carried": number,
        "carries": in_people(number),
        "users": users,
        "workload": work.name,
        "who": work.one if number <= 1 else work.who,
        "planned": f"{users} {'is' if users == 1 else 'are'} planned",
        "for_whom": "1 person" if users == 1 else f"{users} people",
        "goodput": in_mbps(goodput_mbps),
        "line_rate": in_mbps(goodput_mbps / limits.goodput_per_line_rate),
        "per_user_mbps": work.mbps,
        "required_mbps": users * work.mbps,
        "goodput_mbps": goodput_mbps,
        "line_rate_mbps": goodput_mbps / limits.goodput_per_line_rate,
        "needed_mbps": line_rate_for(case.site, limits.goodput_per_line_rate),
        "scan_mb": limits.scanned_page_mb,
        "scan_s": limits.scanned_page_mb * _BITS / goodput_mbps,
    }
    code = _code(case, seen, number, limits)
    return [
        Finding(
            code, facts, f"{users} people, {users * work.mbps:g} Mbps", f"{facts['carries']}, {goodput_mbps:.2f} Mbps"
        )
    ]


def _code(case: Case, seen: Upload, number: int, limits: Limits) -> str:
    """Where the upload is certainly too low by itself, its own check names that fault: here it is a figure only."""
    if number >= case.site.users:
        return "capacity.ok"
    if case.seen.link is not None and case.seen.link.medium == "wifi":
        return "capacity.over_wifi"
    minimum_mbps, recommended_mbps = goodput_thresholds(case.site, limits.goodput_per_line_rate)
    enough_mbps = recommended_mbps if number else minimum_mbps
    if against(seen, enough_mbps, NEAR_ENOUGH) == "fail":
        return "capacity.slow_line"
    return "capacity.short" if number else "capacity.none"


CHECK: Check[Case, Limits] = Check(
    id="capacity",
    title="People at once",
    needs=("upload",),
    uses=("link",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LINE,
    lives_on="upload",
    follows={
        "*": (
            "upload.unmeasured",
            "upload.stalled",
            "upload.tester_limited",
            "upload.line_busy",
            "upload.borderline",
            "upload.slow_over_wifi",
            "upload.marginal_over_wifi",
        ),
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
