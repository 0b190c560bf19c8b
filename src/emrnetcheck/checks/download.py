"""Does the line carry enough download for the people in the office? Never decides whether the EMR can be hosted."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Segment, Severity
from emrnetcheck.model.limits import limit
from emrnetcheck.office.cable import OWN_CONNECTION


@dataclass(frozen=True, slots=True)
class Limits:
    """How much download is enough?"""

    slow_mbps: float = limit(
        5.0,
        "A slower line, as providers sell it, is a note.",
        "FCC, broadband by activity: a video call in HD takes 2 to 10 Mbps, Web use 1",
    )
    goodput_per_line_rate: float = limit(
        GOODPUT_PER_LINE_RATE, "Providers sell the line rate; this share of it arrives.", "as for upload", unit="share"
    )
    busy_share: float = limit(
        0.1, "Other traffic of this computer above this share of the limit: the line is a shared one.", "as for upload"
    )
    own_error_ratio: float = limit(
        0.25,
        "So much of our own traffic may be taken for others'.",
        "measured: headers and frames sent again are only estimated on the way down; with a long queue that was 11 %",
    )


_LAST_BIT = 1 - 1e-12

CODES = {
    "download.ok": Code(
        Severity.OK,
        "Download is {at_least}{goodput_mbps:.1f} Mbps; {slow_mbps:g} is enough for a small office.",
    ),
    "download.slow": Code(
        Severity.NOTICE,
        "Download is only {goodput_mbps:.1f} Mbps (a line of about {line_rate_mbps:.1f} Mbps): the office's own "
        "Internet will feel slow.",
        'Ask your internet provider: "Is {line_rate_mbps:.1f} Mbps of download what I pay for?"',
        Contact.ISP,
        "The computers in the office use the download. The EMR's users outside depend on the upload, which is judged "
        "by itself.",
    ),
    "download.line_shared": Code(
        Severity.NOTICE,
        "Download was {goodput_mbps:.1f} Mbps, but something else on this computer was receiving "
        "{other_mbps:.1f} Mbps.",
        "Stop updates and large transfers, then run the check again.",
        Contact.IT_HELPER,
    ),
    "download.tester_limited": Code(
        Severity.NOTICE,
        "Download is at least {goodput_mbps:.1f} Mbps. The line may carry more, but the test was the limit: {why}.",
        "Close other programs and run the check again.",
        Contact.IT_HELPER,
    ),
    "download.unmeasured": Code(
        Severity.UNKNOWN,
        "Download could not be measured: {why}.",
        "It decides nothing about the EMR. Run the check again later if you want to know it.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """download.* : goodput against `slow_mbps` as a line rate."""
    seen = need(case.seen.download)
    enough_mbps = limits.slow_mbps * limits.goodput_per_line_rate * _LAST_BIT
    other_mbps = max(seen.other_received_mbps or 0.0, seen.other_during_mbps or 0.0)
    facts: dict[str, Fact] = {
        "goodput_mbps": seen.goodput_mbps,
        "line_rate_mbps": seen.goodput_mbps / limits.goodput_per_line_rate,
        "slow_mbps": limits.slow_mbps,
        "at_least": "" if seen.tester_limited is None else "at least ",
        "server": seen.server,
        "method": seen.method,
        "other_mbps": other_mbps,
    }
    code = "download.ok"
    if seen.goodput_mbps < enough_mbps:
        code = "download.slow"
        if seen.tester_limited is not None:
            code = "download.tester_limited"
            facts["why"] = seen.tester_limited
        elif _shared(seen, limits):
            code = "download.line_shared"
    return [Finding(code, facts, f"at least {enough_mbps:.2f} Mbps goodput", f"{seen.goodput_mbps:.2f} Mbps goodput")]


def _shared(seen: Download, limits: Limits) -> bool:
    before_mbps, during_mbps = seen.other_received_mbps or 0.0, seen.other_during_mbps or 0.0
    little_mbps = limits.busy_share * limits.slow_mbps
    return before_mbps > little_mbps or during_mbps > max(little_mbps, limits.own_error_ratio * seen.goodput_mbps)


CHECK: Check[Case, Limits] = Check(
    id="download",
    title="Download speed",
    needs=("download",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LINE,
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        # The same servers could not be used.
        "download.unmeasured": ("upload.unmeasured", "upload.stalled"),
        "download.slow": OWN_CONNECTION,
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
