"""How many people outside can work at once over this upload?"""

from __future__ import annotations

import math
from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE
from emrnetcheck.model import Access, Check, Code, Contact, Fact, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """per_user_mbps: goodput for one person who opens pages and documents: 1 Mbps, the figure for Web use by task
    (FCC, second hand: product.md 5). No source gives a figure for OSCAR itself, so it is settable.
    goodput_per_line_rate: providers sell the line rate, of which this share arrives (see checks.upload)."""

    per_user_mbps: float = 1.0
    goodput_per_line_rate: float = GOODPUT_PER_LINE_RATE


_ROUNDING = 1e-9  # 0.3 Mbps for people of 0.1 Mbps each are three people, though 0.3 / 0.1 is below 3


CODES = {
    "capacity.ok": Code(Severity.OK, "The upload carries about {carried} people outside at once; {users} are planned."),
    "capacity.short": Code(
        Severity.WARN,
        "The upload carries about {carried} people outside at once, not {users}.",
        "Ask your internet provider for more upload: {needed_mbps} Mbps for {users} people.",
        Contact.ISP,
        "More people at once make the EMR slow for all of them.",
    ),
    "capacity.unmeasured": Code(
        Severity.UNKNOWN,
        "How many people the line carries is not known: {why}.",
        "See what is said about the upload speed.",
        Contact.IT_HELPER,
    ),
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """capacity.* : users x per_user_mbps beside the goodput."""
    seen = need(case.seen.upload)
    if seen.goodput_mbps is None:
        return [Finding("capacity.unmeasured", {"why": "the upload was not measured"})]
    carried = math.floor(seen.goodput_mbps / limits.per_user_mbps + _ROUNDING)
    users = case.site.users
    facts: dict[str, Fact] = {
        "carried": carried,
        "users": users,
        "needed_mbps": math.ceil(users * limits.per_user_mbps / limits.goodput_per_line_rate - _ROUNDING),
    }
    code = "capacity.ok" if carried >= users else "capacity.short"
    return [Finding(code, facts, f"{users} people", f"about {carried}")]


CHECK: Check[Case, Limits] = Check(
    id="capacity",
    title="People at once",
    needs=("upload",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    lives_on="upload",
    follows={
        "*": (
            "upload.unmeasured",
            "upload.tester_limited",
            "upload.line_busy",
            "upload.below_minimum",
            "upload.burst_then_drop",
            "upload.borderline",
        ),
        "capacity.short": ("upload.marginal", "upload.near_recommended", "upload.burst_then_marginal"),
    },
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
