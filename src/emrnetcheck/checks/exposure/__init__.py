"""Is a door open to the Internet that must be shut, or held open in the office that only the server itself needs?"""

from __future__ import annotations

import re
from dataclasses import dataclass

from emrnetcheck.checks.exposure import office, opened
from emrnetcheck.checks.exposure.held_back import DOUBTS, HELD_BACK
from emrnetcheck.checks.exposure.office import by_ipv6, has_ipv6, in_the_office
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.exposure import Exposure, answered, believed, here
from emrnetcheck.evidence.through import Doubt, doubt, got_through
from emrnetcheck.model import Check, Code, Contact, Fact, Failure, FailureKind, Finding, Severity
from emrnetcheck.model.limits import limit
from emrnetcheck.profiles import ClosedPort, closed_ports


@dataclass(frozen=True, slots=True)
class Limits:
    """How many doors must have been tried?"""

    answered_ratio: float = limit(
        1.0,
        "This share of the doors must have been tried before none of them is called open.",
        "each door is a risk of its own",
    )


CODES = {
    "exposure.ok": Code(
        Severity.OK, "None of {tried} doors that must be shut is open to the Internet ({over}, by {service})."
    ),
    "exposure.none_seen": Code(
        Severity.OK,
        "Nobody outside saw an open one among {tried} doors that must be shut ({over}, by {service}).",
        "No service got through to a port that is known to be open, so this is no proof that all are shut.",
    ),
    **opened.CODES,
    "exposure.says_all_open": Code(
        Severity.UNKNOWN,
        "The service outside says that every port is open, even one that nobody uses: it cannot tell.",
        "Something on the way may answer for everything. Ask another service: [outside] services.",
        Contact.IT_HELPER,
        "What is said of all ports alike says nothing about any of them.",
    ),
    "exposure.unverified": Code(
        Severity.UNKNOWN,
        "It is not known whether doors that must be shut are open. The reason: {why}.",
        "{how}.",
        Contact.IT_HELPER,
        "A database or a remote desktop that is open to the Internet puts patient data at risk.",
    ),
    "exposure.ipv6_untried": Code(
        Severity.NOTICE,
        "This office has IPv6 too, and nobody tried its doors over IPv6.",
        "Look in the router whether its IPv6 firewall is on and lets nothing in but the EMR.",
        Contact.ROUTER,
        "Over IPv6 each computer has a public address of its own, and only a firewall is in front of it.",
    ),
    "exposure.unmeasured": Code(
        Severity.UNKNOWN,
        "Doors that must be shut could not be looked at: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    **office.CODES,
}


def judge(case: Case, limits: Limits) -> list[Finding]:
    """exposure.* of the doors tried from outside, then of those that this computer itself holds open in the office."""
    seen = need(case.seen.exposure)
    listed = {each.port: each for each in closed_ports(case.site.profile, case.site.port)}
    return [*_from_outside(case, seen, listed, limits), *in_the_office(case, seen, listed)]


def _from_outside(case: Case, seen: Exposure, listed: dict[int, ClosedPort], limits: Limits) -> list[Finding]:
    if seen.held_back is not None:
        why, how = HELD_BACK[seen.held_back]
        return [_unverified(why, how)]
    doubts = _doubts(case, seen)
    known = answered(seen.tries, seen.address, seen.control_port, doubts)
    found = opened.opened([port for port in seen.ports if known.get(port)], case, seen, listed)
    missing = [port for port in seen.ports if port not in known]
    if len(known) < limits.answered_ratio * len(seen.ports):
        found.append(_not_told(seen, missing, known, doubts))
    if not found:
        found.append(_all_shut(case, seen, known, doubts))
    if known and _by_ipv6(case, seen):
        found.append(Finding("exposure.ipv6_untried", {}, "tried over IPv6", "over IPv4 only"))
    return found


def _doubts(case: Case, seen: Exposure) -> dict[str, Doubt]:
    """Service -> why its "shut" says nothing."""
    services = dict.fromkeys(each.service for each in seen.tries)
    told = {each: doubt(each, case.seen.port, case.seen.address, case.site.lan_address) for each in services}
    return {service: why for service, why in told.items() if why is not None}


def _all_shut(case: Case, seen: Exposure, known: dict[int, bool], doubts: dict[str, Doubt]) -> Finding:
    """Proven only by services that got through to the EMR's port: what is blocked on the way finds all shut."""
    said = believed(seen.tries, seen.address, seen.control_port, doubts)
    through = {each.service for each in said if got_through(each.service, case.seen.port, seen.address)}
    proven = {each.port for each in said if each.service in through}
    facts: dict[str, Fact] = {
        "tried": len(known),
        "service": ", ".join(dict.fromkeys(each.service for each in said)),
        "over": "TCP over IPv4",
    }
    return Finding("exposure.ok" if known.keys() <= proven else "exposure.none_seen", facts, "all shut", "all shut")


def _by_ipv6(case: Case, seen: Exposure) -> bool:
    """Whether something may be open over IPv6: there is a public address, and what listens is there too or unknown."""
    return has_ipv6(case) and (seen.listeners is None or any(map(by_ipv6, seen.listeners)))


def _not_told(seen: Exposure, missing: list[int], known: dict[int, bool], doubts: dict[str, Doubt]) -> Finding:
    answers = here(seen.tries, seen.address)
    blind = [each.service for each in answers if each.service in doubts and each.port in missing]
    if blind:
        why, how = DOUBTS[doubts[blind[0]]]
        return _unverified(why.format(service=blind[0]), how)
    if not known and answers:
        return Finding("exposure.says_all_open", {}, "one port shut", "all open")
    elsewhere = {each.address for each in seen.tries if each.reachable is not None and each.address} - {seen.address}
    if not known and elsewhere:
        why = f"the service tried {', '.join(sorted(map(str, elsewhere)))}, and the office's address is {seen.address}"
        return _unverified(why, "Turn off a VPN or a proxy on this computer and run the check again")
    because = _because([each.failure for each in seen.tries if each.failure is not None and each.port in missing])
    why = f"{len(missing)} of {len(seen.ports)} could not be tried: {because}" if known else because
    return _unverified(why, "Run the check again later, or name another service: [outside] services")


def _because(failures: list[Failure]) -> str:
    """What is refused because it is too much counts once for each service, with the longest time that it told."""
    longest = {each.target: each for each in sorted(failures, key=_wait_s) if each.kind is FailureKind.RATE_LIMITED}
    others = [each for each in failures if each.kind is not FailureKind.RATE_LIMITED]
    reasons = [each.in_words() for each in (*longest.values(), *others)]
    return "; ".join(dict.fromkeys(reasons)) or "no service answered"


def _wait_s(failure: Failure) -> int:
    """Out of "try again in 7 s" or "in 2 min"; 0 where no time was told."""
    told = re.search(r"in (\d{1,6}) (s|min)\b", failure.detail)
    return 0 if told is None else int(told[1]) * (60 if told[2] == "min" else 1)


def _unverified(why: str, how: str) -> Finding:
    return Finding("exposure.unverified", {"why": why, "how": how}, "a test from outside", "none")


_NOT_OUR_LINE = (
    "link.none",
    "link.vpn",
    "router.none",
    "router.unreachable",
    "address.no_internet",
    "address.no_witness",
    "address.ipv6_only",
    "address.proxied",
    "address.nat_pool",
    "address.behind_ipv6",
    "address.cgnat",
    "address.cgnat_suspected",
    "address.cgnat_or_forward",
    "address.no_public_wan",
    "address.double_nat",
    "address.double_nat_suspected",
    "address.isp_private",
    "address.private_wan",
)

CHECK: Check[Case, Limits] = Check(
    id="exposure",
    title="Doors that must be shut",
    needs=("exposure",),
    uses=("address", "link", "port"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    follows={"exposure.unverified": _NOT_OUR_LINE, "exposure.ok": _NOT_OUR_LINE, "exposure.none_seen": _NOT_OUR_LINE},
)
