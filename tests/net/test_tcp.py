"""Are open, refused and silent ports told apart, and does a reset count as an answer?"""

from __future__ import annotations

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
        assert 0.19 < time.monotonic() - started_s < 0.6


def test_series_stops_when_told() -> None:
    with silent_tcp_port() as port:
        series = tcp.connect_series([(LOOPBACK, port)], count=1000, interval_s=1, timeout_s=0.9, stopping=lambda: True)
    assert series[0].rtts_ms == ()


@pytest.mark.parametrize(("address", "text"), [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80")])
def test_endpoint_text(address: str, text: str) -> None:
    assert tcp.endpoint_text(address, 80) == text
