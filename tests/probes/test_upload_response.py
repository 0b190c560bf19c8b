"""Answers of servers, whole and in pieces, good and bad."""

from __future__ import annotations

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.throughput.address import Base, parse_base
from emrnetcheck.probes.throughput.response import LIMIT_BYTES, ResponseReader
from emrnetcheck.probes.throughput.target import Target

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
GOOD = {
    "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK",
    "empty": b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
    "no reason phrase": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "chunked, empty": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nOK\r\n0\r\n\r\n",
    "after a 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("name", GOOD)
def test_a_good_answer_is_complete_at_its_last_byte(name: str, size: int) -> None:
    reader, data = ResponseReader("here"), GOOD[name]
    for at in range(0, len(data), size):
        assert not reader.complete
        assert reader.feed(data[at : at + size]) is None
    assert reader.complete
    assert reader.head is not None
    assert reader.head.failure("here") is None


def test_without_a_length_the_end_of_the_connection_is_the_end() -> None:
    reader = ResponseReader("here")
    assert reader.feed(b"HTTP/1.0 200 OK\r\n\r\nsome") is None
    assert not reader.complete
    assert reader.feed(b"") is None
    assert reader.complete
    assert reader.head is not None
    assert reader.head.closes


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"SSH-2.0-x", FailureKind.MALFORMED),
        (b"\x00", FailureKind.MALFORMED),
        (b"HTTP/2.0 200\r\n\r\n", FailureKind.MALFORMED),
        (b"HTTP/1.1 abc OK\r\n\r\n", FailureKind.MALFORMED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", FailureKind.MALFORMED),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * LIMIT_BYTES, FailureKind.TOO_LARGE),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * LIMIT_BYTES, FailureKind.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * (LIMIT_BYTES + 1), FailureKind.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore", FailureKind.MALFORMED),
        (CHUNKED + b"-6\r\n", FailureKind.MALFORMED),
        (CHUNKED + b"+0\r\n\r\n", FailureKind.MALFORMED),
        (CHUNKED + b"1_0\r\n", FailureKind.MALFORMED),
        (CHUNKED + b"hello\r\n", FailureKind.MALFORMED),
        (CHUNKED + b"2\r\nOKOK\r\n", FailureKind.MALFORMED),
        (CHUNKED + b"f" * 9000 + b"\r\n", FailureKind.MALFORMED),
        (b"", FailureKind.RESET),
    ],
)
def test_a_bad_answer_is_a_failure(data: bytes, kind: FailureKind) -> None:
    failure = ResponseReader("here").feed(data)
    assert isinstance(failure, Failure)
    assert failure.kind is kind
    assert failure.target == "here"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, None),
        (201, None),
        (301, FailureKind.HTTP_STATUS),
        (403, FailureKind.REJECTED),
        (404, FailureKind.HTTP_STATUS),
        (411, FailureKind.REJECTED),
        (413, FailureKind.REJECTED),
        (429, FailureKind.HTTP_STATUS),
        (503, FailureKind.HTTP_STATUS),
    ],
)
def test_only_a_success_takes_the_data(status: int, kind: FailureKind | None) -> None:
    reader = ResponseReader("here")
    reader.feed(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\n\r\n".encode())
    assert reader.head is not None
    failure = reader.head.failure("here")
    assert (failure.kind if failure else None) is kind


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://10.0.0.1", Base("10.0.0.1", 80, False, "")),
        ("https://speed.example.org:8443/a/b%20c/", Base("speed.example.org", 8443, True, "/a/b%20c/")),
        ("http://[2001:db8::1]:81/x", Base("2001:db8::1", 81, False, "/x")),
        ("http://", None),
        ("http://-x/", None),
        ("http://a b/", None),
        ("http://x:0/", None),
        ("http://x:70000/", None),
        ("http://x/%zz", None),
        ("http://x/{r}", None),
        ("http://x/?", None),
        ("http://u@x/", None),
        ("gopher://x/", None),
    ],
)
def test_an_address_is_taken_strictly(url: str, base: Base | None) -> None:
    assert parse_base(url) == base


def test_a_post_names_its_host_and_its_length() -> None:
    target = Target("2001:db8::1", 8080, False, "/__up", "bytes={n_bytes}&r={nonce}")
    head = target.head(1000, "abc", "me/1").decode()
    assert head.startswith("POST /__up?bytes=1000&r=abc HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n")
    assert "\r\nContent-Length: 1000\r\n" in head
    assert head.endswith("\r\n\r\n")
