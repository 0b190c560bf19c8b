"""Long-lived questions: each gets its own answer, silence ends, sockets are kept and given back."""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emrnetcheck.model import FailureKind
from emrnetcheck.net import icmp_packets, live_once, tcp
from emrnetcheck.net.live import Answer, Live
from emrnetcheck.net.privilege import icmp_method
from tests.servers import closed_tcp_port, silent_tcp_port, tcp_server

LOOPBACK = "127.0.0.1"
needs_icmp = pytest.mark.skipif(icmp_method() not in ("icmp", "icmp_raw"), reason="this user may open no ICMP socket")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="the error queue is Linux's")


@pytest.fixture
def live() -> Iterator[Live]:
    opened = Live(timeout_s=20.0)
    yield opened
    opened.close()


def descriptors() -> int:
    """How many this process has open, where that can be seen."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def gather(live: Live, count: int) -> list[Answer]:
    """This many answers, or what there is after long."""
    found: list[Answer] = []
    ends_s = time.monotonic() + 20.0
    while len(found) < count and time.monotonic() < ends_s:
        found += live.collect(0.05)
    return found


@needs_icmp
def test_each_ping_has_its_own_answer_by_one_socket(live: Live) -> None:
    for _ in range(5):
        live.ping("router", LOOPBACK)
    found = gather(live, 5)
    assert [each.key for each in found] == ["router"] * 5
    assert all(each.rtt_ms is not None and each.rtt_ms >= 0.0 for each in found)
    assert [each.asked_s for each in found] == sorted(each.asked_s for each in found)
    before = descriptors()
    for _ in range(5):
        live.ping("router", LOOPBACK)
    gather(live, 5)
    assert descriptors() == before


@needs_icmp
def test_two_hosts_do_not_get_each_others_answers(live: Live) -> None:
    live.ping("one", LOOPBACK)
    live.ping("two", "127.0.0.2")
    live.ping("one", "127.0.0.3")  # from now on another one
    found = gather(live, 2)
    assert sorted(str(each.key) for each in found if each.rtt_ms is not None) == ["one", "two"]


def test_an_open_port_answers_and_a_shut_one_refuses(live: Live) -> None:
    with tcp_server(lambda _connection: None) as port:
        live.knock("open", LOOPBACK, port)
        live.knock("shut", LOOPBACK, closed_tcp_port())
        found = {each.key: each for each in gather(live, 2)}
    assert found["open"].rtt_ms is not None
    assert not found["open"].refused
    shut = found["shut"]
    assert (shut.rtt_ms is not None, shut.refused) == (True, True)
    assert shut.failure is not None
    assert shut.failure.kind is FailureKind.REFUSED


@contextlib.contextmanager
def full_port() -> Iterator[int]:
    """Linux answers nobody any more where as many wait as may."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket())
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        for _ in range(3):
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@needs_linux
def test_whoever_keeps_silent_is_given_up_in_time() -> None:
    """As a watch asks: it waits for seconds, and not for as long as the system tries."""
    live = Live()
    began_s = time.monotonic()
    with full_port() as port:
        live.knock("emr", LOOPBACK, port)
        live.knock("emr", LOOPBACK, port)
        found = gather(live, 2)
        live.close()
    assert [each.failure.kind for each in found if each.failure is not None] == [FailureKind.TIMEOUT] * 2
    assert time.monotonic() - began_s > 1.0, "it did wait"


def test_what_only_the_second_packet_brought_was_lost(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_once, "REPEATED_MS", 0.0)
    monkeypatch.setattr(tcp, "was_repeated", lambda _sock: True)
    with tcp_server(lambda _connection: None) as port:
        live.knock("emr", LOOPBACK, port)
        (found,) = gather(live, 1)
    assert found.rtt_ms is None
    assert found.failure is not None
    assert found.failure.kind is FailureKind.TIMEOUT


@needs_linux
def test_a_packet_that_comes_to_its_end_says_who_it_was(live: Live) -> None:
    live.expire("isp", LOOPBACK, 2)
    (found,) = gather(live, 1)
    assert (found.key, found.by) == ("isp", LOOPBACK)
    assert found.rtt_ms is not None


def test_elsewhere_no_packet_is_let_die(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    live.expire("isp", LOOPBACK, 2)
    (found,) = live.collect(0.0)
    assert found.failure is not None
    assert found.failure.kind is FailureKind.UNSUPPORTED


def test_without_a_privilege_it_is_said_so() -> None:
    live = Live(method="none")
    live.method = None
    live.ping("router", LOOPBACK)
    (found,) = live.collect(0.0)
    live.close()
    assert found.failure is not None
    assert found.failure.kind is FailureKind.PERMISSION


def test_what_is_forgotten_answers_no_more_and_leaves_nothing_open(live: Live) -> None:
    before = descriptors()
    with silent_tcp_port() as port:
        for _ in range(3):
            live.knock("emr", LOOPBACK, port)
        if icmp_method() in ("icmp", "icmp_raw"):
            live.ping("router", LOOPBACK)
        live.forget()
        assert live.collect(0.0) == []
    assert descriptors() == before


@needs_icmp
def test_a_socket_that_can_send_no_more_is_made_anew(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live.ping("router", LOOPBACK)
    gather(live, 1)
    with monkeypatch.context() as patch:
        patch.setattr(icmp_packets, "echo_request", lambda *_: b"x" * 100_000)  # the system refuses to send this
        live.ping("router", LOOPBACK)
    (failed,) = live.collect(0.0)
    assert failed.rtt_ms is None
    assert failed.failure is not None
    live.ping("router", LOOPBACK)
    assert gather(live, 1)[0].rtt_ms is not None


def test_with_nothing_asked_it_waits(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    assert live.collect(0.7) == []
    assert waited == [0.7]
