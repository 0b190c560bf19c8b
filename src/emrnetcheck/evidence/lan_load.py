"""What was seen of the office network under load: a transfer to a second PC, and everybody's answer times meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure


@dataclass(frozen=True, slots=True)
class LanWay:
    """One direction, as seen from this computer.

    goodput_mbps: payload that arrived, over the part that counts (after the ramp); None: `failure` says why.
    idle_rtt_ms, loaded_rtt_ms: TCP connections to the second PC before and during the load (medians).
    resent: segments that this computer had to send again; None: the system does not tell, or it did not send.
    hosts: the router and other computers meanwhile, while the network was full.
    tester_limited: why this computer, not the network, may have been the limit; None if not.
    """

    goodput_mbps: float | None
    seconds: float
    moved_bytes: int
    idle_rtt_ms: float | None = None
    loaded_rtt_ms: float | None = None
    resent: int | None = None
    hosts: tuple[Series, ...] = ()
    tester_limited: str | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class LanLoad:
    """Transfers to and from the responder at `address`. server: as people write it, without token or fingerprint.

    damaged_frames: by how much the error counters of this computer's interface grew meanwhile; None: not told.
    """

    server: str
    address: str
    upload: LanWay
    download: LanWay
    damaged_frames: int | None = None
