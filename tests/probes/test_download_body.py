"""Large answers, whole and in pieces, good and bad."""

from __future__ import annotations

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.throughput.body import Answer
from emrnetcheck.probes.throughput.response import LIMIT_BYTES

LEAST = 40
BODY = bytes(range(50))
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GOOD = {
    "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + BODY,
    "said not to be compressed": b"HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\nContent-Length: 50\r\n\r\n" + BODY,
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + BODY,
    "chunked": CHUNKED + b"14\r\n" + BODY[:20] + b"\r\n1E;a=b\r\n" + BODY[20:] + b"\r\n0\r\n\r\n",
    "chunked, with a trailer": CHUNKED + b"32\r\n" + BODY + b"\r\n0\r\nX-Sum: 7\r\n\r\n",
}


def fed(data: bytes, size: int) -> tuple[Answer, Failure | None]:
    answer = Answer("here", LEAST)
    for at in range(0, len(data), size):
        assert not answer.complete, "it was complete before its end"
        failure = answer.feed(memoryview(data)[at : at + size])
        if failure is not None:
            return answer, failure
    return answer, None


@pytest.mark.parametrize("size", [1, 3, 7, 10_000])
@pytest.mark.parametrize("name", GOOD)
def test_the_body_of_a_good_answer_is_counted_to_its_last_byte(name: str, size: int) -> None:
    answer, failure = fed(GOOD[name], size)
    assert failure is None
    assert answer.complete
    assert answer.body_bytes == len(BODY)


def test_without_a_length_the_end_of_the_connection_is_the_end() -> None:
    answer, failure = fed(b"HTTP/1.0 200 OK\r\n\r\n" + BODY, 9)
    assert failure is None
    assert not answer.complete
    assert answer.end() is None
    assert answer.complete


BAD = {
    "another protocol": (b"SSH-2.0-x\r\n", FailureKind.MALFORMED, "SSH-2.0"),
    "no version we know": (b"HTTP/2.0 200\r\n\r\n", FailureKind.MALFORMED, ""),
    "an endless head": (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * LIMIT_BYTES, FailureKind.TOO_LARGE, "16384"),
    "403": (b"HTTP/1.1 403 No\r\n\r\n", FailureKind.HTTP_STATUS, "HTTP 403"),
    "429": (b"HTTP/1.1 429 No\r\n\r\n", FailureKind.HTTP_STATUS, "too many tests"),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", FailureKind.MALFORMED, "it sends 0 bytes"),
    "a redirect": (b"HTTP/1.1 302 F\r\nLocation: http://x/\r\n\r\n", FailureKind.HTTP_STATUS, "redirects to http://x/"),
    "compressed": (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", FailureKind.MALFORMED, "gzip"),
    "compressed on the way": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        FailureKind.MALFORMED,
        "gzip, chunked",
    ),
    "short": (b"HTTP/1.1 200 OK\r\nContent-Length: 39\r\n\r\n", FailureKind.MALFORMED, "39 bytes where 40"),
    "short in chunks": (CHUNKED + b"2\r\nOK\r\n0\r\n\r\n", FailureKind.MALFORMED, "2 bytes where 40"),
    "more than its length": (GOOD["with a length"] + b"x", FailureKind.MALFORMED, "more than it was asked"),
    "more than its chunks": (GOOD["chunked"] + b"x", FailureKind.MALFORMED, "more than it was asked"),
    "a length of 5000 digits": (
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        FailureKind.MALFORMED,
        "not HTTP",
    ),
    "no chunk size": (CHUNKED + b"hello\r\n", FailureKind.MALFORMED, "chunks"),
    "a chunk size without end": (CHUNKED + b"1" * 5000, FailureKind.MALFORMED, "chunks"),
    "a chunk longer than it says": (CHUNKED + b"2\r\nOKOK\r\n", FailureKind.MALFORMED, "chunks"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_a_failure(name: str) -> None:
    data, kind, words = BAD[name]
    _, failure = fed(data, len(data))
    assert failure is not None
    assert failure.kind is kind
    assert failure.operation == "download"
    assert words in failure.detail


@pytest.mark.parametrize(
    "data",
    [b"", b"HTTP/1.1 200 OK\r\n", GOOD["with a length"][:-1], GOOD["chunked"][:-2], CHUNKED],
    ids=["nothing", "within the head", "within the body", "within the last chunk", "before the first chunk"],
)
def test_an_answer_that_ends_too_soon_is_cut_short(data: bytes) -> None:
    answer, failure = fed(data, 1000)
    assert failure is None
    ended = answer.end()
    assert ended is not None
    assert ended.kind is FailureKind.RESET


def test_what_ends_with_the_connection_must_be_long_enough_too() -> None:
    answer, _ = fed(b"HTTP/1.0 200 OK\r\n\r\n<html>log in</html>", 1000)
    ended = answer.end()
    assert ended is not None
    assert ended.kind is FailureKind.MALFORMED
