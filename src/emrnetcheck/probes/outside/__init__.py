"""Can somebody outside reach a port of this office? Services of several kinds, behind one question.

A service that gives no answer is an OutsideTry with the failure in it, and costs no other service its answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.outside import echoip, globalping, responder
from emrnetcheck.probes.outside.api import Api
from emrnetcheck.probes.outside.common import TOLD, at_once, parse, untried

_PATIENCE_S = {"echoip": 6.0, "responder": 6.0, "globalping": 14.0}
_EACH_MORE_S = {"globalping": 0.6}


def patience_s(services: Sequence[str], ports: int = 1) -> float:
    """How long the slowest of them needs where nothing answers at the ports: Globalping waits 10 s for each packet."""
    found = [service for service in map(parse, services) if service is not None]
    return max((_PATIENCE_S[each.kind] + (ports - 1) * _EACH_MORE_S.get(each.kind, 0.0) for each in found), default=0.0)


def ask(
    service: str,
    port: int,
    site: Site,
    context: Context,
    *,
    address: str | None,
    ends_s: float,
    certificate: bool = False,
) -> OutsideTry:
    """What this service of the settings says about the port; nothing is sent without the owner's consent.

    address: the office's public IPv4 address as measured, for a service that tries any address. ends_s: on
    time.monotonic(). certificate: whether to ask what certificate answers there, too.
    """
    return _asked(service, _open(service, site, context, address), port, str(address), ends_s, certificate=certificate)


def ask_by_ipv6(service: str, port: int, site: Site, context: Context, *, address: str, ends_s: float) -> OutsideTry:
    """As `ask`, about an IPv6 address of this computer. A service that dials its caller is asked from that address."""
    return _asked(service, _open(service, site, context, address, version=6), port, address, ends_s, certificate=False)


def _asked(service: str, api: Api | Failure, port: int, target: str, ends_s: float, *, certificate: bool) -> OutsideTry:
    if isinstance(api, Failure):
        return untried(service, port, api)
    if api.service.kind == "globalping":
        return globalping.ask(service, api, port, target=target, ends_s=ends_s, certificate=certificate)
    if api.service.kind == "responder":
        return responder.ask(service, api, port, ends_s=ends_s, certificate=certificate)
    return echoip.ask(service, api, port, ends_s=ends_s)


def ask_many(
    service: str, ports: Sequence[int], site: Site, context: Context, *, address: str | None, ends_s: float
) -> tuple[OutsideTry, ...]:
    """As `ask`, for several ports at once with one try each; in the order of the ports."""
    api = _open(service, site, context, address)
    if isinstance(api, Failure):
        return tuple(untried(service, port, api) for port in ports)
    if api.service.kind == "globalping":
        return globalping.ask_many(service, api, ports, target=str(address), ends_s=ends_s)

    def ask_one(port: int) -> OutsideTry:
        if api.service.kind == "responder":
            return responder.ask(service, api, port, ends_s=ends_s, certificate=False)
        return echoip.ask(service, api, port, ends_s=ends_s)

    return at_once(service, ports, ask_one, context, ends_s=ends_s)


def _open(service: str, site: Site, context: Context, address: str | None, *, version: int = 4) -> Api | Failure:
    """The service, found and told of in the ledger; or why it is not asked."""
    if context.stay_inside is not None:
        return context.stay_inside
    if not site.outside_consent:
        return Failure(FailureKind.NO_CONSENT, "ask", clean(service))
    where = parse(service)
    if where is None:
        return Failure(FailureKind.UNSUPPORTED, "ask", clean(service), "no service of that kind is known")
    unusable = globalping.unusable(address, where.host, version=version) if where.kind == "globalping" else None
    if unusable is not None:
        return unusable
    headers: tuple[tuple[str, str], ...] = ()
    if where.kind == "responder":
        known = responder.token_headers(where, site.responder_token)
        if isinstance(known, Failure):
            return known
        headers = known
    # Globalping tries any address, so that it can be asked by IPv4 for an IPv6 address.
    dials_caller = version != 4 and where.kind != "globalping"  # noqa: PLR2004 - IP versions
    found = context.lookup.resolve(where.host, version=version if dials_caller else 4)
    if isinstance(found, Failure):
        return found
    context.ledger.told(where.host, globalping.TOLD_PUBLICLY if where.kind == "globalping" else TOLD)
    return Api(where, found.addresses[0], context, headers, address if dials_caller else None)
