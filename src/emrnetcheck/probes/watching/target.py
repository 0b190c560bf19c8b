"""What is watched: the EMR's page, or only the way to the Internet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The EMR as it is reached. host None: only the way out is watched. name: what is looked up again and again."""

    host: str | None
    port: int
    path: str
    tls: bool
    name: str
