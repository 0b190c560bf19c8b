"""What was seen of the line's download: goodput that this computer received, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.upload import ServerTry


@dataclass(frozen=True, slots=True)
class Download:
    """One download test.

    goodput_mbps: bits of payload received, per microsecond, over the part that counts (after the ramp).
    line_rate_mbps: about what an ISP would call it. lower_mbps, upper_mbps: the interval at `confidence`; None: too
    short for one. settled: the rate did not change course. burst_mbps, burst_seconds: what it started with, where the
    rate then fell for good; all other figures are of the rest.
    seconds: of the part that counts. received_bytes: all that was read, ramp included.
    method: "received": body bytes that this program read, without HTTP and TLS around them.
    server, address: see Upload. samples: goodput per slot of slot_s seconds in Mbps, ramp included; ramp_s: how much of
    it was left out. window_start_unix_s, window_end_unix_s: the counted part.
    idle_rtt_ms, loaded_rtt_ms, their p95 and numbers of probes, loaded_seconds, rpm: as in Upload, here while the line
    was full of download.
    tester_limited: why this computer or the test, not the line, may have been the limit; None if not.
    other_received_mbps, other_during_mbps: what this computer received beside the test, before it and while the line
    was full; None: not known.
    skipped_servers: those that could not be used, in order. office: see Upload.
    """

    goodput_mbps: float
    line_rate_mbps: float
    lower_mbps: float | None
    upper_mbps: float | None
    confidence: float | None
    settled: bool | None
    seconds: float
    received_bytes: int
    method: str
    back_end: str
    server: str
    address: str
    idle_rtt_ms: float | None
    loaded_rtt_ms: float | None
    idle_rtt_p95_ms: float | None
    loaded_rtt_p95_ms: float | None
    idle_probes: int
    loaded_probes: int
    loaded_seconds: float
    rpm: float | None
    slot_s: float
    ramp_s: float
    samples: tuple[float, ...]
    streams: int
    window_start_unix_s: float
    window_end_unix_s: float
    tester_limited: str | None
    skipped_servers: tuple[ServerTry, ...]
    other_received_mbps: float | None = None
    other_during_mbps: float | None = None
    burst_mbps: float | None = None
    burst_seconds: float | None = None
    office: tuple[Series, ...] = ()
