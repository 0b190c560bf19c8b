"""Does the EMR listen, and does it answer in the office?"""

from __future__ import annotations

from emrnetcheck.checks.port.view import View
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import Port, PortTry
from emrnetcheck.model import Access, Code, Contact, FailureKind, Finding, Severity, Urgency

CODES = {
    "port.not_listening": Code(
        Severity.FAIL,
        "Nothing accepts connections on port {port} of {where}: {because}.",
        "Start the EMR (OSCAR: the Tomcat service) on that computer. If it runs, correct its port and its address with "
        "emrnetcheck setup ([emr] port and lan_address){then}.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
        say="Nothing accepts connections on port {port} of {where}: {because}. Please start the EMR there.",
        when=Urgency.TODAY,
    ),
    "port.loopback_only": Code(
        Severity.FAIL,
        "The EMR listens on port {port} for this computer alone ({bind}).",
        'Let it listen on all addresses: remove address="127.0.0.1" from the Connector in Tomcat\'s server.xml, then '
        "restart Tomcat.",
        Contact.EMR_HOST,
        "No other computer, inside or outside, can open the EMR.",
        say="The EMR listens on port {port} for its own computer alone ({bind}). Please let it listen on all "
        "addresses.",
        when=Urgency.TODAY,
    ),
    "port.host_firewall": Code(
        Severity.FAIL,
        "The EMR runs, but the server's own firewall does not let port {port} through on {where}.",
        "Allow the port on the server. Ubuntu: sudo ufw allow {port}/tcp. Windows: add an inbound rule for it.",
        Contact.EMR_HOST,
        "No other computer, inside or outside, can open the EMR.",
        say="The EMR server's own firewall does not let port {port} through on {where}. Please allow that port.",
        when=Urgency.TODAY,
    ),
    "port.hung": Code(
        Severity.FAIL,
        "The EMR listens on port {port}, but takes no connections, not even from its own computer.",
        "Restart the EMR (OSCAR: the Tomcat service). If it stays, look at the firewall on that computer.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
        say="The EMR listens on port {port}, but takes no connections, not even from its own computer. Please restart "
        "it, and look at its firewall.",
        when=Urgency.TODAY,
    ),
    "port.bound_elsewhere": Code(
        Severity.FAIL,
        "The EMR listens on port {port} of {bind} only, and not of {where}.",
        "Let it listen on all addresses: remove address= from the Connector in Tomcat's server.xml, then restart "
        "Tomcat. If {bind} is right, tell it to emrnetcheck setup ([emr] lan_address).",
        Contact.EMR_HOST,
        "Who is sent to the other address, in the office or by the router, does not get the EMR.",
        say="The EMR listens on port {port} of {bind} only, and not of {where}. Please let it listen on all addresses.",
        when=Urgency.TODAY,
    ),
    "port.narrowly_bound": Code(
        Severity.NOTICE,
        "The EMR listens on port {port} of {bind} only, and not of {where}.",
        "That is right where everybody comes by {access}. If desks in the office open the EMR directly, let it listen "
        "on {where}, too.",
        Contact.EMR_HOST,
    ),
    "port.only_outside": Code(
        Severity.UNKNOWN,
        "On the server itself nothing accepts connections on port {port}, but somebody outside got through.",
        "Run the check on another computer of the office. If the EMR cannot be opened there either, start the EMR: "
        "something else answers outside then, often the router.",
        Contact.IT_HELPER,
        "Either the server sends on what comes from other computers, or it is not the EMR that answers outside.",
    ),
    "port.host_silent": Code(
        Severity.FAIL,
        "The EMR server at {where} {does} on port {port}.",
        "Check that the server is on and that its address is still {where}. Then look at the firewall on it.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
        say="The EMR server at {where} {does} on port {port}. Is it on, and is that still its address?",
        when=Urgency.TODAY,
    ),
}

# A reset looks alike from another computer, whoever sent it; and so does "unreachable", by a firewall or by nobody.
_NOT_RUNNING = {
    "because": "the EMR is not running there",
    "then": ". If that computer redirects the port to another one, run the check on another computer",
}
_REFUSED = {
    "because": "the EMR is not running there, or does not let other computers in",
    "then": ". Then look at the firewall on it. Run on the server itself, this check tells them apart",
}
_DOES = {FailureKind.HOST_UNREACHABLE: "cannot be reached, or its firewall forbids it,"}

_SILENT = (FailureKind.TIMEOUT, FailureKind.HOST_UNREACHABLE, FailureKind.NETWORK_UNREACHABLE, FailureKind.NO_ROUTE)


