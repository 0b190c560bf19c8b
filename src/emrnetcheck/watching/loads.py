"""Whose round trips grew while the watch fetched something large, which came slowly? There the way was full."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from emrnetcheck.evidence.watch import Sample
from emrnetcheck.placing import ABSENT, GOOD, UNKNOWN, Fault, Health, Leg, State
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.loads import is_slow_load
from emrnetcheck.watching.leg import LegWatch
from emrnetcheck.watching.recent import median

GROWN_MS, GROWN_FACTOR = 40.0, 2.0
"""So much slower are answers where the load fills a queue: half of what `client` asks for, whose four connections fill
it more than this one does. Asked only of a load that was slow, and at 2 Mbps 40 ms are no more than seven packets."""
_KEPT = 100
_LEAST, _LEAST_BY_PAGE = 3, 2  # in the seconds of a page the EMR's port is knocked at twice
_LINE = (Leg.ISP, Leg.OUTSIDE)


class Loads:
    """The answers that came while the way was loaded by the watch itself."""

    def __init__(self, limits: LegLimits) -> None:
        self._limits = limits
        self._came: dict[Leg, deque[float]] = {}
        self._states: dict[Leg, State] = {}
        self._page_states: dict[Leg, State] = {}

    def judged(self, sample: Sample) -> Sample:
        """Of what is large it is told how much came, and when: whether that is slow. So with a page that began."""
        if sample.rest_ms is not None:
            slow = sample.rest_ms > 1000.0 * self._limits.page_s or sample.cut
            late = sample.rtt_ms is None or sample.rtt_ms > self._limits.answer_ms
            return replace(sample, fault=Fault.RATE) if slow and not late and not sample.fault else sample
        if sample.rtt_ms is None or sample.body_bytes is None:
            return sample
        slow = is_slow_load(sample.rtt_ms / 1000.0, sample.body_bytes, self._limits)
        return replace(sample, fault=Fault.RATE if slow else "")

    def take(self, sample: Sample) -> None:
        """One of them."""
        if sample.rtt_ms is not None:
            self._came.setdefault(Leg(sample.leg), deque(maxlen=_KEPT)).append(sample.rtt_ms)

    def over(self, legs: Mapping[Leg, LegWatch], *, slow: bool) -> None:
        """The load is over. slow: it came slowly; else nothing is to be explained, and what explained it holds."""
        if slow:
            self._states = _shown({leg: _grown(list(self._came.get(leg, ())), legs[leg], _LEAST) for leg in legs})
        self._came.clear()

    def page_over(self, page: Sample, legs: Mapping[Leg, LegWatch]) -> None:
        """A page came slowly. The answers of those seconds count elsewhere, too: one page loads no way by itself."""
        from_s = page.at_s + (page.rtt_ms or 0.0) / 1000.0
        to_s = from_s + (page.rest_ms or 0.0) / 1000.0
        came = {
            leg: [
                each.rtt_ms for each in legs[leg].recent.since(from_s) if each.rtt_ms is not None and each.at_s <= to_s
            ]
            for leg in (*_LINE, Leg.SERVER_TCP)
            if leg in legs
        }
        self._page_states = _shown({leg: _grown(came[leg], legs[leg], _LEAST_BY_PAGE) for leg in came})

    def states(self) -> dict[Leg, State]:
        """What the last load showed; it is only told where it was slow."""
        return {leg: self._states.get(leg, ABSENT) for leg in (Leg.SERVER_LOADED, Leg.OWN_BULK)}

    def page_states(self) -> dict[Leg, State]:
        """The same of the last page that came slowly."""
        return {leg: self._page_states.get(leg, ABSENT) for leg in (Leg.SERVER_LOADED, Leg.OWN_BULK)}


def _shown(grown: Mapping[Leg, bool | None]) -> dict[Leg, State]:
    line = [grown[leg] for leg in _LINE if grown.get(leg) is not None]
    return {
        Leg.SERVER_LOADED: _state(grown.get(Leg.SERVER_TCP), Fault.LATENCY),
        Leg.OWN_BULK: _state(any(line) if line else None, Fault.RATE),
    }


def _grown(came_ms: list[float], leg: LegWatch, least: int) -> bool | None:
    idle_ms, loaded_ms = leg.quiet_ms(), median(came_ms)
    if len(came_ms) < least or idle_ms is None or loaded_ms is None:
        return None
    return loaded_ms > max(idle_ms + GROWN_MS, idle_ms * GROWN_FACTOR)


def _state(grown: bool | None, fault: Fault) -> State:
    if grown is None:
        return UNKNOWN
    return State(Health.BAD, fault) if grown else GOOD
