"""How quick are the router and the other computers here, seen from a computer that uses the EMR?"""

from __future__ import annotations

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Segment, Severity
from emrnetcheck.placing import Fault, Health, Leg, State
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.words import fault_clause, unmeasured

CODES = {
    "nearby.ok": Code(
        Severity.OK, "The router ({address}) answers in {p50_ms:.1f} ms; {lost} of {sent} probes were lost."
    ),
    "nearby.bad": Code(
        Severity.NOTICE,
        "Between this computer and the router something is bad: {what}.",
        contact=Contact.LAN,
    ),
    "nearby.answers_late": Code(
        Severity.NOTICE,
        "The router ({address}) answers badly, and passes everything on well: that is no fault.",
        why="Many routers answer probes last. What counts is what they pass on.",
    ),
    "nearby.peer_bad": Code(
        Severity.NOTICE,
        "Another computer here ({address}) is slow to answer; the router is quick.",
        contact=Contact.LAN,
    ),
    "nearby.silent": Code(
        Severity.UNKNOWN,
        "The router ({address}) does not answer probes, so its own part could not be told.",
        "This may be a setting of the router. Nothing needs to be done if the rest is fine.",
        Contact.ROUTER,
        say="The router ({address}) does not answer pings. Please let it answer them inside the office, so that it "
        "can be measured.",
    ),
    "nearby.none": Code(
        Severity.UNKNOWN,
        "This computer knows no router, so its own part could not be told.",
        "Check that this computer has a network connection and gets its settings automatically.",
        Contact.LAN,
    ),
    "nearby.unmeasured": unmeasured("The router could not be asked: {why}."),
}


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """nearby.* for the router, and for a peer that is bad beside a good router."""
    way = need(case.seen.way)
    legs = legs_of(case.seen, limits)
    router = next(iter(way.of("router")), None)
    if router is None:
        return [Finding("nearby.none", expected="a router", actual="none")]
    state = legs[Leg.ROUTER]
    if state.health is Health.UNKNOWN:
        return [Finding("nearby.silent", {"address": router.address}, "answers", "no answer")]
    if state.health is Health.BAD:
        facts: dict[str, Fact] = {"address": router.address, "what": fault_clause(Leg.ROUTER, state)}
        return [Finding("nearby.bad", facts, "quick answers", fault_clause(Leg.ROUTER, state))]
    return [_fine(router, state), *_peer(legs[Leg.PEER], way.of("peer"))]


def _fine(router: Series, state: State) -> Finding:
    if router.p50_ms is None or state.median_ms is None:
        return Finding("nearby.silent", {"address": router.address}, "answers", "no answer")
    if state.median_ms < router.p50_ms and state.sent != router.sent:  # by connecting; ping was answered worse
        return Finding("nearby.answers_late", {"address": router.address}, "quick answers", f"{router.p50_ms:.1f} ms")
    facts: dict[str, Fact] = {
        "address": router.address,
        "p50_ms": router.p50_ms,
        "lost": router.lost,
        "sent": router.sent,
        "method": router.method,
    }
    return Finding("nearby.ok", facts)


def _peer(state: State, peers: tuple[Series, ...]) -> list[Finding]:
    """A computer that is off is no news."""
    if state.health is not Health.BAD or state.fault is Fault.DEAD:
        return []
    return [Finding("nearby.peer_bad", {"address": peers[0].address}, "quick answers", fault_clause(Leg.PEER, state))]


CHECK: Check[Case, LegLimits] = Check(
    id="nearby",
    title="Router and this network",
    needs=("way",),
    uses=("link",),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LAN,
    follows={"nearby.none": ("link.vpn",)},
)
