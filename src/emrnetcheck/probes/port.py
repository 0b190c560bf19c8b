"""Does the EMR's port answer on the server, on the office network, through the public name, and from outside?"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import published_v6
from emrnetcheck.evidence.port import Arrivals, OutsideTry, Port, PortTry, Spoken
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import listeners, routes, syn_watch, tcp
from emrnetcheck.net.syn_packets import Watched
from emrnetcheck.probes import outside
from emrnetcheck.probes.arrivals import addresses_of_office, arrivals, syn_seen
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.outside.common import untried
from emrnetcheck.probes.spoken import connections, spoken
from emrnetcheck.probes.together import together

LOOPBACK = "127.0.0.1"
# Windows sends the SYN again after each reset and reports "refused" only after about two seconds.
LAN_TIMEOUT_S = 2.5 if sys.platform == "win32" else 1.0
_LAN_TRIES = 2
_HAIRPIN_TIMEOUT_S = 2.5
_SPARE_S = 0.3  # to write the evidence down before the runner gives up
_OWN_LIMIT_S = 5.0  # for what leaves the office, or what the services outside need; the deadline is a last resort


@dataclass(frozen=True, slots=True)
class _Hairpin:
    attempt: PortTry | None
    spoken: Spoken | None


_Part = _Hairpin | OutsideTry


@dataclass(frozen=True, slots=True)
class _Inside:
    """What was seen without leaving the office."""

    is_emr_host: bool
    lan_address: str | None
    bound: tuple[str, ...] | Failure | None
    loopback: PortTry | None
    lan: PortTry | None
    spoken: Spoken | None
    at_bound: PortTry | None

    def shows(self) -> frozenset[str]:
        """The fingerprints of the server's own certificates."""
        return frozenset(self.spoken.fingerprints if self.spoken is not None else ())


def measure(site: Site, seen: Seen, context: Context) -> Port | Failure:
    """NOT_CONFIGURED where the settings say nothing about the EMR: which port of which computer is not known then."""
    if not site.emr_declared:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's port", detail="[emr] lan_address")
    context.progress(f"trying port {site.port}", None, None)
    inside = _inside(site, seen)
    ends_s = time.monotonic() + min(_limit_s(site), max(0.0, context.remaining_s() - _SPARE_S))
    watch = syn_watch.begin(site.port) if inside.is_emr_host and _somebody_will_try(site, context) else None
    parts: list[_Part | None] = []
    try:
        parts = together(
            _tasks(site, seen, context, inside, ends_s), context, limit_s=max(0.0, ends_s - time.monotonic())
        )
    finally:
        saw = watch if watch is None or isinstance(watch, Failure) else watch.end()
    hairpin = next((part for part in parts if isinstance(part, _Hairpin)), _Hairpin(None, None))
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


def _inside(site: Site, seen: Seen) -> _Inside:
    is_emr_host = site.lan_address is None or site.lan_address in routes.own_addresses()
    address = site.lan_address or _own_lan_address(seen)
    lan = _try_lan(address, site.port) if address is not None else None
    bound = listeners.listening_on(site.port) if is_emr_host else None
    loopback = _try(LOOPBACK, site.port, LAN_TIMEOUT_S) if is_emr_host else None
    return _Inside(
        is_emr_host=is_emr_host,
        lan_address=address,
        bound=bound,
        loopback=loopback,
        lan=lan,
        spoken=spoken(lan.address, site.port, site.hostname) if lan is not None and lan.open else None,
        at_bound=_try_bound(bound, site.port, lan, loopback),
    )


def _try_bound(
    bound: tuple[str, ...] | Failure | None, port: int, lan: PortTry | None, loopback: PortTry | None
) -> PortTry | None:
    """Where a listener is bound to one address, such as a VPN's, it is asked there; "fe80::1%eth0" is not."""
    if not isinstance(bound, tuple) or any(attempt is not None and attempt.open for attempt in (lan, loopback)):
        return None
    own = [each for each in bound if each not in ("0.0.0.0", "::", LOOPBACK) and not each.startswith("fe80")]
    return _try(own[0], port, LAN_TIMEOUT_S) if own else None


