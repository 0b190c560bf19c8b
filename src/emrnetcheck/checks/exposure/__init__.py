"""Is a door open to the Internet that must be shut, or held open in the office that only the server itself needs?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from emrnetcheck.checks.exposure import office
from emrnetcheck.checks.exposure.held_back import HELD_BACK
from emrnetcheck.checks.exposure.office import in_the_office
from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.exposure import Exposure, answered, here
from emrnetcheck.model import Check, Code, Contact, Fact, Finding, Severity
from emrnetcheck.profiles import ClosedPort, closed_ports


@dataclass(frozen=True, slots=True)
class Limits:
    """answered_ratio: how many of the doors must have been tried before none of them is called open. All: each is a
    risk of its own, and one that was not tried is not known to be shut."""

    answered_ratio: float = 1.0


CODES = {
    "exposure.ok": Code(Severity.OK, "None of {tried} doors that must be shut is open to the Internet ({service})."),
    "exposure.dangerous_open": Code(
        Severity.FAIL,
        "Open to everybody on the Internet, and must not be: {ports}.",
        "Today: have {numbers} shut on the router: remove what forwards there, and turn off its remote access. "
        "{reason} Who needs it from outside should come in by a VPN.",
        Contact.ROUTER,
        "Such doors are found by strangers within hours. Patient data is at risk until they are shut.",
    ),
    "exposure.open_resolver": Code(
        Severity.FAIL,
        "The office answers the whole Internet on port 53 (DNS).",
        "Today: shut port 53 (TCP and UDP) on the router's outside, or update or replace a router that cannot.",
        Contact.ROUTER,
        "Strangers use such a server to attack others, and the line is slow or cut off because of it.",
    ),
    "exposure.ssh_open": Code(
        Severity.WARN,
        "SSH (port 22) is open to everybody on the Internet.",
        "Let people in by a VPN instead. If it has to stay: keys only, no passwords (PasswordAuthentication no).",
        Contact.IT_HELPER,
        "Passwords are tried there all day long.",
    ),
    "exposure.router_page": Code(
        Severity.WARN,
        "Something in the office shows a web page to the Internet ({numbers}), and it is not the EMR server.",
        "Turn off remote administration in the router. If another device is meant, keep it up to date.",
        Contact.ROUTER,
        "It is most likely the router's own page. Whoever guesses its password owns the office's network.",
    ),
    "exposure.web_open": Code(
        Severity.NOTICE,
        "A web page of the office answers the Internet at {numbers}.",
        "That is right if the EMR's web server is meant. Is it the router's own page? Turn off remote administration.",
        Contact.IT_HELPER,
    ),
    "exposure.says_all_open": Code(
        Severity.UNKNOWN,
        "The service outside says that every port is open, even one that nobody uses: it cannot tell.",
        "Something on the way may answer for everything. Ask another service: [outside] services.",
        Contact.IT_HELPER,
        "What is said of all ports alike says nothing about any of them.",
    ),
    "exposure.unverified": Code(
        Severity.UNKNOWN,
        "Whether doors that must be shut are open to the Internet is not known: {why}.",
        "{how}.",
        Contact.IT_HELPER,
        "A database or a remote desktop that is open to the Internet puts patient data at risk.",
    ),
    "exposure.unmeasured": Code(
        Severity.UNKNOWN,
        "Doors that must be shut could not be looked at: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
    **office.CODES,
}

_SSH, _DNS, _WEB = 22, 53, (80, 443)


def judge(case: Case, limits: Limits) -> list[Finding]:
    """exposure.* of the doors tried from outside, then of those that this computer itself holds open in the office."""
    seen = need(case.seen.exposure)
    listed = {each.port: each for each in closed_ports(case.site.profile, case.site.port)}
    return [*_from_outside(seen, listed, limits), *in_the_office(case, seen, listed)]


def _from_outside(seen: Exposure, listed: dict[int, ClosedPort], limits: Limits) -> list[Finding]:
    if seen.held_back is not None:
        why, how = HELD_BACK[seen.held_back]
        return [_unverified(why, how)]
    known = answered(seen.tries, seen.address, seen.control_port)
    found = _open([port for port in seen.ports if known.get(port)], seen, listed)
    missing = [port for port in seen.ports if port not in known]
    if len(known) < limits.answered_ratio * len(seen.ports):
        found.append(_not_told(seen, missing, known))
    if not found:
        services = dict.fromkeys(each.service for each in here(seen.tries, seen.address) if each.port in known)
        facts: dict[str, Fact] = {"tried": len(known), "service": ", ".join(services)}
        found.append(Finding("exposure.ok", facts, "all shut", "all shut"))
    return found


def _open(ports: list[int], seen: Exposure, listed: dict[int, ClosedPort]) -> list[Finding]:
    """One finding for each kind of door, however many are open."""
    dangerous = [port for port in ports if port not in (_SSH, _DNS, *_WEB)]
    web = [port for port in ports if port in _WEB]
    found = []
    if dangerous:
        reasons = [listed[port].reason for port in dangerous if port in listed]
        facts: dict[str, Fact] = {
            "ports": _named(dangerous, listed),
            "numbers": _numbers(dangerous),
            "reason": reasons[0] if reasons else "Nobody outside has any business there.",
            "reasons": tuple(dict.fromkeys(reasons)),
        }
        found.append(Finding("exposure.dangerous_open", facts, "shut", f"{_numbers(dangerous)} open"))
    if _DNS in ports:
        found.append(Finding("exposure.open_resolver", {}, "shut", "open"))
    if _SSH in ports:
        found.append(Finding("exposure.ssh_open", {}, "shut", "open"))
    if web:
        code = "exposure.router_page" if _not_the_servers(web, seen) else "exposure.web_open"
        found.append(Finding(code, {"numbers": _numbers(web)}, "shut", "open"))
    return found


def _not_the_servers(web: list[int], seen: Exposure) -> bool:
    """Known only on the server itself: what is forwarded to it has a listener there."""
    return seen.listeners is not None and not any(each.port in web for each in seen.listeners)


def _not_told(seen: Exposure, missing: list[int], known: dict[int, bool]) -> Finding:
    answers = here(seen.tries, seen.address)
    if not known and answers:
        return Finding("exposure.says_all_open", {}, "one port shut", "all open")
    elsewhere = {each.address for each in seen.tries if each.reachable is not None and each.address} - {seen.address}
    if not known and elsewhere:
        why = f"the service tried {', '.join(sorted(map(str, elsewhere)))}, and the office's address is {seen.address}"
        return _unverified(why, "Turn off a VPN or a proxy on this computer and run the check again")
    reasons = [each.failure.in_words() for each in seen.tries if each.failure is not None and each.port in missing]
    because = "; ".join(dict.fromkeys(reasons)) or "no service answered"
    why = f"{len(missing)} of {len(seen.ports)} could not be tried: {because}" if known else because
    return _unverified(why, "Run the check again later, or name another service: [outside] services")


def _unverified(why: str, how: str) -> Finding:
    return Finding("exposure.unverified", {"why": why, "how": how}, "a test from outside", "none")


def _named(ports: Iterable[int], listed: dict[int, ClosedPort]) -> str:
    return ", ".join(f"port {port} ({listed[port].service})" if port in listed else f"port {port}" for port in ports)


def _numbers(ports: list[int]) -> str:
    return f"port {ports[0]}" if len(ports) == 1 else f"ports {', '.join(map(str, ports))}"


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
    follows={"exposure.unverified": _NOT_OUR_LINE, "exposure.ok": _NOT_OUR_LINE},
)
