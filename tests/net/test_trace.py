"""Are the messages of the error queue read, and does the trace end at the target?"""

from __future__ import annotations

import socket
import struct
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import trace

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has an error queue for normal users")


def message(kind: int, *, origin: int = 2) -> bytes:
    """struct sock_extended_err and the router's sockaddr_in, as linux/errqueue.h lays them out."""
    return struct.pack("=IBBBBII", 113, origin, kind, 0, 0, 0, 0) + struct.pack(
        "=HH4s8x", socket.AF_INET, 0, socket.inet_aton("10.0.0.1")
    )


def test_time_exceeded_is_a_router_on_the_way() -> None:
    assert trace.parse_error(2, message(11), 1.5) == trace.TracedHop(2, "10.0.0.1", 1.5, end=False)


def test_port_unreachable_is_the_end() -> None:
    assert trace.parse_error(2, message(3), 1.5) == trace.TracedHop(2, "10.0.0.1", 1.5, end=True)


def test_error_of_this_computer_itself_is_no_hop() -> None:
    assert trace.parse_error(2, message(3, origin=1), 1.5).address is None


@given(st.binary(max_size=60))
def test_random_bytes_are_never_an_exception(data: bytes) -> None:
    trace.parse_error(1, data, 1.0)


@linux_only
def test_trace_to_this_computer_ends_at_the_first_hop() -> None:
    hops = trace.first_hops("127.0.0.1")
    assert isinstance(hops, tuple)
    assert [(hop.ttl, hop.address, hop.end) for hop in hops] == [(1, "127.0.0.1", True)]
    assert hops[0].rtt_ms is not None


@linux_only
def test_target_that_answers_is_the_end_too() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        try:
            server.bind(("127.0.0.1", trace.FIRST_PORT + 1))
        except OSError:
            pytest.skip("another program has the port")
        hops = trace.first_hops("127.0.0.1", timeout_s=0.3)
    assert isinstance(hops, tuple)
    assert hops[0].address is None
    assert hops[1].end


def test_other_systems_are_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "sunos5")
    said = trace.first_hops("127.0.0.1")
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.UNSUPPORTED
