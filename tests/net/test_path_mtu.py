"""Are packets of each size tried as often as it takes, and is nobody believed who tells nonsense?"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import path_mtu
from emrnetcheck.net.icmp_way import EchoSocket
from emrnetcheck.net.path_mtu import SizeAnswers
from emrnetcheck.net.telling import Answer
from tests.net.ways import TARGET, FakeEcho, narrow
from tests.servers import can_bind

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a normal user who complains")
Says = Callable[[int, int, int], Answer | None]
Way = Callable[[Says], FakeEcho]


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(path_mtu, "GAP_S", 0.0)
    monkeypatch.setattr(path_mtu, "_LEAST_WAIT_S", 0.02)
    opened: list[FakeEcho] = []

    def of(says: Says) -> FakeEcho:
        fake = FakeEcho(says)
        opened.append(fake)
        monkeypatch.setattr(EchoSocket, "open", lambda _address, _method: fake)
        return fake

    yield of
    assert all(fake.closed for fake in opened)


def tried(*sizes: int, tries: int = 3, ttl: int = 64) -> tuple[SizeAnswers, ...]:
    found = path_mtu.try_sizes(TARGET, sizes, tries=tries, timeout_s=0.06, ttl=ttl, method="icmp")
    assert isinstance(found, tuple)
    return found


def test_what_is_answered_is_sent_once(way: Way) -> None:
    fake = way(narrow(1500))
    assert tried(1500, 84) == (SizeAnswers(1500, 1, 1), SizeAnswers(84, 1, 1))
    assert len(fake.sent) == 2


def test_what_vanishes_is_sent_again(way: Way) -> None:
    way(narrow(1400))
    assert tried(1500, 1400) == (SizeAnswers(1500, 3, 0), SizeAnswers(1400, 1, 1))


def test_too_large_is_told_with_the_size_that_fits(way: Way) -> None:
    way(narrow(1400, told_by="10.0.0.1"))
    assert tried(1500, 1400)[0] == SizeAnswers(1500, 1, 0, 1400, "10.0.0.1")


@pytest.mark.parametrize("mtu", [1, 67, 1500, 1501, 65535])
def test_a_size_that_cannot_be_is_not_believed(way: Way, mtu: int) -> None:
    way(narrow(1400, told_by="10.0.0.1", told_mtu=mtu))
    assert tried(1500)[0] == SizeAnswers(1500, 1, 0, 0, "10.0.0.1")


def test_the_own_connection_says_so_at_once(way: Way) -> None:
    def says(sequence: int, _ttl: int, size: int) -> Answer | None:
        return Answer(sequence, "too_big", None, 0.0, 1280) if size > 1280 else Answer(sequence, "reply", TARGET, 1.0)

    way(says)
    assert tried(1500, 1280) == (SizeAnswers(1500, 1, 0, 1280, None), SizeAnswers(1280, 1, 1))


def test_with_a_distance_the_complaint_is_the_answer(way: Way) -> None:
    way(narrow(1400, from_ttl=3))
    assert tried(1500, ttl=2) == (SizeAnswers(1500, 1, 1),)
    way(narrow(1400, from_ttl=3))
    assert tried(1500, ttl=3) == (SizeAnswers(1500, 3, 0),)


def test_with_the_full_distance_a_loop_is_no_answer(way: Way) -> None:
    way(lambda sequence, _ttl, _size: Answer(sequence, "exceeded", "10.0.0.1", 1.0))
    assert tried(84)[0].answered == 0


def test_an_answer_too_late_is_none(way: Way) -> None:
    way(lambda sequence, _ttl, _size: Answer(sequence, "reply", TARGET, 61.0))
    assert tried(84, tries=2) == (SizeAnswers(84, 2, 0),)


def test_it_stops_when_told(way: Way) -> None:
    fake = way(narrow(1500))
    found = path_mtu.try_sizes(TARGET, (1500,), tries=3, method="icmp", stopping=lambda: True)
    assert found == (SizeAnswers(1500, 0, 0),)
    assert fake.sent == []


def test_other_systems_are_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    said = path_mtu.try_sizes(TARGET, (1500,), tries=1)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.UNSUPPORTED


@linux_only
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_without_the_right_to_ping_it_is_done_by_udp(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    if not can_bind(address):
        pytest.skip("this system has no such address")
    monkeypatch.setattr(path_mtu, "icmp_method", lambda: None)
    assert path_mtu.method_for(address) == "udp_errors"
    found = path_mtu.try_sizes(address, (1500, 1280, 84), tries=3, timeout_s=20.0)
    assert found == (SizeAnswers(1500, 1, 1), SizeAnswers(1280, 1, 1), SizeAnswers(84, 1, 1))


def test_by_ipv6_it_is_always_done_by_udp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_mtu, "icmp_method", lambda: "icmp")
    assert (path_mtu.method_for("127.0.0.1"), path_mtu.method_for("::1")) == ("icmp", "udp_errors")


@linux_only
def test_a_connection_tells_the_size_of_its_packets() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        packet = path_mtu.tcp_packet_bytes("127.0.0.1", server.getsockname()[1], timeout_s=20.0)
        loopback_mtu = 65536
        assert isinstance(packet, int)
        assert 1280 < packet <= loopback_mtu


@linux_only
def test_the_far_end_that_wants_small_ones_gets_them() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1360)
        server.bind(("127.0.0.1", 0))
        server.listen()
        assert path_mtu.tcp_packet_bytes("127.0.0.1", server.getsockname()[1], timeout_s=20.0) == 1400


def test_nobody_there_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    said = path_mtu.tcp_packet_bytes("127.0.0.1", port)
    assert isinstance(said, Failure)
