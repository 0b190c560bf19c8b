"""Are series of echo requests timed and counted, and does an end on demand make no loss?"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import icmp, privilege
from emrnetcheck.net.pinger import Echo
from emrnetcheck.net.privilege import icmp_method

needs_icmp = pytest.mark.skipif(icmp_method() is None, reason="this user may open no ICMP socket")


class Clock:
    """Time that only waiting moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def perf_counter(self) -> float:
        return self.now_s


class FakePinger:
    """Answers each request after a delay in ms, or never (None)."""

    clock: Clock
    delays_ms: Callable[[str, int], float | None]
    late_s = 0.0

    def __init__(self, method: str, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        self.addresses: list[str] = []
        self.open: list[tuple[float, Echo]] = []
        self.sent: list[list[float]] = []

    def __enter__(self) -> FakePinger:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def add(self, address: str) -> int | Failure:
        if ":" in address:
            return Failure(FailureKind.UNSUPPORTED, "ping", address)
        self.addresses.append(address)
        self.sent.append([])
        return len(self.addresses) - 1

    def send(self, host: int) -> None:
        number = len(self.sent[host])
        delay_ms = type(self).delays_ms(self.addresses[host], number)
        settled_s = self.clock.now_s + (self.timeout_s if delay_ms is None else delay_ms / 1000.0)
        self.open.append((settled_s, Echo(host, number, delay_ms)))
        self.sent[host].append(self.clock.now_s)

    def take(self, seconds: float) -> list[Echo]:
        self.clock.now_s += seconds + self.late_s
        settled = [echo for at_s, echo in self.open if at_s <= self.clock.now_s]
        self.open = [each for each in self.open if each[1] not in settled]
        return settled

    def waiting(self, host: int) -> frozenset[int]:
        return frozenset(echo.number for _, echo in self.open if echo.host == host)

    def failure(self, host: int) -> Failure | None:
        return None


@pytest.fixture
def pinger(monkeypatch: pytest.MonkeyPatch) -> type[FakePinger]:
    class Fake(FakePinger):
        clock = Clock()
        made: FakePinger

        def __init__(self, method: str, timeout_s: float) -> None:
            super().__init__(method, timeout_s)
            type(self).made = self

    monkeypatch.setattr(icmp, "Pinger", Fake)
    monkeypatch.setattr(icmp, "time", Fake.clock)
    return Fake


def series(*addresses: str, count: int, stopping: Callable[[], bool] = lambda: False) -> tuple[icmp.EchoSeries, ...]:
    said = icmp.echo_series(addresses, count=count, interval_s=0.05, timeout_s=0.9, stopping=stopping, method="icmp")
    assert isinstance(said, tuple)
    return said


def test_each_host_has_its_own_answers_and_a_silent_one_holds_nobody_up(pinger: type[FakePinger]) -> None:
    pinger.delays_ms = staticmethod(lambda address, number: {"a": 1.0, "b": None, "c": 300.0 - number}[address])
    a, b, c = series("a", "b", "c", count=20)
    assert a.rtts_ms == (1.0,) * 20
    assert b.rtts_ms == (None,) * 20
    assert c.rtts_ms == tuple(300.0 - number for number in range(20))


def test_requests_keep_their_interval(pinger: type[FakePinger]) -> None:
    pinger.delays_ms = staticmethod(lambda *_: 1.0)
    series("a", count=20)
    (sent_s,) = pinger.made.sent  # type: ignore[attr-defined]
    assert sent_s == pytest.approx([100.0 + number * 0.05 for number in range(20)])


def test_a_thread_that_had_no_turn_sends_no_burst(pinger: type[FakePinger]) -> None:
    pinger.delays_ms = staticmethod(lambda *_: 1.0)
    pinger.late_s = 0.3
    series("a", count=5)
    (sent_s,) = pinger.made.sent  # type: ignore[attr-defined]
    assert all(later - earlier >= 0.05 for earlier, later in itertools.pairwise(sent_s))


def test_what_still_waits_when_told_to_stop_is_not_called_lost(pinger: type[FakePinger]) -> None:
    pinger.delays_ms = staticmethod(lambda _, number: None if number == 0 else 1.0 if number < 40 else None)
    (said,) = series("a", count=1000, stopping=lambda: pinger.clock.now_s >= 102.5)
    assert said.rtts_ms[:40] == (None, *(1.0,) * 39)
    assert len(said.rtts_ms) < 45


def test_address_of_another_kind_is_a_failure_of_its_own(pinger: type[FakePinger]) -> None:
    pinger.delays_ms = staticmethod(lambda *_: 1.0)
    first, second = series("a", "::1", count=1)
    assert first.rtts_ms == (1.0,)
    assert (second.rtts_ms, second.failure) == ((), Failure(FailureKind.UNSUPPORTED, "ping", "::1"))


def test_nobody_to_ask_is_no_time_spent(pinger: type[FakePinger]) -> None:
    assert series("::1", count=1000)[0].rtts_ms == ()
    assert series(count=1000) == ()
    assert pinger.clock.now_s == 100.0


@needs_icmp
def test_two_targets_are_asked_in_one_series() -> None:
    said = icmp.echo_series(["127.0.0.1", "127.0.0.1"], count=5, interval_s=0.002, timeout_s=0.9)
    assert isinstance(said, tuple)
    assert len(said) == 2
    assert said[0].method == icmp_method()
    assert len(said[0].rtts_ms) == 5
    assert all(rtt is not None and 0 < rtt < 900 for rtt in said[0].rtts_ms)


@needs_icmp
def test_series_stops_when_told() -> None:
    said = icmp.echo_series(["127.0.0.1"], count=1000, interval_s=1, timeout_s=0.9, stopping=lambda: True)
    assert isinstance(said, tuple)
    assert said[0].rtts_ms == ()


def test_without_a_socket_it_is_a_matter_of_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "icmp_method", lambda: None)
    said = icmp.echo_series(["127.0.0.1"], count=1, interval_s=0, timeout_s=0.1)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.PERMISSION


def test_windows_needs_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privilege, "sys", type("Windows", (), {"platform": "win32"}))
    assert icmp_method() == "icmp_api"


@pytest.mark.skipif(sys.platform == "win32", reason="there it works")
def test_windows_way_elsewhere_is_not_supported() -> None:
    said = icmp.echo_series(["127.0.0.1"], count=3, interval_s=0, timeout_s=0.1, method="icmp_api")
    assert isinstance(said, tuple)
    assert said[0].failure is not None
    assert said[0].failure.kind is FailureKind.UNSUPPORTED
