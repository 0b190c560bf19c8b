"""What was seen of the router's and the neighbours' answer times."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class LanTarget:
    """Answer times of one host on the LAN.

    role: "gateway", "peer" or "emr_host". method: "icmp" (datagram socket), "icmp_raw", "tcp:PORT" or "none".
    sent and lost count the probes after the warm-up. All *_ms are round trip times, None without a received probe.
    jitter_ms: mean of |RTT(i) - RTT(i-1)| over probes received with consecutive numbers (a round-trip jitter).
    failure: why there is nothing, where sent is 0 or everything was lost. answers_arp: asked only of such a host, and
    only with the privilege: True means that it is there and keeps silent; None: not asked.
    mac: the hardware address that this computer's neighbour table has for it; None: not told. maker: whose it is, by
    the public list of makers. holders: every hardware address that was seen to have this address, from the table
    before and after and, with the privilege, from answers to ARP. More than one: two devices have one address, or
    one device has two cards. moved: that table named another device after the series than before it.
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
    p99_ms: float | None = None
    mac: str | None = None
    maker: str | None = None
    holders: tuple[str, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Lan:
    """Every LAN host that was asked, idle. peers_from: "settings", "neighbour table" or "none".

    gateways: every router that the system has a default route to, tunnels aside, the one in use first; (): not told.
    own_holders: hardware addresses of others that answered when this computer's own address was asked for; None: not
    asked. received_per_s, sent_per_s: packets of the interface in use meanwhile, whoever on this computer they were
    for; received_bytes: the mean length of those that came in. unasked_ratio: the share of their bytes that was not
    for this computer alone (broadcasts, and what is for others). None: not told. router_by_tcp: connections to a router
    that answered pings badly, in the same seconds as its second series of them; None: it was well, or has no port that
    answers.
    """

    targets: tuple[LanTarget, ...]
    peers_from: str
    gateways: tuple[str, ...] = ()
    own_holders: tuple[str, ...] | None = None
    received_per_s: float | None = None
    sent_per_s: float | None = None
    received_bytes: float | None = None
    unasked_ratio: float | None = None
    router_by_tcp: Series | None = None
