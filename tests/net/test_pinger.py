"""Does each request get its own first answer, whatever comes in whatever order, and does nothing grow?"""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival, pinger
from emrnetcheck.net.icmp_packets import SEQUENCES
from emrnetcheck.net.pinger import Echo, Pinger
from emrnetcheck.net.privilege import icmp_method

ID = 77
needs_icmp = pytest.mark.skipif(icmp_method() is None, reason="this user may open no ICMP socket")


def reply(sequence: int, identifier: int = ID) -> bytes:
    return struct.pack("!BBHHH", 0, 0, 0, identifier, sequence) + b"payload"


class Wire:
    """A pinger whose hosts are UDP sockets of ours: what they answer is up to the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, timeout_s: float) -> None:
        self.peers: dict[str, socket.socket] = {}
        monkeypatch.setattr(pinger, "_open", self._open)
        self.pinger = Pinger("icmp", timeout_s)

    def _open(self, address: str, _: str) -> pinger._Host:
        ours, theirs = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for sock in (ours, theirs):
            sock.bind(("127.0.0.1", 0))
            sock.setblocking(False)
        ours.connect(theirs.getsockname())
        theirs.connect(ours.getsockname())
        self.peers[address] = theirs
        return pinger._Host(address, ours, ID, False)

    def answer(self, address: str, *sequences: int, identifier: int = ID) -> None:
        for sequence in sequences:
            self.peers[address].send(reply(sequence, identifier))

    def close(self) -> None:
        self.pinger.close()
        for sock in self.peers.values():
            sock.close()


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], Wire]]:
    made: list[Wire] = []

    def make(timeout_s: float) -> Wire:
        made.append(Wire(monkeypatch, timeout_s))
        return made[-1]

    yield make
    for each in made:
        each.close()


def added(pinger: Pinger, address: str) -> int:
    host = pinger.add(address)
    assert isinstance(host, int)
    return host


def taken(pinger: Pinger, count: int) -> list[Echo]:
    settled: list[Echo] = []
    ends_s = time.monotonic() + 60
    while len(settled) < count and time.monotonic() < ends_s:
        settled += pinger.take(0.05)
    return settled


def answered(settled: Sequence[Echo]) -> list[tuple[int, int]]:
    assert all(echo.rtt_ms is not None and echo.rtt_ms > 0 for echo in settled)
    return [(echo.host, echo.number) for echo in settled]


def test_answers_out_of_order_and_twice_each_count_once_for_their_own_request(wire: Callable[[float], Wire]) -> None:
    bed = wire(60.0)
    a, b = added(bed.pinger, "a"), added(bed.pinger, "b")
    for _ in range(3):
        bed.pinger.send(a)
        bed.pinger.send(b)
    bed.answer("b", 1, 1, 0)
    bed.answer("a", 2, 2, 0, 2)
    assert sorted(answered(taken(bed.pinger, 4))) == [(a, 0), (a, 2), (b, 0), (b, 1)]
    bed.answer("a", 2, 0, 1)
    assert answered(taken(bed.pinger, 1)) == [(a, 1)]
    assert [list(bed.pinger.waiting(host)) for host in (a, b)] == [[], [2]]


def test_strangers_answers_count_for_nobody(wire: Callable[[float], Wire]) -> None:
    bed = wire(60.0)
    host = added(bed.pinger, "a")
    bed.pinger.send(host)
    bed.answer("a", 0, identifier=ID + 1)
    bed.answer("a", 1, 65535)
    bed.peers["a"].send(b"")
    bed.peers["a"].send(b"\xff" * 1000)
    assert bed.pinger.take(0.2) == []
    assert bed.pinger.waiting(host) == {0}


def test_without_an_answer_in_time_a_request_is_lost_and_a_later_answer_is_not_taken(
    wire: Callable[[float], Wire],
) -> None:
    bed = wire(0.001)
    host = added(bed.pinger, "a")
    bed.pinger.send(host)
    time.sleep(0.01)
    assert bed.pinger.take(0.0) == [Echo(host, 0, None)]
    bed.answer("a", 0)
    assert bed.pinger.take(0.1) == []


def test_what_came_in_time_but_is_read_late_is_no_loss(
    wire: Callable[[float], Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    bed = wire(0.02)
    host = added(bed.pinger, "a")
    bed.pinger.send(host)
    bed.answer("a", 0)
    time.sleep(0.05)  # this thread has no turn
    real = arrival.receive

    def timed(sock: socket.socket, limit_bytes: int) -> tuple[bytes, int | None]:
        """As the kernel tells it, where it does: 1 ms after the request."""
        data, _ = real(sock, limit_bytes)
        return data, bed.pinger._hosts[host].waiting[0][1].wall_ns + 1_000_000

    monkeypatch.setattr(arrival, "receive", timed)
    (echo,) = bed.pinger.take(0.0)
    assert echo.rtt_ms == pytest.approx(1.0)


def test_sequence_wraps_and_numbers_go_on(wire: Callable[[float], Wire]) -> None:
    bed = wire(60.0)
    host = added(bed.pinger, "a")
    bed.pinger._hosts[host].sent = SEQUENCES - 1
    for _ in range(2):
        bed.pinger.send(host)
    bed.answer("a", 0, SEQUENCES - 1)
    assert answered(taken(bed.pinger, 2)) == [(host, SEQUENCES), (host, SEQUENCES - 1)]


def test_memory_is_bounded_by_the_time_out(wire: Callable[[float], Wire]) -> None:
    bed = wire(0.0)
    host = added(bed.pinger, "a")
    lost = 0
    for _ in range(500):
        bed.pinger.send(host)
        lost += len(bed.pinger.take(0.0))
    assert lost >= 499
    assert len(bed.pinger.waiting(host)) <= 1


def test_a_flood_from_one_host_does_not_hold_the_others_up(wire: Callable[[float], Wire]) -> None:
    bed = wire(60.0)
    flooding, quiet = added(bed.pinger, "a"), added(bed.pinger, "b")
    bed.pinger.send(quiet)
    bed.answer("a", *range(200))
    bed.answer("b", 0)
    assert answered(bed.pinger.take(0.1)) == [(quiet, 0)]
    assert bed.pinger.waiting(flooding) == frozenset()


class Refusing:
    """A socket that says these errors, one for each try, before it sends."""

    def __init__(self, *errors: int) -> None:
        self.errors = list(errors)
        self.sent = 0

    def send(self, _: bytes) -> None:
        if self.errors:
            raise OSError(self.errors.pop(0), "said")
        self.sent += 1


@pytest.mark.parametrize(
    ("errors", "sent", "kind"),
    [
        ((), 1, None),
        ((errno.EHOSTUNREACH,), 1, FailureKind.HOST_UNREACHABLE),  # about an earlier one
        ((errno.ENETUNREACH, errno.ENETUNREACH), 0, FailureKind.NO_ROUTE),
    ],
)
def test_an_error_about_an_earlier_request_does_not_cost_this_one(
    errors: tuple[int, ...], sent: int, kind: FailureKind | None
) -> None:
    sock = Refusing(*errors)
    host = pinger._Host("10.0.0.9", sock, None, False)  # type: ignore[arg-type]
    host.send()
    assert (sock.sent, host.failure and host.failure.kind) == (sent, kind)
    assert list(host.waiting) == [0]


def test_dropped_host_is_asked_no_more_and_its_number_not_given_again(wire: Callable[[float], Wire]) -> None:
    bed = wire(60.0)
    first = added(bed.pinger, "a")
    bed.pinger.send(first)
    bed.pinger.drop(first)
    assert bed.pinger.take(0.0) == []
    assert added(bed.pinger, "b") != first


@needs_icmp
def test_this_computer_answers() -> None:
    method = icmp_method()
    assert method is not None
    with Pinger(method, 10.0) as real:
        host = added(real, "127.0.0.1")
        for _ in range(3):
            real.send(host)
        assert sorted(answered(taken(real, 3))) == [(host, 0), (host, 1), (host, 2)]
        assert real.failure(host) is None


@pytest.mark.parametrize("address", ["::1", "not an address", ""])
def test_what_is_no_ipv4_address_is_a_failure(address: str) -> None:
    with Pinger(icmp_method() or "icmp", 1.0) as real:
        assert isinstance(real.add(address), Failure)


@given(st.lists(st.integers(0, 9), max_size=40))
def test_any_order_of_answers_settles_each_request_at_most_once(order: list[int]) -> None:
    ours, theirs = socket.socketpair(type=socket.SOCK_DGRAM)
    with ours, theirs:
        ours.setblocking(False)
        host = pinger._Host("10.0.0.9", ours, ID, False)
        host.waiting = {sequence: (sequence, arrival.Sent.now()) for sequence in range(10)}
        for sequence in order:
            theirs.send(reply(sequence))
        assert [number for number, _ in host.receive(60.0)] == list(dict.fromkeys(order))
        assert set(host.waiting) == set(range(10)) - set(order)
