"""Does a GET end in time and in bounds, whatever the server does, and is TLS checked?"""

from __future__ import annotations

import datetime as dt
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import http
from tests.lab.internet.certificates import Authority
from tests.servers import LOOPBACK, closed_tcp_port, http_reply, http_server, silent_tcp_port, tcp_server


def get(port: int, *, tls: bool = False, host: str = LOOPBACK, timeout_s: float = 3.0) -> http.HttpAnswer | Failure:
    return http.get(LOOPBACK, port, host, "/ip", tls=tls, timeout_s=timeout_s)


def kind_of(outcome: object) -> FailureKind | None:
    return outcome.kind if isinstance(outcome, Failure) else None


def test_body_and_byte_counts() -> None:
    requests: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        requests.append(connection.recv(4096))
        connection.sendall(http_reply(b"21.1.1.1\n"))

    with tcp_server(handle) as port:
        said = get(port, host="service.example.org")
    assert isinstance(said, http.HttpAnswer)
    assert said.response.body == b"21.1.1.1\n"
    assert said.response.headers["content-type"] == "text/plain"
    assert said.sent_bytes == len(requests[0])
    assert said.received_bytes == len(http_reply(b"21.1.1.1\n"))
    assert requests[0].startswith(b"GET /ip HTTP/1.1\r\n")
    assert f"Host: service.example.org:{port}\r\n".encode() in requests[0]


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("data", "body"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\nhi there", b"hi"),
        (HEAD + b"\r\nuntil the end", b"until the end"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.0 200\r\n\r\nold", b"old"),
    ],
)
def test_bodies_of_every_framing_are_read(data: bytes, body: bytes) -> None:
    response = http.parse_response(data, closed=True)
    assert isinstance(response, http.Response)
    assert response.body == body


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (b"SSH-2.0-OpenSSH\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"no colon\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b" folded: x\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"Content-Length: -1\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"Content-Length: 9\r\n\r\ncut", FailureKind.MALFORMED),
        (HEAD + b"Content-Length: 99999999\r\n\r\n", FailureKind.TOO_LARGE),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", FailureKind.MALFORMED),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n", FailureKind.TOO_LARGE),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"x: y\r\n" * 200 + b"\r\n", FailureKind.MALFORMED),
        (HEAD + b"x: " + b"y" * 20_000, FailureKind.TOO_LARGE),
        (HEAD + b"\r\n" + b"x" * 70_000, FailureKind.TOO_LARGE),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 5000, FailureKind.MALFORMED),
        (
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + (b"1;" + b"x" * 900 + b"\r\na\r\n") * 900,
            FailureKind.TOO_LARGE,
        ),
    ],
)
def test_other_bytes_are_failures(data: bytes, kind: FailureKind) -> None:
    assert kind_of(http.parse_response(data, closed=True)) is kind


_PIECES = st.sampled_from(
    [
        HEAD,
        b"\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n",
        b"5\r\n",
        b"0\r\n",
        b"hello",
        b"HTTP/1.1 100\r\n\r\n",
    ]
)


@given(st.lists(_PIECES | st.binary(max_size=20), max_size=30), st.booleans())
def test_any_bytes_are_a_response_a_failure_or_unfinished(pieces: list[bytes], closed: bool) -> None:
    outcome = http.parse_response(b"".join(pieces), closed=closed, body_max_bytes=100)
    if isinstance(outcome, http.Response):
        assert len(outcome.body) <= 100
    else:
        assert isinstance(outcome, Failure) or not closed


@given(st.binary(max_size=300))
def test_whatever_comes_in_pieces_is_read_as_in_one(body: bytes) -> None:
    data = http_reply(body)
    for cut in range(0, len(data), 7):
        early = http.parse_response(data[:cut], closed=False)
        assert early is None
    whole = http.parse_response(data, closed=False)
    assert isinstance(whole, http.Response)
    assert whole.body == body


@pytest.mark.parametrize("status", ["301 Moved", "404 Not Found", "503 Busy", "204 No Content"])
def test_other_status_is_a_failure_with_its_number(status: str) -> None:
    with http_server(http_reply(b"", status)) as port:
        said = get(port)
    assert isinstance(said, Failure)
    assert (said.kind, said.detail) == (FailureKind.HTTP_STATUS, status[:3])


def test_closed_port_is_refused() -> None:
    assert kind_of(get(closed_tcp_port())) is FailureKind.REFUSED


@pytest.mark.parametrize("tls", [False, True])
def test_silence_ends_at_the_time_out(tls: bool) -> None:
    started_s = time.monotonic()
    with silent_tcp_port() as port:
        assert kind_of(get(port, tls=tls, timeout_s=0.3)) is FailureKind.TIMEOUT
    assert time.monotonic() - started_s < 1.5


