"""The numbers that the ddns check goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """ttl_s: a longer time to live keeps a changed address wrong for that long (netfacts.md 5.2, rule of thumb)."""

    ttl_s: float = 3600.0
