"""Does the EMR listen, and can it be reached on the office network and from outside?

That somebody outside got through is believed, but not that it was the EMR who answered: something else has to speak
for that, such as its certificate, seen outside or from inside at the public address, a connection that this computer
accepted, or the router's own word. Else it is unknown, and not open. Something else than the EMR's certificate makes
it wrong. "Shut" is believed unless this computer saw a connection from outside come and go. Services that contradict
each other are weighed by the same evidence. Where the port is to be shut, open is a fault, whoever answers.
"""

from __future__ import annotations

from emrnetcheck.checks.port import inside, opened, shut, untold
from emrnetcheck.checks.port.limits import Limits
from emrnetcheck.checks.port.view import View
from emrnetcheck.evidence import Case
from emrnetcheck.model import Check, Code, Contact, FailureKind, Finding, Segment, Severity

CODES = {
    **opened.CODES,
    **inside.CODES,
    **shut.CODES,
    **untold.CODES,
    "port.unset": Code(
        Severity.UNKNOWN,
        "The EMR server is not known, so its port was not tested.",
        "Run emrnetcheck setup, which asks where it is. In the settings file that is [emr] lan_address (leave it out "
        "on the server itself, but keep [emr] hostname).",
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


def judge(case: Case, limits: Limits) -> list[Finding]:
    """port.* by netfacts.md 3.2: the server first, then the office network, then outside."""
    view = View(case)
    found = shut.with_ipv6(view, _outside(view, limits))
    return inside.at_the_server(view) or [*found, *inside.remarks(view)]


def _outside(view: View, limits: Limits) -> list[Finding]:
    if len(view.answered) >= limits.outside_answers and not view.here and view.elsewhere:
        return [untold.other_address(view)]
    if not view.here or len(view.here) + len(view.elsewhere) < limits.outside_answers:
        return [untold.unverified(view)]
    if view.through and view.not_through and not (view.same_outside or view.let_in):
        return [untold.services_disagree(view)]
    if view.through or (view.came_in and not (view.direct and view.kept_out)):
        return opened.opened(view)
    return [shut.shut(view) if view.direct else Finding("port.not_applicable", view.facts, "shut", "shut")]


_NOT_OUR_LINE = ("link.vpn", "address.proxied")
_ANOTHER_NAT = (
    "address.cgnat",
    "address.double_nat",
    "address.isp_private",
    "address.no_public_wan",
    "address.private_wan",
)
# Who could look from outside is asked by IPv4.
_NOBODY_OUTSIDE = ("link.vpn", "router.none", "router.unreachable", "address.no_internet", "address.ipv6_only")

CHECK: Check[Case, Limits] = Check(
    id="port",
    title="The EMR's port",
    needs=("port",),
    uses=("address", "names"),
    limits=Limits(),
    codes=CODES,
    judge=judge,
    segment=Segment.ROUTER,
    required=True,
    follows={
        "*": ("link.none",),
        # Through a VPN or a proxy the service outside tries the VPN's address, which says nothing about this office.
        "port.open": _NOT_OUR_LINE,
        "port.not_applicable": _NOT_OUR_LINE,
        "port.exposed": _NOT_OUR_LINE,
        "port.wrong_service": _NOT_OUR_LINE,
        "port.hairpin_differs": _NOT_OUR_LINE,
        "port.open_unproven": _NOT_OUR_LINE,
        "port.services_disagree": _NOT_OUR_LINE,
        "port.answer_lost": _NOT_OUR_LINE,
        "port.not_forwarded": (*_NOT_OUR_LINE, *_ANOTHER_NAT),
        "port.shut_outside": (*_NOT_OUR_LINE, *_ANOTHER_NAT),
        "port.wrong_target": (*_NOT_OUR_LINE, *_ANOTHER_NAT),
        "port.blocked_upstream": (*_NOT_OUR_LINE, *_ANOTHER_NAT),
        "port.forwarded_but_shut": (*_NOT_OUR_LINE, *_ANOTHER_NAT),
        "port.shut_by_ipv6": (*_NOT_OUR_LINE, "ddns.aaaa_dead"),
        "port.exposed_by_ipv6": _NOT_OUR_LINE,
        "port.unverified": _NOBODY_OUTSIDE,
        "port.not_tested": _NOBODY_OUTSIDE,
        "port.other_address": (*_NOT_OUR_LINE, "address.nat_pool"),
    },
    unmeasured={FailureKind.NOT_CONFIGURED: "port.unset"},
)
