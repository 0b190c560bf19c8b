"""Does the EMR's computer, or a firewall before it, take only so many new connections a second?"""

from __future__ import annotations

from collections.abc import Sequence

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import PageGet
from emrnetcheck.placing.states import Fault, State

_AGAIN_MS = 900.0  # RFC 6298: a first packet that is not answered is sent again after a second
_ASKED_AGAIN_MS = 200.0  # the least that Linux, Windows and macOS wait on an open connection
_BY_CHANCE = 0.05
_SPACED_MS, _SPACED_LEAST_MS = 500.0, 5_000.0
"""Pages are asked for so far apart, and long enough that what comes and goes within seconds does not hide."""


def takes_few(seen: Seen, state: State) -> bool:
    """Whether so much was lost of our many new connections, and nothing of its pages, that no cable or line does that:
    its computer, or a firewall, takes only so many new ones a second. Each page on a new connection would wait a second
    where the first packet, or its answer, is lost; on one that is open, a fifth of that where the question is. All of
    them come within a second: so they were asked for some seconds longer, for what comes and goes in between."""
    pages = seen.pages
    if state.fault is not Fault.LOSS or not state.sent or state.lost is None or pages is None or not pages.fresh:
        return False
    new = (*pages.fresh, *(get for get in pages.spaced if get.connect_ms is not None))
    kept = (*pages.kept, *(get for get in pages.spaced if get.connect_ms is None))
    late_ms = (state.median_ms or 0.0) + _AGAIN_MS
    if _lasted_ms(pages.spaced) < _SPACED_LEAST_MS or any(get.total_ms is None for get in (*new, *pages.spaced)):
        return False
    if any(get.connect_ms is None or get.connect_ms >= late_ms for get in new):
        return False
    # Its own time is whatever its quickest page took: what is asked again comes so much later.
    usual_ms = min(get.first_byte_ms or 0.0 for get in (*new, *kept))
    at_once = [get for get in (*new, *kept) if (get.first_byte_ms or usual_ms) < usual_ms + _ASKED_AGAIN_MS]
    if any(get not in at_once for get in pages.spaced):
        return False
    came: float = (1.0 - state.lost / state.sent) ** (len(new) + sum(get in at_once for get in kept) / 2)
    return came < _BY_CHANCE


def _lasted_ms(spaced: Sequence[PageGet]) -> float:
    """From the first of these questions to the last."""
    return sum(max(_SPACED_MS, get.total_ms or 0.0) for get in spaced[:-1])
