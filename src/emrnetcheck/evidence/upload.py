"""What was seen of the line's upload: goodput that the receiver confirmed, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class ServerTry:
    """A server that was tried and could not be used, with the reason."""

    back_end: str
    server: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload test.

    goodput_mbps: bits of payload that the receiver confirmed, per microsecond, over the part that counts (after the
    ramp); None where nothing was confirmed. line_rate_mbps: about what an ISP would call it (see checks.upload).
    lower_mbps, upper_mbps: the interval at `confidence`. settled: the rate did not change course during the test.
    method: "tcp_info" (acknowledged bytes counted by the kernel), "server_report" or "confirmed_posts".
    confirmed_goodput_mbps: the cross-check from requests that the server answered with success.
    samples: goodput per slot of slot_s seconds in Mbps, ramp included; ramp_s: how much of it was left out.
    started_at_s, window: wall-clock (Unix) seconds of the counted part, so that a sink's own log can be compared.
    idle_rtt_ms, loaded_rtt_ms: medians of the connect time to the server, before and during.
    tester_limited: why this computer, not the line, may have been the limit; None if not.
    """

    goodput_mbps: float | None
    line_rate_mbps: float | None
    lower_mbps: float | None
    upper_mbps: float | None
    confidence: float | None
    settled: bool | None
    seconds: float
    sent_bytes: int
    method: str
    back_end: str
    server: str
    address: str
    idle_rtt_ms: float | None
    loaded_rtt_ms: float | None
    slot_s: float
    ramp_s: float
    samples: tuple[float, ...]
    streams: int
    confirmed_goodput_mbps: float | None
    window_start_unix_s: float | None
    window_end_unix_s: float | None
    tester_limited: str | None
    skipped_servers: tuple[ServerTry, ...]
