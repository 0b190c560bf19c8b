"""Which part of the way to the EMR is slow, how sure is that, and whom should one call?"""

from __future__ import annotations

from emrnetcheck.checks.segment.codes import CODES
from emrnetcheck.evidence import Case, need
from emrnetcheck.model import Check, Fact, Finding, Segment
from emrnetcheck.placing import Fault, Health, Leg, Placing, State, Sure, place
from emrnetcheck.placing.answers import why_no_page
from emrnetcheck.placing.here import by_vpn, dead_addresses, is_inside, on_wifi
from emrnetcheck.placing.kept_in import is_kept_in, may_be_kept_in
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.misled import is_answered_by_router, is_private
from emrnetcheck.placing.shared_loss import is_by_router, judged_together
from emrnetcheck.placing.words import LEG_WORDS, SURE_WORDS, reasons
from emrnetcheck.profiles import FOREIGN, LOOKS

_FAILING = (
    Fault.DEAD, Fault.MISSING, Fault.HALF_DEAD, Fault.REFUSED, Fault.WRONG, Fault.SIZE, Fault.NO_PAGE,
)  # fmt: skip


def judge(case: Case, limits: LegLimits) -> list[Finding]:
    """One code: the segment, or that there is none."""
    portal = is_answered_by_router(case.seen)
    inside = need(case.seen.way).inside if not portal else False
    judged = judged_together(legs_of(case.seen, limits), case.seen, limits)
    legs = judged.legs
    by_router = bool(inside) and is_by_router(case.seen)
    placing = place(legs, inside=inside, by_router=by_router, wireless=on_wifi(case.seen), vpn=by_vpn(case.seen))
    placing = judged.doubted(placing)
    why = [*reasons(placing, legs), *_unexcluded(case, placing, legs)]
    facts: dict[str, Fact] = {
        "sure": SURE_WORDS[placing.sure],
        "does": "fails" if any(legs[leg].fault in _FAILING for leg in placing.because) else "is slow",
        "why": "; ".join(why),
        "reasons": ". ".join(clause[:1].upper() + clause[1:] for clause in why),
        "because": tuple(leg.value for leg in placing.because),
        "bad": tuple(leg.value for leg in Leg if legs[leg].health is Health.BAD),
        "normal": tuple(leg.value for leg in placing.normal),
        "absent": tuple(leg.value for leg in Leg if legs[leg].health is Health.ABSENT),
        "excused": tuple(leg.value for leg in placing.excused),
        "also": tuple(segment.value for segment in placing.also),
        "also_because": tuple(leg.value for leg in placing.also_because),
    }
    code = _code(placing)
    if code == "segment.server" and any(legs[leg].fault is Fault.NO_PAGE for leg in placing.because):
        code, facts["no_page"] = "segment.server_no_page", why_no_page(need(case.seen.pages))
    if code == "segment.server" and _takes_nothing(case, placing, legs):
        code = "segment.server_or_router" if by_router else "segment.server_refuses"
        facts["port"] = need(case.seen.way).emr_port
    if code == "segment.far" and inside is False and is_kept_in(legs):
        code, facts["port"] = "segment.kept_in", need(case.seen.way).emr_port
    if code == "segment.server" and by_router and _is_silent(placing, legs):
        code, facts["port"] = "segment.server_or_router", need(case.seen.way).emr_port
    if code == "segment.line" and portal:
        code = "segment.line_portal"
    if code == "segment.unclear" and case.seen.pages is not None and case.seen.pages.kind in FOREIGN:
        code, facts["looks"] = "segment.other_page", LOOKS[case.seen.pages.kind]
    if code == "segment.name" and legs[Leg.NAME].fault is Fault.MISSING:
        code = "segment.name_missing"
    if code == "segment.name" and legs[Leg.NAME].fault is Fault.HALF_DEAD:
        code, dead = _dead_address(case, placing)
        facts |= dead
    return [Finding(code, facts, "every part quick", _actual(placing))]


def _dead_address(case: Case, placing: Placing) -> tuple[str, dict[str, Fact]]:
    """Which code, and its facts: an office's address is dead for everybody outside, and any other for all."""
    dead, way = dead_addresses(case.seen), need(case.seen.way)
    # Inside, a guest network may not lead to the office's; and who may be inside may meet a router that leads not back.
    sure = placing.sure if way.inside is False else Sure.LIKELY
    kind = "office" if all(is_private(each) for each in dead) else "dead"
    told: dict[str, Fact] = {"dead": ", ".join(dead), "open": ", ".join(need(case.seen.lookups).opened)}
    return f"segment.name_{kind}_address", {**told, "sure": SURE_WORDS[sure]}


def _unexcluded(case: Case, placing: Placing, legs: dict[Leg, State]) -> tuple[str, ...]:
    """What else it may be, because nobody could be asked for comparison."""
    if placing.segment is Segment.LINE and legs[Leg.OUTSIDE].fault is Fault.DEAD and _asked_the_internet(case):
        return ("yet the EMR's name is found out there, so this network may let out only what goes through a proxy",)
    if is_inside(case.seen) or placing.segment not in (Segment.FAR, Segment.SERVER):
        return ()
    if placing.segment is Segment.FAR and may_be_kept_in(legs):
        port = need(case.seen.way).emr_port
        return (f"or this network lets nothing out on port {port}: try it from a phone's hotspot",)
    alone = Leg.SERVER_BULK in placing.because and legs[Leg.SERVER_BULK].fault is Fault.RATE
    if not alone or legs[Leg.OWN_BULK].health in (Health.GOOD, Health.BAD):
        return ()
    return ("nothing was loaded from elsewhere to compare, so it may be this place's own line as well",)


def _asked_the_internet(case: Case) -> bool:
    """Whether a name server answered that is out there, or one of this place with what it has to fetch there."""
    found = case.seen.lookups
    public = [each for each in found.answers if each.kind == "public" and each.addresses] if found is not None else []
    return bool(public) or (found is not None and found.anew_ms is not None)


def _takes_nothing(case: Case, placing: Placing, legs: dict[Leg, State]) -> bool:
    """Whether every connection to the EMR was refused, and no page came: nothing listens there."""
    way = need(case.seen.way)
    answered = sum(series.sent - series.lost for series in way.of("server"))
    refused = Leg.SERVER_TCP in placing.because and legs[Leg.SERVER_TCP].fault is Fault.REFUSED
    return refused and way.refused("server") >= answered > 0 and legs[Leg.SERVER_ANSWER].median_ms is None


def _is_silent(placing: Placing, legs: dict[Leg, State]) -> bool:
    """Whether no connection to the EMR was answered at all."""
    return Leg.SERVER_TCP in placing.because and legs[Leg.SERVER_TCP].fault is Fault.DEAD


def _code(placing: Placing) -> str:
    if placing.segment is not None:
        return f"segment.{placing.segment.value}"
    return "segment.unclear" if placing.sure is Sure.CANNOT_TELL else "segment.none"


def _actual(placing: Placing) -> str:
    bad = ", ".join(LEG_WORDS[leg].strip(",") for leg in placing.because)
    return f"bad: {bad}" if bad else "no part of it bad"


CHECK: Check[Case, LegLimits] = Check(
    id="segment",
    title="Which part is slow",
    needs=("way",),
    uses=("link", "lookups", "pages", "download", "clinic", "path", "last_routers", "wear"),
    limits=LegLimits(),
    codes=CODES,
    judge=judge,
    required=True,
)
