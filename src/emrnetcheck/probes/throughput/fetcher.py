"""One stream of a load downwards: connect, GET, read the answer, GET again. How much of the bodies has arrived?"""

from __future__ import annotations

import selectors
from dataclasses import dataclass
from secrets import token_hex

from emrnetcheck.model import Failure
from emrnetcheck.net.stream import Endpoint, Stream
from emrnetcheck.probes.throughput.body import Answer
from emrnetcheck.probes.throughput.budget import Budget
from emrnetcheck.probes.throughput.plan import Post
from emrnetcheck.probes.throughput.target import Source

_READS_A_TURN = 16  # then the others have their turn, and the clock
_CUT_KEEP_ALIVE_MOST = 4
_FRAME_PER_PAYLOAD = 1514 / 1448  # full frames with time stamps
_REQUEST_FRAME_BYTES = 66


@dataclass(frozen=True, slots=True)
class Fetching:
    """What the streams of one load have in common. room: where each reads into, in its turn; nothing is kept."""

    source: Source
    endpoint: Endpoint
    budget: Budget
    room: memoryview
    agent: str


class Fetcher:
    """One stream. Its failures end the load, but for a server that closes a connection after an answer."""

    def __init__(self, shared: Fetching) -> None:
        self._shared = shared
        self._stream: Stream | None = None
        self._answer = self._new_answer()
        self._request = memoryview(b"")
        self._body_before_bytes = 0  # of the answers before the present one
        self._answers_here = 0  # on the present connection
        self._cuts = 0
        self.opened_s = 0.0
        self.rtt_s = 0.0
        self.sent_bytes = 0
        self.received_bytes = 0
        """Heads and the frames of chunks included."""
        self.posts: list[Post] = []

    @property
    def stream(self) -> Stream | None:
        return self._stream

    @property
    def connected(self) -> bool:
        return self._stream is not None and self._stream.is_open

    @property
    def answered(self) -> bool:
        """What was received counts, whatever comes after."""
        return True

    @property
    def confirmed_bytes(self) -> int:
        """Body bytes received."""
        return self._body_before_bytes + self._answer.body_bytes

    @property
    def load_bytes(self) -> int:
        return self.received_bytes

    def moved_bytes(self) -> int:
        """Body bytes: an endless head is no progress."""
        return self.confirmed_bytes

    def acked_bytes(self) -> int | None:
        """Body bytes received: this end is the receiver."""
        return self.confirmed_bytes

    def arrived_bytes(self) -> int | None:
        """What came out of order is not seen here."""
        return None

    def frame_bytes(self) -> int:
        """As the kernel knows it; else one acknowledgement for two full frames received."""
        frames = None if self._stream is None else self._stream.frame_bytes()
        return self.received_bytes // 1448 // 2 * _REQUEST_FRAME_BYTES if frames is None else frames

    def frames_known(self) -> bool:
        return self._stream is not None and self._stream.frame_bytes() is not None

    def received_frame_bytes(self) -> int:
        """As full frames."""
        return int(self.received_bytes * _FRAME_PER_PAYLOAD)

    def open(self, now_s: float) -> Failure | None:
        """Begin a new connection."""
        opened = Stream.open(self._shared.endpoint)
        if isinstance(opened, Failure):
            return opened
        self._stream = opened
        self.opened_s = now_s
        self._answers_here = 0
        self._renew()
        return None

    def close(self, *, abort: bool) -> None:
        if self._stream is not None:
            self._stream.close(abort=abort)
            self._stream = None

    def interest(self, now_s: float) -> int:  # noqa: ARG002 - the shape of every worker
        """The selectors events to wait for."""
        if self._stream is None:
            return 0
        if not self._stream.is_open:
            return selectors.EVENT_WRITE if self._stream.wants_write else selectors.EVENT_READ
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._request else 0)

    def turn(self, now_s: float, events: int) -> Failure | None:
        """Go on after the socket became ready."""
        stream = self._stream
        if stream is None:
            return None
        if not stream.is_open:
            opened = stream.advance()
            if isinstance(opened, Failure):
                return opened
            if not opened:
                return None
            self._ask()
        elif events & selectors.EVENT_READ:
            failure = self._read(stream, now_s)
            if failure is not None or self._stream is not stream:
                return failure
        return self._write(stream, now_s)

    def _ask(self) -> None:
        self._request = memoryview(self._shared.source.head(token_hex(8), self._shared.agent))

    def _write(self, stream: Stream, now_s: float) -> Failure | None:
        while self._request:
            taken = stream.send(self._request, counted=False)
            if isinstance(taken, Failure):
                return self._cut(taken, now_s)
            if taken == 0:
                return None
            self.sent_bytes += taken
            self._request = self._request[taken:]
        return None

    def _read(self, stream: Stream, now_s: float) -> Failure | None:
        shared = self._shared
        for _ in range(_READS_A_TURN):
            room = shared.room[: shared.budget.left_bytes]
            if not room:
                return None  # the cap is reached: the load ends
            got = stream.receive_into(room)
            if got is None:
                return None
            if isinstance(got, Failure):
                return self._cut(got, now_s)
            if got == 0:
                return self._end(now_s)
            self.received_bytes += got
            shared.budget.take(got)
            failure = self._answer.feed(room[:got])
            if failure is not None:
                return failure
            if self._answer.complete:
                return self._next(now_s)
        return None

    def _next(self, now_s: float) -> Failure | None:
        closes = self._answer.head is not None and self._answer.head.closes
        self._answers_here += 1
        self._renew()
        if closes:
            return self._reconnect(now_s)
        self._ask()
        return None

    def _end(self, now_s: float) -> Failure | None:
        failure = self._answer.end()
        return self._cut(failure, now_s) if failure is not None else self._reconnect(now_s)

    def _cut(self, failure: Failure, now_s: float) -> Failure | None:
        """The connection ended: tolerated only where it may be the end of an idle kept-alive one."""
        if self._answers_here == 0 or self._answer.started or self._cuts >= _CUT_KEEP_ALIVE_MOST:
            return failure
        self._cuts += 1
        return self._reconnect(now_s)

    def _reconnect(self, now_s: float) -> Failure | None:
        self.close(abort=False)
        return self.open(now_s)

    def _renew(self) -> None:
        self._body_before_bytes += self._answer.body_bytes
        self._answer = self._new_answer()
        self._request = memoryview(b"")

    def _new_answer(self) -> Answer:
        return Answer(self._shared.source.url, self._shared.source.least_bytes)
