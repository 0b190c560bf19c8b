"""What went on beside a load: how long did answers take, and did others use the line? Pure."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emrnetcheck.evidence.upload import Upload
from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Load, LoadPlan, Others, Sample

FRAME_PER_PAYLOAD = 1514 / 1448
"""Of full frames with time stamps."""

PROBE_SENT_BYTES = 74 + 3 * 66
"""One delay probe's frames: SYN 74; ACK, FIN and the last ACK 66 each (Ethernet 14, IPv4 20, TCP 20 with 12 of time
stamps, or 20 of options in the SYN)."""
PROBE_RECEIVED_BYTES = 74 + 2 * 66

_OWN_ERROR_RATIO = 0.25

_PROBES_MOST_SHARE = 0.01
_MS_PER_MINUTE = 60_000.0
_RATE_OVER_S = 1.0


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment of time.monotonic(): what the interface has counted, and what of it was ours. None: not known.

    own_known: what was sent again is among ours; else ours is what was given to the system.
    """

    at_s: float
    sent_bytes: int | None
    received_bytes: int | None
    own_sent_bytes: int
    own_received_bytes: int
    own_known: bool = True


def others_between(before: Mark, after: Mark) -> Others | None:
    """What this computer sent and received beside us; None where its counters cannot be read.

    Error: our own frames are known from the kernel (Linux) to about 1 % of their sum; with interfaces that count large
    segments with one header to about 5 %. Elsewhere see sent_for_sure.
    """
    if before.sent_bytes is None or before.received_bytes is None or after.at_s <= before.at_s:
        return None
    if after.sent_bytes is None or after.received_bytes is None:
        return None
    own_sent = after.own_sent_bytes - before.own_sent_bytes
    sent = after.sent_bytes - before.sent_bytes - own_sent
    received = after.received_bytes - before.received_bytes - (after.own_received_bytes - before.own_received_bytes)
    per_mbps = (after.at_s - before.at_s) * MBPS_BYTES_PER_S
    known = before.own_known and after.own_known
    return Others(max(0.0, sent / per_mbps), max(0.0, received / per_mbps), max(0.0, own_sent / per_mbps), known)


def sent_for_sure(others: Others | None) -> float | None:
    """What others sent, in Mbps; None where it may all be our own.

    Where the kernel does not tell, what was sent again is missing in ours: up to 13 % of our own on a line that falls
    from 15 to 2.5 Mbps (lab: burst_then_settles), and what waits in the send buffers differs.
    """
    if others is None or (not others.own_known and others.sent_mbps <= _OWN_ERROR_RATIO * others.own_sent_mbps):
        return None
    return others.sent_mbps


def probe_every_s(plan: LoadPlan, samples: Sequence[Sample]) -> float:
    """As often as planned, unless the line is so slow (below 2.2 Mbps) that the probes would take 1 % of it."""
    last = samples[-1]
    first = next((each for each in reversed(samples) if last.at_s - each.at_s >= _RATE_OVER_S), samples[0])
    if last.at_s <= first.at_s:
        return plan.loaded_delay_every_s
    known = first.acked_bytes is not None and last.acked_bytes is not None
    moved = (
        (last.acked_bytes or 0) - (first.acked_bytes or 0) if known else last.confirmed_bytes - first.confirmed_bytes
    )
    line_bytes_per_s = moved / (last.at_s - first.at_s)
    cost = PROBE_SENT_BYTES / plan.loaded_delay_every_s
    return plan.loaded_delay_every_s if cost <= _PROBES_MOST_SHARE * line_bytes_per_s else plan.slow_delay_every_s


def p95(values: Sequence[float]) -> float | None:
    """The smallest value that 95 % do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1] if values else None


def with_what_was_beside(upload: Upload, load: Load) -> Upload:
    """The evidence with its delays and the others' traffic filled in."""
    loaded_ms = statistics.median(load.loaded_ms) if load.loaded_ms else None
    return replace(
        upload,
        idle_rtt_p95_ms=p95(load.idle_ms),
        loaded_rtt_p95_ms=p95(load.loaded_ms),
        idle_probes=len(load.idle_ms),
        loaded_probes=len(load.loaded_ms),
        loaded_seconds=load.loaded_s,
        congestion=load.congestion,
        rpm=_MS_PER_MINUTE / loaded_ms if loaded_ms else None,
        other_sent_mbps=load.idle_others.sent_mbps if load.idle_others else None,
        other_received_mbps=load.idle_others.received_mbps if load.idle_others else None,
        other_during_mbps=sent_for_sure(load.loaded_others),
        own_during_mbps=load.loaded_others.own_sent_mbps if load.loaded_others else None,
    )
