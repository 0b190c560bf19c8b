"""What was seen of the last routers before the EMR's own line, where something is lost on the way to it."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.series import Series


@dataclass(frozen=True, slots=True)
class LastRouters:
    """routers: those that a trace saw last, the one next to the EMR at the end; each asked as any host is."""

    routers: tuple[Series, ...]
