"""What do the bytes that have come say as an HTTP/1.1 response? Bounded, and never an exception."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean

BODY_MAX_BYTES = 64 * 1024
_HEAD_MAX_BYTES = 16 * 1024
_HEADERS_MAX = 100
_INTERIM_MAX = 8
_WIRE_PER_BODY = 8  # chunks of one byte have a frame of five; more than this is no honest framing
_OK = 200
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?")
_HAS_NO_BODY = (204, 304)
_MINUTE_S = 60
_WAIT_DIGITS_MAX = 6


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def parse_response(data: bytes, *, closed: bool, body_max_bytes: int = BODY_MAX_BYTES) -> Response | Failure | None:
    """What has come so far as a response (RFC 9112): None while more is needed. MALFORMED or TOO_LARGE else.

    closed: the server has ended the connection, so nothing more comes.
    """
    if len(data) > _HEAD_MAX_BYTES + _WIRE_PER_BODY * body_max_bytes:
        return Failure(FailureKind.TOO_LARGE, "HTTP", detail="the answer")
    for _ in range(_INTERIM_MAX):
        head, separator, data = data.partition(b"\r\n\r\n")
        if len(head) > _HEAD_MAX_BYTES:
            return Failure(FailureKind.TOO_LARGE, "HTTP", detail="the head of the answer")
        if not separator:
            return _malformed("it ends within its head") if closed else None
        lines = head.split(b"\r\n")
        status_line = _STATUS_LINE.fullmatch(lines[0])
        headers = _headers(lines[1:])
        if status_line is None or headers is None:
            return _malformed("no HTTP answer" if status_line is None else "no HTTP header")
        status = int(status_line.group(1))
        if status >= _OK:  # else an interim answer: the real one follows
            body = b"" if status in _HAS_NO_BODY else _body(headers, data, closed=closed, body_max_bytes=body_max_bytes)
            return Response(status, headers, body) if isinstance(body, bytes) else body
    return _malformed("interim answers only")


def come_again(headers: Mapping[str, str]) -> str:
    """When the service says that it may be asked again, as "in 59 s" or "in 5 min"; "" where it does not."""
    told = headers.get("retry-after") or headers.get("x-ratelimit-reset") or ""
    if not (told.isascii() and told.isdigit()) or len(told) > _WAIT_DIGITS_MAX:
        return ""
    seconds = int(told)
    return f"in {seconds} s" if seconds < _MINUTE_S else f"in {-(-seconds // _MINUTE_S)} min"


def _headers(lines: list[bytes]) -> dict[str, str] | None:
    if len(lines) > _HEADERS_MAX:
        return None
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name.strip() != name:
            return None
        headers[name.decode("latin-1").lower()] = clean(value.decode("latin-1"))
    return headers


def _body(headers: Mapping[str, str], rest: bytes, *, closed: bool, body_max_bytes: int) -> bytes | Failure | None:
    too_large = Failure(FailureKind.TOO_LARGE, "HTTP", detail=f"more than {body_max_bytes} bytes")
    if "transfer-encoding" in headers:
        if headers["transfer-encoding"].lower() != "chunked":
            return _malformed("unknown transfer coding")
        return _chunked(rest, closed=closed, too_large=too_large, body_max_bytes=body_max_bytes)
    length = headers.get("content-length")
    if length is None:
        if len(rest) > body_max_bytes:
            return too_large
        return rest if closed else None
    if not length.isascii() or not length.isdigit() or len(length) > 18:  # noqa: PLR2004 - more is no 64-bit number
        return _malformed("no length")
    if int(length) > body_max_bytes:
        return too_large
    if len(rest) >= int(length):
        return rest[: int(length)]
    return _malformed("cut short") if closed else None


def _chunked(data: bytes, *, closed: bool, too_large: Failure, body_max_bytes: int) -> bytes | Failure | None:
    body = bytearray()
    at = 0
    while True:
        line_end = data.find(b"\r\n", at, at + _HEAD_MAX_BYTES)
        if line_end < 0:
            if len(data) - at >= _HEAD_MAX_BYTES:
                return _malformed("no chunk")
            return _malformed("cut short") if closed else None
        size = _CHUNK_LINE.fullmatch(data, at, line_end)
        if size is None:
            return _malformed("no chunk")
        size_bytes = int(size.group(1), 16)
        if size_bytes == 0:
            return bytes(body)  # trailers are of no interest, and the connection is not used again
        if len(body) + size_bytes > body_max_bytes:
            return too_large
        at = line_end + 2
        if len(data) < at + size_bytes + 2:
            return _malformed("cut short") if closed else None
        if data[at + size_bytes : at + size_bytes + 2] != b"\r\n":
            return _malformed("no chunk")
        body += data[at : at + size_bytes]
        at += size_bytes + 2


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "HTTP", detail=why)
