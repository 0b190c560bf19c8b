"""Which findings say that this computer's card or cable loses what it should carry?"""

from __future__ import annotations

BAD_CABLE = (
    "link.half_duplex",
    "link.many_errors",
    "link.late_collisions",
    "link.unsteady",
    "link.wifi_unsteady",
    "link.lost",
)
"""Codes of `link`: with one of them nothing is to be said of what lies beyond."""
OWN_CONNECTION = (*BAD_CABLE, "link.slow_speed", "link.poor_signal")
"""With one of them, what is slow over the line is this computer's own connection, whatever the line could carry."""
