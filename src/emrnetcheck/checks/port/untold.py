"""What cannot be told of the port from outside, why, and how to find out."""

from __future__ import annotations

import re

from emrnetcheck.checks.port.view import View, services
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Code, Contact, Fact, FailureKind, Finding, Severity

_PHONE = (
    "Test it in one minute: on a telephone with Wi-Fi off (mobile data), open https://{reach}:{port}{path} in its "
    "browser."
)
_MEANS = " A log-in page, or a warning about the certificate, means open; no page, or a time-out, means shut."
_TELLS_CERTIFICATE = re.compile(r"globalping|responder\+")

CODES = {
    "port.other_address": Code(
        Severity.UNKNOWN,
        "The service outside tried {dialled}, which is not this office's address {address}.",
        "Turn off the VPN or the proxy on this computer and run the check again.",
        Contact.IT_HELPER,
        "The test says something about another place.",
    ),
    "port.services_disagree": Code(
        Severity.UNKNOWN,
        "The services outside contradict each other: {through} got through to port {port}, {not_through} did not.",
        _PHONE + _MEANS + " {nothing}{watch}Run this check again, too.",
        Contact.IT_HELPER,
        "One of them is wrong, or some networks are blocked on the way.",
    ),
    "port.open_unproven": Code(
        Severity.UNKNOWN,
        "Port {port} is said to be open from outside. That it is the EMR is not proven: {why}.",
        "{watch}{certificate}"
        + _PHONE
        + " Go on past a warning about the certificate. The EMR's page means that all is "
        "well; the router's page, or none, means that it is not.",
        Contact.IT_HELPER,
        "It may be the router's own page, or another computer's.",
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
        _PHONE + _MEANS + " Another way: {another_way}.",
        Contact.IT_HELPER,
        "Only somebody outside can tell. A test from inside proves nothing.",
    ),
}


def unverified(view: View) -> Finding:
    """Too few answers. Where the port is not to be open, that is no more than a remark."""
    code = "port.unverified" if view.direct else "port.not_tested"
    outside = view.seen.outside
    why = "it was tried by IPv6 only" if view.by_ipv6 else _why_untested(outside)
    told: dict[str, Fact] = {"why": why, "another_way": _another_way(outside)}
    return Finding(code, view.facts | told, "a test from outside", "none")


def other_address(view: View) -> Finding:
    """Nobody tried this office."""
    dialled = view.elsewhere[0].address
    return Finding(
        "port.other_address", view.facts | {"dialled": dialled, "address": view.public}, view.public, dialled
    )


def services_disagree(view: View) -> Finding:
    told: dict[str, Fact] = {
        "through": services(view.through),
        "not_through": services(view.not_through),
        "nothing": "" if view.direct else "It has to see nothing. ",
        "watch": watch_advice(view),
    }
    return Finding("port.services_disagree", view.facts | told, "one answer", "two")


def open_unproven(view: View, why: str) -> Finding:
    told: dict[str, Fact] = {"why": why, "watch": watch_advice(view), "certificate": _certificate_advice(view)}
    return Finding("port.open_unproven", view.facts | told, "the EMR's own answer", "not proven")


def _certificate_advice(view: View) -> str:
    """How somebody outside could tell whose certificate answers, where nobody was asked who can."""
    if any(_TELLS_CERTIFICATE.match(attempt.service) for attempt in view.seen.outside):
        return ""
    return 'Globalping tells whose certificate answers: [outside] services = ["globalping"] in the settings. '


def watch_advice(view: View) -> str:
    """How it could be seen whether connections reach the server, where that was not seen; with a blank behind."""
    arrivals = view.seen.arrivals
    if not view.seen.is_emr_host:
        return "Run on the server itself, this check also sees whether connections arrive there. "
    if arrivals is None or arrivals.failure is None:
        return ""
    if arrivals.failure.kind is FailureKind.PERMISSION:
        return (
            "With more rights this check tells the server's firewall from the router: with sudo (Linux, macOS), or as "
            "administrator with Npcap (Windows). It then sees whether connections arrive at the server. "
        )
    return f"Whether connections arrive at the server could not be seen: {arrivals.failure.in_words()}. "


def _another_way(outside: tuple[OutsideTry, ...]) -> str:
    """How a service could tell, if it could."""
    if not outside:
        return (
            'name a service outside that may try it: [outside] services = ["globalping"] and consent = true in the '
            "settings"
        )
    if any(attempt.failure is not None and attempt.failure.kind is FailureKind.NO_CONSENT for attempt in outside):
        return "let a service outside try it: emrnetcheck setup asks for your consent ([outside] consent)"
    return "run the check again later, when the service outside answers"


def _why_untested(outside: tuple[OutsideTry, ...]) -> str:
    reasons = [attempt.failure.in_words() for attempt in outside if attempt.failure is not None]
    return "; ".join(dict.fromkeys(reasons)) or "no service outside was asked"
