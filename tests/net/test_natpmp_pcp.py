"""Are NAT-PMP and PCP read strictly, and is nothing changed in the router?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import natpmp, pcp
from emrnetcheck.net.ask_udp import Round
from tests.router_servers import natpmp_reply, pcp_reply
from tests.servers import LOOPBACK, closed_tcp_port, udp_server


def test_address_is_read() -> None:
    assert natpmp.parse(natpmp_reply("21.99.0.10")) == natpmp.NatPmpAnswer(0, "21.99.0.10")


@pytest.mark.parametrize("data", [natpmp_reply(None, 3), natpmp_reply(None, 3)[:8]])
def test_result_3_is_a_router_without_an_address(data: bytes) -> None:
    assert natpmp.parse(data) == natpmp.NatPmpAnswer(3, None)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (b"\0\0", FailureKind.MALFORMED),
        (natpmp_reply()[:-1], FailureKind.MALFORMED),
        (natpmp_reply() + b"\0", FailureKind.MALFORMED),
        (b"\0\x81" + natpmp_reply()[2:], FailureKind.MALFORMED),
        (natpmp_reply(version=2), FailureKind.MALFORMED),
        (natpmp_reply(None, 1), FailureKind.UNSUPPORTED),
        (natpmp_reply(None, 1, version=2), FailureKind.UNSUPPORTED),
    ],
)
def test_other_natpmp_bytes_are_failures(data: bytes, kind: FailureKind) -> None:
    said = natpmp.parse(data)
    assert isinstance(said, Failure)
    assert said.kind is kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\2\x80\0", FailureKind.MALFORMED),
        (pcp_reply()[:20], FailureKind.MALFORMED),
        (pcp_reply() + bytes(1100), FailureKind.MALFORMED),
        (b"\2\0" + pcp_reply()[2:], FailureKind.MALFORMED),
        (b"\2\x81" + pcp_reply()[2:], FailureKind.MALFORMED),
        (pcp_reply(version=1), FailureKind.MALFORMED),
        (pcp_reply(1, version=1), FailureKind.UNSUPPORTED),
        (pcp_reply(1), FailureKind.UNSUPPORTED),
        (natpmp_reply(None, 1), FailureKind.UNSUPPORTED),
    ],
)
def test_other_pcp_bytes_are_failures(data: bytes, kind: FailureKind) -> None:
    said = pcp.parse(data)
    assert isinstance(said, Failure)
    assert said.kind is kind


def test_pcp_is_only_announced() -> None:
    asked: list[bytes] = []

    def answer(data: bytes) -> bytes:
        asked.append(data)
        return pcp_reply()

    with udp_server(answer) as port:
        said = pcp.announce(LOOPBACK, "192.168.1.10", timeout_s=2, port=port)
    assert isinstance(said, Round)
    assert said.said == pcp.PcpAnswer(0, 2)
    # RFC 6887 7.1: version 2, opcode 0 (ANNOUNCE; MAP is 1, PEER 2), no lifetime, then the client's mapped address.
    assert asked == [bytes([2, 0, 0, 0, 0, 0, 0, 0]) + bytes(10) + b"\xff\xff\xc0\xa8\x01\x0a"]


def test_natpmp_only_asks_for_the_address() -> None:
    asked: list[bytes] = []

    def second_only(data: bytes) -> bytes | None:
        asked.append(data)
        return natpmp_reply() if len(asked) > 1 else None

    with udp_server(second_only) as port:
        said = natpmp.ask(LOOPBACK, timeout_s=2, port=port)
    assert isinstance(said, Round)
    assert (said.said.address, said.rtt_ms) == ("21.99.0.10", None)
    assert asked == [b"\0\0", b"\0\0"]


def test_silence_junk_and_nobody_are_failures() -> None:
    with udp_server(lambda _data: None) as port:
        silent = natpmp.ask(LOOPBACK, timeout_s=0.1, port=port)
    with udp_server(lambda _data: [b"junk", b""]) as port:
        junk = natpmp.ask(LOOPBACK, timeout_s=0.1, port=port)
    nobody = natpmp.ask(LOOPBACK, timeout_s=2, port=closed_tcp_port())
    kinds = [said.kind for said in (silent, junk, nobody) if isinstance(said, Failure)]
    assert kinds[:2] == [FailureKind.TIMEOUT, FailureKind.MALFORMED]
    assert kinds[2] in (FailureKind.REFUSED, FailureKind.RESET)


@given(st.binary(max_size=64) | st.binary(max_size=30).map(lambda tail: b"\0\x80" + tail))
def test_any_natpmp_bytes_are_values(data: bytes) -> None:
    assert isinstance(natpmp.parse(data), Failure | natpmp.NatPmpAnswer)


@given(st.binary(max_size=64) | st.binary(max_size=40).map(lambda tail: b"\2\x80" + tail))
def test_any_pcp_bytes_are_values(data: bytes) -> None:
    assert isinstance(pcp.parse(data), Failure | pcp.PcpAnswer)
