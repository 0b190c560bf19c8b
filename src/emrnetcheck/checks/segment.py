"""Which part of the way to the EMR is slow, how sure is that, and whom should one call?"""

from __future__ import annotations

from emrnetcheck.evidence import Case, need
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Segment, Severity, Urgency
from emrnetcheck.placing import Fault, Health, Leg, Placing, State, Sure, place
from emrnetcheck.placing.answers import why_no_page
from emrnetcheck.placing.here import by_vpn, dead_addresses, is_inside, on_wifi
from emrnetcheck.placing.kept_in import is_kept_in, may_be_kept_in
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.misled import is_answered_by_router, is_private
from emrnetcheck.placing.shared_loss import is_by_router, judged_together
from emrnetcheck.placing.words import LEG_WORDS, SURE_WORDS, reasons, unmeasured
from emrnetcheck.profiles import FOREIGN, LOOKS

_WHY = (
    "The nearest part that is bad and explains those behind it is named; parts behind it cannot be judged through it."
)
_FAILING = (
    Fault.DEAD, Fault.MISSING, Fault.HALF_DEAD, Fault.REFUSED, Fault.WRONG, Fault.SIZE, Fault.NO_PAGE,
)  # fmt: skip

CODES = {
    "segment.none": Code(
        Severity.OK,
        "Nothing on the way to the EMR was slow when it was measured ({sure}).",
        segment=None,
    ),
    "segment.computer": Code(
        Severity.FAIL,
        "This computer's own connection is what {does} ({sure}). {reasons}.",
        "Connect this computer with a cable. If it has one, try another cable and another socket. Turn a VPN off.",
        Contact.LAN,
        _WHY,
        Segment.COMPUTER,
        say="This computer's own connection {does}. {reasons}. Please look at its cable, its Wi-Fi and its VPN.",
        when=Urgency.TODAY,
    ),
    "segment.lan": Code(
        Severity.FAIL,
        "The network of this place (cables, switch, Wi-Fi repeaters) is what {does} ({sure}). {reasons}.",
        "Try another cable and another port of the switch. Restart the switch. Look for a cable that leads back to it.",
        Contact.LAN,
        _WHY,
        Segment.LAN,
        say="The network of this place {does}. {reasons}. Please look at the cables and at the switch.",
        when=Urgency.TODAY,
    ),
    "segment.router": Code(
        Severity.FAIL,
        "The router of this place is what {does} ({sure}). {reasons}.",
        "Restart the router. If it stays slow, have its cable, its load and its software looked at.",
        Contact.ROUTER,
        _WHY,
        Segment.ROUTER,
        say="The router {does}. {reasons}. Please look at its cable, its load and its software.",
        when=Urgency.TODAY,
    ),
    "segment.line": Code(
        Severity.FAIL,
        "The Internet line of this place is what {does} ({sure}). {reasons}.",
        "See whether somebody here is sending or loading much. If nobody is, call the provider with this report.",
        Contact.ISP,
        _WHY,
        Segment.LINE,
        say="My Internet line {does}. {reasons}. Please test the line.",
        when=Urgency.TODAY,
    ),
    "segment.line_portal": Code(
        Severity.FAIL,
        "Nobody on the Internet answers, and for the EMR's name the router here gives its own address ({sure}). Its "
        "line is down, or this network wants a log-in first.",
        "Open any page in a browser. If a log-in page of this network comes, log in and measure again. If none comes, "
        "restart the router, then call the provider.",
        Contact.ISP,
        "Guest networks answer so until somebody has logged in, and some routers do while their line is down.",
        Segment.LINE,
        say="My Internet line fails: nobody on the Internet answers, and the router gives its own address for every "
        "name. Please test the line.",
        when=Urgency.TODAY,
    ),
    "segment.path": Code(
        Severity.FAIL,
        "The network of a provider, beyond this place's line, is what {does} ({sure}). {reasons}.",
        "Wait an hour and measure again. If it stays, call the provider with this report.",
        Contact.ISP,
        _WHY,
        Segment.PATH,
        say="Beyond my line your network {does}. {reasons}. Please look at it.",
        when=Urgency.TODAY,
    ),
    "segment.name": Code(
        Severity.FAIL,
        "The look-up of the EMR's name is what is wrong ({sure}). {reasons}.",
        "Restart this place's router and measure again. If it stays, set another name server (such as 1.1.1.1) in it.",
        Contact.ROUTER,
        "Without the right address nothing else of the EMR can be reached.",
        Segment.NAME,
        say="The look-up of the EMR's name is wrong. {reasons}. Please set another name server, such as 1.1.1.1, in "
        "the router.",
        when=Urgency.TODAY,
    ),
    "segment.name_missing": Code(
        Severity.FAIL,
        "The EMR's name does not exist, for nobody ({sure}). {reasons}.",
        "Check the address that you typed, letter by letter. If it is right, the name may have expired. Have whoever "
        "looks after it see to the account at the DDNS provider, and to the name's record.",
        Contact.DNS_PROVIDER,
        "The router and the name server of this place are not to blame: others do not find the name either.",
        Segment.NAME,
        say="The EMR's name does not exist any more. {reasons}. Please see that the account at the DDNS provider has "
        "not expired, and that the name's record is there.",
        when=Urgency.TODAY,
    ),
    "segment.name_dead_address": Code(
        Severity.FAIL,
        "The EMR's name has an address at which nobody answers: {dead} ({sure}). At {open} the EMR answers.",
        "Have whoever looks after the name take {dead} out at the DDNS or DNS provider. If it is a second line of the "
        "clinic, have that line looked at.",
        Contact.DNS_PROVIDER,
        "A browser takes one of the addresses by chance, and waits at a dead one before it tries the other.",
        Segment.NAME,
        say="The EMR's name has an address at which nobody answers: {dead}. Please take it out, or have that line "
        "looked at.",
        when=Urgency.TODAY,
    ),
    "segment.name_office_address": Code(
        Severity.FAIL,
        "The EMR's name has an address of an office network, which nobody outside reaches: {dead} ({sure}). At {open} "
        "the EMR answers.",
        "Have the office's router give {dead} to the computers there. Then have it taken out at the DDNS or DNS "
        "provider.",
        Contact.DNS_PROVIDER,
        "A browser takes one of the addresses by chance, and waits at a dead one before it tries the other.",
        Segment.NAME,
        say="The EMR's name has an address of an office network, which nobody outside reaches: {dead}. Please take it "
        "out of the public name.",
        when=Urgency.TODAY,
    ),
    "segment.far": Code(
        Severity.FAIL,
        "The clinic's side (its line, its router or its network) is what {does} ({sure}). {reasons}.",
        "Have the clinic run emrnetcheck there at the same time, and compare both reports with emrnetcheck compare.",
        Contact.EMR_HOST,
        _WHY,
        Segment.FAR,
        say="The clinic's side {does}. {reasons}. Please run emrnetcheck at the clinic, and send us the report.",
        when=Urgency.TODAY,
    ),
    "segment.kept_in": Code(
        Severity.FAIL,
        "This place's own network lets nothing out on port {port} ({sure}). Each connection is refused before it can "
        "have left this place.",
        "Open the EMR by a phone's hotspot. If it comes, have whoever looks after this network (a firewall, a guest "
        "network) let port {port} out.",
        Contact.LAN,
        "It is refused sooner than the provider's first router answers. Guest networks of hospitals and hotels often "
        "let out only what goes to ports 80 and 443.",
        Segment.LAN,
        say="From this network no connection to port {port} gets out. Please let port {port} out in its firewall.",
        when=Urgency.TODAY,
    ),
    "segment.server": Code(
        Severity.FAIL,
        "The EMR's own computer or program is what {does} ({sure}). {reasons}.",
        "Look at the server's processor, memory and disk, and at its database.",
        Contact.EMR_HOST,
        _WHY,
        Segment.SERVER,
        say="The EMR's computer or program {does}. {reasons}. Please look at the server's load, its log and its "
        "database.",
        when=Urgency.TODAY,
    ),
    "segment.server_refuses": Code(
        Severity.FAIL,
        "The EMR's computer answers, and refuses every connection on port {port} ({sure}): nothing takes them.",
        "Start the EMR's program, or check the port and the address that were given. If they are right, look at the "
        "server's firewall.",
        Contact.EMR_HOST,
        "A program that is only slow or busy takes the connection first: this one does not run, or is somewhere else.",
        Segment.SERVER,
        say="The EMR's computer refuses every connection on port {port}. Please see whether the EMR's program runs, "
        "and on which port.",
        when=Urgency.TODAY,
    ),
    "segment.server_no_page": Code(
        Severity.FAIL,
        "The EMR's server answers, and no page comes of it ({sure}). Why: {no_page}.",
        "Check the address that was typed: https or http, the port, and what comes after the name. If it is right, "
        "look at the addresses, the proxy and the certificates in the EMR's configuration, and at its log.",
        Contact.EMR_HOST,
        "It is there and answers, so neither the network nor a high load keeps the page away.",
        Segment.SERVER,
        say="The EMR's server answers, and no page comes. Why: {no_page}. Please look at its configuration.",
        when=Urgency.TODAY,
    ),
    "segment.server_or_router": Code(
        Severity.FAIL,
        "At this office's own public address nothing takes connections on port {port} ({sure}). The EMR does not run, "
        "or the router does not lead back inside (no hairpin).",
        "Open the EMR by its server's address in this office: if it comes, the router does not lead back. Use that "
        "address here then, or have the name lead to it. emrnetcheck run on the EMR's server tells which.",
        Contact.EMR_HOST,
        "From inside, the public address leads to the router first. Many do not send on from there to the server, and "
        "then nobody outside notices anything.",
        Segment.SERVER,
        say="In the office nothing answers at the EMR's public address, port {port}. Please see whether the EMR runs. "
        "If it does, the router does not lead back inside (hairpin, NAT loopback).",
        when=Urgency.TODAY,
    ),
    "segment.other_page": Code(
        Severity.UNKNOWN,
        "What answers at the EMR's address is {looks}, not the EMR. How the EMR is was not seen.",
        "Check the address that was typed: the name, the port, and what comes after them. In the office try the EMR "
        "server's own address: the router may not lead back inside (hairpin).",
        Contact.IT_HELPER,
    ),
    "segment.unclear": Code(
        Severity.UNKNOWN,
        "Which part of the way is slow could not be told: too little of it answered.",
        "Measure again, and send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    "segment.unmeasured": unmeasured("Which part of the way is slow could not be told: {why}."),
}


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
