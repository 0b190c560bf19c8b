"""Does the EMR listen, and can it be reached on the office network and from outside?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence import Case, need
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import OutsideTry, Port
from emrnetcheck.model import Access, Check, Code, Contact, Fact, FailureKind, Finding, Severity


@dataclass(frozen=True, slots=True)
class Limits:
    """outside_answers: how many outside services must have answered before the port counts as tested."""

    outside_answers: float = 1


_PHONE_TEST = (
    "Test it in one minute: turn Wi-Fi off on a telephone, and open https://{name}:{port}{path} in its browser. "
    "Another way: {another_way}."
)

CODES = {
    "port.open": Code(Severity.OK, "The EMR's port {port} can be reached from outside ({services} got through)."),
    "port.not_listening": Code(
        Severity.FAIL,
        "Nothing accepts connections on port {port} of {where}: the EMR is not running there.",
        "Start the EMR (OSCAR: the Tomcat service) on that computer. If it runs, check its port and its address in the "
        "settings: [emr] port and lan_address.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
    ),
    "port.loopback_only": Code(
        Severity.FAIL,
        "The EMR listens on port {port} for this computer alone ({bind}).",
        'Let it listen on all addresses: remove address="127.0.0.1" from the Connector in Tomcat\'s server.xml, then '
        "restart Tomcat.",
        Contact.EMR_HOST,
        "No other computer, inside or outside, can open the EMR.",
    ),
    "port.host_firewall": Code(
        Severity.FAIL,
        "The EMR runs, but the server's own firewall does not let port {port} through on {where}.",
        "Allow the port on the server. Ubuntu: sudo ufw allow {port}/tcp. Windows: add an inbound rule for it.",
        Contact.EMR_HOST,
        "No other computer, inside or outside, can open the EMR.",
    ),
    "port.host_silent": Code(
        Severity.FAIL,
        "The EMR server at {where} does not answer at all on port {port}.",
        "Check that the server is on and that its address is still {where}. Then look at the firewall on it.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
    ),
    "port.not_forwarded": Code(
        Severity.FAIL,
        "The EMR answers in the office, but port {port} cannot be reached from outside.",
        "In the router, forward TCP port {port} to {where}, and reserve that address for the server. If the rule is "
        "there already, ask the internet provider whether they block incoming connections.",
        Contact.ROUTER,
        "People at other clinics and at home cannot open the EMR.",
    ),
    "port.no_hairpin": Code(
        Severity.NOTICE,
        "From outside the EMR can be reached, but not from inside the office by its public name.",
        "Use the server's own address in the office, or add the name with that address to the router's DNS.",
        Contact.ROUTER,
        "This router does not send connections from inside back inside. Nobody outside is affected.",
    ),
    "port.exposed": Code(
        Severity.FAIL,
        "Port {port} is open to everybody on the Internet, although the EMR is to be reached by {access} only.",
        "Remove the forwarding rule for port {port} from the router.",
        Contact.ROUTER,
        "Anybody, from anywhere, can try to log in.",
    ),
    "port.outside_disagree": Code(
        Severity.NOTICE,
        "Not every service outside got through: {services} did not.",
        "Run the check again. If it stays, some networks may be blocked on the way.",
        Contact.IT_HELPER,
    ),
    "port.other_address": Code(
        Severity.UNKNOWN,
        "The service outside tried {dialled}, which is not this office's address {address}.",
        "Turn off the VPN or the proxy on this computer and run the check again.",
        Contact.IT_HELPER,
        "The test says something about another place.",
    ),
    "port.not_applicable": Code(
        Severity.OK, "Port {port} is shut from outside, as it should be: the EMR is reached by {access}."
    ),
    "port.not_tested": Code(
        Severity.NOTICE,
        "Whether port {port} is shut from outside was not tested: {why}.",
        "It should be shut, because the EMR is reached by {access}.",
        Contact.IT_HELPER,
    ),
    "port.unverified": Code(
        Severity.UNKNOWN,
        "Whether port {port} can be reached from outside is not known: {why}.",
        _PHONE_TEST,
        Contact.IT_HELPER,
        "Only somebody outside can tell. A test from inside proves nothing.",
    ),
    "port.unset": Code(
        Severity.UNKNOWN,
        "The EMR server is not known, so its port was not tested.",
        'Give the server\'s address in the settings file: [emr] lan_address = "192.168.1.10" (leave it out on the '
        "server itself, but keep [emr] hostname).",
        Contact.IT_HELPER,
        "The port has to be open on the server, and reachable from outside.",
    ),
    "port.unmeasured": Code(
        Severity.UNKNOWN,
        "The EMR's port could not be tested: {why}.",
        "Run the check again; if it stays, send the report to your IT helper.",
        Contact.IT_HELPER,
    ),
}

_SILENT = (FailureKind.TIMEOUT, FailureKind.HOST_UNREACHABLE, FailureKind.NETWORK_UNREACHABLE, FailureKind.NO_ROUTE)


def judge(case: Case, limits: Limits) -> list[Finding]:
    """port.* by netfacts.md 3.2: the server first, then the office network, then outside."""
    seen = need(case.seen.port)
    where = case.site.lan_address or (seen.lan.address if seen.lan is not None else "this computer")
    facts: dict[str, Fact] = {
        "port": seen.port,
        "where": where,
        "access": _ACCESS_WORDS[case.site.access],
        "name": case.site.hostname or "the office's address",
        "path": case.site.path,
    }
    return _at_the_server(seen, facts) or _outside(case, seen, facts, limits)


def _at_the_server(seen: Port, facts: dict[str, Fact]) -> list[Finding]:
    if seen.listening is False:
        return [Finding("port.not_listening", facts, f"a listener on port {seen.port}", "none")]
    loopback_only = bool(seen.bind) and all(address_class(bind) is AddressClass.LOOPBACK for bind in seen.bind)
    if loopback_only:
        bind = ", ".join(seen.bind)
        return [Finding("port.loopback_only", facts | {"bind": bind}, "all addresses", bind)]
    if seen.lan is None or seen.lan.open is not False:
        return []
    failure = seen.lan.failure
    why = failure.in_words() if failure else "no connection"
    runs_here = seen.listening or (seen.loopback is not None and seen.loopback.open)
    if runs_here:
        return [Finding("port.host_firewall", facts, "a connection", why)]
    if failure is not None and failure.kind in _SILENT:
        return [Finding("port.host_silent", facts, "a connection", why)]
    return [Finding("port.not_listening", facts, "a connection", why)]


def _outside(case: Case, seen: Port, facts: dict[str, Fact], limits: Limits) -> list[Finding]:
    answered = [attempt for attempt in seen.outside if attempt.reachable is not None]
    direct = case.site.access is Access.DIRECT
    if len(answered) < limits.outside_answers:
        code = "port.unverified" if direct else "port.not_tested"
        told: dict[str, Fact] = facts | {"why": _why_untested(seen.outside), "another_way": _another_way(seen.outside)}
        return [Finding(code, told, "a test from outside", "none")]
    public = case.seen.address.public_v4 if case.seen.address is not None else None
    elsewhere = [attempt for attempt in answered if attempt.address and public and attempt.address != public]
    if elsewhere and len(elsewhere) == len(answered):
        told = facts | {"dialled": elsewhere[0].address, "address": public}
        return [Finding("port.other_address", told, public, elsewhere[0].address)]
    answered = [attempt for attempt in answered if attempt not in elsewhere]
    through = [attempt for attempt in answered if attempt.reachable]
    if not direct:
        code = "port.exposed" if through else "port.not_applicable"
        return [Finding(code, facts, "shut", "open" if through else "shut")]
    if not through:
        return [Finding("port.not_forwarded", facts, "open from outside", f"{len(answered)} tried, none got through")]
    return _open(seen, facts, public, through, [attempt for attempt in answered if not attempt.reachable])


def _open(
    seen: Port,
    facts: dict[str, Fact],
    public: str | None,
    through: list[OutsideTry],
    not_through: list[OutsideTry],
) -> list[Finding]:
    found = [Finding("port.open", facts | {"services": _services(through)})]
    if not_through:
        found.append(Finding("port.outside_disagree", facts | {"services": _services(not_through)}))
    # The name was tried: where it leads elsewhere, that is no router's doing.
    if seen.hairpin is not None and seen.hairpin.open is False and seen.hairpin.address == public:
        found.append(Finding("port.no_hairpin", facts))
    return found


def _services(attempts: list[OutsideTry]) -> str:
    return ", ".join(attempt.service for attempt in attempts)


def _another_way(outside: tuple[OutsideTry, ...]) -> str:
    """How a service could tell, if it could. This version can ask services of the echoip kind only."""
    usable = [attempt for attempt in outside if attempt.service.startswith("echoip+")]
    if not usable:
        return (
            'name a service outside that may try it: [outside] services = ["echoip+https://HOST"] and '
            "consent = true in the settings"
        )
    if any(attempt.failure is not None and attempt.failure.kind is FailureKind.NO_CONSENT for attempt in usable):
        return "let a service outside try it: [outside] consent = true in the settings"
    return "run the check again later, when the service outside answers"


def _why_untested(outside: tuple[OutsideTry, ...]) -> str:
    reasons = [attempt.failure.in_words() for attempt in outside if attempt.failure is not None]
    return "; ".join(dict.fromkeys(reasons)) or "no service outside was asked"


_ACCESS_WORDS = {
    Access.DIRECT: "direct access",
    Access.VPN: "VPN",
    Access.TUNNEL: "a tunnel",
    Access.LAN_ONLY: "the office network",
}
_NOT_OUR_LINE = ("link.vpn", "address.proxied")

CHECK: Check[Case, Limits] = Check(
    id="port",
    title="The EMR's port",
    needs=("port",),
    uses=("address",),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    required=True,
    follows={
        "*": ("link.none",),
        # Through a VPN or a proxy the service outside tries the VPN's address, which says nothing about this office.
        "port.open": _NOT_OUR_LINE,
        "port.not_applicable": _NOT_OUR_LINE,
        "port.exposed": _NOT_OUR_LINE,
        "port.not_forwarded": (
            *_NOT_OUR_LINE,
            "address.cgnat",
            "address.double_nat",
            "address.isp_private",
            "address.no_public_wan",
            "address.private_wan",
        ),
        "port.unverified": (
            "link.vpn",
            "router.none",
            "router.unreachable",
            "address.no_internet",
        ),
        "port.not_tested": ("link.vpn", "router.none", "router.unreachable", "address.no_internet"),
        "port.other_address": (*_NOT_OUR_LINE, "address.nat_pool"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "port.unset"},
)
