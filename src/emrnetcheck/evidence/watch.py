"""What is seen while the way to the EMR is watched: single answers, what happened, and what a whole watch came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from emrnetcheck.model import Failure

SCHEMA = "emrnetcheck/watch/1"


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks: monotonic, which nothing sets, and of the wall (Unix time)."""

    mono_s: float
    wall_s: float

    def wall_of(self, mono_s: float) -> float:
        """The wall time of another monotonic moment, if the wall clock was not set between the two."""
        return self.wall_s - (self.mono_s - mono_s)


@dataclass(frozen=True, slots=True)
class Watched:
    """One leg that is watched. leg: a word of placing.Leg. method as in Series, "dns", "system", "http" or "none".

    target: the address or name that is asked; "" where there is none. why: the reason where nothing can be asked.
    """

    leg: str
    target: str
    method: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question and its answer. at_s: when it was asked, monotonic.

    rtt_ms None: no answer; failure says why where the system told. fault: "wrong", "missing", "refused" or "size",
    for an answer that came and is bad in itself; "" else. body_bytes: what came in rtt_ms, where that is much. loaded:
    the watch itself was fetching something large at that time, so the answer says nothing about how the way is else.
    rest_ms: of a page, from its first byte until it was whole. cut: it was not waited for any longer, so its time is
    the least.
    """

    leg: str
    at_s: float
    rtt_ms: float | None
    failure: Failure | None = None
    fault: str = ""
    body_bytes: int | None = None
    loaded: bool = False
    rest_ms: float | None = None
    cut: bool = False

    @property
    def took_ms(self) -> float | None:
        """What is told of it: of a page that came slowly until its end, of all else until the answer."""
        slow_page = self.fault == "rate" and self.rtt_ms is not None and self.rest_ms is not None
        return (self.rtt_ms or 0.0) + (self.rest_ms or 0.0) if slow_page else self.rtt_ms


@dataclass(frozen=True, slots=True)
class Happening:
    """Something about this computer or its surroundings that is no slowness.

    kind: "slept", "clock_set", "no_connection", "connection_back", "own_address", "gateway", "public_address",
    "server_address", "server_other", "resolvers" or "link". old, new: what changed. seconds: how long, or by how much.
    """

    kind: str
    at_s: float
    old: str = ""
    new: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """What is told when it happens. kind: "begin" or "end" of a trouble, or the kind of a Happening.

    segment, legs, normal: words of model.Segment and placing.Leg; fault: of placing.Fault. before_ms and now_ms: median
    round trip before it, and the worst during it, of the leg that shows it. duration_s: of what has ended. replaces: a
    trouble told before that turned out to be this one. withdrawn: this end takes back what was told. unseen: it is told
    no longer, and nobody knows whether it goes on: something nearer hides it, a sleep, or the end of the watch. cut:
    now_ms is the least that it took: what came was not waited for to its end.
    """

    kind: str
    at_unix_s: float
    segment: str | None = None
    sure: str = ""
    fault: str = ""
    legs: tuple[str, ...] = ()
    normal: tuple[str, ...] = ()
    before_ms: float | None = None
    now_ms: float | None = None
    lost: int | None = None
    sent: int | None = None
    duration_s: float | None = None
    withdrawn: bool = False
    unseen: bool = False
    old: str = ""
    new: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class LegFigures:
    """A leg now, over the last minute. spark: one value a bucket, oldest first: worst ms, None where lost, -1 where
    nothing was asked. health, fault: words of placing. usual_ms: the median of the good answers of the last minutes.
    slow_ms: above this an answer is slow. ever: whether it was ever answered. cut: of the last minute's answers, some
    were not waited for to their end."""

    leg: str
    target: str
    method: str
    health: str
    fault: str
    sent: int
    lost: int
    now_ms: float | None
    worst_ms: float | None
    usual_ms: float | None
    slow_ms: float
    spark: tuple[float | None, ...]
    why: str = ""
    ever: bool = True
    cut: bool = False


@dataclass(frozen=True, slots=True)
class LegTotal:
    """A leg over the whole watch. unsent: questions that this computer could not even send. cut: answers that were not
    waited for to their end: their times are the least that they took."""

    leg: str
    target: str
    method: str
    sent: int
    lost: int
    unsent: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    bad_s: float
    cut: int = 0


@dataclass(frozen=True, slots=True)
class SegmentTotal:
    """How often and how long a segment was bad. worst_ms: the slowest answer during it."""

    events: int
    bad_s: float
    longest_s: float
    worst_ms: float | None


@dataclass(frozen=True, slots=True)
class WatchSummary:
    """What a whole watch came to. segment: the one that was bad for longest, None where none was.

    watched_s: without the time that this computer slept. events: the last ones; events_total counts all troubles.
    """

    from_unix_s: float
    to_unix_s: float
    watched_s: float
    slept_s: float
    segment: str | None
    measured: bool
    by_segment: dict[str, SegmentTotal]
    legs: tuple[LegTotal, ...]
    events_total: int
    events: tuple[WatchEvent, ...] = field(default_factory=tuple)
