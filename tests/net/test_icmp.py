"""Are echo replies recognised, timed and counted, and is everything else ignored?"""

from __future__ import annotations

import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival, icmp
from emrnetcheck.net.privilege import icmp_method, privileges

IP_HEADER = bytes([0x45]) + bytes(19)
REPLY = struct.pack("!BBHHH", 0, 0, 0, 77, 5) + b"payload"

needs_icmp = pytest.mark.skipif(icmp_method() is None, reason="this user may open no ICMP socket")


def test_checksum_of_rfc_1071() -> None:
    assert icmp.checksum(bytes.fromhex("0001f203f4f5f6f7")) == 0x220D
    assert icmp.checksum(b"\xff") == 0x00FF


def test_request_carries_56_bytes_and_a_checksum_that_sums_to_zero() -> None:
    request = icmp.echo_request(77, 5)
    assert len(request) == 8 + 56
    assert icmp.checksum(request) == 0
    assert struct.unpack_from("!BBHHH", request)[3:] == (77, 5)


@pytest.mark.parametrize(
    ("data", "identifier", "has_ip_header", "sequence"),
    [
        (REPLY, None, False, 5),
        (REPLY, 77, False, 5),
        (REPLY, 78, False, None),
        (IP_HEADER + REPLY, 77, True, 5),
        (bytes([0x46]) + bytes(23) + REPLY, 77, True, 5),
        (icmp.echo_request(77, 5), 77, False, None),
        (REPLY[:7], None, False, None),
        (b"\x60" + bytes(40), 77, True, None),
        (b"", None, True, None),
    ],
)
def test_only_replies_to_us_count(
    data: bytes, identifier: int | None, has_ip_header: bool, sequence: int | None
) -> None:
    assert icmp.parse_echo_reply(data, identifier=identifier, has_ip_header=has_ip_header) == sequence


@given(st.binary(max_size=100), st.booleans())
def test_random_bytes_are_never_an_exception(data: bytes, has_ip_header: bool) -> None:
    icmp.parse_echo_reply(data, identifier=None, has_ip_header=has_ip_header)


@pytest.mark.parametrize("late", [False, True])
def test_second_reply_and_late_reply_do_not_count(late: bool) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
    ):
        receiver.bind(("127.0.0.1", 0))
        target = icmp._Target("127.0.0.1", receiver, 77, False, [None] * 6)
        target.sent_at[5] = arrival.Sent.now()
        sender.sendto(REPLY, receiver.getsockname())
        target.receive(timeout_s=0.0 if late else 60.0)
        first = target.rtts_ms[5]
        assert (first is None) is late
        if not late:
            sender.sendto(REPLY, receiver.getsockname())
            target.receive(timeout_s=60.0)
            assert target.rtts_ms[5] == first


@needs_icmp
def test_two_targets_are_asked_in_one_series() -> None:
    series = icmp.echo_series(["127.0.0.1", "127.0.0.1"], count=5, interval_s=0.002, timeout_s=0.9)
    assert isinstance(series, tuple)
    assert len(series) == 2
    assert series[0].method == icmp_method()
    assert len(series[0].rtts_ms) == 5
    assert all(rtt is not None and 0 < rtt < 900 for rtt in series[0].rtts_ms)


@needs_icmp
def test_series_stops_when_told() -> None:
    series = icmp.echo_series(["127.0.0.1"], count=1000, interval_s=1, timeout_s=0.9, stopping=lambda: True)
    assert isinstance(series, tuple)
    assert series[0].rtts_ms == ()


@needs_icmp
def test_address_of_another_kind_is_a_failure_of_its_own() -> None:
    series = icmp.echo_series(["127.0.0.1", "::1"], count=1, interval_s=0, timeout_s=0.9)
    assert isinstance(series, tuple)
    assert series[0].rtts_ms[0] is not None
    assert series[1].rtts_ms == ()
    assert series[1].failure is not None


def test_without_a_socket_it_is_a_matter_of_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icmp, "icmp_method", lambda: None)
    said = icmp.echo_series(["127.0.0.1"], count=1, interval_s=0, timeout_s=0.1)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.PERMISSION


def test_privileges_agree_with_the_method() -> None:
    assert privileges().icmp == icmp_method()
