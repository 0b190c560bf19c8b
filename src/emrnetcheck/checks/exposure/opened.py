"""Which doors are open to the Internet that must be shut? One finding for each kind of door, however many are open."""

from __future__ import annotations

from emrnetcheck.checks.exposure.office import in_reach
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.exposure import Exposure
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity, Urgency
from emrnetcheck.profiles import ClosedPort

CODES = {
    "exposure.dangerous_open": Code(
        Severity.FAIL,
        "Open to everybody on the Internet, and must not be: {ports}.",
        "Have {numbers} shut on the router: remove what forwards there, and turn off its remote access. "
        "{reason} Who needs it from outside should come in by a VPN.",
        Contact.ROUTER,
        "Such doors are found by strangers within hours. Patient data is at risk until they are shut.",
        say="This is open to everybody on the Internet, and must not be: {numbers}. Please shut it on the router, and "
        "turn off its remote access.",
        when=Urgency.TODAY,
    ),
    "exposure.open_resolver": Code(
        Severity.FAIL,
        "A name server (DNS, TCP port 53) in the office can be reached from the whole Internet.",
        "Shut port 53 (TCP and UDP) on the router's outside, or update or replace a router that cannot.",
        Contact.ROUTER,
        "Only TCP was tried. If it answers strangers by UDP too, they can use it to attack others.",
        say="Port 53 of our office can be reached from the whole Internet. Please shut it on the router's outside, "
        "for TCP and UDP.",
        when=Urgency.TODAY,
    ),
    "exposure.ssh_open": Code(
        Severity.WARN,
        "SSH (port 22) is open to everybody on the Internet.",
        "Let people in by a VPN instead. If it has to stay: keys only, no passwords.",
        Contact.IT_HELPER,
        "Passwords are tried there all day long.",
        say="Port 22 of our office is open to everybody on the Internet. Please shut it and use a VPN, or allow "
        "keys only and no passwords.",
        when=Urgency.THIS_WEEK,
    ),
    "exposure.router_page": Code(
        Severity.WARN,
        "Something in the office shows a web page to the Internet ({numbers}), and the EMR server has none there.",
        "Turn off remote administration in the router. If another device is meant, keep it up to date.",
        Contact.ROUTER,
        "It is most likely the router's own page. Whoever guesses its password owns the office's network.",
        say="Something in our office shows a web page to the Internet: {numbers}. Please turn off remote "
        "administration in the router.",
        when=Urgency.THIS_WEEK,
    ),
    "exposure.web_unknown": Code(
        Severity.WARN,
        "A web page answers the Internet at {numbers}: either the router's own page or the server's.",
        "Run this check on the EMR server, which can tell. If it is the router's, turn off its remote administration.",
        Contact.ROUTER,
        "Whoever guesses the password of the router's page owns the office's network.",
        say="A web page of our office answers the Internet: {numbers}. Is it the router's? Please turn off its remote "
        "administration.",
        when=Urgency.THIS_WEEK,
    ),
    "exposure.web_open": Code(
        Severity.NOTICE,
        "A web page of the office answers the Internet at {numbers}; the EMR server has one there.",
        "That is right if the EMR's web server is meant. Is it the router's own page? Turn off remote administration.",
        Contact.IT_HELPER,
    ),
}

_SSH, _DNS, _WEB = 22, 53, (80, 443)
_MOST_NAMED = 2


def opened(ports: list[int], case: Case, seen: Exposure, listed: dict[int, ClosedPort]) -> list[Finding]:
    """ports: those that somebody outside found open."""
    dangerous = [port for port in ports if port not in (_SSH, _DNS, *_WEB)]
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
    return found + _web([port for port in ports if port in _WEB], case, seen)


def _web(ports: list[int], case: Case, seen: Exposure) -> list[Finding]:
    """Port by port: on the server itself it is known whether the server has one there that a forward can lead to."""
    servers = {each.port for each in in_reach(case, seen)}
    kinds: dict[str, list[int]] = {}
    for port in ports:
        on_the_server = "exposure.web_open" if port in servers else "exposure.router_page"
        kinds.setdefault("exposure.web_unknown" if seen.listeners is None else on_the_server, []).append(port)
    return [Finding(code, {"numbers": _numbers(some)}, "shut", "open") for code, some in kinds.items()]


def _named(ports: list[int], listed: dict[int, ClosedPort]) -> str:
    """The first ones with what they are; the numbers of all are told beside."""
    said = [f"port {port} ({listed[port].service})" if port in listed else f"port {port}" for port in ports]
    if len(said) <= _MOST_NAMED:
        return ", ".join(said)
    return f"{', '.join(said[:_MOST_NAMED])} and {len(said) - _MOST_NAMED} more"


def _numbers(ports: list[int]) -> str:
    return f"port {ports[0]}" if len(ports) == 1 else f"ports {', '.join(map(str, ports))}"