_EVERYWHERE = ("0.0.0.0", "::")


def at_the_server(view: View) -> list[Finding]:
    """What is wrong before anybody outside comes into it; nothing where all is well, or not known.

    An empty table of listeners proves nothing while connections succeed: a port can be redirected (Docker, nftables).
    """
    seen, facts = view.seen, view.facts
    if _reached(seen):
        return []
    bound = _bound_to(seen)
    if bound:
        return _narrow(view, bound)
    if _hung(seen):
        return [Finding("port.hung", facts, "a connection", "no answer")]
    if seen.lan is None or seen.lan.open is not False:
        return []
    failure = seen.lan.failure
    why = failure.in_words() if failure else "no connection"
    if seen.listening or _open(seen.loopback):
        return [Finding("port.host_firewall", facts, "a connection", why)]
    if seen.is_emr_host:
        return _not_running(view, why)
    if failure is not None and failure.kind in _SILENT:
        does = _DOES.get(failure.kind, "does not answer at all")
        return [Finding("port.host_silent", facts | {"does": does}, "a connection", why)]
    return [Finding("port.not_listening", facts | _REFUSED, "a connection", why)]


def remarks(view: View) -> list[Finding]:
    """What is worth knowing where nothing is wrong with it."""
    bound = () if _reached(view.seen) else _bound_to(view.seen)
    return [Finding("port.narrowly_bound", view.facts | {"bind": ", ".join(bound)})] if bound else []


def _not_running(view: View, why: str) -> list[Finding]:
    """Asked from the server itself, where what only other computers' connections are redirected to cannot be seen."""
    seen, facts = view.seen, view.facts
    if view.let_in or (view.through and seen.syn_seen is not False):
        return [Finding("port.only_outside", facts, "a connection", why)] if view.direct else []
    if seen.listening is None and seen.lan is not None and _kind(seen.lan) in _SILENT:
        return [Finding("port.host_silent", facts | {"does": "does not answer at all"}, "a connection", why)]
    return [Finding("port.not_listening", facts | _NOT_RUNNING, f"a listener on port {seen.port}", why)]


def _narrow(view: View, bound: tuple[str, ...]) -> list[Finding]:
    """It listens, but not where the office looks for it: right for a tunnel on the server, or for its VPN address."""
    bind = ", ".join(bound)
    facts = view.facts | {"bind": bind}
    alone = all(address_class(each) is AddressClass.LOOPBACK for each in bound)
    access = view.case.site.access
    if access is Access.TUNNEL or (access is Access.VPN and not alone):
        return [Finding("port.hung", facts, "a connection", "no answer")] if _hung(view.seen) else []
    if view.came_in or view.same_outside:
        return []
    if alone:
        return [Finding("port.loopback_only", facts, "all addresses", bind)]
    return [Finding("port.bound_elsewhere", facts, view.server, bind)]


def _bound_to(seen: Port) -> tuple[str, ...]:
    """The only addresses that it listens at, if the one that the office uses is not among them."""
    lan, loopback = seen.lan, seen.loopback
    if not seen.bind:
        # The table may not be read: a firewall that refuses its own computer is rarer than a listener bound to it.
        refused = _kind(lan) is FailureKind.REFUSED and seen.is_emr_host
        return (loopback.address,) if refused and loopback is not None and loopback.open else ()
    plain = {each.removeprefix("::ffff:") for each in seen.bind}
    if plain & set(_EVERYWHERE):
        # Some systems give IPv6 alone to who asks for "::".
        v6_alone = plain <= {"::"} and _kind(lan) is _kind(loopback) is FailureKind.REFUSED
        return seen.bind if v6_alone else ()
    alone = all(address_class(each) is AddressClass.LOOPBACK for each in seen.bind)
    elsewhere = lan is not None and lan.open is False and lan.address not in plain
    return seen.bind if alone or elsewhere else ()


def _hung(seen: Port) -> bool:
    """A listener whose queue is full answers nobody, itself included; no usual firewall stops the computer itself."""
    silent = FailureKind.TIMEOUT in (_kind(seen.loopback), _kind(seen.bound))
    return bool(seen.listening) and silent and not _open(seen.loopback) and not _open(seen.bound)


def _reached(seen: Port) -> bool:
    return _open(seen.lan) and seen.lan is not None and address_class(seen.lan.address) is not AddressClass.LOOPBACK


def _open(attempt: PortTry | None) -> bool:
    return attempt is not None and bool(attempt.open)


def _kind(attempt: PortTry | None) -> FailureKind | None:
    failure = attempt.failure if attempt is not None and attempt.open is False else None
    return failure.kind if failure is not None else None
