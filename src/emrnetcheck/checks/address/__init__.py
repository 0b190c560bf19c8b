"""Is there Internet, and does the office have a public address that can be reached from outside?"""

from __future__ import annotations

from emrnetcheck.checks.address import nat_codes, router_says
from emrnetcheck.checks.address import witnesses as told
from emrnetcheck.checks.address.limits import Limits
from emrnetcheck.checks.address.nat import translation
from emrnetcheck.checks.address.router_says import line_down, open_to_programs
from emrnetcheck.checks.address.witnesses import disagreement, this_computer
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address import Address, witnesses
from emrnetcheck.model import Access, Check, Code, Contact, Finding, Segment, Severity, Urgency

CODES = {
    "address.ok": Code(Severity.OK, "The office's address on the Internet is {address} ({witnesses})."),
    "address.no_internet": Code(
        Severity.FAIL,
        "There is no Internet access from here: nothing that was asked on the Internet answered.",
        "Look at the modem and the router: is the Internet light on? Restart both. If it stays, call your provider.",
        Contact.ISP,
        "Without Internet nobody outside reaches the EMR.",
        say="Our Internet line is dead: nothing on the Internet answers here. Is there a fault on your side, and when "
        "will it be mended?",
        when=Urgency.TODAY,
    ),
    "address.unmeasured": Code(
        Severity.UNKNOWN,
        "The office's Internet address could not be measured: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    **told.CODES,
    **nat_codes.CODES,
    **router_says.CODES,
}


_BY_IPV4 = ("dns", "tcp")  # these are asked at IPv4 addresses only


def judge(case: Case, limits: Limits) -> list[Finding]:
    """address.* from the witnesses, the router's own word and the first hops."""
    seen = need(case.seen.address)
    if not witnesses(seen.sources):
        return _unseen(seen)
    found = disagreement(seen, limits)
    if all(finding.code != "address.proxied" for finding in found):  # else nothing that is compared with it holds
        found = translation(case, seen, limits) + found
    found += this_computer(case, seen)
    public = seen.public_v4
    if public is not None:
        agreeing = sum(source.address == public for source in witnesses(seen.sources))
        if agreeing < limits.witnesses:
            found.append(Finding("address.single_witness", {"address": public}))
        if seen.local_v4 == public:
            found.append(Finding("address.no_nat", {"address": public}))
        worst = any(CODES[finding.code].severity not in (Severity.OK, Severity.NOTICE) for finding in found)
        if not worst:
            found.insert(0, Finding("address.ok", {"address": public, "witnesses": _in_number(agreeing)}))
    return found + open_to_programs(seen)


def _in_number(agreeing: int) -> str:
    return "1 service says so" if agreeing == 1 else f"{agreeing} services agree"


def _unseen(seen: Address) -> list[Finding]:
    """Nobody whose word counts saw an IPv4 address of this office."""
    if seen.public_v6 is not None and not any(method in seen.outside_reached for method in _BY_IPV4):
        return [Finding("address.ipv6_only", {"address": seen.public_v6}, "a public IPv4 address", "none")]
    if not seen.outside_reached:
        return [Finding("address.no_internet", {"asked": len(seen.sources)}, "an answer", "none"), *line_down(seen)]
    return [Finding("address.no_witness", {"reached": seen.outside_reached}, "a public address", "none")]


CHECK: Check[Case, Limits] = Check(
    id="address",
    title="Internet and public address",
    needs=("address",),
    uses=("port", "link"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.LINE,
    required=True,
    follows={"*": ("link.none", "link.vpn", "router.none", "router.unreachable")},
    needed_for=frozenset({Access.DIRECT, Access.VPN, Access.TUNNEL}),
)
