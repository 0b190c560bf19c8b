"""How slow, how lossy and how full may the office network be?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit
from emrnetcheck.office.faults import OfficeLimits


@dataclass(frozen=True, slots=True)
class Limits(OfficeLimits):
    """Beside those of OfficeLimits."""

    storm_per_s: float = limit(
        1000.0,
        "More packets a second that are for nobody here are a flood.",
        "rule of thumb; an idle office network has a few a second",
    )
    more_under_load_ms: float = limit(
        30.0, "A host answers by more than this later while the network is full: a warning."
    )
    load_loss_ratio: float = limit(
        0.02,
        "More than this is lost for sure (95 %) while the network is full: a warning.",
        "rule of thumb; a full switch may drop some",
    )
    low_mbps: float = limit(
        20.0,
        "Less than this over the office network is a warning.",
        "rule of thumb; no EMR needs a gigabit: from 40 Mbps up nobody notices",
    )
    bad_mbps: float = limit(
        8.0,
        "Less than this over the office network is a fault.",
        "rule of thumb; a 10 Mbit hub or a duplex mismatch is below it",
    )
