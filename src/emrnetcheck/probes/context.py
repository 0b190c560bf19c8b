"""What a probe is, and what it is given: its deadline, a way to stop, and whom to tell of progress and traffic."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from emrnetcheck.evidence import Evidence, Seen
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure, FailureKind, Mode, Site, ThirdParty
from emrnetcheck.net.lookup import Lookup

PROBE_BYTES = 56
"""Of a ping: ICMP header and data. A connection that carries nothing is counted as much: its packets are no larger."""

Progress = Callable[[str, float | None, float | None], None]
"""(what is going on in a few words, seconds left or None, live Mbps or None)"""


@dataclass(slots=True)
class Ledger:
    """What the run sent, received, and told to whom; shared by its probes, safe across threads."""

    sent_bytes: int = 0
    received_bytes: int = 0
    third_parties: list[ThirdParty] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, *, sent_bytes: int = 0, received_bytes: int = 0) -> None:
        """Add payload bytes."""
        with self._lock:
            self.sent_bytes += sent_bytes
            self.received_bytes += received_bytes

    def probed(self, asked: Iterable[Series]) -> None:
        """Add pings and connections; what comes back has the same size."""
        for each in asked:
            self.count(sent_bytes=each.sent * PROBE_BYTES, received_bytes=(each.sent - each.lost) * PROBE_BYTES)

    def told(self, who: str, what: str) -> None:
        """Note that `who` (a host outside the office) learned `what`; the same line only once."""
        with self._lock:
            entry = ThirdParty(who, what)
            if entry not in self.third_parties:
                self.third_parties.append(entry)


@dataclass(frozen=True, slots=True)
class Context:
    """A probe's run: mode, deadline on time.monotonic(), the stop flag, name look-up, the ledger, progress.

    stay_inside: why nothing outside the office may be contacted, or could be; None where it may.
    """

    mode: Mode
    deadline_monotonic_s: float
    stop: threading.Event
    lookup: Lookup
    ledger: Ledger
    progress: Progress
    stay_inside: Failure | None = None

    def remaining_s(self) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, self.deadline_monotonic_s - time.monotonic())

    def stopping(self) -> bool:
        """True once the probe should give up: interrupted or out of time."""
        return self.stop.is_set() or self.remaining_s() <= 0.0

    def stopped(self, operation: str) -> Failure | None:
        """Why the probe should give up: INTERRUPTED or OUT_OF_TIME; None while it should not."""
        if not self.stopping():
            return None
        return Failure(FailureKind.INTERRUPTED if self.stop.is_set() else FailureKind.OUT_OF_TIME, operation)


@dataclass(frozen=True, slots=True)
class Probe:
    """One campaign that gives the evidence `name`.

    measure(site, seen, context): `seen` holds what earlier probes found. alone: nothing else runs beside it (it loads
    the line, or measures delays that other work on this computer would spoil). after: names of evidence that must be
    tried first. leaves_office: contacts hosts outside the LAN and nothing else, so `--offline` leaves it out.
    on_request: only when asked for by name. asked_for: whether the settings want it. in_quick: it is part of a quick
    run too. deadline_s: by mode; the runner gives up on the probe then, so it should finish by itself earlier.
    """

    name: str
    title: str
    measure: Callable[[Site, Seen, Context], Evidence | Failure]
    deadline_s: Mapping[Mode, float]
    alone: bool = False
    after: tuple[str, ...] = ()
    leaves_office: bool = False
    on_request: bool = False
    asked_for: Callable[[Site], bool] = lambda _site: True
    in_quick: bool = True
