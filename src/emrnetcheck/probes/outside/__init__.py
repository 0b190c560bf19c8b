"""Can somebody outside reach a port of this office? Services of several kinds, behind one question.

A service that gives no answer is an OutsideTry with the failure in it, and costs no other service its answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.outside import echoip
from emrnetcheck.probes.outside.common import too_late, untried
from emrnetcheck.probes.together import together


def ask(
    service: str,
    port: int,
    site: Site,
    context: Context,
    *,
    address: str | None,  # noqa: ARG001
    ends_s: float,
    certificate: bool = False,  # noqa: ARG001
) -> OutsideTry:
    """What this service of the settings says about the port; nothing is sent without the owner's consent.

    address: the office's public IPv4 address as measured, for services that try any address. ends_s: on
    time.monotonic(). certificate: whether to ask what certificate answers there, too.
    """
    refusal = _not_to_be_asked(service, site, context)
    if refusal is not None:
        return untried(service, port, refusal)
    where = echoip.place(service)
    if where is not None:
        return echoip.ask(service, where, port, context, ends_s=ends_s)
    return untried(service, port, _unknown(service))


def ask_many(
    service: str, ports: Sequence[int], site: Site, context: Context, *, address: str | None, ends_s: float
) -> tuple[OutsideTry, ...]:
    """As `ask`, for several ports at once with one try each; in the order of the ports."""
    tasks = [partial(ask, service, port, site, context, address=address, ends_s=ends_s) for port in ports]
    tried = together(tasks, context, limit_s=max(0.0, ends_s - time.monotonic()))
    return tuple(
        attempt if attempt is not None else untried(service, port, too_late(service))
        for port, attempt in zip(ports, tried, strict=True)
    )


def _not_to_be_asked(service: str, site: Site, context: Context) -> Failure | None:
    if context.stay_inside is not None:
        return context.stay_inside
    if not site.outside_consent:
        return Failure(FailureKind.NO_CONSENT, "ask", clean(service))
    return None


def _unknown(service: str) -> Failure:
    return Failure(FailureKind.UNSUPPORTED, "ask", clean(service), "it comes with a later version")
