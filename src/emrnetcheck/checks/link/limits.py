"""From when on is something wrong with this computer's own connection?"""

from __future__ import annotations

from dataclasses import dataclass

from emrnetcheck.model.limits import limit


@dataclass(frozen=True, slots=True)
class Limits:
    """How good must the own connection be?"""

    slow_mbps: float = limit(
        10.0,
        "A wired link at this speed or below is a fault.",
        "rule of thumb; a 100 Mbit link is fine, as the upload is far slower",
    )
    damaged_frames: float = limit(1.0, "So many damaged frames during the run are a warning.", unit="frames")
    many_damaged_frames: float = limit(10.0, "More damaged frames than this during the run are a fault.", unit="frames")
    late_collisions: float = limit(
        1.0,
        "So many late collisions are a fault.",
        "IEEE 802.3: there are none where both ends agree on duplex",
        unit="frames",
    )
    weak_minus_dbm: float = limit(
        67.0, "A Wi-Fi signal below minus this is a note.", "Wi-Fi is usually planned for -67 dBm"
    )
    poor_minus_dbm: float = limit(75.0, "A Wi-Fi signal below minus this is a warning.")
    carrier_changes: float = limit(
        1.0, "So many times the cable came or went during the run are a warning.", unit="times"
    )
