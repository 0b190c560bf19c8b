"""One stream of a load: connect, POST, read the answer, POST again. What of it was confirmed?"""

from __future__ import annotations

import selectors

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.net.stream import Stream
from emrnetcheck.probes.throughput.beside import FRAME_PER_PAYLOAD
from emrnetcheck.probes.throughput.plan import Post
from emrnetcheck.probes.throughput.posting import Posting, Shared
from emrnetcheck.probes.throughput.response import Head, ResponseReader, is_count

_RECEIVE_BYTES = 16 * 1024
_READS_A_TURN = 16  # then the others have their turn, and the clock
_LEAST_PACED_PIECE_BYTES = 4 * 1024
# TLS records are accounted to a few bytes each, and the end of the handshake to about a hundred.
_ACK_TOLERANCE_BYTES = 4 * 1024
_CUT_KEEP_ALIVE_MOST = 4
_CUT_KEEP_ALIVE_MOST_S = 0.5  # where acknowledgements are not known: what a server does at its answer is seen by then


class Poster:
    """One stream. Its failures end the load, but for a server that closes a connection after an answer."""

    def __init__(self, shared: Shared, number: int) -> None:
        self._shared = shared
        self._number = number
        self._stream: Stream | None = None
        self._reader = ResponseReader(shared.target.url)
        self._post = Posting(shared)
        self._confirmed_here_bytes = 0  # on the present connection
        self._confirmed_before_bytes = 0  # on those before it
        self._cuts = 0
        self._frames_before_bytes = 0  # of the connections before the present one
        self.opened_s = 0.0
        self.rtt_s = 0.0
        """The idle round trip, once it is known."""
        self.resting = False
        """It sends no more, because the cap is reached."""
        self.sent_bytes = 0
        self.body_bytes = 0
        self.received_bytes = 0
        self.posts: list[Post] = []

    @property
    def stream(self) -> Stream | None:
        return self._stream

    @property
    def connected(self) -> bool:
        return self._stream is not None and self._stream.is_open

    @property
    def confirmed_bytes(self) -> int:
        """Body bytes of POSTs that were answered with success."""
        return self._confirmed_before_bytes + self._confirmed_here_bytes

    @property
    def answered(self) -> bool:
        """One POST at least was answered with success, or none is to be."""
        return bool(self.posts) or self.resting

    @property
    def load_bytes(self) -> int:
        """Bytes sent, heads included."""
        return self.sent_bytes

    def moved_bytes(self) -> int:
        """Grows while anything gets through."""
        acked = self.acked_bytes()
        return self.confirmed_bytes + (self.sent_bytes if acked is None else acked)

    def acked_bytes(self) -> int | None:
        """Body bytes acknowledged by the other side's kernel; those of a POST that was cut off do not count."""
        if self._stream is None or not self._shared.plan.use_tcp_info:
            return None
        acked = self._stream.acked_bytes()
        return None if acked is None else self._confirmed_before_bytes + acked

    def arrived_bytes(self) -> int | None:
        """As acked_bytes(), with what the other side's kernel has beyond a gap."""
        acked = self.acked_bytes()
        beyond = None if self._stream is None else self._stream.sacked_bytes()
        return None if acked is None or beyond is None else acked + beyond

    def open(self, now_s: float) -> Failure | None:
        """Begin a new connection."""
        opened = Stream.open(self._shared.endpoint)
        if isinstance(opened, Failure):
            return opened
        self._stream = opened
        self.opened_s = now_s
        self._confirmed_before_bytes += self._confirmed_here_bytes
        self._confirmed_here_bytes = 0
        self._post.drop()
        self._reader = ResponseReader(self._shared.target.url)
        return None

    def frame_bytes(self) -> int:
        """Bytes of all frames sent, headers and retransmissions included; where unknown, as many as it should take."""
        frames = self._frames()
        return int(self.sent_bytes * FRAME_PER_PAYLOAD) if frames is None else self._frames_before_bytes + frames

    def frames_known(self) -> bool:
        return self._frames() is not None

    def _frames(self) -> int | None:
        return self._stream.frame_bytes() if self._stream is not None and self._shared.plan.use_tcp_info else None

    def received_frame_bytes(self) -> int:
        """Without headers: the answers are a few bytes."""
        return self.received_bytes

    def close(self, *, abort: bool) -> None:
        if self._stream is not None:
            self._frames_before_bytes += self._stream.frame_bytes() or 0
            self._stream.close(abort=abort)
            self._stream = None

    def interest(self, now_s: float) -> int:
        """The selectors events to wait for."""
        if self._stream is None:
            return 0
        if not self._stream.is_open:
            return selectors.EVENT_WRITE if self._stream.wants_write else selectors.EVENT_READ
        allowance = self._shared.budget.allowance(now_s)
        may_send = allowance is None or allowance >= _LEAST_PACED_PIECE_BYTES
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._post.sending and may_send else 0)

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
            self._begin_post(now_s)
        elif events & selectors.EVENT_READ:
            failure = self._read(stream, now_s)
            if failure is not None or self._stream is not stream:
                return failure
        return self._write(stream, now_s)

    def _begin_post(self, now_s: float) -> None:
        self._post.begin(now_s)
        self.resting = self._post.body_bytes == 0
        self._reader = ResponseReader(self._shared.target.url)

    def _write(self, stream: Stream, now_s: float) -> Failure | None:
        while self._post.sending:
            in_head, piece = self._post.in_head, self._post.piece()
            allowance = self._shared.budget.allowance(now_s)
            if allowance is not None:
                if allowance < _LEAST_PACED_PIECE_BYTES:
                    return None
                piece = piece[:allowance]
            taken = stream.send(piece, counted=not in_head)
            if isinstance(taken, Failure):
                return self._after_cut(stream, taken, now_s)
            if taken == 0:
                return None
            self.sent_bytes += taken
            self._shared.budget.spend(taken)
            self._post.took(taken)
            self.body_bytes += 0 if in_head else taken
        return None

    def _after_cut(self, stream: Stream, failure: Failure, now_s: float) -> Failure | None:
        # A server that refuses often answers first and resets then: the answer is the better reason.
        said = self._read(stream, now_s)
        if said is not None or self._stream is not stream:
            return said
        return self._cut(failure, now_s)

    def _read(self, stream: Stream, now_s: float) -> Failure | None:
        answered = False
        for _ in range(_READS_A_TURN):
            data = stream.receive(_RECEIVE_BYTES)
            if data is None:
                break
            if isinstance(data, Failure):
                return self._cut(data, now_s)
            self.received_bytes += len(data)
            if answered or self.resting:
                if not data:
                    return None if self.resting else self._reconnect(now_s)
                detail = "it answered more than it was asked"
                return Failure(FailureKind.MALFORMED, "upload", self._shared.target.url, detail)
            if not data and not self._reader.started:
                return self._cut(self._reader.feed(data), now_s)
            failure = self._reader.feed(data)
            if failure is None and self._reader.head is not None:
                failure = self._judge(stream, self._reader.head)
            if failure is not None:
                return failure
            if self._reader.complete:
                self._confirm(now_s)
                answered = True
                if not data or (self._reader.head is not None and self._reader.head.closes):
                    return self._reconnect(now_s)
        if answered:
            self._begin_post(now_s)
        return None

    def _judge(self, stream: Stream, head: Head) -> Failure | None:
        url = self._shared.target.url
        failure = head.failure(url)
        if failure is not None:
            return failure
        acked = stream.acked_bytes() if self._shared.plan.use_tcp_info else None
        expected = self._confirmed_here_bytes + self._post.body_bytes
        if self._post.sending or (acked is not None and acked < expected - _ACK_TOLERANCE_BYTES):
            return Failure(FailureKind.EARLY_ANSWER, "upload", url)
        receipt = head.headers.get(self._shared.target.receipt_header or "", "")
        if is_count(receipt) and int(receipt) < self._post.body_bytes:
            detail = clean(f"it says that it took {receipt} of {self._post.body_bytes} bytes")
            return Failure(FailureKind.REJECTED, "upload", url, detail)
        return None

    def _confirm(self, now_s: float) -> None:
        self.posts.append(Post(self._number, self._post.start_s, now_s, self._post.body_bytes))
        self._confirmed_here_bytes += self._post.body_bytes
        self._post.answered(now_s, self.rtt_s)

    def _reconnect(self, now_s: float) -> Failure | None:
        self.close(abort=False)
        return self.open(now_s)

    def _cut(self, failure: Failure | None, now_s: float) -> Failure | None:
        """The connection ended within a POST: tolerated only where it may be the end of an idle kept-alive one."""
        if self._confirmed_here_bytes == 0 or self._reader.started or self._cuts >= _CUT_KEEP_ALIVE_MOST:
            return failure
        if self._post.sent_bytes > 0 and self._was_taken(now_s):
            return failure
        self._cuts += 1
        return self._reconnect(now_s)

    def _was_taken(self, now_s: float) -> bool:
        """Whether the server had the connection still open when the present POST came: it acknowledged some of it
        (RFC 9112 section 9.6)."""
        acked = self._stream.acked_bytes() if self._stream is not None and self._shared.plan.use_tcp_info else None
        if acked is None:
            return now_s - self._post.start_s > _CUT_KEEP_ALIVE_MOST_S
        return acked > self._confirmed_here_bytes + _ACK_TOLERANCE_BYTES
