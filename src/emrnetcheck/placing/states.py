"""How was each leg of the way, and where is the fault? The words for both."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from emrnetcheck.model import Segment


class Leg(StrEnum):
    """What is measured of the way to the EMR, from near to far. Each is seen from this computer through all before."""

    OWN = "own"  # what the system tells of this computer's own connection
    ADDRESSES = "addresses"  # whether each address of this network is one computer's
    PEER = "peer"  # another computer of this network, not on the way: shows whose fault a slow router is
    ROUTER = "router"
    ISP = "isp"  # the first hop beyond the router
    OUTSIDE = "outside"  # somebody on the Internet who has nothing to do with the EMR
    NAME = "name"
    PATH = "path"  # the hops between the two lines, where a trace shows them
    SERVER_TCP = "server_tcp"  # the round trip to the EMR's computer
    SERVER_ANSWER = "server_answer"  # its first byte, less that round trip
    OWN_BULK = "own_bulk"  # a short download from somewhere else
    SERVER_BULK = "server_bulk"  # how fast its pages come
    SERVER_LOADED = "server_loaded"  # the round trip to it while its pages come


class Health(StrEnum):
    """How a leg was. absent: there is no such leg here, or it was left out on purpose."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"
    ABSENT = "absent"


class Fault(StrEnum):
    """What is bad of a bad leg."""

    LATENCY = "latency"
    LOSS = "loss"
    JITTER = "jitter"
    RATE = "rate"
    WRONG = "wrong"  # a name that leads elsewhere, an address that two have, an answer that is an error
    MISSING = "missing"  # a name that does not exist: that is said at once
    HALF_DEAD = "half_dead"  # a name of several addresses, at one of which nobody answers
    SIZE = "size"  # large packets vanish
    REFUSED = "refused"  # the host is there, and nothing listens
    DEAD = "dead"  # no answer at all
    NO_PAGE = "no_page"  # it answers, and what comes is never a page


@dataclass(frozen=True, slots=True)
class State:
    """How one leg was.

    median_ms, jitter_ms, sent, lost: its round trips, where there are any. They tell a slow answer from a slow way:
    what really comes by a slow way is no quicker than the way. late: its median is over the limit, whatever the fault,
    and not only what a lost packet delays now and then; of pages: each time, or none came.
    """

    health: Health
    fault: Fault | None = None
    median_ms: float | None = None
    jitter_ms: float | None = None
    sent: int | None = None
    lost: int | None = None
    late: bool = False


class Sure(StrEnum):
    """How sure the placing is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Placing:
    """The answer. segment None with CANNOT_TELL: something is wrong or unmeasured, and nobody knows where; None else:
    nothing is slow. because: the bad legs that it rests on. normal: the legs that were good. excused: slow answers of
    somebody who passes everything on quickly, which is no fault. also: further segments with a fault of their own;
    also_because: the bad legs that those rest on.
    """

    segment: Segment | None
    sure: Sure
    because: tuple[Leg, ...] = ()
    normal: tuple[Leg, ...] = ()
    excused: tuple[Leg, ...] = ()
    also: tuple[Segment, ...] = ()
    also_because: tuple[Leg, ...] = ()


GOOD, UNKNOWN, ABSENT = State(Health.GOOD), State(Health.UNKNOWN), State(Health.ABSENT)
OUTWARDS = (Leg.ISP, Leg.OUTSIDE)
