"""What became of each packet that a socket sent to one target? By its answers and its error queue (Linux)."""

from __future__ import annotations

import errno
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from emrnetcheck.net import arrival, error_queue

_SEND_TRIES = 4
_RECEIVE_BYTES = 2048
_RECEIVE_MOST = 200  # at one turn: whoever floods us must not keep us from sending


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for the packet with this sequence number.

    kind: "reply" (the target), "exceeded" (it died at the router `by`), "too_big" (with mtu), "refused" (`by` says
    that it cannot be delivered). by None: this computer itself.
    """

    sequence: int
    kind: str
    by: str | None
    rtt_ms: float
    mtu: int = 0


@dataclass(slots=True)
class TellingSocket(ABC):
    """A socket for one target, whose packets must not be cut up. Each kind of packet has a class of its own."""

    address: str
    sock: socket.socket
    sent_at: dict[int, arrival.Sent] = field(default_factory=dict)
    _errors: list[error_queue.QueuedError] = field(default_factory=list)

    def close(self) -> None:
        """Once is enough, twice does no harm."""
        self.sock.close()

    def fileno(self) -> int:
        """So that a selector can wait for it."""
        return self.sock.fileno()

    def receive(self) -> list[Answer]:
        """All that has come by now."""
        self._take_errors()
        found = [answer for queued in self._errors if (answer := self._of_error(queued)) is not None]
        self._errors.clear()
        for _ in range(_RECEIVE_MOST):
            try:
                data, ancillary, _, where = self.sock.recvmsg(_RECEIVE_BYTES, arrival.ANCILLARY_BYTES)
            except BlockingIOError:
                break
            except OSError:
                continue  # the error that was taken from the queue above, told once more
            sequence = self._sequence_of(data, where)
            sent = self.sent_at.get(sequence) if sequence is not None else None
            if sent is not None and sequence is not None:
                rtt_ms = sent.rtt_ms(arrival.arrived_wall_ns(ancillary))
                found.append(Answer(sequence, "reply", self.address, rtt_ms))
        return found

    @abstractmethod
    def _sequence_of(self, data: bytes, where: object) -> int | None:
        """Which packet this answers; None where it answers none of ours. where: who sent it, as recvmsg gives it."""

    @abstractmethod
    def _of_error(self, queued: error_queue.QueuedError) -> Answer | None:
        """What an error says of a packet of ours; None where it is of none."""

    def _begin(self, sequence: int, size_bytes: int, send: Callable[[], object]) -> Answer | None:
        """Send it; the answer where this computer's own connection takes no packet of that size."""
        for attempt in range(_SEND_TRIES):
            self.sent_at[sequence] = arrival.Sent.now()
            try:
                send()
            except OSError as error:
                if error.errno == errno.EMSGSIZE and (mtu := self._own_mtu(size_bytes)) is not None:
                    return Answer(sequence, "too_big", None, 0.0, mtu)
                # An error that an earlier packet met is told once more at the next sending: then it is sent again.
                if attempt == _SEND_TRIES - 1:
                    raise
            else:
                break
        return None

    def _take_errors(self) -> None:
        for _ in range(_RECEIVE_MOST):
            queued = error_queue.take(self.sock)
            if queued is None:
                return
            self._errors.append(queued)

    def _own_mtu(self, size_bytes: int) -> int | None:
        """What this computer's own connection takes, out of the complaint about a packet that was too large for it."""
        self._take_errors()
        own = [queued.mtu for queued in self._errors if queued.by is None and 0 < queued.mtu < size_bytes]
        return own[-1] if own else None


def opened(sock: socket.socket) -> socket.socket:
    """The same, made ready for this. Raises OSError, and closes it then."""
    try:
        sock.setblocking(False)
        arrival.note_arrivals(sock)
        error_queue.watch(sock)
        error_queue.forbid_cutting(sock)
    except OSError:
        sock.close()
        raise
    return sock


def of_router(sequence: int, queued: error_queue.QueuedError, sent: arrival.Sent) -> Answer | None:
    """Of an error that routers on the way make: it died there, or it was too large; None for others."""
    rtt_ms = sent.rtt_ms(queued.arrived_wall_ns)
    if queued.kind == error_queue.TIME_EXCEEDED:
        return Answer(sequence, "exceeded", queued.by, rtt_ms)
    if queued.kind == error_queue.UNREACHABLE and queued.code == error_queue.TOO_BIG:
        return Answer(sequence, "too_big", queued.by, rtt_ms, queued.mtu)
    return None
