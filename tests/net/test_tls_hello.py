"""Is what a server still takes read from the first bytes of its answer?"""

from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import tls_hello
from tests.lab.internet.certificates import Authority
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port, tcp_server
from tests.tls_servers import saying, tls_server

NAME = "emr.example.org"
V1, V1_1, V1_2 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
HELLO = b"\x16\x03\x01\x00\x4a\x02\x00\x00\x46\x03\x01"


def old(port: int, timeout_s: float = 5.0) -> str | Failure:
    return tls_hello.old_version(LOOPBACK, port, server_name=NAME, timeout_s=timeout_s)


def kind_of(outcome: object) -> FailureKind | None:
    return outcome.kind if isinstance(outcome, Failure) else None


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    return Authority.create(folder).issue([NAME], folder)


@pytest.mark.parametrize(("newest", "says"), [(V1, "TLSv1"), (V1_1, "TLSv1.1"), (V1_2, "TLSv1.1"), (None, None)])
def test_real_servers(pair: tuple[Path, Path], newest: ssl.TLSVersion | None, says: str | None) -> None:
    with tls_server(pair, newest=newest) as port:
        said = old(port)
    assert said == says if says else kind_of(said) is FailureKind.TLS_PROTOCOL


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (HELLO, "TLSv1"),
        (HELLO[:-1] + b"\x02", "TLSv1.1"),
        (HELLO[:-1] + b"\x00", "SSLv3"),
    ],
)
def test_a_hello_of_the_server_names_the_version(data: bytes, version: str) -> None:
    assert tls_hello.read_answer(data) == version
    for end in range(len(data)):
        assert tls_hello.read_answer(data[:end]) is None


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x15\x03\x01\x00\x02\x02\x46", FailureKind.TLS_PROTOCOL),
        (HELLO[:-1] + b"\x03", FailureKind.MALFORMED),  # newer than was offered
        (HELLO[:5] + b"\x0b" + HELLO[6:], FailureKind.MALFORMED),
        (b"\x17\x03\x01\x00\x10" + bytes(6), FailureKind.MALFORMED),
        (b"\x16\x03\x01\xff\xff" + bytes(6), FailureKind.MALFORMED),
        (b"HTTP/1.1 400", FailureKind.PLAIN_HTTP),
        (b"SSH-2.0-x", FailureKind.NOT_TLS),
    ],
)
def test_anything_else_is_a_failure(data: bytes, kind: FailureKind) -> None:
    assert kind_of(tls_hello.read_answer(data)) is kind


def test_a_server_that_hangs_up_takes_none() -> None:
    with tcp_server(lambda connection: None) as port:
        assert kind_of(old(port)) is FailureKind.TLS_PROTOCOL


def test_silence_ends_in_time() -> None:
    with silent_tcp_port() as port:
        assert kind_of(old(port, 0.2)) is FailureKind.TIMEOUT
    assert kind_of(old(closed_tcp_port())) is FailureKind.REFUSED


def test_a_server_that_trickles_does_not_hold_it_up() -> None:
    over = threading.Event()

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        for byte in HELLO[:5]:
            connection.sendall(bytes([byte]))
            over.wait(0.2)
        over.wait(5)

    with tcp_server(handle) as port:
        said = old(port, 0.5)
        over.set()
    assert kind_of(said) is FailureKind.TIMEOUT


def test_bytes_after_the_answer_are_not_waited_for() -> None:
    with tcp_server(saying(HELLO + bytes(60_000))) as port:
        assert old(port) == "TLSv1"


@pytest.mark.parametrize("name", [None, "192.168.1.10", "::1", "", "a" * 300 + ".example"])
def test_only_a_host_name_is_sent(name: str | None) -> None:
    hello = tls_hello.client_hello(name)
    assert hello[:3] == b"\x16\x03\x01"
    assert int.from_bytes(hello[3:5]) == len(hello) - 5
    assert int.from_bytes(hello[6:9]) == len(hello) - 9
    assert (b"192.168" in hello) is False


def test_a_name_beyond_ascii_is_sent_as_dns_has_it() -> None:
    assert b"xn--mnchen-3ya.example" in tls_hello.client_hello("m\u00fcnchen.example")
    assert tls_hello.client_hello("\u00fc" * 80 + ".example")


@given(st.binary(max_size=40))
def test_no_bytes_are_a_bug(data: bytes) -> None:
    said = tls_hello.read_answer(data)
    assert said is None or isinstance(said, Failure) or said in ("SSLv3", "TLSv1", "TLSv1.1")
