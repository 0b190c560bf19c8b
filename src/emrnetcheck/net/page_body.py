"""Where does a Web page end? Read piece by piece; its start is kept, the rest is only counted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emrnetcheck.model import Failure, FailureKind

START_BYTES = 128 * 1024
_LINE_MAX_BYTES = 16 * 1024
_LINE_END = b"\r\n"
_WIRE_PER_BODY = 8  # chunks of one byte have a frame of five; more than this is no honest framing
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")


class PageBody:
    """A body as it comes in (RFC 9112 section 6), of at most max_bytes."""

    def __init__(self, headers: Mapping[str, str], max_bytes: int, *, has_body: bool = True) -> None:
        self.start = bytearray()
        self.taken_bytes = 0
        self.done = False
        self._max_bytes = max_bytes
        self._wire_bytes = 0
        self._chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length", "")
        is_length = length.isascii() and length.isdigit() and len(length) <= 18  # noqa: PLR2004 - more is no 64-bit number
        self._left: int | None = int(length) if is_length and not self._chunked else None
        self._pending = bytearray()
        self._in_chunk = 0
        self._line_end_due = False
        self._end_told = not has_body or self._chunked or self._left is not None
        self._excess = False
        if not has_body or self._left == 0:
            self.done = True

    def reusable(self) -> bool | None:
        """After the end: whether the connection is fit for another question; None: more must come to tell."""
        if self._excess or not self._end_told:
            return False
        after = bytes(self._pending)
        if not self._chunked or after == _LINE_END:
            return True
        return None if _LINE_END.startswith(after) else False

    def take(self, piece: bytes) -> Failure | None:
        """What has come; nothing: the server has ended. Why it cannot go on, None while it can or once it is done."""
        if self.done:
            self._excess = self._excess or bool(piece and not self._chunked)
            self._pending += piece[:_LINE_MAX_BYTES] if self._chunked else b""
            return None
        if not piece:
            self.done = self._left is None and not self._chunked
            return None if self.done else Failure(FailureKind.MALFORMED, "HTTP", detail="cut short")
        if self._wire_bytes > _WIRE_PER_BODY * self._max_bytes:
            return self._too_large()
        self._wire_bytes += len(piece)
        if self._chunked:
            return self._take_chunks(piece)
        if self._left is not None:
            self._excess = len(piece) > self._left
            piece = piece[: self._left]
            self._left -= len(piece)
        failure = self._keep(piece)
        self.done = failure is None and self._left == 0
        return failure

    def _take_chunks(self, piece: bytes) -> Failure | None:
        self._pending += piece
        while not self.done:
            if self._in_chunk:
                data = bytes(self._pending[: self._in_chunk])
                failure = self._keep(data)
                if failure is not None:
                    return failure
                del self._pending[: len(data)]
                self._in_chunk -= len(data)
                self._line_end_due = True
            if self._in_chunk or (self._line_end_due and len(self._pending) < len(_LINE_END)):
                return None
            if self._line_end_due:
                del self._pending[: len(_LINE_END)]
                self._line_end_due = False
            line_end = self._pending.find(_LINE_END, 0, _LINE_MAX_BYTES)
            if line_end < 0 and len(self._pending) < _LINE_MAX_BYTES:
                return None
            size = _CHUNK_LINE.fullmatch(self._pending, 0, max(line_end, 0))
            if size is None:
                return Failure(FailureKind.MALFORMED, "HTTP", detail="no chunk")
            self._in_chunk = int(size.group(1), 16)  # before the line goes: the match looks at it
            del self._pending[: line_end + len(_LINE_END)]
            # Trailers are of no interest: where some come, the connection is not used again (see leftover).
            self.done = self._in_chunk == 0
        return None

    def _keep(self, data: bytes) -> Failure | None:
        data = data[: self._max_bytes - self.taken_bytes + 1]
        self.taken_bytes += len(data)
        self.start += data[: START_BYTES - len(self.start)]
        return self._too_large() if self.taken_bytes > self._max_bytes else None

    def _too_large(self) -> Failure:
        return Failure(FailureKind.TOO_LARGE, "HTTP", detail=f"more than {self._max_bytes} bytes")
