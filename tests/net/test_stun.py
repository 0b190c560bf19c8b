"""Is a STUN answer read strictly, and does nothing that comes in the packet raise?"""

from __future__ import annotations

import socket
import struct
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import stun
from tests.servers import LOOPBACK, closed_tcp_port, stun_reply, stun_server, udp_server

ID = bytes(range(12))
REQUEST = stun.binding_request(ID)
GOOD = stun_reply(REQUEST, "21.99.0.10", 54321)


def with_attributes(*attributes: bytes, kind: int = 0x0101) -> bytes:
    body = b"".join(attributes)
    return struct.pack("!HHI12s", kind, len(body), 0x2112A442, ID) + body


def test_mapped_address_is_read() -> None:
    assert stun.parse_binding(GOOD, ID) == stun.Mapped("21.99.0.10", 54321)


def test_answer_of_rfc_5769_is_read() -> None:
    # RFC 5769 2.2, without MESSAGE-INTEGRITY and FINGERPRINT: an unknown attribute with padding comes first.
    transaction_id = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    body = bytes.fromhex("8022000b7465737420766563746f7220002000080001a147e112a643")
    data = struct.pack("!HHI12s", 0x0101, len(body), 0x2112A442, transaction_id) + body
    assert stun.parse_binding(data, transaction_id) == stun.Mapped("192.0.2.1", 32853)


def test_ipv6_answer_of_rfc_5769_is_read() -> None:
    transaction_id = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    body = bytes.fromhex("002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9")
    data = struct.pack("!HHI12s", 0x0101, len(body), 0x2112A442, transaction_id) + body
    assert stun.parse_binding(data, transaction_id) == stun.Mapped("2001:db8:1234:5678:11:2233:4455:6677", 32853)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (GOOD[:-1], FailureKind.MALFORMED),
        (GOOD + b"\0\0\0\0", FailureKind.MALFORMED),
        (stun_reply(stun.binding_request(b"x" * 12), "21.1.1.1", 1), FailureKind.MALFORMED),
        (with_attributes(), FailureKind.MALFORMED),
        (with_attributes(struct.pack("!HH", 0x0020, 400)), FailureKind.MALFORMED),
        (with_attributes(struct.pack("!HHBBHI", 0x0020, 8, 0, 9, 1, 1)), FailureKind.MALFORMED),
        (with_attributes(struct.pack("!HHBBHI", 0x0020, 8, 0, 2, 1, 1)), FailureKind.MALFORMED),
        (with_attributes(kind=0x0111), FailureKind.REJECTED),
        (REQUEST, FailureKind.REJECTED),
    ],
)
def test_other_bytes_are_failures(data: bytes, kind: FailureKind) -> None:
    outcome = stun.parse_binding(data, ID)
    assert isinstance(outcome, Failure)
    assert outcome.kind is kind


@given(st.binary(max_size=200))
def test_random_bytes_are_failures(data: bytes) -> None:
    assert isinstance(stun.parse_binding(data, ID), Failure)


@given(st.binary(max_size=120).filter(lambda body: len(body) % 4 == 0))
def test_random_attributes_are_never_an_exception(body: bytes) -> None:
    assert isinstance(stun.parse_binding(with_attributes(body), ID), Failure | stun.Mapped)


def test_server_is_asked() -> None:
    with stun_server("21.99.0.10", 54321) as port:
        said = stun.ask(LOOPBACK, port, timeout_s=2)
    assert isinstance(said, stun.StunAnswer)
    assert said.mapped == stun.Mapped("21.99.0.10", 54321)
    assert said.rtt_ms is not None
    assert (said.sent_bytes, said.received_bytes) == (20, 32)


def test_lost_request_is_repeated_and_the_ambiguous_time_not_told() -> None:
    requests: list[bytes] = []

    def second_only(data: bytes) -> bytes | None:
        requests.append(data)
        return stun_reply(data, "21.1.1.1", 1) if len(requests) > 1 else None

    with udp_server(second_only) as port:
        said = stun.ask(LOOPBACK, port, timeout_s=3)
    assert isinstance(said, stun.StunAnswer)
    assert said.rtt_ms is None
    assert requests[0] == requests[1]


def test_silence_is_a_timeout() -> None:
    with udp_server(lambda _data: None) as port:
        said = stun.ask(LOOPBACK, port, timeout_s=0.1)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.TIMEOUT


def test_forged_answer_before_the_right_one_is_not_believed() -> None:
    def handle(data: bytes) -> list[bytes]:
        forged = stun_reply(data[:8] + b"x" * 12, "6.6.6.6", 1)
        return [forged, b"junk", stun_reply(data, "21.1.1.1", 1)]

    with udp_server(handle) as port:
        said = stun.ask(LOOPBACK, port, timeout_s=2)
    assert isinstance(said, stun.StunAnswer)
    assert said.mapped.address == "21.1.1.1"


def test_port_without_a_server_is_refused_at_once() -> None:
    said = stun.ask(LOOPBACK, closed_tcp_port(), timeout_s=5)
    assert isinstance(said, Failure)
    assert said.kind in (FailureKind.REFUSED, FailureKind.RESET)


def test_several_are_asked_from_one_socket_and_each_answer_is_its_own() -> None:
    seen_by: list[bytes] = []

    def note(data: bytes) -> bytes:
        seen_by.append(data)
        return stun_reply(data, "21.99.0.11", 6)

    with stun_server("21.99.0.10", 5) as one, udp_server(note) as other, udp_server(lambda _data: None) as silent:
        servers = [(LOOPBACK, one), (LOOPBACK, other), (LOOPBACK, silent)]
        first, second, third = stun.ask_several(servers, timeout_s=0.7)
    assert isinstance(first, stun.StunAnswer)
    assert isinstance(second, stun.StunAnswer)
    assert (first.mapped, second.mapped) == (stun.Mapped("21.99.0.10", 5), stun.Mapped("21.99.0.11", 6))
    assert isinstance(third, Failure)
    assert (third.kind, third.target) == (FailureKind.TIMEOUT, f"{LOOPBACK}:{silent}")
    assert len(seen_by) == 1, "a server that has answered is not asked again"


def test_the_several_see_one_port_of_ours() -> None:
    with ExitStack() as stack:
        socks = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2)]
        for sock in socks:
            sock.bind((LOOPBACK, 0))
            sock.settimeout(5)
        stun.ask_several([sock.getsockname() for sock in socks], timeout_s=0.1)
        peers = {sock.recvfrom(2048)[1] for sock in socks}
    assert len(peers) == 1


@pytest.mark.parametrize(("kind", "failure"), [(0x0111, FailureKind.REJECTED), (0x0101, FailureKind.MALFORMED)])
def test_an_answer_of_the_right_server_that_tells_no_address_is_a_failure(kind: int, failure: FailureKind) -> None:
    def handle(data: bytes) -> bytes:
        return struct.pack("!HHI12s", kind, 0, 0x2112A442, data[8:20])

    with udp_server(handle) as port:
        said = stun.ask(LOOPBACK, port, timeout_s=0.3)
    assert isinstance(said, Failure)
    assert said.kind is failure
