"""What does one run do that nobody watches? Measure what is due, raise alarms, write the report, send what waits.

The host's scheduler starts it again and again; what is due decides the clock and the history. Who measures, composes
and sends is given to it (`Parts`), so that it can be run with any of them, and killed between any two steps.
"""

from __future__ import annotations

from emrnetcheck.unattended.course import attend, send_waiting
from emrnetcheck.unattended.parts import Alarmed, Done, Measured, Parts, Pinged, Trouble

__all__ = ["Alarmed", "Done", "Measured", "Parts", "Pinged", "Trouble", "attend", "send_waiting"]
