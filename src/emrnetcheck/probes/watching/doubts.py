"""The EMR falls silent: is it where its name leads to at all?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.placing import Leg

_SILENT = 2
_AGAIN_S = 15.0


@dataclass(slots=True)
class Doubts:
    """Who asks for the office's public address every five minutes asks at once when its EMR, which is reached by it,
    does not answer: a new address looks like a server that hangs, until the name follows it."""

    _silent: int = 0
    _asked_s: float = float("-inf")

    def take(self, sample: Sample) -> None:
        """One answer of the EMR's port, or none; another leg's is nothing to it."""
        if sample.leg == Leg.SERVER_TCP:
            self._silent = self._silent + 1 if sample.rtt_ms is None else 0

    def is_due(self, now_s: float) -> bool:
        """Whether to look now; then not again for a while."""
        if self._silent < _SILENT or now_s - self._asked_s < _AGAIN_S:
            return False
        self._asked_s = now_s
        return True
