"""Does the EMR listen, and does it answer in the office?"""

from __future__ import annotations

from emrnetcheck.checks.port.view import View
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.model import Code, Contact, FailureKind, Finding, Severity

CODES = {
    "port.not_listening": Code(
        Severity.FAIL,
        "Nothing accepts connections on port {port} of {where}: {because}.",
        "Start the EMR (OSCAR: the Tomcat service) on that computer. If it runs, check its port and its address in the "
        "settings: [emr] port and lan_address{then}.",
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
        "The EMR server at {where} {does} on port {port}.",
        "Check that the server is on and that its address is still {where}. Then look at the firewall on it.",
        Contact.EMR_HOST,
        "Nobody, inside or outside, can open the EMR.",
    ),
}

# A reset looks alike from another computer, whoever sent it; and so does "unreachable", by a firewall or by nobody.
_NOT_RUNNING = {"because": "the EMR is not running there", "then": ""}
_REFUSED = {
    "because": "the EMR is not running there, or does not let other computers in",
    "then": ". Then look at the firewall on it. Run on the server itself, this check tells them apart",
}
_DOES = {FailureKind.HOST_UNREACHABLE: "cannot be reached, or its firewall forbids it,"}

_SILENT = (FailureKind.TIMEOUT, FailureKind.HOST_UNREACHABLE, FailureKind.NETWORK_UNREACHABLE, FailureKind.NO_ROUTE)


def at_the_server(view: View) -> list[Finding]:
    """What is wrong before anybody outside comes into it; nothing where all is well, or not known."""
    seen, facts = view.seen, view.facts
    if seen.listening is False:
        return [Finding("port.not_listening", facts | _NOT_RUNNING, f"a listener on port {seen.port}", "none")]
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
        does = _DOES.get(failure.kind, "does not answer at all")
        return [Finding("port.host_silent", facts | {"does": does}, "a connection", why)]
    because = _NOT_RUNNING if seen.is_emr_host else _REFUSED
    return [Finding("port.not_listening", facts | because, "a connection", why)]
