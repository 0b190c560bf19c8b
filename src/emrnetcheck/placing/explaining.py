"""Does what the clinic's own report found explain what a client sees of its connections to the EMR?"""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import USUAL
from emrnetcheck.placing.places import Place, because, codes_of
from emrnetcheck.placing.shared_loss import judged_together
from emrnetcheck.placing.states import Fault, Leg, State

_MOST = 0.5  # of what comes late: what adds less leaves more unexplained than it explains
_LOSSES = (
    "router.loss", "router.heavy_loss", "switch.all_loss", "switch.all_heavy_loss", "switch.emr_loss",
    "switch.emr_heavy_loss", "switch.storm", "path.loss_inside", "path.loss_line", "link.many_errors",
    "link.late_collisions", "link.half_duplex",
)  # fmt: skip
_NOBODY_COMES = ("router.unreachable", "link.lost", "emr.not_answering")
_BY_FAULT: Mapping[Fault, tuple[str, ...]] = {
    Fault.LOSS: _LOSSES,
    Fault.LATENCY: ("path.slow_line",),  # what is late in an office is so by some ms: that is never all of it
    Fault.DEAD: _NOBODY_COMES,
    Fault.REFUSED: ("emr.not_answering",),
}
_OF_PAGES = (*_LOSSES, "link.slow_speed", "emr.slow_parts_network", "emr.slow_parts")


def client_legs(client: ClinicReport) -> dict[Leg, State]:
    """How each leg was for this client."""
    return judged_together(legs_of(client.evidence, USUAL), client.evidence, USUAL).legs


def explaining(host: ClinicReport, place: Place, client: ClinicReport) -> tuple[str, ...]:
    """By which codes the clinic's own report has there just what the client sees: a loss explains a loss, and so on."""
    if "server_tcp" not in because(client):
        return tuple(code for code in codes_of(host, place) if code in _OF_PAGES)
    fault = client_legs(client)[Leg.SERVER_TCP].fault
    kind = _BY_FAULT.get(fault, ()) if fault is not None else ()
    codes = tuple(code for code in codes_of(host, place) if code in kind)
    return codes if fault is not Fault.LATENCY or _adds_most(host, codes, client) else ()


def _adds_most(host: ClinicReport, codes: tuple[str, ...], client: ClinicReport) -> bool:
    legs = client_legs(client)
    there_ms, elsewhere_ms = legs[Leg.SERVER_TCP].median_ms, legs[Leg.OUTSIDE].median_ms
    later_ms = (there_ms or 0.0) - (elsewhere_ms or 0.0)
    found = (f.facts.get("added_ms") for check in host.checks for f in check.findings if f.code in codes)
    return any(isinstance(each, (int, float)) and each >= _MOST * later_ms for each in found)
