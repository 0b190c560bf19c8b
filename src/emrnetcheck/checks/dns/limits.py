"""The numbers that the dns check goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """slow_ms: median answer time of a resolver above which it is a warning (netfacts.md 5.2, rule of thumb).

    system_slow_ms: time of a whole look-up by the operating system, by which people notice that it waits for a server
    before it asks the next one (rule of thumb; the common resolvers wait for 1 to 5 s).
    """

    slow_ms: float = 200.0
    system_slow_ms: float = 1000.0
