"""Is each complaint about a UDP packet given to the packet that it is about, by IPv4 and by IPv6?"""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import sys

import pytest

from emrnetcheck.net import arrival, error_queue
from emrnetcheck.net.telling import Answer
from emrnetcheck.net.trace import FIRST_PORT
from emrnetcheck.net.udp_way import UdpSocket
from tests.servers import can_bind

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has an error queue for normal users")
TARGET, ROUTER = "10.0.0.9", "10.0.0.1"
TARGET_6, ROUTER_6 = "2001:db8::9", "2001:db8::1"


class Fake:
    """A socket that gives what a test puts in; no packet leaves."""

    def __init__(self, family: int, *failures: int) -> None:
        self.family = family
        self.failures = list(failures)
        self.sent: list[tuple[int, int]] = []
        self.options: list[tuple[int, ...]] = []
        self.waiting: list[tuple[str, int]] = []

    def setsockopt(self, *option: int) -> None:
        self.options.append(option)

    def sendto(self, packet: bytes, where: tuple[str, int]) -> None:
        if self.failures:
            raise OSError(self.failures.pop(0), "told once more")
        self.sent.append((len(packet), where[1]))

    def recvmsg(self, _size: int, *_: object) -> tuple[bytes, arrival.Ancillary, int, tuple[str, int]]:
        if not self.waiting:
            raise BlockingIOError
        return b"", [], 0, self.waiting.pop(0)


def udp(monkeypatch: pytest.MonkeyPatch, fake: Fake, *queued: error_queue.QueuedError) -> UdpSocket:
    left = list(queued)
    monkeypatch.setattr(error_queue, "take", lambda _sock: left.pop(0) if left else None)
    return UdpSocket(TARGET_6 if fake.family == socket.AF_INET6 else TARGET, fake)  # type: ignore[arg-type]


def about(kind: int, code: int, sequence: int = 7, *, by: str | None = ROUTER, mtu: int = 0) -> error_queue.QueuedError:
    return error_queue.QueuedError(kind, code, by, mtu, b"", FIRST_PORT + sequence, None)


@pytest.mark.parametrize(("family", "headers"), [(socket.AF_INET, 28), (socket.AF_INET6, 48)])
def test_a_packet_has_its_size_its_reach_and_its_port(
    monkeypatch: pytest.MonkeyPatch, family: int, headers: int
) -> None:
    fake = Fake(family)
    assert udp(monkeypatch, fake).send(7, ttl=3, size_bytes=1500) is None
    assert fake.sent == [(1500 - headers, FIRST_PORT + 7)]
    assert fake.options[-1][-1] == 3


@pytest.mark.parametrize(
    ("queued", "kind"),
    [
        (about(11, 0), "exceeded"),
        (about(3, 4, mtu=1400), "too_big"),
        (about(3, 3, by=TARGET), "reply"),
        (about(3, 10, by=TARGET), "reply"),
        (about(3, 3), "reply"),
        (about(3, 13), "refused"),
    ],
)
def test_complaints_by_their_kind(monkeypatch: pytest.MonkeyPatch, queued: error_queue.QueuedError, kind: str) -> None:
    socket_ = udp(monkeypatch, Fake(socket.AF_INET), queued)
    socket_.send(7)
    (answer,) = socket_.receive()
    assert (answer.sequence, answer.kind, answer.by, answer.mtu) == (7, kind, queued.by, queued.mtu)


@pytest.mark.parametrize("queued", [about(11, 0, 8), about(11, 0, by=None)])
def test_complaints_about_what_was_not_sent_or_of_our_own_are_nothing(
    monkeypatch: pytest.MonkeyPatch, queued: error_queue.QueuedError
) -> None:
    socket_ = udp(monkeypatch, Fake(socket.AF_INET), queued)
    socket_.send(7)
    assert socket_.receive() == []


def test_whoever_listens_at_the_target_answers_and_a_stranger_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(socket.AF_INET)
    socket_ = udp(monkeypatch, fake)
    socket_.send(7)
    fake.waiting = [("10.0.0.66", FIRST_PORT + 7), (TARGET, FIRST_PORT + 9), (TARGET, FIRST_PORT + 7)]
    (answer,) = socket_.receive()
    assert (answer.sequence, answer.kind, answer.by) == (7, "reply", TARGET)


def test_an_error_that_is_told_once_more_does_not_stop_the_next_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = Fake(socket.AF_INET, errno.EHOSTUNREACH)
    assert udp(monkeypatch, fake).send(7) is None
    assert len(fake.sent) == 1


def test_an_error_that_stays_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="told once more"):
        udp(monkeypatch, Fake(socket.AF_INET, *[errno.ENETUNREACH] * 9)).send(7)


def test_the_own_connection_that_takes_no_such_packet_answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    own = about(3, 4, by=None, mtu=1400)
    answer = udp(monkeypatch, Fake(socket.AF_INET, errno.EMSGSIZE), own).send(7, size_bytes=1500)
    assert answer == Answer(7, "too_big", None, 0.0, 1400)


def message_6(kind: int, code: int = 0, info: int = 0) -> bytes:
    """struct sock_extended_err and the sender's sockaddr_in6, as linux/errqueue.h lays them out."""
    by = struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, ROUTER_6), 0)
    return struct.pack("=IBBBBII", 113, 3, kind, code, 0, info, 0) + by


@pytest.mark.parametrize(
    ("kind", "code", "info", "said"),
    [
        (3, 0, 0, (error_queue.TIME_EXCEEDED, 0, 0)),
        (2, 0, 1400, (error_queue.UNREACHABLE, error_queue.TOO_BIG, 1400)),
        (1, 4, 0, (error_queue.UNREACHABLE, error_queue.PORT_UNREACHABLE, 0)),
        (1, 3, 0, (error_queue.UNREACHABLE, 1, 0)),
    ],
)
def test_complaints_by_ipv6_are_told_in_the_words_of_ipv4(
    kind: int, code: int, info: int, said: tuple[int, int, int]
) -> None:
    queued = error_queue.parse(message_6(kind, code, info), b"", 33434, None)
    assert queued is not None
    assert (queued.by, (queued.kind, queued.code, queued.mtu)) == (ROUTER_6, said)


def test_half_an_address_is_nobody() -> None:
    assert error_queue.parse(message_6(3)[:30], b"", 33434, None) is None


@linux_only
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_this_computer_complains_about_a_packet_of_full_size(address: str) -> None:
    if not can_bind(address):
        pytest.skip("this system has no such address")
    socket_ = UdpSocket.open(address)
    try:
        assert socket_.send(40, size_bytes=1500) is None
        answers: list[Answer] = []
        with selectors.DefaultSelector() as selector:
            selector.register(socket_, selectors.EVENT_READ)
            while not answers and selector.select(20):
                answers = socket_.receive()
    finally:
        socket_.close()
    (answer,) = answers
    assert (answer.sequence, answer.kind, answer.by) == (40, "reply", address)
