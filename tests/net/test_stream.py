"""A stream counts what the other side acknowledged, and returns what goes wrong as a Failure."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import selectors
import socket
import ssl
import sys
import time
from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.stream import Endpoint, Stream
from tests.lab.internet.certificates import Authority
from tests.probes import throughput_servers as servers
from tests.probes.throughput_servers import serving

needs_tcp_info = pytest.mark.skipif(sys.platform != "linux", reason="TCP_INFO with acknowledged bytes is Linux's")
_DEADLINE_S = 10.0


def opened(endpoint: Endpoint) -> Stream | Failure:
    stream = Stream.open(endpoint)
    if isinstance(stream, Failure):
        return stream
    with selectors.DefaultSelector() as selector:
        until_s = time.monotonic() + _DEADLINE_S
        while time.monotonic() < until_s:
            key = selector.register(stream, selectors.EVENT_WRITE if stream.wants_write else selectors.EVENT_READ)
            selector.select(1.0)
            selector.unregister(key.fileobj)
            done = stream.advance()
            if isinstance(done, Failure):
                stream.close()
                return done
            if done:
                return stream
    raise AssertionError("neither open nor failed")


def post(stream: Stream, body: bytes) -> int:
    """Send one POST and read its answer; the body bytes given."""
    assert isinstance(
        stream.send(memoryview(f"POST / HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n".encode()), counted=False), int
    )
    view, until_s = memoryview(body), time.monotonic() + _DEADLINE_S
    while view:
        assert time.monotonic() < until_s
        taken = stream.send(view)
        assert isinstance(taken, int)
        view = view[taken:]
        if not taken:
            time.sleep(0.001)
    while (answer := stream.receive(1000)) is None:
        assert time.monotonic() < until_s
        time.sleep(0.001)
    assert answer == servers.OK
    return len(body)


@needs_tcp_info
def test_all_that_was_answered_is_acknowledged() -> None:
    with serving(servers.well) as server:
        stream = opened(Endpoint("127.0.0.1", server.port))
        assert isinstance(stream, Stream)
        assert stream.acked_bytes() == 0
        assert [post(stream, os.urandom(size)) for size in (1, 100_000, 65_536)]
        assert stream.acked_bytes() == 165_537
        info = stream.tcp_info()
        assert info is not None
        assert 0 < info.rtt_ms < 1000
        stream.close()


@needs_tcp_info
def test_tls_overhead_is_not_counted(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path)
    certificate = authority.issue(["speed.example.org"], tmp_path)
    with serving(servers.well, certificate=certificate) as server:
        stream = opened(Endpoint("127.0.0.1", server.port, "speed.example.org", str(authority.certificate_path)))
        assert isinstance(stream, Stream)
        sent = sum(post(stream, os.urandom(size)) for size in (100_000, 1_000_000))
        assert stream.acked_bytes() == sent
        info = stream.tcp_info()
        assert info is not None
        assert info.acked_bytes > sent * 1.001  # the kernel's own count has the records in it
        stream.close()


@needs_tcp_info
def test_what_nobody_reads_is_not_acknowledged() -> None:
    with serving(servers.silent, receive_buffer_bytes=4096) as server:
        stream = opened(Endpoint("127.0.0.1", server.port))
        assert isinstance(stream, Stream)
        body, taken_in_all = memoryview(bytes(4_000_000)), 0
        while taken := stream.send(body[taken_in_all:]):
            assert isinstance(taken, int)
            taken_in_all += taken
        acked = stream.acked_bytes()
        assert acked is not None
        assert acked < 64_000 < taken_in_all
        stream.close(abort=True)


@pytest.mark.parametrize(
    ("names", "days", "own", "kind"),
    [
        (["other.example.org"], 30, True, FailureKind.TLS_NAME_MISMATCH),
        (["speed.example.org"], -1, True, FailureKind.TLS_EXPIRED),
        (["speed.example.org"], 30, False, FailureKind.TLS_UNTRUSTED),
    ],
)
def test_a_bad_certificate_is_refused(
    tmp_path: Path, names: list[str], days: int, own: bool, kind: FailureKind
) -> None:
    authority, other = Authority.create(tmp_path / "own"), Authority.create(tmp_path / "other")
    certificate = (authority if own else other).issue(names, tmp_path, valid_for=dt.timedelta(days=days))
    with serving(servers.well, certificate=certificate) as server:
        outcome = opened(Endpoint("127.0.0.1", server.port, "speed.example.org", str(authority.certificate_path)))
    assert isinstance(outcome, Failure)
    assert outcome.kind is kind


def test_over_tls_less_may_be_given_after_more_was_not_taken(tmp_path: Path) -> None:
    """As where a pace allows less than it did a moment before."""
    authority = Authority.create(tmp_path)
    certificate = authority.issue(["speed.example.org"], tmp_path)
    with serving(servers.well, certificate=certificate) as server:
        stream = opened(Endpoint("127.0.0.1", server.port, "speed.example.org", str(authority.certificate_path)))
        assert isinstance(stream, Stream)
        head = b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n"
        assert stream.send(memoryview(head), counted=False) == len(head)
        # Less room than one record takes: then some are refused, however quick the other end is.
        stream._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
        body, given, refusals = memoryview(bytes(2_000_000)), 0, 0
        until_s = time.monotonic() + _DEADLINE_S
        while given < len(body):
            assert time.monotonic() < until_s
            taken = stream.send(body[given : given + 16_384])
            while taken == 0:
                refusals += 1
                time.sleep(0.001)
                taken = stream.send(body[given : given + 5_000])
                assert time.monotonic() < until_s
            assert isinstance(taken, int), taken
            given += taken
        while (answer := stream.receive(1000)) is None:
            assert time.monotonic() < until_s
        assert answer == servers.OK
        assert refusals
        stream.close()


def test_a_pinned_certificate_is_believed_whoever_signed_it_and_no_other(tmp_path: Path) -> None:
    certificate = Authority.create(tmp_path).issue(["other.example.org"], tmp_path, valid_for=dt.timedelta(days=-1))
    der = ssl.PEM_cert_to_DER_cert(certificate[0].read_text())
    pin = hashlib.sha256(der).hexdigest()
    with serving(servers.well, certificate=certificate) as server:
        right = opened(Endpoint("127.0.0.1", server.port, "speed.example.org", pin=pin))
        assert isinstance(right, Stream)
        right.close()
        wrong = opened(Endpoint("127.0.0.1", server.port, "speed.example.org", pin="ab" * 32))
    assert isinstance(wrong, Failure)
    assert wrong.kind is FailureKind.TLS_UNTRUSTED
    assert "not the one in the settings" in wrong.detail


def test_plain_text_where_tls_is_wanted_is_a_protocol_failure() -> None:
    with serving(servers.speaking_first) as server:
        outcome = opened(Endpoint("127.0.0.1", server.port, "speed.example.org"))
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.TLS_PROTOCOL


def test_nobody_listening_is_refused() -> None:
    with servers.nobody() as port:
        outcome = opened(Endpoint("127.0.0.1", port))
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.REFUSED
    assert outcome.target == f"127.0.0.1:{port}"


def test_the_family_is_that_of_the_address() -> None:
    with socket.socket(socket.AF_INET6) as listener:
        try:
            listener.bind(("::1", 0))
        except OSError:
            pytest.skip("no IPv6 loopback here")
        listener.listen()
        endpoint = Endpoint("::1", listener.getsockname()[1])
        stream = opened(endpoint)
        assert isinstance(stream, Stream)
        assert endpoint.text().startswith("[::1]:")
        stream.close()
