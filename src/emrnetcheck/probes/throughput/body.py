"""PURE: how much of a large answer's body has come, and is it what was asked for? Nothing of it is kept."""

from __future__ import annotations

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.throughput.response import CHUNK_LINE, LIMIT_BYTES, Head, take_head

_LINE_MOST_BYTES = 1024


class Answer:
    """One answer to a GET, taken in pieces. least_bytes: a shorter body is a failure."""

    def __init__(self, where: str, least_bytes: int) -> None:
        self._where = where
        self._least_bytes = least_bytes
        self._text = bytearray()  # of the head, or of the line that begins or ends a chunk
        self._chunk_left_bytes = 0
        self._after_chunk = False
        self._in_trailer = False
        self.head: Head | None = None
        self.body_bytes = 0
        self.complete = False

    @property
    def started(self) -> bool:
        """Whether anything of it has come."""
        return bool(self._text) or self.head is not None

    def feed(self, data: memoryview) -> Failure | None:
        """Take what was received."""
        if self.head is not None:
            return self._take(self.head, data)
        self._text += data
        head = take_head(self._text, "download", self._where)
        if isinstance(head, Failure):
            return head
        if head is None:
            too_long = len(self._text) > LIMIT_BYTES
            return (
                self._failure(FailureKind.TOO_LARGE, f"the head is longer than {LIMIT_BYTES} bytes")
                if too_long
                else None
            )
        self.head = head
        rest, self._text = bytes(self._text), bytearray()
        return self._judge(head) or self._take(head, memoryview(rest))

    def end(self) -> Failure | None:
        """The server closed the connection."""
        if self.head is None or self.head.chunked or self.head.length_bytes is not None:
            return self._failure(FailureKind.RESET, "it closed the connection before the answer was whole")
        return self._finish()

    def _judge(self, head: Head) -> Failure | None:
        if not head.succeeds:
            return self._failure(FailureKind.HTTP_STATUS, head.words())
        coding = head.headers.get("content-encoding", "identity").lower()
        transfer = head.headers.get("transfer-encoding", "chunked").lower()
        if coding != "identity" or transfer != "chunked":
            return self._failure(FailureKind.MALFORMED, f"it sends {coding if coding != 'identity' else transfer} data")
        if head.length_bytes is not None and head.length_bytes < self._least_bytes:
            return self._too_short(head.length_bytes)
        return None

    def _take(self, head: Head, data: memoryview) -> Failure | None:
        if head.chunked:
            return self._take_chunks(data)
        self.body_bytes += len(data)
        if head.length_bytes is None or self.body_bytes < head.length_bytes:
            return None
        return self._finish() if self.body_bytes == head.length_bytes else self._unasked()

    def _take_chunks(self, data: memoryview) -> Failure | None:
        while data:
            if self.complete:
                return self._unasked()
            if self._chunk_left_bytes > 0:
                taken = min(self._chunk_left_bytes, len(data))
                self.body_bytes += taken
                self._chunk_left_bytes -= taken
                data = data[taken:]
                continue
            line_end = bytes(data[:_LINE_MOST_BYTES]).find(b"\n")
            taken = len(data[:_LINE_MOST_BYTES]) if line_end < 0 else line_end + 1
            self._text += data[:taken]
            data = data[taken:]
            if len(self._text) > _LINE_MOST_BYTES:
                return self._no_chunk()
            if line_end >= 0:
                line, self._text = bytes(self._text).rstrip(b"\r\n"), bytearray()
                failure = self._take_line(line)
                if failure is not None:
                    return failure
        return None

    def _take_line(self, line: bytes) -> Failure | None:
        """RFC 9112 section 7.1: size, data, empty line, ...; size 0, trailer lines, empty line."""
        if self._in_trailer:
            return self._finish() if not line else None
        if self._after_chunk:
            self._after_chunk = False
            return self._no_chunk() if line else None
        size = CHUNK_LINE.fullmatch(line)
        if size is None:
            return self._no_chunk()
        self._chunk_left_bytes = int(size[1], 16)
        self._in_trailer = self._chunk_left_bytes == 0
        self._after_chunk = not self._in_trailer
        return None

    def _finish(self) -> Failure | None:
        self.complete = True
        return self._too_short(self.body_bytes) if self.body_bytes < self._least_bytes else None

    def _too_short(self, n_bytes: int) -> Failure:
        detail = f"it sends {n_bytes} bytes where {self._least_bytes} or more should come"
        return self._failure(FailureKind.MALFORMED, detail)

    def _unasked(self) -> Failure:
        return self._failure(FailureKind.MALFORMED, "it answered more than it was asked")

    def _no_chunk(self) -> Failure:
        return self._failure(FailureKind.MALFORMED, "the body is not in chunks, as its head says")

    def _failure(self, kind: FailureKind, detail: str) -> Failure:
        return Failure(kind, "download", self._where, clean(detail))
