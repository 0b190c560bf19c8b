"""The numbers that the ddns check goes by."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """For how long may a wrong address live on?"""

    ttl_s: float = limit(3600.0, "A longer time to live keeps a changed address wrong for that long: a warning.")
