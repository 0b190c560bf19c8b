"""Is the server slow, or the line to those outside?"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import median

from emrnetcheck.checks.emr.limits import Limits
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.emr import Emr, PageGet
from emrnetcheck.model import Access, Fact, Finding

_PACKET_BYTES = 1448  # of payload in a full Ethernet frame, with TCP's time stamps
_ROUND_TRIPS_BEFORE = (
    3  # the connection, TLS (1.2 needs two; 1.3 one less), and the question itself comes with the first
)
_BITS_PER_MBPS_S = 1_000_000


def first_byte_ms(seen: Emr) -> float | None:
    """The median of the later tries; of the first where there is no other: it may have work that is done once."""
    first, *later = [get.first_byte_ms for get in seen.gets] or [None]
    later_ms = [each for each in later if each is not None]
    return median(later_ms) if later_ms else first


def rtt_ms(seen: Emr) -> float:
    """The way to the server and back: the quickest connection."""
    return min((get.connect_ms for get in seen.gets if get.connect_ms is not None), default=0.0)


def slow_server(seen: Emr, limits: Limits, facts: dict[str, Fact]) -> list[Finding]:
    """emr.slow, emr.sluggish: by the server's own time, without the way there and back; told is its biggest part."""
    parts = _parts_ms(seen, limits)
    most = max(parts, key=lambda name: parts[name])
    server_ms = sum(parts.values())
    told: dict[str, Fact] = facts | {
        "server_ms": server_ms,
        "server_s": server_ms / 1000.0,
        "rtt_ms": rtt_ms(seen),
        "part": most,
    }
    actual = f"{server_ms:.0f} ms"
    if server_ms > limits.slow_ms:
        return [Finding("emr.slow", told, f"at most {limits.slow_ms:g} ms", actual)]
    if server_ms > limits.sluggish_ms:
        return [Finding("emr.sluggish", told, f"at most {limits.sluggish_ms:g} ms", actual)]
    return []


def _parts_ms(seen: Emr, limits: Limits) -> dict[str, float]:
    """What the server takes for each part of the way to a page, in ms; what any office network needs for it is not its
    doing. A browser agrees on TLS once for all of it."""
    way_ms = rtt_ms(seen)
    carried_ms = seen.body_bytes * 8 / (limits.office_mbps * _BITS_PER_MBPS_S) * 1000.0
    return _sent_on_ms(seen, way_ms) | {
        "before it begins to answer": max(0.0, (first_byte_ms(seen) or 0.0) - way_ms),
        "until the encryption is agreed on (TLS)": max(0.0, _usual(seen, _tls_ms) - 2 * way_ms),
        "until the rest of the page has come": max(0.0, _usual(seen, _rest_ms) - carried_ms),
    }


def _sent_on_ms(seen: Emr, way_ms: float) -> dict[str, float]:
    """By the address that sends on: until it does. The quicker of its tries: one may have work that is done once."""
    paths = (seen.path, *(to.path for to in seen.redirects))
    count = sum(to.followed for to in seen.redirects)
    found: dict[str, float] = {}
    for number, path in enumerate(paths[:count]):
        tries_ms = [get.first_byte_ms for get in seen.sent_on[number::count] if get.first_byte_ms is not None]
        own_ms = max(0.0, min(tries_ms, default=0.0) - way_ms)
        part = f"before {path} sends on to it"
        found[part] = found.get(part, 0.0) + own_ms
    return found


def _tls_ms(get: PageGet) -> float | None:
    return get.tls_ms


def _rest_ms(get: PageGet) -> float | None:
    return get.total_ms - get.first_byte_ms if get.total_ms is not None and get.first_byte_ms is not None else None


def _usual(seen: Emr, of: Callable[[PageGet], float | None]) -> float:
    """The median of the later tries; of the first where there is no other."""
    all_ms = [of(get) for get in seen.gets]
    later_ms = [each for each in all_ms[1:] if each is not None]
    return median(later_ms) if later_ms else (all_ms[0] if all_ms and all_ms[0] is not None else 0.0)


def slow_line(case: Case, seen: Emr, limits: Limits, facts: dict[str, Fact]) -> list[Finding]:
    """emr.slow_line: what the line alone adds, by this run's upload."""
    upload = case.seen.upload
    if upload is None or not upload.goodput_mbps or case.site.access is Access.LAN_ONLY:
        return []
    round_trips = _ROUND_TRIPS_BEFORE + len(seen.redirects) + _waits(seen.body_bytes, limits)
    transfer_s = seen.body_bytes * 8 / (upload.goodput_mbps * _BITS_PER_MBPS_S)
    line_s = round_trips * (upload.idle_rtt_ms or 0.0) / 1000.0 + transfer_s
    if line_s <= limits.line_s:
        return []
    return [Finding("emr.slow_line", facts | {"line_s": line_s}, f"at most {limits.line_s:g} s", f"{line_s:.1f} s")]


def _waits(body_bytes: int, limits: Limits) -> int:
    """Round trips in which a connection that begins gets up to speed: each carries twice what the one before did."""
    packets = body_bytes / _PACKET_BYTES
    return math.ceil(math.log2(packets / limits.first_packets + 1)) if packets > 0 else 0
