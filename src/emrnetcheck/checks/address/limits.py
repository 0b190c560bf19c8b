"""The numbers that the address check goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """witnesses: how many must name the same address before it is believed without a remark. majority: how many
    outweigh a single one that says otherwise (a service can be wrong; two lines or an address pool show up in more)."""

    witnesses: float = 2
    majority: float = 3
