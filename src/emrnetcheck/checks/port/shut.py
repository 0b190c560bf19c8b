"""Nobody outside got through: where does it end, at the server's firewall, at the router, or before it?"""

from __future__ import annotations

from emrnetcheck.checks.port.untold import watch_advice
from emrnetcheck.checks.port.view import View
from emrnetcheck.evidence.names import published_v6
from emrnetcheck.evidence.port import HowShut
from emrnetcheck.model import Code, Contact, Fact, Finding, Severity, Urgency

_CANNOT_OPEN = "People at other clinics and at home cannot open the EMR."

CODES = {
    "port.host_firewall_outside": Code(
        Severity.FAIL,
        "Connections from outside arrive at the server, but its own firewall {does} them on port {port}.",
        "Allow the port on the server, for all addresses. Ubuntu: sudo ufw allow {port}/tcp. Windows: add an inbound "
        "rule for it, for all profiles.",
        Contact.EMR_HOST,
        "The router and the provider do their part. " + _CANNOT_OPEN,
        say="Connections from outside arrive, but the server's firewall {does} them on port {port}. Please allow that "
        "port for all addresses.",
        when=Urgency.TODAY,
    ),
    "port.answer_lost": Code(
        Severity.FAIL,
        "Connections from outside arrive at the server and are accepted, but its answers do not get back.",
        "Look at the server's default gateway: it has to be the router that forwards port {port}. A second network "
        "card or a VPN on the server often takes the answers another way.",
        Contact.EMR_HOST,
        "The router lets people in, but they never hear of it. " + _CANNOT_OPEN,
        say="Connections from outside arrive at the server on port {port}, but its answers do not get back. Please "
        "look at its default gateway.",
        when=Urgency.TODAY,
    ),
    "port.wrong_target": Code(
        Severity.FAIL,
        "The router sends port {port} to {target}, but the server is at {where}.",
        "In the router, reserve the address {where} for the server, and let port {port} lead to it.",
        Contact.ROUTER,
        "The rule was made when another computer had that address, or the server had another one. " + _CANNOT_OPEN,
        say="The router sends port {port} to {target}. Please send it to port {port} of {where}, and reserve that "
        "address for the server.",
        when=Urgency.TODAY,
    ),
    "port.not_forwarded": Code(
        Severity.FAIL,
        "The EMR answers in the office, but port {port} cannot be reached from outside{how}.",
        "In the router, forward TCP port {port} to {where}. {if_there} {watch}Reserve that address for the server, so "
        "that the rule stays right.",
        Contact.ROUTER,
        _CANNOT_OPEN,
        say="Please forward TCP port {port} to {where}, and reserve that address for the server. Today nobody outside "
        "gets in.",
        when=Urgency.TODAY,
    ),
    "port.shut_outside": Code(
        Severity.FAIL,
        "The EMR answers on its own computer, but port {port} cannot be reached from outside{how}.",
        "Look at both: the router has to forward TCP port {port} to {where}, and the server's own firewall has to let "
        "it in. {watch}If both are right, ask the internet provider whether they block it.",
        Contact.IT_HELPER,
        "It ends at the router or at the server's firewall; this check could not see which. " + _CANNOT_OPEN,
        say="Port {port} cannot be reached from outside. Please see that the router forwards it to {where}, and "
        "that the server's firewall lets it in.",
        when=Urgency.TODAY,
    ),
    "port.blocked_upstream": Code(
        Severity.FAIL,
        "The router forwards port {port} to the server ({by}). But nobody outside gets through{how}.",
        "First look whether the router's rule lets only some addresses in. If not, ask your internet provider whether "
        "they block incoming connections on TCP port {port}. {wan}"
        "If they do, a VPN or a tunnel service is the way in.",
        Contact.ISP,
        "Something before the router stops them, at the provider or in a box in front. " + _CANNOT_OPEN,
        say="My router forwards TCP port {port}, but nobody outside gets through. Do you block incoming connections "
        "on my line? Please open that port.",
        when=Urgency.TODAY,
    ),
    "port.forwarded_but_shut": Code(
        Severity.FAIL,
        "The router forwards port {port} to the server ({by}). But nobody outside gets through{how}.",
        "First look at the server's own firewall, and at the router's rule: either may let only some addresses in. If "
        "not, ask your internet provider whether they block TCP port {port}. {wan}{watch}Then run this check again.",
        Contact.EMR_HOST,
        "It ends at the server's firewall, or before the router. " + _CANNOT_OPEN,
        say="The router forwards port {port}, but nobody outside gets through. Does the server's firewall let in only "
        "some addresses?",
        when=Urgency.TODAY,
    ),
    "port.not_applicable": Code(
        Severity.OK, "Port {port} is shut from outside, as it should be: the EMR is reached by {access}."
    ),
    "port.shut_by_ipv6": Code(
        Severity.WARN,
        "By IPv6 port {port} cannot be reached from outside, but {name} has an IPv6 address.",
        "Open port {port} for the server in the router's IPv6 firewall, or take the AAAA record out of DNS.",
        Contact.ROUTER,
        "People with IPv6 wait until their computer tries IPv4, or do not get in at all.",
        say="By IPv6 port {port} cannot be reached from outside. Please open it for the EMR server in the router's "
        "IPv6 firewall.",
    ),
    "port.exposed_by_ipv6": Code(
        Severity.FAIL,
        "By IPv6 port {port} is open to everybody on the Internet, although the EMR is to be reached by {access} only.",
        "Shut port {port} in the router's IPv6 firewall, and take the AAAA record of {name} out of DNS.",
        Contact.ROUTER,
        "Anybody, from anywhere, can try to log in.",
        say="By IPv6 port {port} is open to everybody on the Internet, and must not be. Please shut it in the "
        "router's IPv6 firewall.",
        when=Urgency.TODAY,
    ),
}

