"""What does a nearer fault not explain? Pure: a server that takes 3 s is slow behind a bad Wi-Fi, too.

Only what is late as a rule (State.late): a packet that is sent again makes one answer late, not half of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.model import Segment
from emrnetcheck.placing.states import UNKNOWN, Fault, Health, Leg, State, Sure

_NEAR = (Leg.ROUTER, Leg.ISP, Leg.OUTSIDE)
_PAGE_TRIPS = 5.0  # connection, TLS, the page, and what belongs to it
_RESENT_MS = (
    10_000.0  # times the share that is lost: some 25 packets, each 0.2 to 1 s later where it is lost (RFC 6298)
)
_UNEVEN = 4.0  # how many times the jitter an answer may be late
_LOSSY, _LOSSY_NAME = 0.2, 0.1  # with more lost, a median is of what was sent again; of three look-ups sooner


@dataclass(frozen=True, slots=True)
class Beside:
    """A fault of its own behind another one. outweighs: more of a page's wait is of it than of what lies before."""

    segment: Segment
    sure: Sure
    because: tuple[Leg, ...]
    outweighs: bool = False


@dataclass(frozen=True, slots=True)
class _Trip:
    """What one round trip costs."""

    median_ms: float
    jitter_ms: float
    lost_ratio: float

    @property
    def page_ms(self) -> float:
        """What it adds to the wait for a page."""
        return _PAGE_TRIPS * self.median_ms + _RESENT_MS * self.lost_ratio

    def explains(self, late_ms: float, trips: float) -> bool:
        """Whether so many round trips may take so long."""
        return late_ms <= trips * self.median_ms + _UNEVEN * self.jitter_ms


def beside(legs: Mapping[Leg, State], *, inside: bool) -> tuple[Beside, ...]:
    """The faults of the EMR's program, of the way to it and of its name that no nearer one explains."""
    found = (_program(legs), None if inside else _far(legs), _name(legs, inside=inside))
    return tuple(each for each in found if each is not None)


def _program(legs: Mapping[Leg, State]) -> Beside | None:
    """Its time is less the round trip already; what else of it may be the way's is little."""
    answer, trip = legs.get(Leg.SERVER_ANSWER, UNKNOWN), _trip(legs, (Leg.SERVER_TCP,))
    if answer.health is not Health.BAD or not answer.late or trip is None or trip.lost_ratio >= _LOSSY:
        return None
    if legs.get(Leg.PATH, UNKNOWN).fault is Fault.SIZE and answer.fault is Fault.DEAD:
        return None  # that is why nothing came
    if answer.fault is Fault.LATENCY and trip.explains(answer.median_ms or 0.0, 2.0):
        return None
    outweighs = answer.fault is not Fault.LATENCY or (answer.median_ms or 0.0) > trip.page_ms
    sure = Sure.LIKELY if trip.lost_ratio else Sure.CERTAIN
    return Beside(Segment.SERVER, sure, (Leg.SERVER_ANSWER,), outweighs)


def _far(legs: Mapping[Leg, State]) -> Beside | None:
    """The EMR's computer answers far later than anybody else on the Internet."""
    server, trip = legs.get(Leg.SERVER_TCP, UNKNOWN), _trip(legs, _NEAR)
    if server.health is not Health.BAD or not server.late or server.median_ms is None or trip is None:
        return None
    if legs.get(Leg.OUTSIDE, UNKNOWN).median_ms is None:
        return None  # nobody knows what the line costs
    added_ms = server.median_ms - trip.median_ms
    if trip.explains(added_ms, 2.0):
        return None
    by_path = legs.get(Leg.PATH, UNKNOWN).fault is Fault.LATENCY
    outweighs = not trip.lost_ratio and added_ms > trip.median_ms  # what is lost costs more than its time tells
    if by_path:
        return Beside(Segment.PATH, Sure.LIKELY, (Leg.PATH, Leg.SERVER_TCP), outweighs)
    return Beside(Segment.FAR, Sure.LIKELY, (Leg.SERVER_TCP,), outweighs)


def _name(legs: Mapping[Leg, State], *, inside: bool) -> Beside | None:
    """A look-up that is asked for over the line; it comes once, so it outweighs nothing."""
    name, trip = legs.get(Leg.NAME, UNKNOWN), _trip(legs, _NEAR if inside else (*_NEAR, Leg.SERVER_TCP))
    if name.fault is not Fault.LATENCY or not name.late or name.median_ms is None or trip is None:
        return None
    if trip.lost_ratio >= _LOSSY_NAME or trip.explains(name.median_ms, 4.0):
        return None
    return Beside(Segment.NAME, Sure.LIKELY, (Leg.NAME,))


def _trip(legs: Mapping[Leg, State], of: tuple[Leg, ...]) -> _Trip | None:
    """The slowest, most uneven and most lossy of them, as far as they answered."""
    states = [state for state in (legs.get(leg, UNKNOWN) for leg in of) if state.median_ms is not None]
    if not states:
        return None
    return _Trip(
        max(state.median_ms or 0.0 for state in states),
        max(state.jitter_ms or 0.0 for state in states),
        max((state.lost or 0) / state.sent if state.sent else 0.0 for state in states),
    )
