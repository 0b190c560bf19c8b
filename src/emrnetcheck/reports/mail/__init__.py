"""How is a week, an alarm or its end told in a mail? What is said in, the bytes for a mail server out.

Composing sends nothing, asks nobody, and reads neither a clock nor this computer's name.
"""

from __future__ import annotations

from emrnetcheck.reports.mail.headers import bare_address, unsubscribe_address
from emrnetcheck.reports.mail.notices import notice
from emrnetcheck.reports.mail.standing import OpenAlarm, Standing, standing_of
from emrnetcheck.reports.mail.trial import test
from emrnetcheck.reports.mail.weekly import weekly

__all__ = [
    "OpenAlarm",
    "Standing",
    "bare_address",
    "notice",
    "standing_of",
    "test",
    "unsubscribe_address",
    "weekly",
]
