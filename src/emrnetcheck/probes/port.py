"""Does the EMR's port answer on the server, on the office network, through the public name, and from outside?"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import published_v6
from emrnetcheck.evidence.port import Arrivals, OutsideTry, Port, PortTry
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import routes, syn_watch
from emrnetcheck.net.syn_packets import Watched
from emrnetcheck.probes import outside
from emrnetcheck.probes.arrivals import addresses_of_office, arrivals, syn_seen
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.outside.common import untried
from emrnetcheck.probes.port_hairpin import Hairpin, came_back, try_hairpin
from emrnetcheck.probes.port_inside import Inside, look_inside
from emrnetcheck.probes.together import together

_SPARE_S = 0.3  # to write the evidence down before the runner gives up
_OWN_LIMIT_S = 5.0  # for what leaves the office, or what the services outside need; the deadline is a last resort

_Part = Hairpin | OutsideTry


def measure(site: Site, seen: Seen, context: Context) -> Port | Failure:
    """NOT_CONFIGURED where the settings say nothing about the EMR: which port of which computer is not known then."""
    if not site.emr_declared:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's port", detail="[emr] lan_address")
    context.progress(f"trying port {site.port}", None, None)
    inside = look_inside(site, seen)
    ends_s = time.monotonic() + min(_limit_s(site), max(0.0, context.remaining_s() - _SPARE_S))
    watch = syn_watch.begin(site.port) if inside.is_emr_host and _somebody_will_try(site, context) else None
    parts: list[_Part | None] = []
    try:
        parts = together(
            _tasks(site, seen, context, inside, ends_s), context, limit_s=max(0.0, ends_s - time.monotonic())
        )
    finally:
        saw = watch if watch is None or isinstance(watch, Failure) else watch.end()
    hairpin = next((part for part in parts if isinstance(part, Hairpin)), Hairpin(None, None))
    tried = tuple(
        part if isinstance(part, OutsideTry) else untried(service, site.port, Failure(FailureKind.OUT_OF_TIME))
        for service, part in zip(site.outside_services, parts, strict=False)
    )
    more = parts[len(site.outside_services) :]
    came = _arrivals(saw, site, seen, hairpin, inside)
    return Port(
        port=site.port,
        is_emr_host=inside.is_emr_host,
        listening=_listening(inside.bound, inside.loopback, inside.lan),
        bind=inside.bound if isinstance(inside.bound, tuple) else (),
        loopback=inside.loopback,
        lan=inside.lan,
        hairpin=hairpin.attempt,
        outside=tried,
        syn_seen=syn_seen(came),
        fingerprint_lan=next(iter(inside.spoken.fingerprints if inside.spoken is not None else ()), None),
        fingerprint_outside=_shown_outside(tried, seen),
        arrivals=came,
        spoken_lan=inside.spoken,
        spoken_hairpin=hairpin.spoken,
        bound=inside.at_bound,
        outside_v6=tuple(part for part in more if isinstance(part, OutsideTry)),
    )


def _limit_s(site: Site) -> float:
    needed_s = outside.patience_s(site.outside_services) if site.outside_consent else 0.0
    return max(_OWN_LIMIT_S, needed_s + 0.5)


def _somebody_will_try(site: Site, context: Context) -> bool:
    return context.stay_inside is None and site.outside_consent and bool(site.outside_services)


def _tasks(site: Site, seen: Seen, context: Context, inside: Inside, ends_s: float) -> list[Callable[[], _Part]]:
    """Those of the outside services first, in their order; then by IPv6, in the same order."""
    published = _published_v6(seen, inside) if _somebody_will_try(site, context) else None
    by_ipv6 = partial(outside.ask_by_ipv6, port=site.port, site=site, context=context, ends_s=ends_s)
    asked = partial(
        outside.ask,
        port=site.port,
        site=site,
        context=context,
        address=seen.address.public_v4 if seen.address is not None else None,
        ends_s=ends_s,
        certificate=bool(inside.shows()),
    )
    return [
        *(partial(asked, service) for service in site.outside_services),
        *(partial(by_ipv6, service, address=published) for service in site.outside_services if published is not None),
        lambda: try_hairpin(site, seen, inside, context),
    ]


def _published_v6(seen: Seen, inside: Inside) -> str | None:
    """The public IPv6 address of this computer at which the EMR's name leads people to it; None: there is none."""
    if not inside.is_emr_host or seen.names is None:
        return None
    own = published_v6(seen.names) & frozenset(routes.own_addresses())
    return min((address for address in own if address_class(address) is AddressClass.PUBLIC), default=None)


def _arrivals(
    saw: Watched | Failure | None, site: Site, seen: Seen, hairpin: Hairpin, inside: Inside
) -> Arrivals | None:
    if saw is None:
        return None
    tried = hairpin.attempt
    office = addresses_of_office(seen, tried.address if tried is not None else None) | frozenset(routes.own_addresses())
    gateway = seen.link.gateway if seen.link is not None else None
    own_attempts = came_back(hairpin, site, inside)
    return arrivals(saw, office=office, gateway=gateway, own_attempts=own_attempts, method=syn_watch.method())


def _shown_outside(tried: tuple[OutsideTry, ...], seen: Seen) -> str | None:
    """What the first service saw that tried this office, and not somewhere else."""
    public = seen.address.public_v4 if seen.address is not None else None
    for attempt in tried:
        if attempt.certificate is not None and (public is None or attempt.address in (None, public)):
            return attempt.certificate.fingerprint_sha256
    return None


def _listening(bound: tuple[str, ...] | Failure | None, loopback: PortTry | None, lan: PortTry | None) -> bool | None:
    """By the system's table; where that may not be read, an open port proves a listener and a shut one nothing."""
    if bound is None:
        return None
    if isinstance(bound, tuple):
        return bool(bound)
    return True if any(attempt is not None and attempt.open for attempt in (loopback, lan)) else None


PROBE = Probe(
    name="port",
    title="The EMR's port",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 17.0),
    after=("link", "address", "names"),
)
