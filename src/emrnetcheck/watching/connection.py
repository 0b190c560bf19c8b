"""Was this computer connected when something was asked? What was lost while it was not is nobody else's."""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.evidence.watch import Happening, Sample
from emrnetcheck.placing import Fault, Health, Leg, State

AFTER_S = 5.0
"""So long after a connection is back, names, neighbours and sockets are not yet what they were."""
_BEFORE_S = 1.0  # a look at the connection takes a moment, and so does an answer
_WAITS_S: Mapping[Leg, float] = {Leg.NAME: 4.0, Leg.SERVER_ANSWER: 8.0, Leg.SERVER_BULK: 15.0}


class OwnConnection:
    """As the system tells it, and as answers refute it: who gets some has a connection."""

    def __init__(self) -> None:
        self.told = State(Health.UNKNOWN)
        self._good_s: float | None = None
        self._dead_since_s: float | None = None
        self._from_s: float | None = None
        self._back_s: float | None = None
        self._refuted = False
        self._held: Happening | None = None

    def take(self, sample: Sample) -> float | None:
        """What the system says now. Where it has just lost its connection: since when at the earliest."""
        self.told = State(Health.BAD, Fault(sample.fault)) if sample.fault else State(Health.GOOD)
        if self.told.fault is not Fault.DEAD:
            if self._dead_since_s is not None:
                self._back_s = sample.at_s
            self._good_s, self._dead_since_s = sample.at_s, None
            return None
        if self._dead_since_s is not None:
            return None
        self._dead_since_s, self._refuted, self._back_s = sample.at_s, False, None
        self._from_s = sample.at_s if self._good_s is None else self._good_s - _BEFORE_S
        return self._from_s

    def answered(self, sample: Sample) -> None:
        """Somebody answered what was asked after it was said to be lost."""
        if self._dead_since_s is not None and sample.rtt_ms is not None and sample.at_s > self._dead_since_s:
            self._refuted = True

    def state(self) -> State:
        """What counts."""
        return State(Health.UNKNOWN) if self._refuted and self.told.fault is Fault.DEAD else self.told

    def was_lost(self, sample: Sample) -> bool:
        """Whether there was no connection while an answer was waited for, or had not been for long."""
        if self._from_s is None or self._refuted:
            return False
        waits_s = _WAITS_S.get(Leg(sample.leg), 0.0) if sample.rtt_ms is None else sample.rtt_ms / 1000.0
        ended = self._back_s is not None and sample.at_s > self._back_s + AFTER_S
        return not ended and sample.at_s + waits_s >= self._from_s

    def hold(self, what: Happening, *, told: bool) -> list[Happening]:
        """What of a lost connection is to be told besides the trouble that it is: nothing, where that was told."""
        if what.kind == "no_connection":
            self._held = what
            return []
        if what.kind != "connection_back":
            return [what]
        return [] if told else [*self.held(), what]

    def held(self) -> list[Happening]:
        """What was not told yet."""
        held, self._held = self._held, None
        return [] if held is None else [held]
