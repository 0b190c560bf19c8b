"""By which routers does this computer reach the EMR, and where on the way does the time go?"""

from __future__ import annotations

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.path import Entry, Path, Trace, where_latency_enters
from emrnetcheck.model import Check, Code, Contact, Fact, FailureKind, Finding, Segment, Severity
from emrnetcheck.placing import Health, Leg
from emrnetcheck.placing.legs import path_state
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.words import fault_clause, unmeasured

_HERE = "this computer"

CODES = {
    "route.ok": Code(
        Severity.OK,
        "Most of the way's time ({added_ms:.0f} ms) is spent between {after} and {at}{end}.",
    ),
    "route.bad": Code(
        Severity.NOTICE,
        "On the way to the EMR something is bad: {what}.",
        contact=Contact.ISP,
    ),
    "route.inside": Code(Severity.OK, "The EMR is in this network: no other router is on the way."),
    "route.size_unknown": Code(
        Severity.NOTICE,
        "Whether packets of full size reach the EMR could not be found out: {why}.",
        contact=Contact.IT_HELPER,
    ),
    "route.unseen": Code(
        Severity.UNKNOWN,
        "The routers on the way to the EMR do not answer, so the way could not be seen.",
        "Nothing needs to be done if the rest is fine: routers may be set not to answer.",
        Contact.IT_HELPER,
    ),
    "route.unmeasured": unmeasured("The way to the EMR could not be traced: {why}."),
}


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """route.* for the trace to the EMR."""
    path = need(case.seen.path)
    state = path_state(case.seen, limits)
    if state.health is Health.BAD:
        clause = fault_clause(Leg.PATH, state)
        return [Finding("route.bad", {"what": clause}, "quick, and whole", clause)]
    trace = next((trace for trace in path.traces if trace.role != "outside"), None)
    entry = where_latency_enters(trace) if trace is not None else None
    if trace is None or entry is None or entry.added_ms is None:
        return [Finding("route.unseen", {}, "answers", "no answer"), *_unsized(path)]
    return [Finding("route.ok", _facts(trace, entry)), *_unsized(path)]


def _unsized(path: Path) -> list[Finding]:
    failures = [mtu.failure for mtu in path.mtus if mtu.role != "outside" and mtu.failure is not None]
    return [Finding("route.size_unknown", {"why": why.in_words()}, "a size", "none") for why in failures[:1]]


def _facts(trace: Trace, entry: Entry) -> dict[str, Fact]:
    return {
        "added_ms": entry.added_ms,
        "after": entry.after or _HERE,
        "at": entry.at,
        "end": ", the EMR's own end" if entry.at_end else "",
        "hops": len(trace.hops),
    }


CHECK: Check[Case, LegLimits] = Check(
    id="route",
    title="The routers on the way",
    needs=("path",),
    uses=("way", "last_routers"),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    unmeasured={FailureKind.NOT_NEEDED: "route.inside"},
    segment=Segment.PATH,
)
