"""How quick is the way to the EMR's computer, before its program has to do anything?"""

from __future__ import annotations

from emrnetcheck.evidence import Case, need
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Segment, Severity
from emrnetcheck.placing import Fault, Health, Leg
from emrnetcheck.placing.here import is_inside
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.words import fault_clause, unmeasured

CODES = {
    "server.ok": Code(
        Severity.OK, "The EMR's computer{where} answers in {p50_ms:.1f} ms; {lost} of {sent} connections were lost."
    ),
    "server.bad": Code(Severity.NOTICE, "The way to the EMR's computer is bad: {what}.", contact=Contact.EMR_HOST),
    "server.refused": Code(
        Severity.NOTICE,
        "At {address} nothing accepts connections on port {port}: the EMR does not run, is not forwarded, "
        "or a firewall refuses in its place.",
        contact=Contact.EMR_HOST,
    ),
    "server.silent": Code(
        Severity.NOTICE,
        "At {address} nobody answers on port {port}.",
        contact=Contact.EMR_HOST,
        why="The computer is off, the address is not the clinic's any more, or a firewall keeps this computer out.",
    ),
    "server.takes_few": Code(
        Severity.NOTICE,
        "The EMR's computer did not answer {lost} of {sent} new connections, and yet no page waited. It, or a firewall,"
        " takes only so many a second. That makes no page slow.",
        contact=Contact.EMR_HOST,
    ),
    "server.unknown": Code(
        Severity.UNKNOWN,
        "The EMR's address is not known, so its computer could not be asked.",
        "Check the name in the address bar of the browser, and measure again.",
        Contact.IT_HELPER,
    ),
    "server.unmeasured": unmeasured("The EMR's computer could not be asked: {why}."),
}


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """server.* for the round trips to the EMR's port."""
    way = need(case.seen.way)
    series = next(iter(way.of("server")), None)
    if way.emr_address is None or series is None:
        return [Finding("server.unknown", {}, "an address", "none")]
    state = legs_of(case.seen, limits)[Leg.SERVER_TCP]
    facts: dict[str, Fact] = {"address": way.emr_address, "port": way.emr_port}
    if state.health is Health.UNKNOWN and state.lost:
        counted: dict[str, Fact] = {"lost": state.lost, "sent": state.sent}
        return [Finding("server.takes_few", facts | counted, "all answered", f"{state.lost} of {state.sent} lost")]
    if state.health is Health.UNKNOWN:
        return [Finding("server.unmeasured", {"why": "no probe could be sent"})]
    if state.fault in (Fault.REFUSED, Fault.DEAD):
        code = "server.refused" if state.fault is Fault.REFUSED else "server.silent"
        return [Finding(code, facts, "an open port", fault_clause(Leg.SERVER_TCP, state))]
    if state.health is Health.BAD:
        clause = fault_clause(Leg.SERVER_TCP, state)
        return [Finding("server.bad", facts | {"what": clause}, "quick answers, little lost", clause)]
    fine: dict[str, Fact] = {
        "where": " (in this network)" if is_inside(case.seen) else "",
        "p50_ms": series.p50_ms,
        "lost": series.lost,
        "sent": series.sent,
    }
    return [Finding("server.ok", facts | fine)]


CHECK: Check[Case, LegLimits] = Check(
    id="server",
    title="The way to the EMR's computer",
    needs=("way",),
    uses=("link", "pages"),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    segment=Segment.FAR,
)
