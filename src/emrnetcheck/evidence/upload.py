"""What was seen of the line's upload: goodput that the receiver confirmed, slot by slot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, Site

GOODPUT_PER_LINE_RATE = 0.94
"""Of the line rate that providers sell, what programs get: the default of checks.upload's limit (its source is there),
and by it the probe knows when it has measured enough."""

NEAR_ENOUGH = 0.03
"""A line passes a threshold once it is certain that it is above all but this share of it: no test could ever say that
a line of exactly that rate reaches it. The default of checks.upload's limit."""

_LAST_BIT = 1 - 1e-12

Decision = Literal["pass", "fail", "borderline"]


def goodput_thresholds(site: Site, per_line_rate: float) -> tuple[float, float]:
    """The minimum and the recommended goodput. A share of a threshold is itself reached, whatever the product's last
    bit says."""
    return site.minimum_mbps * per_line_rate * _LAST_BIT, site.recommended_mbps * per_line_rate * _LAST_BIT


def decide(interval: tuple[float, float] | None, threshold_mbps: float, near_enough: float) -> Decision:
    """What the bounds say of one threshold. near_enough: see NEAR_ENOUGH."""
    if interval is None:
        return "borderline"
    lower, upper = interval
    if lower >= threshold_mbps * (1 - near_enough):
        return "pass"
    return "fail" if upper < threshold_mbps else "borderline"


def least_goodput_mbps(site: Site) -> float:
    """The minimum of `goodput_thresholds`, for whoever judges what a line below it means for other things."""
    return goodput_thresholds(site, site.limits.get("upload", {}).get("goodput_per_line_rate", GOODPUT_PER_LINE_RATE))[
        0
    ]


@dataclass(frozen=True, slots=True)
class ServerTry:
    """A server that was tried and could not be used, with the reason."""

    back_end: str
    server: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class SecondServer:
    """The other of two measurements, made because the first was below the minimum or the test's own limit. failure: why
    there is none. is_slower: the line is certainly faster than it showed. tester_limited: as of the whole."""

    server: str
    goodput_mbps: float | None
    lower_mbps: float | None
    upper_mbps: float | None
    failure: Failure | None = None
    sent_bytes: int = 0
    burst_mbps: float | None = None
    samples: tuple[float, ...] = ()
    is_slower: bool = False
    tester_limited: str | None = None


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
    idle_rtt_p95_ms, loaded_rtt_p95_ms, idle_probes, loaded_probes: the same delays' 95th percentiles and numbers; a
    probe without an answer is among them with the time waited. loaded_seconds: how long the line was full meanwhile.
    rpm: round trips per minute under load (60000 / loaded_rtt_ms; draft-ietf-ippm-responsiveness).
    other_sent_mbps, other_received_mbps: what this computer sent and received beside the test just before the load;
    other_during_mbps: what it sent beside it while the line was full, None where it may be the test's own;
    own_during_mbps: the test itself meanwhile, headers included. Other computers' traffic cannot be seen.
    congestion: this system's way to find the pace of TCP, such as cubic; bbr fills a long queue less.
    burst_mbps, burst_seconds: what it started with and for how long, where the rate then fell for good; all other
    figures are of the rest. looks: how often the sequential test was made; decision_*: what it says of the thresholds
    ("pass", "fail", "borderline"). decided_seconds, decided_bytes: of load, until both were decided; from then on it
    was only watched whether it lasts. ruled_out_bytes: a burst of this size over a line below the minimum would have
    been seen. spread: coefficient of variation of the means over a second, or over five round trips if longer.
    second: see there; the better one counts.
    office: the office's router and computers meanwhile, while the line was full.
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
    idle_rtt_p95_ms: float | None = None
    loaded_rtt_p95_ms: float | None = None
    idle_probes: int | None = None
    loaded_probes: int | None = None
    loaded_seconds: float | None = None
    rpm: float | None = None
    other_sent_mbps: float | None = None
    other_received_mbps: float | None = None
    other_during_mbps: float | None = None
    own_during_mbps: float | None = None
    congestion: str | None = None
    burst_mbps: float | None = None
    burst_seconds: float | None = None
    decision_minimum: str | None = None
    decision_recommended: str | None = None
    looks: int | None = None
    decided_seconds: float | None = None
    decided_bytes: int | None = None
    ruled_out_bytes: int | None = None
    spread: float | None = None
    second: SecondServer | None = None
    office: tuple[Series, ...] = ()


def against(seen: Upload, threshold_mbps: float, near_enough: float) -> Decision:
    """What the result says of a threshold; without an interval it is taken as exact."""
    if seen.lower_mbps is None or seen.upper_mbps is None:
        return "pass" if (seen.goodput_mbps or 0.0) >= threshold_mbps else "fail"
    return decide((seen.lower_mbps, seen.upper_mbps), threshold_mbps, near_enough)
