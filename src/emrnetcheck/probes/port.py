"""Does the EMR's port answer on the server, on the office network, through the public name, and from outside?"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.port import OutsideTry, Port, PortTry
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import listeners, routes, tcp
from emrnetcheck.probes import outside
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.outside.common import untried
from emrnetcheck.probes.together import together

LOOPBACK = "127.0.0.1"
# Windows sends the SYN again after each reset and reports "refused" only after about two seconds.
LAN_TIMEOUT_S = 2.5 if sys.platform == "win32" else 1.0
_LAN_TRIES = 2
_HAIRPIN_TIMEOUT_S = 2.5
_OWN_LIMIT_S = 7.7  # for everything together, or what the services outside need; the deadline is a last resort


@dataclass(frozen=True, slots=True)
class _Lan:
    attempt: PortTry | None


@dataclass(frozen=True, slots=True)
class _Hairpin:
    attempt: PortTry | None


_Part = _Lan | _Hairpin | OutsideTry


def measure(site: Site, seen: Seen, context: Context) -> Port | Failure:
    """NOT_CONFIGURED where the settings say nothing about the EMR: which port of which computer is not known then."""
    if not site.emr_declared:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's port", detail="[emr] lan_address")
    ends_s = time.monotonic() + min(_limit_s(site), context.remaining_s())
    own = routes.own_addresses()
    is_emr_host = site.lan_address is None or site.lan_address in own
    lan_address = site.lan_address or _own_lan_address(seen)
    address = seen.address.public_v4 if seen.address is not None else None
    context.progress(f"trying port {site.port}", None, None)
    tasks: list[Callable[[], _Part]] = [
        *(
            partial(outside.ask, service, site.port, site, context, address=address, ends_s=ends_s, certificate=True)
            for service in site.outside_services
        ),
        lambda: _Lan(_try_lan(lan_address, site.port) if lan_address is not None else None),
        lambda: _Hairpin(_try_hairpin(site, seen, lan_address, context)),
    ]
    bound = listeners.listening_on(site.port) if is_emr_host else None
    loopback = _try(LOOPBACK, site.port, LAN_TIMEOUT_S) if is_emr_host else None
    parts = together(tasks, context, limit_s=max(0.0, ends_s - time.monotonic()))
    lan = next((part.attempt for part in parts if isinstance(part, _Lan)), None)
    return Port(
        port=site.port,
        is_emr_host=is_emr_host,
        listening=_listening(bound, loopback, lan),
        bind=bound if isinstance(bound, tuple) else (),
        loopback=loopback,
        lan=lan,
        hairpin=next((part.attempt for part in parts if isinstance(part, _Hairpin)), None),
        outside=tuple(
            part if isinstance(part, OutsideTry) else untried(service, site.port, Failure(FailureKind.OUT_OF_TIME))
            for service, part in zip(site.outside_services, parts, strict=False)
        ),
    )


def _limit_s(site: Site) -> float:
    needed_s = outside.patience_s(site.outside_services) if site.outside_consent else 0.0
    return max(_OWN_LIMIT_S, needed_s + 0.5)


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


def _try_hairpin(site: Site, seen: Seen, lan_address: str | None, context: Context) -> PortTry | None:
    """Through the public name's address from inside; None where there is no public address to try."""
    if context.stay_inside is not None:
        return None
    address = seen.address.public_v4 if seen.address is not None else None
    if site.hostname is not None:
        found = context.lookup.resolve(site.hostname)
        address = address if isinstance(found, Failure) else found.addresses[0]
    if address is None or address == lan_address:
        return None
    # A name that leads to a private address in the office goes straight to the server: no hairpin.
    if address_class(address) not in (AddressClass.PUBLIC, AddressClass.DOCUMENTATION):
        return None
    return _try(address, site.port, _HAIRPIN_TIMEOUT_S)


PROBE = Probe(
    name="port",
    title="The EMR's port",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 17.0),
    after=("link", "address"),
)
