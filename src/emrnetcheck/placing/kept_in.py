"""Is it this place that lets nothing out to the EMR's port? From here alone, that looks like a clinic that is shut.

Guest networks of hospitals and hotels let out what goes to ports 80 and 443, and little else.
"""

from __future__ import annotations

from collections.abc import Mapping

from emrnetcheck.placing.states import UNKNOWN, Fault, Leg, State

_SOONER = 0.5  # of the time that the provider's first router takes
_SOONER_MS = 3.0  # of that may be how a router answers pings, and the rest is noise


def no_connection(legs: Mapping[Leg, State]) -> bool:
    """Whether no connection to the EMR came about, as far as is known."""
    stopped = legs.get(Leg.SERVER_TCP, UNKNOWN).fault in (Fault.DEAD, Fault.REFUSED)
    return stopped and legs.get(Leg.SERVER_ANSWER, UNKNOWN).median_ms is None


def may_be_kept_in(legs: Mapping[Leg, State]) -> bool:
    """Whether this place may have stopped them: not where they are refused from farther away than the Internet is."""
    if not no_connection(legs):
        return False
    refused_ms, outside_ms = _refused_ms(legs), legs.get(Leg.OUTSIDE, UNKNOWN).median_ms
    return refused_ms is None or outside_ms is None or refused_ms < outside_ms


def is_kept_in(legs: Mapping[Leg, State]) -> bool:
    """Whether they are refused so soon that nobody beyond this place's line can have done it."""
    beyond_ms = [legs.get(leg, UNKNOWN).median_ms for leg in (Leg.ISP, Leg.OUTSIDE)]
    refused_ms = _refused_ms(legs)
    if not no_connection(legs) or refused_ms is None:
        return False
    return all(each is not None and refused_ms < min(_SOONER * each, each - _SOONER_MS) for each in beyond_ms)


def _refused_ms(legs: Mapping[Leg, State]) -> float | None:
    server = legs.get(Leg.SERVER_TCP, UNKNOWN)
    return server.median_ms if server.fault is Fault.REFUSED else None
