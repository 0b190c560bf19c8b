"""Somebody outside got through: to the EMR, to something else, or where nobody should get through at all?"""

from __future__ import annotations

from emrnetcheck.checks.port.untold import open_unproven
from emrnetcheck.checks.port.view import View, places, services
from emrnetcheck.evidence.port import OutsideCertificate
from emrnetcheck.model import Code, Contact, FailureKind, Finding, Severity, Urgency

CODES = {
    "port.open": Code(
        Severity.OK,
        "The EMR's port {port} can be reached from outside ({services} got through).",
        "An open port lets anybody try to log in. A VPN such as WireGuard, or a tunnel service, in front of the EMR is "
        "safer.",
    ),
    "port.wrong_service": Code(
        Severity.FAIL,
        "Something else than the EMR answers on port {port} of the office's public address: {what}.",
        "Often it is the router's own page: move its remote management to another port, or turn it off. Then look "
        "whether port {port} is forwarded to {where}.",
        Contact.ROUTER,
        "People outside get something else than the EMR, and the router may be open to everybody.",
        say="On port {port} of our public address something else than the EMR answers. Please free that port on the "
        "router, and forward it to {where}.",
        when=Urgency.TODAY,
    ),
    "port.hairpin_differs": Code(
        Severity.NOTICE,
        "From inside the office, something else than the EMR answers at its public address: {what}.",
        "Use the server's own address in the office, or add the name with that address to the router's DNS.",
        Contact.ROUTER,
        "Many routers show their own page to those inside. Nobody outside is affected.",
    ),
    "port.no_hairpin": Code(
        Severity.NOTICE,
        "From outside the EMR can be reached, but not from inside the office by its public name.",
        "Use the server's own address in the office, or add the name with that address to the router's DNS.",
        Contact.ROUTER,
        "This router does not send connections from inside back inside. Nobody outside is affected.",
    ),
    "port.outside_disagree": Code(
        Severity.NOTICE,
        "Not everybody outside got through: {places} did not.",
        "Run the check again. If it stays, some networks are blocked on the way, or at the server's firewall.",
        Contact.IT_HELPER,
    ),
    "port.exposed": Code(
        Severity.FAIL,
        "Port {port} is open to everybody on the Internet, although the EMR is to be reached by {access} only.",
        "Remove the forwarding rule for port {port} from the router. If there is none, turn off the router's remote "
        "management.",
        Contact.ROUTER,
        "Anybody, from anywhere, can try to log in.",
        say="Port {port} is open to everybody on the Internet, and must not be. Please remove its forwarding rule, "
        "and turn off the router's remote management.",
        when=Urgency.TODAY,
    ),
}

_ANOTHER_CERTIFICATE = "its certificate is not the server's"
_NO_TLS = "it speaks no TLS, as the EMR does"
_PROXY_OR_OLD = "another certificate for the same name answers there: a proxy of yours, or an old server"
_NOBODY_SAW = "nothing shows who answers there"


def opened(view: View) -> list[Finding]:
    """Somebody got through, or was seen to: what that is worth."""
    if not view.direct:
        return [Finding("port.exposed", view.facts, "shut", "open")]  # whoever answers: nobody should
    if view.same_outside or (view.let_in and view.same_outside is None):
        return _open(view)
    if view.same_outside is False:
        return _another(view)
    if view.seen.syn_seen is False and view.same_hairpin is False:
        # Open from outside, nothing arrived here, and something else is what shows itself at that address.
        return [_wrong_service(view, what_answers(view))]
    doubt = _doubt(view)
    return [open_unproven(view, doubt)] if doubt is not None else _open(view)


def _doubt(view: View) -> str | None:
    """What speaks against the service's word that it reached the server; that nothing speaks for it is enough."""
    arrivals = view.seen.arrivals
    if view.let_in:
        return None
    if arrivals is not None and arrivals.outside:
        return "connections arrived at the server, and it accepted none"
    if view.seen.syn_seen is False:
        return "no connection from outside arrived at the server meanwhile"
    if view.same_hairpin is False:
        return f"asked from inside, something else answers at the public address ({what_answers(view)})"
    if view.mapped_right is False:
        return f"the router says that it sends the port to {view.mapped_to}"
    return None if view.vouched else _NOBODY_SAW


def _open(view: View) -> list[Finding]:
    got_in = services(view.through) or "somebody outside was seen to get in"
    found = [Finding("port.open", view.facts | {"services": got_in})]
    left_out = [*places(view.through), *([services(view.not_through)] if view.not_through else [])]
    if left_out:
        found.append(Finding("port.outside_disagree", view.facts | {"places": ", ".join(left_out)}))
    # The name was tried: where it leads elsewhere, that is no router's doing.
    hairpin = view.seen.hairpin
    if hairpin is not None and hairpin.open is False and hairpin.address == view.public:
        found.append(Finding("port.no_hairpin", view.facts))
    if view.same_hairpin is False:
        found.append(Finding("port.hairpin_differs", view.facts | {"what": what_answers(view)}))
    return found


def _another(view: View) -> list[Finding]:
    """What is shown outside is not the server's certificate. One for its name may be a proxy's, or an old server's.

    The services dial the office's own address, where no proxy service is on the way: so what arrived counts.
    """
    name = view.case.site.hostname
    if not view.certificates:
        return _open(view) if view.let_in else [_wrong_service(view, _NO_TLS)]
    if name is None or not any(_is_for(certificate, name) for certificate in view.certificates):
        return [_wrong_service(view, _ANOTHER_CERTIFICATE)]
    if view.let_in:
        return _open(view)
    if view.seen.syn_seen is False or view.same_as_hairpin or view.mapped_right is False:
        if all(_in_order(each) for each in view.certificates):
            return [open_unproven(view, _PROXY_OR_OLD)]
        return [_wrong_service(view, f"its certificate is for {name}, but not the server's")]
    if view.vouched:
        return _open(view)
    return [open_unproven(view, "its certificate is not the server's, though for the same name")]


def _wrong_service(view: View, what: str) -> Finding:
    return Finding("port.wrong_service", view.facts | {"what": what}, "the server's certificate", what)


def what_answers(view: View) -> str:
    """What answers at the public address from inside, where it is not the server."""
    there = view.seen.spoken_hairpin
    if there is not None and there.failure is not None:
        return "plain HTTP" if there.failure.kind is FailureKind.PLAIN_HTTP else "something that speaks no TLS"
    return _ANOTHER_CERTIFICATE


def _in_order(certificate: OutsideCertificate) -> bool:
    """Nothing is wrong with it but, at the most, that it was asked for by the address and not by the name."""
    error = certificate.error.upper()
    return certificate.trusted is True or any(word in error for word in ("ALTNAME", "HOSTNAME"))


def _is_for(certificate: OutsideCertificate, name: str) -> bool:
    """Whether it is for this name, as browsers compare (RFC 9525): a star stands for one whole label, the first."""
    wanted = name.rstrip(".").lower()
    rest = wanted.partition(".")[2]
    names = {one.rstrip(".").lower() for one in certificate.names}
    return wanted in names or (bool(rest) and f"*.{rest}" in names)
