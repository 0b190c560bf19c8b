"""The numbers that the dns check goes by."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """How slow may a look-up be?"""

    slow_ms: float = limit(200.0, "A resolver whose median answer takes longer is a warning.")
    system_slow_ms: float = limit(
        1000.0,
        "A whole look-up by the operating system that takes longer is a warning.",
        "rule of thumb; a resolver that waits for a dead server waits for 1 to 5 s",
    )
