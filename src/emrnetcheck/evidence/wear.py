"""What did the network card count while the run went on, and is the way out still the same? Facts, no opinions."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.link import CardCounters


@dataclass(frozen=True, slots=True)
class Wear:
    """The same card's counters at the end of the run, less those at its beginning.

    seconds: how long they were counted for; short in a run of a few checks. grown: the differences, None for a
    counter that is not told or has started anew. interface, address: the way out at the end; None where there is none.
    method: of the counters: "sysfs" or "psutil"; None where there is no difference.
    """

    interface: str | None
    address: str | None
    seconds: float | None
    grown: CardCounters | None
    method: str | None = None