def _somebody_will_try(site: Site, context: Context) -> bool:
    return context.stay_inside is None and site.outside_consent and bool(site.outside_services)


def _tasks(site: Site, seen: Seen, context: Context, inside: _Inside, ends_s: float) -> list[Callable[[], _Part]]:
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
        lambda: _try_hairpin(site, seen, inside, context),
    ]


def _published_v6(seen: Seen, inside: _Inside) -> str | None:
    """The public IPv6 address of this computer at which the EMR's name leads people to it; None: there is none."""
    if not inside.is_emr_host or seen.names is None:
        return None
    own = published_v6(seen.names) & frozenset(routes.own_addresses())
    return min((address for address in own if address_class(address) is AddressClass.PUBLIC), default=None)


def _arrivals(
    saw: Watched | Failure | None, site: Site, seen: Seen, hairpin: _Hairpin, inside: _Inside
) -> Arrivals | None:
    if saw is None:
        return None
    tried = hairpin.attempt
    office = addresses_of_office(seen, tried.address if tried is not None else None) | frozenset(routes.own_addresses())
    gateway = seen.link.gateway if seen.link is not None else None
    return arrivals(saw, office=office, gateway=gateway, own_attempts=_came_back(hairpin, site, inside))


def _came_back(hairpin: _Hairpin, site: Site, inside: _Inside) -> int:
    """How many of our own connections through the public address got back in to this server."""
    if hairpin.attempt is None or not hairpin.attempt.open:
        return 0
    there = hairpin.spoken
    if there is None or inside.spoken is None:
        return 1
    if not set(there.fingerprints) & set(inside.spoken.fingerprints):
        return 0 if there.fingerprints or inside.spoken.fingerprints else 2
    settled = there.fingerprints[0] in inside.shows()
    return 1 + (1 if settled else connections(site.hostname))


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


def _own_lan_address(seen: Seen) -> str | None:
    if seen.link is not None and seen.link.address is not None:
        return seen.link.address
    source = routes.source_address()
    return source if isinstance(source, str) else None


def _try(address: str, port: int, timeout_s: float) -> PortTry:
    answered = tcp.connect(address, port, timeout_s)
    if isinstance(answered, Failure):
        reached = answered.kind not in (FailureKind.LOCAL_RESOURCE, FailureKind.PERMISSION, FailureKind.UNSUPPORTED)
        return PortTry(address, port, False if reached else None, None, answered)
    return PortTry(address, port, answered.refusal is None, answered.rtt_ms, answered.refusal)


def _try_lan(address: str, port: int) -> PortTry:
    attempt = _try(address, port, LAN_TIMEOUT_S)
    for _ in range(_LAN_TRIES - 1):
        # Only silence is asked again: a lost packet looks like a firewall.
        if attempt.failure is None or attempt.failure.kind is not FailureKind.TIMEOUT:
            break
        attempt = _try(address, port, LAN_TIMEOUT_S)
    return attempt


def _try_hairpin(site: Site, seen: Seen, inside: _Inside, context: Context) -> _Hairpin:
    """Through the public name's address from inside; nothing where there is no public address to try."""
    address = _public_address(site, seen, context)
    if address is None or address == inside.lan_address:
        return _Hairpin(None, None)
    attempt = _try(address, site.port, _HAIRPIN_TIMEOUT_S)
    if not attempt.open or inside.spoken is None:
        return _Hairpin(attempt, None)
    return _Hairpin(attempt, spoken(address, site.port, site.hostname, stop_at=inside.shows()))


def _public_address(site: Site, seen: Seen, context: Context) -> str | None:
    if context.stay_inside is not None:
        return None
    address = seen.address.public_v4 if seen.address is not None else None
    if site.hostname is not None:
        found = context.lookup.resolve(site.hostname)
        address = address if isinstance(found, Failure) else found.addresses[0]
    # A name that leads to a private address in the office goes straight to the server: no hairpin.
    if address is None or address_class(address) not in (AddressClass.PUBLIC, AddressClass.DOCUMENTATION):
        return None
    return address


PROBE = Probe(
    name="port",
    title="The EMR's port",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 17.0),
    after=("link", "address", "names"),
)
