"""What did the server answer to one POST: whole, well-formed, and did it take the data?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.net.http_message import come_again

LIMIT_BYTES = 16 * 1024
"""Of a response, head and body each: a throughput server says "OK" or nothing."""

CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
"""RFC 9112 section 7.1. Strict: int() takes signs and underscores too."""

_START = b"HTTP/1."
_HEAD_END = b"\r\n\r\n"
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: |$)")
_CONTINUE = range(100, 200)
_SUCCESS = range(200, 300)
_NO_CONTENT = 204
_UNAUTHORIZED = 401
_TOO_MANY = 429
_LENGTH_DIGITS_MOST = 18  # more is no 64-bit number
# These say that this data is not taken; other statuses say something of the server (RFC 9110 section 15).
_REFUSALS = frozenset({400, 401, 403, 411, 413, 415, 417, 422})
_WORDS: Mapping[int, str] = {
    403: "HTTP 403, it lets this office do no test: ask whoever runs it",
    413: "HTTP 413, the data is too large for it",
}
_WANTS_A_TOKEN = "HTTP 401, it wants a token: the responder_token of the settings is missing or wrong"


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a response. length_bytes None: unknown (chunked, or until the connection closes)."""

    status: int
    headers: Mapping[str, str]
    length_bytes: int | None
    chunked: bool
    closes: bool

    def failure(self, where: str) -> Failure | None:
        """Why the data does not count as taken; None for a success."""
        if self.succeeds:
            return None
        kind = FailureKind.REJECTED if self.status in _REFUSALS else FailureKind.HTTP_STATUS
        return Failure(kind, "upload", where, self.words())

    @property
    def succeeds(self) -> bool:
        return self.status in _SUCCESS

    def words(self) -> str:
        """The status, what to do about it, and where it redirects to."""
        words = _WORDS.get(self.status, f"HTTP {self.status}")
        if self.status == _TOO_MANY:
            words = f"HTTP 429, too many tests from this address; try again {come_again(self.headers) or 'in an hour'}"
        if self.status == _UNAUTHORIZED and self.headers.get("www-authenticate", "").lower().startswith("bearer"):
            words = _WANTS_A_TOKEN
        if "location" in self.headers:
            words = f"{words}, it redirects to {self.headers['location']}"
        return clean(words)


class ResponseReader:
    """Takes a response in pieces, in bounded memory."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._bytes = bytearray()
        self.head: Head | None = None
        self.complete = False

    @property
    def started(self) -> bool:
        """Whether anything of it has come."""
        return bool(self._bytes) or self.head is not None

    def feed(self, data: bytes) -> Failure | None:
        """Take what was received; b"" is the end of the stream."""
        self._bytes += data
        if self.head is None:
            failure = self._read_head()
            if failure is not None:
                return failure
        if self.head is not None:
            failure = self._read_body(self.head, ended=not data)
            if failure is not None:
                return failure
            if self.complete:
                length = self.head.length_bytes
                unasked = length is not None and len(self._bytes) > length
                return self._failure(FailureKind.MALFORMED, "it answered more than it was asked") if unasked else None
        if not data:
            return self._failure(FailureKind.RESET, "it closed the connection before it had answered")
        if len(self._bytes) > LIMIT_BYTES:
            return self._failure(FailureKind.TOO_LARGE, f"the answer is longer than {LIMIT_BYTES} bytes")
        return None

    def _read_head(self) -> Failure | None:
        head = take_head(self._bytes, "upload", self._where)
        if isinstance(head, Failure):
            return head
        self.head = head
        return None

    def _read_body(self, head: Head, *, ended: bool) -> Failure | None:
        if head.chunked:
            whole = _chunks_end(self._bytes)
            if whole is None:
                return self._failure(FailureKind.MALFORMED, "the body is not in chunks, as its head says")
            self.complete = whole
        elif head.length_bytes is not None:
            self.complete = len(self._bytes) >= head.length_bytes
        else:
            self.complete = ended
        return None

    def _failure(self, kind: FailureKind, detail: str) -> Failure:
        return Failure(kind, "upload", self._where, clean(detail))


def take_head(received: bytearray, operation: str, where: str) -> Head | Failure | None:
    """Take the head off what was received; None while it is not whole.

    Interim answers (100) are dropped with it, not before: without end they are too much, as an endless head is.
    """

    def failure(kind: FailureKind, detail: str) -> Failure:
        return Failure(kind, operation, where, clean(detail))

    start = 0
    while True:
        if not _START.startswith(received[start : start + len(_START)]):
            shown = received[start : start + 40].decode("latin-1")
            return failure(FailureKind.MALFORMED, f"not HTTP: {shown!r}")
        end = received.find(_HEAD_END, start)
        if end < 0:
            return None
        if end > LIMIT_BYTES:
            return failure(FailureKind.TOO_LARGE, f"the head is longer than {LIMIT_BYTES} bytes")
        head = _parse_head(bytes(received[start:end]))
        if head is None:
            return failure(FailureKind.MALFORMED, "the head of the answer is not HTTP")
        start = end + len(_HEAD_END)
        if head.status not in _CONTINUE:
            del received[:start]
            return head


def _parse_head(head: bytes) -> Head | None:
    lines = head.split(b"\r\n")
    match = _STATUS_LINE.match(lines[0])
    if match is None:
        return None
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            return None
        headers[name.strip().lower()] = value.strip()
    status = int(match[1])
    length = headers.get("content-length")
    if length is not None and not is_count(length):
        return None
    chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    closes = headers.get("connection", "").lower() == "close" or lines[0].startswith(b"HTTP/1.0")
    if status == _NO_CONTENT:
        length = "0"
    return Head(status, headers, int(length) if length is not None and not chunked else None, chunked, closes)


def _chunks_end(body: bytearray) -> bool | None:
    """Whether the last chunk of a chunked body is there (RFC 9112 section 7.1); None: these are no chunks."""
    at = 0
    while (line_end := body.find(b"\r\n", at)) >= 0:
        line = CHUNK_LINE.fullmatch(body, at, line_end)
        if line is None:
            return None
        size = int(line[1], 16)
        if size == 0:
            return body.find(b"\r\n", line_end + 2) >= 0
        at = line_end + 2 + size + 2
        if not b"\r\n".startswith(body[at - 2 : at]):
            return None
    return False


def is_count(text: str) -> bool:
    """Whether a header's value is a number of bytes; thousands of digits are none (int() refuses them)."""
    return text.isascii() and text.isdecimal() and len(text) <= _LENGTH_DIGITS_MOST
