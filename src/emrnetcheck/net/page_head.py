"""What does the head of an HTTP answer say, as browsers read it, from a server that nobody vouches for?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind

_HEAD_MAX_BYTES = 16 * 1024
_HEADERS_MAX = 100
_INTERIM_MAX = 8
_OK = 200
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: [^\r\n]*)?")
_HEAD_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Head:
    """headers: names in lower case, the last of each; cookies: what it wants to have sent back."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]


def parse_head(data: bytes, *, closed: bool) -> tuple[Head, bytes] | Failure | None:
    """(the head, what comes after it) of what came so far; None while more is needed. MALFORMED or TOO_LARGE else."""
    for _ in range(_INTERIM_MAX):
        end = _HEAD_END.search(data)
        raw, after = (data[: end.start()], data[end.end() :]) if end else (data, b"")
        if len(raw) > _HEAD_MAX_BYTES:
            return Failure(FailureKind.TOO_LARGE, "HTTP", detail="the head of the answer")
        status_line, line_end, others = raw.partition(b"\n")
        status = _STATUS_LINE.fullmatch(status_line.removesuffix(b"\r"))
        if status is None and (line_end or end or not b"HTTP/1.".startswith(raw[:7])):
            return _malformed("no HTTP answer")  # known at once: a stranger need not be listened to until the end
        if end is None:
            return _malformed("it ends within its head") if closed else None
        assert status is not None
        number = int(status.group(1))
        if number >= _OK:  # else an interim answer: the real one follows
            head = _head(number, others.replace(b"\r\n", b"\n").split(b"\n") if others else [])
            return head if isinstance(head, Failure) else (head, after)
        data = after
    return _malformed("interim answers only")


def _head(status: int, lines: list[bytes]) -> Head | Failure:
    """As browsers read it: a line that begins with a space goes on with the one before, one without a colon is none."""
    if len(lines) > _HEADERS_MAX:
        return _malformed("too many headers")
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for line in _unfolded(lines):
        raw_name, colon, raw_value = line.partition(b":")
        if not colon or not raw_name or raw_name.strip() != raw_name:
            continue
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        headers[name] = value
        if name == "set-cookie":
            pair = value.partition(";")[0].strip()
            if "=" in pair and pair.isascii() and pair.isprintable():
                cookies[pair.partition("=")[0]] = pair
    return Head(status, headers, tuple(cookies.values()))


def _unfolded(lines: list[bytes]) -> list[bytes]:
    whole: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and whole:
            whole[-1] += b" " + line.strip()
        else:
            whole.append(line)
    return whole


def _malformed(why: str) -> Failure:
    return Failure(FailureKind.MALFORMED, "HTTP", detail=why)