_HOW_WORDS = {HowShut.REFUSED: ": it is refused", HowShut.SILENT: ": nothing answers"}


def shut(view: View) -> Finding:
    """The first that fits, from the server outwards (netfacts 3.2)."""
    arrivals = view.seen.arrivals
    actual = f"{len(view.here)} tried, none got through"
    if arrivals is not None and arrivals.outside:
        if view.kept_out or not arrivals.accepted:
            does = {"does": "refuses" if arrivals.refused else "drops"}
            return Finding("port.host_firewall_outside", view.facts | does, "open from outside", actual)
        if arrivals.unheard:
            return Finding("port.answer_lost", view.facts, "open from outside", actual)
    if view.mapped_right is False and not view.let_in:
        return Finding("port.wrong_target", view.facts | {"target": view.mapped_to}, view.server, view.mapped_to)
    told: dict[str, Fact] = {
        "how": _HOW_WORDS[view.how_shut] if view.how_shut is not None else "",
        "watch": watch_advice(view),
    }
    by = _forwarded_by(view)
    if by is not None:
        # A firewall that lets only the office in looks the same, as long as nobody watches at the server.
        code = "port.blocked_upstream" if view.seen.syn_seen is False else "port.forwarded_but_shut"
        return Finding(code, view.facts | told | {"by": by, "wan": _compare_wan(view)}, "open from outside", actual)
    if view.seen.is_emr_host and view.seen.syn_seen is None:
        # What a computer sends to itself passes no firewall: nothing is known of that one.
        return Finding("port.shut_outside", view.facts | told, "open from outside", actual)
    return Finding("port.not_forwarded", view.facts | told | {"if_there": _if_there(view)}, "open from outside", actual)


def with_ipv6(view: View, found: list[Finding]) -> list[Finding]:
    """What was found by IPv4, and what by IPv6. The port is not shut as it should be where IPv6 is open."""
    more = _by_ipv6(view)
    if any(finding.code == "port.exposed_by_ipv6" for finding in more):
        found = [finding for finding in found if finding.code != "port.not_applicable"]
    return [*found, *more]


def _by_ipv6(view: View) -> list[Finding]:
    """What is wrong with IPv6 where the name leads there: shut where it has to be open, or the other way round."""
    names = view.case.seen.names
    published = published_v6(names) if names is not None else frozenset()
    tried = [each for each in view.by_ipv6 if each.address in published]
    if not tried:
        return []
    got_in = any(each.reachable for each in tried)
    if view.direct:
        return [] if got_in else [Finding("port.shut_by_ipv6", view.facts, "open", "shut")]
    return [Finding("port.exposed_by_ipv6", view.facts, "shut", "open")] if got_in else []


def _forwarded_by(view: View) -> str | None:
    """By what it is known that the router forwards the port to this server."""
    if view.same_hairpin:
        return "from inside, the EMR answers at the public address"
    if view.let_in:
        return "somebody else outside is connected"
    if view.mapped_right:
        return "it says so itself, by UPnP"
    return None


def _compare_wan(view: View) -> str:
    if view.public is None or (view.case.seen.address is not None and view.case.seen.address.wan_v4 is not None):
        return ""
    return (
        f"Compare the Internet (WAN) address on the router's status page with {view.public}: if they differ, another "
        "router is in front. "
    )


def _if_there(view: View) -> str:
    """What to look at where there is a rule already: it depends on who answered, and on whether anything arrived."""
    nothing_came = view.seen.syn_seen is False
    if view.how_shut is HowShut.REFUSED:
        firewall = "" if nothing_came else ", or the server's own firewall refuses"
        return f"If a rule is there already, it leads to another computer or another port{firewall}."
    look = (
        "correct the address in it" if nothing_came else "correct the address in it, and look at the server's firewall"
    )
    return (
        f"If the rule is there already, {look}. Then ask the internet provider whether they block incoming connections."
    )
