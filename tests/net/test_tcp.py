"""Are open, refused and silent ports told apart, and does a reset count as an answer?"""

from __future__ import annotations

import selectors
import socket
import sys
import time

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import tcp
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port


def test_open_port_answers_without_a_refusal() -> None:
    with silent_tcp_port() as port:
        said = tcp.connect(LOOPBACK, port, 1.0)
    assert isinstance(said, tcp.Answered)
    assert said.refusal is None
    assert 0 < said.rtt_ms < 1000


def test_closed_port_answers_with_a_refusal() -> None:
    said = tcp.connect(LOOPBACK, closed_tcp_port(), 5.0)
    assert isinstance(said, tcp.Answered)
    assert said.refusal is not None
    assert said.refusal.kind is FailureKind.REFUSED


def test_way_that_does_not_exist_is_a_failure_and_no_answer() -> None:
    said = tcp.connect("::1%nowhere", 80, 1.0)  # no such interface
    assert isinstance(said, Failure)


def test_series_counts_open_and_refused_as_answers() -> None:
    shut = closed_tcp_port()
    with silent_tcp_port() as port:
        series = tcp.connect_series([(LOOPBACK, port), (LOOPBACK, shut)], count=5, interval_s=0.005, timeout_s=0.9)
    assert [each.port for each in series] == [port, shut]
    for each in series:
        assert len(each.rtts_ms) == 5
        assert all(rtt is not None and rtt < 900 for rtt in each.rtts_ms)
        assert each.failure is None


def test_series_keeps_its_pace() -> None:
    with silent_tcp_port() as port:
        started_s = time.monotonic()
        tcp.connect_series([(LOOPBACK, port)], count=5, interval_s=0.05, timeout_s=0.9)
        assert time.monotonic() - started_s > 0.19


class Never(selectors.DefaultSelector):
    """Nothing is ever ready to be looked at."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        time.sleep(timeout or 0.0)
        return []


def knocks_of(selector: type[selectors.DefaultSelector], monkeypatch: pytest.MonkeyPatch) -> None:
    class Knocks(tcp._Knocks):
        def __init__(self, timeout_s: float) -> None:
            super().__init__(timeout_s, selector())

    monkeypatch.setattr(tcp, "_Knocks", Knocks)


def test_what_still_waits_when_told_to_stop_is_not_called_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    knocks_of(Never, monkeypatch)
    asked = iter(range(1000))
    with silent_tcp_port() as port:
        (said,) = tcp.connect_series(
            [(LOOPBACK, port)], count=1000, interval_s=0.001, timeout_s=60.0, stopping=lambda: next(asked) > 20
        )
    assert said.rtts_ms == ()


def test_silence_is_a_loss_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    knocks_of(Never, monkeypatch)
    with silent_tcp_port() as port:
        (said,) = tcp.connect_series([(LOOPBACK, port)], count=3, interval_s=0.001, timeout_s=0.05)
    assert said.rtts_ms == (None, None, None)
    assert said.failure is not None
    assert said.failure.kind is FailureKind.TIMEOUT


class Late(selectors.DefaultSelector):
    """This thread has no turn for longer than the time-out."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        time.sleep(0.03)
        return super().select(timeout)


@pytest.mark.parametrize(
    ("sent_again", "counts"),
    [(0, True), (1, False), (None, False)],
    ids=["the kernel says: the first was answered", "the second was", "nobody says"],
)
def test_what_is_looked_at_late_counts_only_if_the_first_packet_was_answered(
    monkeypatch: pytest.MonkeyPatch, sent_again: int | None, counts: bool
) -> None:
    knocks_of(Late, monkeypatch)
    monkeypatch.setattr(tcp, "_kernel_says", lambda *_: sent_again)
    with silent_tcp_port() as port:
        (said,) = tcp.connect_series([(LOOPBACK, port)], count=1, interval_s=0.0, timeout_s=0.01)
    assert (said.rtts_ms != (None,)) is counts


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells it")
def test_kernel_tells_its_round_trip_and_how_often_it_sent_again() -> None:
    with silent_tcp_port() as port, socket.create_connection((LOOPBACK, port)) as sock:
        assert tcp._kernel_says(sock, tcp._SENT_AGAIN) == 0
        assert (tcp._kernel_says(sock, tcp._RTT_US) or 0) > 0


def test_series_stops_when_told() -> None:
    with silent_tcp_port() as port:
        series = tcp.connect_series([(LOOPBACK, port)], count=1000, interval_s=1, timeout_s=0.9, stopping=lambda: True)
    assert series[0].rtts_ms == ()


@pytest.mark.parametrize(("address", "text"), [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")])
def test_endpoint_text(address: str, text: str) -> None:
    assert tcp.endpoint_text(address, 80) == text
