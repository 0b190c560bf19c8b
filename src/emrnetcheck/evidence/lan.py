"""What was seen of the router's and the neighbours' answer times."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class LanTarget:
    """Answer times of one host on the LAN.

    role: "gateway", "peer" or "emr_host". method: "icmp" (datagram socket), "icmp_raw", "tcp:PORT" or "none".
    sent and lost count the probes after the warm-up. All *_ms are round trip times, None without a received probe.
    jitter_ms: mean of |RTT(i) - RTT(i-1)| over probes received with consecutive numbers (a round-trip jitter).
    failure: why there is nothing, where sent is 0 or everything was lost. answers_arp: asked only of such a host, and
    only with the privilege: True means that it is there and keeps silent; None: not asked.
    """

    address: str
    role: str
    sent: int
    lost: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None
    jitter_ms: float | None
    method: str
    failure: Failure | None = None
    answers_arp: bool | None = None


@dataclass(frozen=True, slots=True)
class Lan:
    """Every LAN host that was asked, idle. peers_from: "settings", "neighbour table" or "none"."""

    targets: tuple[LanTarget, ...]
    peers_from: str
