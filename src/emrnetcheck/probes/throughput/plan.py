"""How is a load made: how many streams, for how long, how much at most?"""

from __future__ import annotations

from dataclasses import dataclass

MB = 1_000_000
MBPS_BYTES_PER_S = 125_000
"""Bytes a second in one Mbps."""
_GROWTH_MOST = 4


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """Parameters of one load. The defaults' reasons are in throughput.md 4 (quoted here in brief).

    ramp_s: slow start, left out (LibreSpeed 3 s, iperf3 -O 2); slow_ramp_s, or slow_ramp_rtts
    round trips if that is longer, where the round trip is above slow_rtt_ms. A body takes body_target_s, or
    body_target_rtts round trips: the stream is silent for one of them, while it waits for the answer.
    cap_bytes: never more payload and request heads than this is sent. pace_after_bytes: from then on the line is kept
    at pace_mbps instead of full, if it is far faster: that shows that the rate lasts, without its cost. stall_s: the
    load is given up when in so long less than stall_bytes got through.
    """

    streams: int = 4
    slot_s: float = 0.25
    idle_s: float = 1.6  # 16 probes
    ramp_s: float = 2.0
    slow_ramp_s: float = 3.0
    slow_rtt_ms: float = 150.0
    slow_ramp_rtts: float = 8.0
    count_s: float = 8.0
    unpaced_at_least_s: float = 4.0  # four batches: the least that an interval is made of
    stall_s: float = 4.0
    stall_bytes: int = 1
    connect_timeout_s: float = 3.0  # a lost SYN is sent again after 1 s (RFC 6298)
    confirm_wait_s: float = 8.0
    first_body_bytes: int = 64 * 1024
    largest_body_bytes: int = 1024 * 1024  # nginx takes no more by default (client_max_body_size 1m)
    body_target_s: float = 0.75
    body_target_rtts: float = 10.0
    idle_delay_every_s: float = 0.1
    loaded_delay_every_s: float = 0.1
    slow_delay_every_s: float = 0.2  # four small frames each: at 10 a second they took 2 % of a 1 Mbps line
    cap_bytes: int = 60 * MB
    pace_after_bytes: int = 25 * MB
    pace_mbps: float = 10.0
    use_tcp_info: bool = True
    receive_bytes: int = 256 * 1024  # one buffer for all streams of a download; the kernel's are filled no faster

    def next_body_bytes(self, last_bytes: int, took_s: float, rtt_s: float) -> int:
        """The length of a stream's next body, after one of last_bytes was answered in took_s.

        The answer takes a round trip in which the stream sends nothing: bodies are so long that it matters little.
        """
        sending_s = max(took_s - rtt_s, 1e-3)
        wanted = int(last_bytes * max(self.body_target_s, self.body_target_rtts * rtt_s) / sending_s)
        return max(self.first_body_bytes, min(wanted, last_bytes * _GROWTH_MOST, self.largest_body_bytes))

    def ramp_for_s(self, rtt_ms: float) -> float:
        """How much of a load's beginning is left out at this round trip."""
        return self.ramp_s if rtt_ms <= self.slow_rtt_ms else max(self.slow_ramp_s, self.slow_ramp_rtts * rtt_ms / 1000)

    def __post_init__(self) -> None:
        if self.streams < 1 or self.first_body_bytes < 1 or self.largest_body_bytes < self.first_body_bytes:
            raise ValueError("a load needs a stream and a body")


@dataclass(frozen=True, slots=True)
class Sample:
    """The running totals at one moment of time.monotonic(). acked_bytes: in order, or received; arrived_bytes: with
    what was acknowledged beyond a gap (RFC 2018). None: not known on this system."""

    at_s: float
    acked_bytes: int | None
    confirmed_bytes: int
    counted: bool
    paced: bool
    arrived_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One POST that the server answered with success: when its head was sent, when the answer came."""

    stream: int
    start_s: float
    end_s: float
    n_bytes: int


@dataclass(frozen=True, slots=True)
class Others:
    """What this computer sent and received beside the test, headers included. own_sent_mbps: the test itself meanwhile;
    own_known: see beside.Mark."""

    sent_mbps: float
    received_mbps: float
    own_sent_mbps: float = 0.0
    own_known: bool = True


@dataclass(frozen=True, slots=True)
class Load:
    """What one load showed, not yet judged. Times are of time.monotonic(), except wall_ahead_s (Unix minus it).

    idle_ms, loaded_ms: delays before the load and while the line was full, loaded_s seconds long. idle_others,
    loaded_others: other traffic of this computer in these two parts; None: not known. window_limited: the share of the
    time in which the server's receive window let no more out, the mean of the streams; None: not known.
    received_bytes: heads included.
    limited: why the data cap, not the line, may have been the limit. slot_s: of the samples, if not the plan's.
    resent: segments that were sent again; None: not known.
    by_server: the samples' acked_bytes are what the server reported, not what this system's kernel saw acknowledged.
    """

    samples: tuple[Sample, ...]
    posts: tuple[Post, ...]
    sent_bytes: int
    idle_ms: tuple[float, ...]
    loaded_ms: tuple[float, ...]
    cpu_share: float
    wall_ahead_s: float
    streams: int
    stopped_by_cap: bool
    loaded_s: float = 0.0
    idle_others: Others | None = None
    loaded_others: Others | None = None
    congestion: str | None = None
    window_limited: float | None = None
    received_bytes: int = 0
    limited: str | None = None
    slot_s: float | None = None
    by_server: bool = False
    resent: int | None = None
