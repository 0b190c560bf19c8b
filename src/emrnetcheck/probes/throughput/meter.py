"""What has the interface that leads to a server counted by now, and what of it was ours?"""

from __future__ import annotations

import time

from emrnetcheck.net import counters
from emrnetcheck.probes.throughput.beside import PROBE_RECEIVED_BYTES, PROBE_SENT_BYTES, Mark


class Meter:
    """Reads the counters of one interface."""

    def __init__(self, address: str) -> None:
        self._interface = counters.interface_towards(address)

    def mark(self, own_sent_bytes: int, own_received_bytes: int, probes: int, *, own_known: bool = True) -> Mark:
        """This moment. own_...: of frames, without those of the delay probes begun so far. own_known: see Mark."""
        seen = counters.read(self._interface) if self._interface is not None else None
        return Mark(
            time.monotonic(),
            None if seen is None else seen.sent_bytes,
            None if seen is None else seen.received_bytes,
            own_sent_bytes + probes * PROBE_SENT_BYTES,
            own_received_bytes + probes * PROBE_RECEIVED_BYTES,
            own_known,
        )
