"""Is it seen which connections arrive, and what this computer answered them?"""

from __future__ import annotations

import socket
import struct
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import syn_watch
from emrnetcheck.net.syn_packets import MAX_FLOWS, Flow, Flows, Watched, parse
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port

SYN, SYN_ACK, RST, FIN_ACK = 0x02, 0x12, 0x14, 0x11
TESTER, SERVER, PORT = "21.99.0.10", "192.168.1.10", 8443


def packet(source: str, source_port: int, target: str, target_port: int, flags: int) -> bytes:
    """An IP packet with a TCP header and nothing in it."""
    tcp = struct.pack("!HHIIBBHHH", source_port, target_port, 1, 0, 0x50, flags, 1024, 0, 0)
    if ":" in source:
        ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target)
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + ends + tcp
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 40, 1, 0, 64, 6, 0) + ends + tcp


def icmp_error(about: bytes, source: str = SERVER, target: str = TESTER) -> bytes:
    ends = socket.inet_aton(source) + socket.inet_aton(target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 56, 1, 0, 64, 1, 0) + ends + struct.pack("!BBHI", 3, 13, 0, 0) + about[:28]


CAME = packet(TESTER, 40001, SERVER, PORT, SYN)
ANSWERED = packet(SERVER, PORT, TESTER, 40001, SYN_ACK)
REFUSED = packet(SERVER, PORT, TESTER, 40001, RST)
ENDED = packet(TESTER, 40001, SERVER, PORT, FIN_ACK)


def flows(*packets: tuple[bytes, bool]) -> tuple[Flow, ...]:
    seen = Flows(PORT)
    for data, outgoing in packets:
        seen.add(data, outgoing=outgoing)
    return seen.known()


IN, OUT = False, True


@pytest.mark.parametrize(
    ("packets", "expected"),
    [
        ([(CAME, IN)], Flow(TESTER, 40001)),
        ([(CAME, IN), (CAME, IN)], Flow(TESTER, 40001)),
        ([(CAME, IN), (ANSWERED, OUT)], Flow(TESTER, 40001, accepted=True)),
        ([(CAME, IN), (ANSWERED, OUT), (CAME, IN)], Flow(TESTER, 40001, accepted=True, unheard=True)),
        ([(CAME, IN), (ANSWERED, OUT), (ANSWERED, OUT)], Flow(TESTER, 40001, accepted=True, unheard=True)),
        ([(CAME, IN), (ANSWERED, OUT), (ENDED, IN)], Flow(TESTER, 40001, accepted=True, finished=True)),
        ([(CAME, IN), (REFUSED, OUT)], Flow(TESTER, 40001, refused=True)),
        ([(CAME, IN), (icmp_error(CAME), OUT)], Flow(TESTER, 40001, refused=True)),
        ([(CAME, IN), (REFUSED, OUT), (CAME, IN), (ANSWERED, OUT)], Flow(TESTER, 40001, accepted=True)),
        ([(CAME, IN), (ANSWERED, OUT), (REFUSED, OUT)], Flow(TESTER, 40001, accepted=True)),
        ([(CAME, IN), (ENDED, IN)], Flow(TESTER, 40001)),
    ],
)
def test_one_connection(packets: list[tuple[bytes, bool]], expected: Flow) -> None:
    assert flows(*packets) == (expected,)


@pytest.mark.parametrize(
    "packets",
    [
        [(packet(TESTER, 40001, SERVER, 443, SYN), IN)],
        [(CAME, OUT)],  # this computer tries somebody else's port of the same number
        [(ANSWERED, OUT)],
        [(packet(TESTER, PORT, SERVER, 40001, SYN_ACK), IN)],
        [(ENDED, IN)],
        [(icmp_error(CAME), IN)],
    ],
)
def test_what_is_not_a_connection_that_arrives(packets: list[tuple[bytes, bool]]) -> None:
    assert flows(*packets) == ()


def test_ipv6_is_read_too() -> None:
    came = packet("2a00::1", 40001, "2a00::2", PORT, SYN)
    assert flows((came, IN)) == (Flow("2a00::1", 40001),)


def test_a_flood_takes_no_more_memory_than_is_allowed() -> None:
    seen = Flows(PORT)
    for number in range(MAX_FLOWS + 5):
        seen.add(packet(TESTER, 1 + number, SERVER, PORT, SYN), outgoing=False)
    assert len(seen.known()) == MAX_FLOWS
    assert seen.too_many


@given(
    st.binary(max_size=120)
    | st.tuples(st.sampled_from([CAME, icmp_error(CAME)]), st.integers(0, 60)).map(lambda cut: cut[0][: cut[1]])
)
def test_no_bytes_are_an_exception(data: bytes) -> None:
    parse(data)
    flows((data, IN), (data, OUT))


@given(st.integers(0, 59), st.integers(0, 255))
def test_no_changed_byte_is_an_exception(where: int, value: int) -> None:
    for whole in (CAME, icmp_error(CAME)):
        changed = bytearray(whole)
        changed[where % len(changed)] = value
        parse(bytes(changed))


def watched(port: int) -> syn_watch.Watch:
    watch = syn_watch.begin(port)
    if isinstance(watch, Failure):
        assert watch.kind is FailureKind.PERMISSION
        pytest.skip("needs CAP_NET_RAW")
    return watch


def end(watch: syn_watch.Watch) -> tuple[Flow, ...]:
    saw = watch.end()
    assert isinstance(saw, Watched)
    assert saw.whole
    return saw.flows


@pytest.mark.skipif(sys.platform != "linux", reason="packet sockets are Linux's")
@pytest.mark.parametrize("listening", [True, False])
def test_a_real_connection_is_seen(listening: bool) -> None:
    with silent_tcp_port() as open_port:
        port = open_port if listening else closed_tcp_port()
        watch = watched(port)
        with socket.socket() as sock:
            sock.connect_ex((LOOPBACK, port))
        time.sleep(0.1)
        (flow,) = end(watch)
    assert (flow.remote, flow.accepted, flow.refused, flow.finished) == (LOOPBACK, listening, not listening, listening)


@pytest.mark.skipif(sys.platform != "linux", reason="packet sockets are Linux's")
def test_what_a_connection_carries_and_other_ports_are_not_looked_at() -> None:
    with (
        silent_tcp_port() as port,
        silent_tcp_port() as other,
        socket.create_connection((LOOPBACK, port)) as open_before,
    ):
        watch = watched(port)
        open_before.sendall(bytes(100_000))
        socket.create_connection((LOOPBACK, other)).close()
        time.sleep(0.1)
        assert end(watch) == ()


def test_without_the_privilege_it_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> socket.socket:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(socket, "socket", refuse)
    failure = syn_watch.begin(PORT)
    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.PERMISSION


def test_a_watch_that_nobody_ends_is_not_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syn_watch, "MAX_SECONDS", 0.0)
    watch = watched(PORT)
    time.sleep(0.2)
    saw = watch.end()
    assert isinstance(saw, Watched)
    assert not saw.whole
