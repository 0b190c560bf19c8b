"""How long does a run wait for a network connection, before it measures?

The scheduler starts us as soon as a computer is on or awake, and its network often needs some seconds more. What is
measured before tells that all is broken, in the one run of the day.
"""

from __future__ import annotations

from emrnetcheck.unattended.parts import Parts

LONGEST_WAIT_S = 120.0
"""A slow Wi-Fi or router gives an address within a minute. Whoever has none after two has none, and that is told."""
PAUSE_S = 5.0
SETTLES_S = 5.0
"""The address is there a little before the name servers are."""


def pause_s(waited_s: float) -> float | None:
    """How long to wait before the next look, where there is no connection after so long; None: no longer."""
    left_s = LONGEST_WAIT_S - waited_s
    return min(PAUSE_S, left_s) if left_s > 0 else None


def await_network(parts: Parts) -> None:
    """Until this computer has a connection, or for so long. What was waited is told: it is no part of a measurement."""
    waited_s = 0.0
    # By what was waited, not by the clock: that is often put right just then.
    while not parts.connected():
        pause = pause_s(waited_s)
        if pause is None:
            parts.tell(f"After {waited_s:.0f} s there still was no network connection: measured without.")
            return
        parts.wait_s(pause)
        waited_s += pause
    if waited_s:
        parts.wait_s(SETTLES_S)
        parts.tell(f"There was no network connection yet: waited {waited_s + SETTLES_S:.0f} s for it.")
