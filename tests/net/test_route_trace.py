"""Does a trace end where the way does, and does each answer get to its hop and its round?"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import route_trace, trace
from emrnetcheck.net.hops import HopAnswers, Route, merged
from emrnetcheck.net.icmp_way import EchoSocket
from emrnetcheck.net.telling import Answer
from emrnetcheck.net.udp_way import UDP
from tests.net.ways import TARGET, FakeEcho, along
from tests.servers import can_bind

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has an error queue for normal users")
Says = Callable[[int, int, int], Answer | None]
Way = Callable[[Says], FakeEcho]


@pytest.fixture
def way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """What the socket says of the way."""
    monkeypatch.setattr(sys, "platform", "linux")
    opened: list[FakeEcho] = []

    def of(says: Says) -> FakeEcho:
        fake = FakeEcho(says)
        opened.append(fake)
        monkeypatch.setattr(EchoSocket, "open", lambda _address, _method: fake)
        return fake

    yield of
    assert all(fake.closed for fake in opened)


def find(hops_max: int = 30) -> Route:
    found = route_trace.find(TARGET, method="icmp", timeout_s=0.05, hops_max=hops_max)
    assert isinstance(found, Route)
    return found


def repeat(hops: int, rounds: int) -> Route:
    found = route_trace.repeat(TARGET, hops=hops, rounds=rounds, interval_s=0.001, method="icmp", timeout_s=0.05)
    assert isinstance(found, Route)
    return found


def seen(route: Route) -> list[tuple[int, tuple[str, ...], bool]]:
    return [(hop.ttl, hop.addresses, hop.end) for hop in route.hops]


def test_a_trace_ends_at_the_target(way: Way) -> None:
    way(along("10.0.0.1", "10.0.0.2"))
    route = find()
    assert seen(route) == [(1, ("10.0.0.1",), False), (2, ("10.0.0.2",), False), (3, (TARGET,), True)]
    assert route.reached
    assert route.method == "icmp"
    assert [hop.rtts_ms for hop in route.hops] == [(2.0,), (4.0,), (6.0,)]


def test_a_silent_router_has_its_place(way: Way) -> None:
    way(along("10.0.0.1", None, "10.0.0.3"))
    assert [hop.addresses for hop in find().hops] == [("10.0.0.1",), (), ("10.0.0.3",), (TARGET,)]


def test_a_long_way_takes_several_batches(way: Way) -> None:
    way(along(*[f"10.0.1.{number}" for number in range(1, 20)]))
    route = find()
    assert len(route.hops) == 20
    assert route.reached


def test_a_silent_target_ends_it_after_four_that_say_nothing(way: Way) -> None:
    fake = way(along(*[f"10.0.1.{number}" for number in range(1, 5)], target=None))
    route = find()
    assert [hop.ttl for hop in route.hops] == [1, 2, 3, 4]
    assert not route.reached
    assert max(ttl for _, ttl, _ in fake.sent) == 8


def test_nobody_at_all_is_an_empty_route(way: Way) -> None:
    way(along(target=None))
    assert find() == Route((), "icmp", reached=False)


def test_a_router_that_refuses_is_the_last(way: Way) -> None:
    def says(sequence: int, ttl: int, size: int) -> Answer | None:
        there = along("10.0.0.1", "10.0.0.2")(sequence, ttl, size)
        return there if ttl < 2 or there is None else Answer(sequence, "refused", "10.0.0.2", 20.0)

    way(says)
    route = find()
    assert not route.reached
    assert [hop.addresses for hop in route.hops][:2] == [("10.0.0.1",), ("10.0.0.2",)]


def test_it_goes_no_further_than_asked(way: Way) -> None:
    way(along(*[f"10.0.1.{number}" for number in range(1, 20)]))
    assert len(find(hops_max=5).hops) == 5


def test_rounds_keep_their_answers_apart(way: Way) -> None:
    lost = {(1, 2), (2, 1)}  # round, ttl

    def says(sequence: int, ttl: int, size: int) -> Answer | None:
        there = along("10.0.0.1")(sequence, ttl, size)
        if (sequence // 32, ttl) in lost or there is None:
            return None
        return replace(there, rtt_ms=there.rtt_ms + sequence // 32)

    way(says)
    route = repeat(hops=2, rounds=3)
    assert [hop.rtts_ms for hop in route.hops] == [(2.0, 3.0, None), (4.0, None, 6.0)]


def test_an_answer_that_comes_late_is_none(way: Way) -> None:
    way(lambda sequence, ttl, size: Answer(sequence, "exceeded", "10.0.0.1", 60.0))
    assert find().hops == ()


def test_a_shared_hop_names_all_who_answered_the_most_frequent_first(way: Way) -> None:
    def says(sequence: int, ttl: int, size: int) -> Answer | None:
        return Answer(sequence, "exceeded", "10.0.0.1" if sequence // 32 == 0 else "10.0.0.2", 10.0)

    way(says)
    assert repeat(hops=1, rounds=3).hops[0].addresses == ("10.0.0.2", "10.0.0.1")


def test_it_stops_when_told(way: Way) -> None:
    fake = way(along("10.0.0.1"))
    route = route_trace.repeat(TARGET, hops=2, rounds=1000, interval_s=9.0, method="icmp", stopping=lambda: True)
    assert route == Route((), "icmp", reached=False)
    assert fake.sent == []


def test_two_traces_are_one() -> None:
    first = Route((HopAnswers(1, ("a",), (1.0,), False), HopAnswers(2, (), (None,), False)), "icmp", reached=False)
    second = Route(
        (HopAnswers(1, ("a", "b"), (2.0, 3.0), False), HopAnswers(2, ("t",), (4.0, 5.0), True)), "icmp", True
    )
    both = merged(first, second)
    assert both.reached
    assert both.hops[0] == HopAnswers(1, ("a", "b"), (1.0, 2.0, 3.0), False)
    assert both.hops[1] == HopAnswers(2, ("t",), (None, 4.0, 5.0), True)


def test_a_socket_that_cannot_be_opened_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_address: str, _method: str) -> EchoSocket:
        raise PermissionError(1, "no")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(EchoSocket, "open", refused)
    said = route_trace.find(TARGET, method="icmp")
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.PERMISSION


def test_other_systems_are_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    said = route_trace.find("127.0.0.1")
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.UNSUPPORTED


@linux_only
@pytest.mark.parametrize(("address", "method"), [("127.0.0.1", None), ("127.0.0.1", UDP), ("::1", None)])
def test_this_computer_is_reached_at_the_first_hop(address: str, method: str | None) -> None:
    if not can_bind(address):
        pytest.skip("this system has no such address")
    route = route_trace.find(address, method=method, timeout_s=20.0)
    assert isinstance(route, Route)
    assert seen(route) == [(1, (address,), True)]
    again = route_trace.repeat(address, hops=1, rounds=3, interval_s=0.001, timeout_s=20.0, method=method)
    assert isinstance(again, Route)
    assert all(rtt is not None and rtt > 0 for rtt in again.hops[0].rtts_ms)


@linux_only
def test_somebody_who_listens_at_the_end_does_no_harm() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.1", trace.FIRST_PORT))
        except OSError:
            pytest.skip("another program has the port")
        route = route_trace.find("127.0.0.1", method=UDP, timeout_s=0.1)
    assert isinstance(route, Route)
    assert route.hops == ()
