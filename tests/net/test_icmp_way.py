"""Do echo requests take one way, and is each answer given to the packet that it is about?"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net import arrival, error_queue
from emrnetcheck.net.icmp import checksum
from emrnetcheck.net.icmp_way import EchoSocket, echo_request
from emrnetcheck.net.privilege import icmp_method
from emrnetcheck.net.telling import Answer

needs_icmp = pytest.mark.skipif(
    sys.platform != "linux" or icmp_method() is None, reason="this user may open no ICMP socket here"
)


@given(st.integers(1, 0xFFFF), st.integers(30, 1500), st.integers(0, 0xFFFF))
def test_a_request_has_its_size_and_every_one_the_same_checksum(sequence: int, size: int, identifier: int) -> None:
    packet = echo_request(identifier, sequence, size)
    assert len(packet) == size - 20
    assert checksum(packet) == 0
    first = struct.unpack_from("!BBHHH", echo_request(identifier, 0, size))
    kind, code, summed, its, number = struct.unpack_from("!BBHHH", packet)
    assert (kind, code, its, number) == (8, 0, identifier, sequence)
    assert summed in (first[2], first[2] ^ 0xFFFF) or {summed, first[2]} <= {0, 0xFFFF}


class Fake:
    """A socket that gives what a test puts in; no packet leaves."""

    def __init__(self, *failures: int) -> None:
        self.failures = list(failures)
        self.sent: list[bytes] = []
        self.waiting: list[bytes] = []

    def setsockopt(self, *_: object) -> None:
        pass

    def send(self, packet: bytes) -> None:
        if self.failures:
            raise OSError(self.failures.pop(0), "told once more")
        self.sent.append(packet)

    def recvmsg(self, _size: int, *_: object) -> tuple[bytes, arrival.Ancillary, int, tuple[str, int]]:
        if not self.waiting:
            raise BlockingIOError
        return self.waiting.pop(0), [], 0, ("10.0.0.9", 0)


def echo(monkeypatch: pytest.MonkeyPatch, fake: Fake, *queued: error_queue.QueuedError) -> EchoSocket:
    left = list(queued)
    monkeypatch.setattr(error_queue, "take", lambda _sock: left.pop(0) if left else None)
    return EchoSocket("10.0.0.9", fake, identifier=None)  # type: ignore[arg-type]


def quoting(
    kind: int, code: int, sequence: int, *, by: str | None = "10.0.0.1", mtu: int = 0
) -> error_queue.QueuedError:
    return error_queue.QueuedError(kind, code, by, mtu, struct.pack("!BBHHH", 8, 0, 0, 0, sequence), 0, None)


@pytest.mark.parametrize(
    ("queued", "kind", "mtu"),
    [
        (quoting(11, 0, 7), "exceeded", 0),
        (quoting(3, 4, 7, mtu=1400), "too_big", 1400),
        (quoting(3, 1, 7), "refused", 0),
        (quoting(3, 13, 7), "refused", 0),
    ],
)
def test_complaints_by_their_kind(
    monkeypatch: pytest.MonkeyPatch, queued: error_queue.QueuedError, kind: str, mtu: int
) -> None:
    socket_ = echo(monkeypatch, Fake(), queued)
    socket_.send(7)
    (answer,) = socket_.receive()
    assert (answer.sequence, answer.kind, answer.by, answer.mtu) == (7, kind, "10.0.0.1", mtu)
    assert answer.rtt_ms >= 0


@pytest.mark.parametrize(
    "queued",
    [
        quoting(11, 0, 8),
        error_queue.QueuedError(11, 0, "10.0.0.1", 0, b"short", 0, None),
        error_queue.QueuedError(11, 0, "10.0.0.1", 0, struct.pack("!BBHHH", 13, 0, 0, 0, 7), 0, None),
    ],
)
def test_complaints_about_packets_of_others_are_nothing(
    monkeypatch: pytest.MonkeyPatch, queued: error_queue.QueuedError
) -> None:
    socket_ = echo(monkeypatch, Fake(), queued)
    socket_.send(7)
    assert socket_.receive() == []


def test_a_reply_is_the_target_s(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake()
    socket_ = echo(monkeypatch, fake)
    socket_.send(7)
    fake.waiting = [struct.pack("!BBHHH", 0, 0, 0, 5, 7), struct.pack("!BBHHH", 0, 0, 0, 5, 9), b"\0"]
    (answer,) = socket_.receive()
    assert (answer.sequence, answer.kind, answer.by) == (7, "reply", "10.0.0.9")


def test_an_error_that_is_told_once_more_does_not_stop_the_next_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(errno.EHOSTUNREACH)
    assert echo(monkeypatch, fake).send(7) is None
    assert len(fake.sent) == 1


def test_an_error_that_stays_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="told once more"):
        echo(monkeypatch, Fake(*[errno.ENETUNREACH] * 9)).send(7)


def test_the_own_connection_that_takes_no_such_packet_answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    own = error_queue.QueuedError(3, 4, None, 1400, b"", 0, None)
    answer = echo(monkeypatch, Fake(errno.EMSGSIZE), own).send(7, size_bytes=1500)
    assert answer == Answer(7, "too_big", None, 0.0, 1400)


@needs_icmp
def test_this_computer_answers_a_packet_of_full_size() -> None:
    method = icmp_method()
    assert method is not None
    socket_ = EchoSocket.open("127.0.0.1", method)
    try:
        assert socket_.send(7, size_bytes=1500) is None
        answers: list[Answer] = []
        with selectors.DefaultSelector() as selector:
            selector.register(socket_, selectors.EVENT_READ)
            while not answers and selector.select(20):
                answers = socket_.receive()
    finally:
        socket_.close()
    assert [(answer.sequence, answer.kind) for answer in answers] == [(7, "reply")]
    assert socket_.sock.fileno() == -1
    assert isinstance(socket_.sock, socket.socket)
