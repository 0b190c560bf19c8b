"""What the parts of the ddns check have in common, and how they put it into words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from emrnetcheck.evidence.names import NameAnswer
from emrnetcheck.model import Fact

Facts = dict[str, Fact]

ANSWERS = ("NOERROR", "NXDOMAIN")
_MINUTE_S, _HOUR_S = 60, 3600
_FEW = 2  # so many minutes or hours are told in the smaller unit no more
_LISTED_MAX = 4


def in_short(answer: NameAnswer) -> str:
    return listed(answer.addresses) or answer.rcode or "nothing"


def listed(values: Sequence[str]) -> str:
    """The first few of them: a zone may hold hundreds, and a sentence must not. The facts keep all."""
    more = len(values) - _LISTED_MAX
    return ", ".join(values[:_LISTED_MAX]) + (f" and {more} more" if more > 0 else "")


def duration(seconds: float) -> str:
    """ "1 second", "119 seconds", "2 minutes", "24 hours": rounded up, as one waits rather too long than too short."""
    count, unit = math.ceil(seconds), "second"
    if seconds >= _FEW * _HOUR_S:
        count, unit = math.ceil(seconds / _HOUR_S), "hour"
    elif seconds >= _FEW * _MINUTE_S:
        count, unit = math.ceil(seconds / _MINUTE_S), "minute"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
