"""Does the EMR's port answer on the server and on the office network?"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.port import PortTry, Spoken
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import listeners, routes, tcp
from emrnetcheck.probes.spoken import spoken

LOOPBACK = "127.0.0.1"
# Windows sends the SYN again after each reset and reports "refused" only after about two seconds.
LAN_TIMEOUT_S = 2.5 if sys.platform == "win32" else 1.0
_LAN_TRIES = 2


@dataclass(frozen=True, slots=True)
class Inside:
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


def look_inside(site: Site, seen: Seen) -> Inside:
    """Nothing leaves the office."""
    is_emr_host = site.lan_address is None or site.lan_address in routes.own_addresses()
    address = site.lan_address or _own_lan_address(seen)
    lan = _try_lan(address, site.port) if address is not None else None
    bound = listeners.listening_on(site.port) if is_emr_host else None
    loopback = try_port(LOOPBACK, site.port, LAN_TIMEOUT_S) if is_emr_host else None
    return Inside(
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
    return try_port(own[0], port, LAN_TIMEOUT_S) if own else None


def _own_lan_address(seen: Seen) -> str | None:
    if seen.link is not None and seen.link.address is not None:
        return seen.link.address
    source = routes.source_address()
    return source if isinstance(source, str) else None


def try_port(address: str, port: int, timeout_s: float) -> PortTry:
    """One connection, closed at once."""
    answered = tcp.connect(address, port, timeout_s)
    if isinstance(answered, Failure):
        reached = answered.kind not in (FailureKind.LOCAL_RESOURCE, FailureKind.PERMISSION, FailureKind.UNSUPPORTED)
        return PortTry(address, port, False if reached else None, None, answered)
    return PortTry(address, port, answered.refusal is None, answered.rtt_ms, answered.refusal)


def _try_lan(address: str, port: int) -> PortTry:
    attempt = try_port(address, port, LAN_TIMEOUT_S)
    for _ in range(_LAN_TRIES - 1):
        # Only silence is asked again: a lost packet looks like a firewall.
        if attempt.failure is None or attempt.failure.kind is not FailureKind.TIMEOUT:
            break
        attempt = try_port(address, port, LAN_TIMEOUT_S)
    return attempt
