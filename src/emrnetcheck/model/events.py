"""What a run tells meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.failures import Failure


@dataclass(frozen=True, slots=True)
class Started:
    """A probe began."""

    probe: str
    title: str
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Progressed:
    """A probe tells how far it is."""

    probe: str
    text: str
    seconds_left: float | None
    live_mbps: float | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A probe gave its evidence, or a failure."""

    probe: str
    title: str
    failure: Failure | None
    duration_s: float


Event = Started | Progressed | Ended
