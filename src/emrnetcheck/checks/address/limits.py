"""The numbers that the address check goes by."""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """Whose word about the address counts?"""

    witnesses: float = limit(
        2.0,
        "So many witnesses must name the same address before it is believed without a remark.",
        "rule of thumb; one service can be wrong",
        unit="witnesses",
    )
    majority: float = limit(
        3.0,
        "So many witnesses outweigh a single one that says otherwise.",
        "rule of thumb; two lines, a pool of addresses or a proxy show up in more than one",
        unit="witnesses",
    )
    second_box_ms: float = limit(
        3.0,
        "A silent next router that is farther than this from the own one is not in the office.",
        "rule of thumb; a cable takes well below 1 ms, an access line several",
    )
