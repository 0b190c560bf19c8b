"""How often is each leg asked?"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from emrnetcheck.placing import Leg

TTL_LEAST_S = 1.25  # Linux's routers tell a sender once a second that its packet died (icmp_ratelimit, ip-sysctl)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two questions of each leg."""

    router_s: float
    peer_s: float
    isp_s: float
    outside_s: float
    server_tcp_s: float
    name_s: float
    answer_s: float
    own_s: float

    def of(self, leg: Leg) -> float:
        """Of this leg."""
        seconds: float = getattr(self, f"{'answer' if leg is Leg.SERVER_ANSWER else leg}_s")
        return seconds

    def times(self, factor: float) -> Pace:
        """Slower or quicker."""
        return Pace(*(factor * getattr(self, name) for name in Pace.__slots__))


STEADY = Pace(0.5, 1.0, 1.0, 1.0, 2.0, 5.0, 10.0, 2.0)
EAGER = Pace(0.1, 0.2, 0.5, 0.5, 0.5, 2.0, 2.0, 1.0)
"""At the beginning, and while something may be bad: there is much to learn in a short time."""
EAGER_INSIDE_S, STEADY_INSIDE_S = 0.2, 1.0
"""An EMR in this office: a round trip there costs nobody anything."""
EAGER_FIRST_S = 60.0
EAGER_MOST_S = 120.0
"""So long it stays at it while something may be bad, and twice that it rests then."""

# Two who announce one address take turns, often in a rhythm of whole seconds: it must not be looked at in theirs.
HOLDERS_EVERY_S = 0.7 if sys.platform == "linux" else 10.7  # elsewhere a program has to be started for it

LARGE_FIRST_S = 4.0
LARGE_AGAIN_S = 10.0
"""Once more, where it was slow: one slow look is chance."""
LARGE_IN_TROUBLE_S = 300.0
LARGE_STEADY_S = 600.0
"""What a page has is up to 0.6 MB: so it is 4 MB an hour."""