def test_one_byte_after_the_other_without_a_pause_ends_at_the_time_out_too() -> None:
    def handle(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 60000\r\n\r\n")
        never = threading.Event()
        while not never.wait(0.0005):  # quicker than any single read gives up
            connection.sendall(b"x" * 5)

    started_s = time.monotonic()
    with tcp_server(handle) as port:
        assert kind_of(get(port, timeout_s=0.4)) is FailureKind.TIMEOUT
        assert time.monotonic() - started_s < 1.5


def trickle(piece: bytes) -> Callable[[socket.socket], None]:
    def handle(connection: socket.socket) -> None:
        never = threading.Event()
        while not never.wait(0.02):
            connection.sendall(piece)

    return handle


@pytest.mark.parametrize("piece", [b"x", b"x: y\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"\x16\x03\x01\x40\x00"])
@pytest.mark.parametrize("tls", [False, True])
def test_endless_trickle_ends_at_the_time_out_or_before(piece: bytes, tls: bool) -> None:
    started_s = time.monotonic()
    with tcp_server(trickle(piece)) as port:
        assert isinstance(get(port, tls=tls, timeout_s=0.4), Failure)
        assert time.monotonic() - started_s < 1.5


def test_flood_ends_at_the_size_limit() -> None:
    with tcp_server(trickle(HEAD + b"\r\n" + b"x" * 1_000_000)) as port:
        assert kind_of(get(port)) is FailureKind.TOO_LARGE


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize(
    ("names", "days", "trusted", "kind"),
    [
        (["service.example.org"], 30, True, None),
        (["other.example.org"], 30, True, FailureKind.TLS_NAME_MISMATCH),
        (["service.example.org"], -1, True, FailureKind.TLS_EXPIRED),
        (["service.example.org"], 30, False, FailureKind.TLS_UNTRUSTED),
    ],
)
def test_certificate_must_be_good(
    authority: Authority,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    names: list[str],
    days: int,
    trusted: bool,
    kind: FailureKind | None,
) -> None:
    pair = authority.issue(names, tmp_path, valid_for=dt.timedelta(days=days))
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate_path))
    with http_server(http_reply(b"21.1.1.1"), tls=pair) as port:
        said = get(port, tls=True, host="service.example.org")
    assert kind_of(said) is kind
    assert kind is not None or isinstance(said, http.HttpAnswer)


def test_plain_http_where_tls_is_expected_is_a_tls_failure() -> None:
    with tcp_server(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        assert kind_of(get(port, tls=True)) in (FailureKind.TLS_PROTOCOL, FailureKind.RESET)


def test_ask_gives_every_status_with_its_headers_and_sends_what_it_is_given() -> None:
    requests: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        requests.append(connection.recv(4096))
        connection.sendall(b"HTTP/1.1 429 Slow\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}")

    with tcp_server(handle) as port:
        said = http.ask(
            LOOPBACK,
            port,
            LOOPBACK,
            "/x",
            tls=False,
            timeout_s=3.0,
            method="POST",
            headers=(("Authorization", "Bearer abc"),),
            body=b"{}",
        )
    assert isinstance(said, http.HttpAnswer)
    assert (said.response.status, said.response.headers["retry-after"], said.response.body) == (429, "7", b"{}")
    assert requests[0].startswith(b"POST /x HTTP/1.1\r\n")
    assert requests[0].endswith(b"\r\nAuthorization: Bearer abc\r\nContent-Length: 2\r\n\r\n{}")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the loopback has one address")
def test_the_other_end_sees_the_address_that_was_chosen() -> None:
    peers: list[str] = []

    def handle(connection: socket.socket) -> None:
        peers.append(connection.getpeername()[0])
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with tcp_server(handle) as port:
        http.ask(LOOPBACK, port, LOOPBACK, "/", tls=False, timeout_s=3.0, source="127.0.0.9")
        foreign = http.ask(LOOPBACK, port, LOOPBACK, "/", tls=False, timeout_s=3.0, source="21.99.0.10")
    assert peers == ["127.0.0.9"]
    assert isinstance(foreign, Failure)


def test_a_header_that_no_request_may_have_is_a_failure_that_does_not_repeat_it() -> None:
    said = http.ask(
        LOOPBACK,
        closed_tcp_port(),
        LOOPBACK,
        "/",
        tls=False,
        timeout_s=1.0,
        headers=(("Authorization", "s\u00e9cret"),),
    )
    assert kind_of(said) is FailureKind.MALFORMED
    assert isinstance(said, Failure)
    assert "cret" not in said.in_words()
