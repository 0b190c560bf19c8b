"""The number that the port check goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """outside_answers: how many outside services must have answered before the port counts as tested."""

    outside_answers: float = 1
