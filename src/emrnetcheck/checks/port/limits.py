"""The number that the port check goes by."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """Whose word counts?"""

    outside_answers: float = limit(
        1.0,
        "So many outside services must have answered before the port counts as tested.",
        "rule of thumb; one that got in proves it",
        unit="services",
    )
