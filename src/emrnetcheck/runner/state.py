"""How is a run made, and what does it have so far?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from emrnetcheck.evidence import Seen
from emrnetcheck.model import Event, Failure, Mode, Site
from emrnetcheck.probes.context import Ledger

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How one run is made. only, skip: ids of checks. also: names of the probes on request that are wanted.
    strict: bugs are raised instead of reported (for tests). vantage: see Report."""

    mode: Mode = Mode.STANDARD
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    offline: bool = False
    also: tuple[str, ...] = ()
    strict: bool = False
    vantage: str = "host"


@dataclass(slots=True)
class Run:
    """What one run has so far."""

    site: Site
    options: Options
    tell: Tell
    ends_monotonic_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    ledger: Ledger = field(default_factory=Ledger)
    seen: Seen = field(default_factory=Seen)
    unmeasured: dict[str, Failure] = field(default_factory=dict)
    durations_s: dict[str, float] = field(default_factory=dict)
    bugs: list[BaseException] = field(default_factory=list)
