"""Is the server slow, or the line to those outside?"""

from __future__ import annotations

import math
from statistics import median

from emrnetcheck.checks.emr.limits import Limits
from emrnetcheck.evidence import Case
from emrnetcheck.evidence.emr import Emr
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
    """emr.slow, emr.sluggish: by the server's own time, without the way there and back."""
    first_ms = first_byte_ms(seen)
    server_ms = max(0.0, first_ms - rtt_ms(seen)) if first_ms is not None else 0.0
    told = facts | {"server_ms": server_ms, "server_s": server_ms / 1000.0, "rtt_ms": rtt_ms(seen)}
    actual = f"{server_ms:.0f} ms"
    if server_ms > limits.slow_ms:
        return [Finding("emr.slow", told, f"at most {limits.slow_ms:g} ms", actual)]
    if server_ms > limits.sluggish_ms:
        return [Finding("emr.sluggish", told, f"at most {limits.sluggish_ms:g} ms", actual)]
    return []


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
