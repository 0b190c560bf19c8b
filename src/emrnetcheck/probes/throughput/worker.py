"""What does the engine ask of one stream of a load, whichever way the data goes?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from emrnetcheck.model import Failure
from emrnetcheck.net.stream import Endpoint, Stream
from emrnetcheck.probes.throughput.budget import Budget
from emrnetcheck.probes.throughput.plan import LoadPlan, Post

Direction = Literal["upload", "download"]


@dataclass(frozen=True, slots=True)
class Task:
    """What all streams of one load have in common. url: as people write it."""

    url: str
    endpoint: Endpoint
    plan: LoadPlan
    budget: Budget
    direction: Direction


class Worker(Protocol):
    """One stream. opened_s: when its connection was begun; rtt_s: the idle round trip, once it is known."""

    opened_s: float
    rtt_s: float
    sent_bytes: int
    received_bytes: int
    posts: list[Post]

    @property
    def stream(self) -> Stream | None:
        """The present connection."""

    @property
    def connected(self) -> bool:
        """It stands, and with TLS the handshake is done."""

    @property
    def answered(self) -> bool:
        """When the load is over, nothing more has to come from the server for its bytes to count."""

    @property
    def confirmed_bytes(self) -> int:
        """Body bytes that count whatever comes."""

    @property
    def load_bytes(self) -> int:
        """What it has put on the line, as the data cap counts."""

    def moved_bytes(self) -> int:
        """Grows while anything gets through."""

    def acked_bytes(self) -> int | None:
        """Body bytes that have arrived at the receiver's kernel; None where unknown."""

    def arrived_bytes(self) -> int | None:
        """The same, with what arrived out of order; None where unknown."""

    def frame_bytes(self) -> int:
        """Bytes of all frames that it has sent, headers included."""

    def frames_known(self) -> bool:
        """Whether frame_bytes() is the kernel's own count, with what was sent again."""

    def received_frame_bytes(self) -> int:
        """About the bytes of all frames that it has received."""

    def open(self, now_s: float) -> Failure | None:
        """Begin a new connection."""

    def close(self, *, abort: bool) -> None:
        """End the present connection."""

    def interest(self, now_s: float) -> int:
        """The selectors events to wait for."""

    def turn(self, now_s: float, events: int) -> Failure | None:
        """Go on after the socket became ready."""
