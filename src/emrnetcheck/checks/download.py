"""Does the line carry enough download for the people in the office? Never decides whether the EMR can be hosted."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """slow_mbps: as a provider sells it. One video call in HD takes 2 to 10 Mbps and one person's Web pages 1 (FCC,
    second hand: product.md 5), so below 5 a small office notices. No source gives a figure for OSCAR itself.
    goodput_per_line_rate: of the line rate, what programs get (see checks.upload).
    busy_share: other traffic of this computer above this share of the limit makes the line a shared one (as for the
    upload). own_error_ratio: what of our own traffic may be taken for others': on the way down headers and frames that
    were lost and sent again are only estimated; with a long queue that was 11 % (lab: bufferbloat_download)."""

    slow_mbps: float = 5.0
    goodput_per_line_rate: float = GOODPUT_PER_LINE_RATE
    busy_share: float = 0.1
    own_error_ratio: float = 0.25


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
    follows={
        "*": ("link.none", "link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        # The same servers could not be used.
        "download.unmeasured": ("upload.unmeasured",),
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
