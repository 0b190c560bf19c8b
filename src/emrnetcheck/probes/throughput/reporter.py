"""What does a back end offer that measures by itself?"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from emrnetcheck.model import Failure
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.throughput.course import Hooks
from emrnetcheck.probes.throughput.plan import Load, LoadPlan
from emrnetcheck.probes.throughput.target import Target


@runtime_checkable
class Reporter(Protocol):
    """A back end that makes the load by itself, instead of the engine, and reports what the server says it received."""

    @property
    def looks_meanwhile(self) -> bool:
        """Whether counts come during the load and hooks.decide is asked; else the load's length is fixed."""

    def measure(self, target: Target, endpoint: Endpoint, plan: LoadPlan, hooks: Hooks) -> Load | Failure:
        """As engine.measure; the samples' acked_bytes are the server's counts, at times of time.monotonic()."""
