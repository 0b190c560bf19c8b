"""How quick is the Internet from a computer that uses the EMR: the line, the provider, a short download?"""

from __future__ import annotations

from emrnetcheck.evidence import Case, need
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Segment, Severity
from emrnetcheck.placing import Fault, Health, Leg
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.words import fault_clause, unmeasured

CODES = {
    "internet.ok": Code(
        Severity.OK, "The Internet answers in {p50_ms:.0f} ms; {lost} of {sent} probes were lost{download}."
    ),
    "internet.bad": Code(Severity.NOTICE, "The Internet is not well reached from here: {what}.", contact=Contact.ISP),
    "internet.little": Code(
        Severity.NOTICE,
        "Little comes here from the Internet: {mbps:.1f} Mbps in a short download.",
        contact=Contact.ISP,
    ),
    "internet.none": Code(Severity.NOTICE, "Nobody on the Internet answers this computer.", contact=Contact.ISP),
    "internet.unmeasured": unmeasured("The Internet could not be asked: {why}."),
}


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """internet.* for the best of the hosts that were asked, and for the download."""
    need(case.seen.way)
    legs = legs_of(case.seen, limits)
    outside, found = legs[Leg.OUTSIDE], list[Finding]()
    if outside.health is Health.UNKNOWN:
        return [Finding("internet.unmeasured", {"why": "no probe could be sent"})]
    if outside.fault is Fault.DEAD:
        return [Finding("internet.none", {}, "answers", "no answer")]
    bad = next((leg for leg in (Leg.ISP, Leg.OUTSIDE) if legs[leg].health is Health.BAD), None)
    download = case.seen.download
    if outside.health is Health.BAD and bad is not None:
        clause = fault_clause(bad, legs[bad])
        found.append(Finding("internet.bad", {"what": clause}, "quick answers, little lost", clause))
    if download is not None and legs[Leg.OWN_BULK].health is Health.BAD:
        facts: dict[str, Fact] = {"mbps": download.goodput_mbps}
        found.append(Finding("internet.little", facts, f"over {limits.own_mbps:g} Mbps", f"{facts['mbps']:.1f} Mbps"))
    if found:
        return found
    carried = f"; {download.goodput_mbps:.0f} Mbps came in a short download" if download is not None else ""
    fine: dict[str, Fact] = {
        "p50_ms": outside.median_ms,
        "lost": outside.lost,
        "sent": outside.sent,
        "download": carried,
    }
    return [Finding("internet.ok", fine)]


CHECK: Check[Case, LegLimits] = Check(
    id="internet",
    title="The Internet from here",
    needs=("way",),
    uses=("link", "download", "pages"),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LINE,
)
