"""Is what answers here the same as what answers there? What a port shows to somebody who speaks TLS to it."""

from __future__ import annotations

from emrnetcheck.evidence.port import Spoken
from emrnetcheck.model import Failure
from emrnetcheck.net import tls

_LOOK_S = 1.5


def spoken(address: str, port: int, hostname: str | None, *, stop_at: frozenset[str] = frozenset()) -> Spoken:
    """The certificates by the name and without one: a server may have several. One connection for each.

    stop_at: fingerprints that settle it; if the first is one of them, nothing more is asked.
    """
    found: list[str] = []
    failure: Failure | None = None
    for name in dict.fromkeys((hostname, None)):
        seen = tls.look(address, port, server_name=name, timeout_s=_LOOK_S, oldest=True)
        if isinstance(seen, Failure):
            failure = failure or seen
            break
        found.append(seen.fingerprint_sha256)
        if seen.fingerprint_sha256 in stop_at:
            break
    return Spoken(tuple(dict.fromkeys(found)), None if found else failure)


def connections(hostname: str | None) -> int:
    """At most so many connections are made by `spoken`."""
    return 1 if hostname is None else 2
