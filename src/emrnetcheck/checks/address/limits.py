"""The numbers that the address check goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """witnesses: how many must name the same address before it is believed without a remark. majority: how many
    outweigh a single one that says otherwise (a service can be wrong; two lines, an address pool or a proxy show up in
    more). second_box_ms: a silent next router that is farther than this from the office's own is not in the office: a
    cable takes well below 1 ms, an access line several (rule of thumb)."""

    witnesses: float = 2
    majority: float = 3
    second_box_ms: float = 3
