"""How much upload is enough, and what makes a result too uncertain to say?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.evidence.upload import (
    GOODPUT_PER_LINE_RATE,
    NEAR_ENOUGH,
)
from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """Beside the two limits of the settings, upload.minimum_mbps and upload.recommended_mbps."""

    goodput_per_line_rate: float = limit(
        GOODPUT_PER_LINE_RATE,
        "Providers sell the line rate; this share of it arrives, so a line sold as 5 Mbps passes a limit of 5 Mbps.",
        "headers of Ethernet, IP and TCP: 1448 of 1538 bytes are 0.941; without time stamps 0.955 was measured",
        unit="share",
    )
    near_enough: float = limit(
        NEAR_ENOUGH,
        "A line passes once it is certainly above all but this share of a limit.",
        "a line of exactly 3 Mbps would be too close to say for ever: PPPoE takes 0.5 %, noise 1 to 2 %",
        unit="share",
    )
    busy_share: float = limit(
        0.1,
        "Other traffic of this computer above this share of the minimum: the line is a shared one.",
        "rule of thumb, from measurements beside other traffic",
    )
    own_error_ratio: float = limit(
        0.05,
        "So much of our own traffic may be taken for others'.",
        "headers of full frames: 66 of 1448 bytes may be counted otherwise",
    )
    unstable_spread: float = limit(
        0.3,
        "Standard deviation of the means over a second, as a share of the rate: above it the line is unsteady.",
        "measured: above it the stated error rates no longer hold",
        unit="share",
    )
    burst_mb: float = limit(
        16.0,
        "A result that does not rule out a burst of this size says so.",
        "the largest that the test was built to see; a line that boosts 12 to 2 Mbps with 8 MB misled a short test",
    )
