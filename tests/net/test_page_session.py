"""Is a connection used again only while it is fit for it, and can no server make it hang, grow or crash?"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.page import Page
from emrnetcheck.net.page_session import PageSession, Server
from tests.lab.internet.certificates import Authority
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port, tcp_server
from tests.tls_servers import server_context

OK = b"HTTP/1.1 200 OK\r\n"
SHORT = OK + b"Content-Length: 2\r\n\r\nhi"
CHUNKS = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"


def request_of(connection: socket.socket) -> bytes:
    """One whole head; b"" at the end."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            return b""
        data += piece
    return data


def answering(*replies: bytes) -> Callable[[socket.socket], None]:
    """One reply for each request on a connection, then it ends."""

    def handle(connection: socket.socket) -> None:
        for reply in replies:
            if not request_of(connection):
                return
            connection.sendall(reply)

    return handle


@contextmanager
def session_with(handle: Callable[[socket.socket], None]) -> Iterator[PageSession]:
    with tcp_server(handle) as port:
        opened = PageSession.open(Server(LOOPBACK, port, "emr.example.org", tls=False), timeout_s=5.0)
        assert isinstance(opened, PageSession)
        with opened:
            yield opened


def get(session: PageSession, timeout_s: float = 5.0) -> Page | Failure:
    return session.get("/oscar/", timeout_s=timeout_s, body_max_bytes=1000)


@pytest.mark.parametrize("reply", [SHORT, CHUNKS, b"HTTP/1.1 304 Same\r\n\r\n"], ids=["length", "chunks", "no body"])
def test_a_connection_that_is_kept_is_used_again(reply: bytes) -> None:
    with session_with(answering(reply, reply, reply)) as session:
        for _ in range(3):
            page = get(session)
            assert isinstance(page, Page)
            assert page.total_ms is not None
            assert session.is_open
        assert session.asked == 3


def test_what_is_asked_says_that_the_connection_is_to_be_kept() -> None:
    asked: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        asked.append(request_of(connection))
        connection.sendall(SHORT)

    with session_with(handle) as session:
        get(session)
    assert b"\r\nConnection: keep-alive\r\n" in asked[0]


@pytest.mark.parametrize(
    "reply",
    [
        OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nhi",
        SHORT + b"HTTP/1.1 200 OK\r\n",  # an answer that nobody asked for
        OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nTrailer: x\r\n\r\n",
        OK + b"\r\nuntil the end",
        OK + b"Content-Length: 9\r\n\r\ncut",
        OK + b"Content-Length: 3000\r\n\r\n" + b"x" * 3000,
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["told", "more comes", "trailer", "by its end", "cut short", "too large", "no chunk"],
)
def test_a_connection_that_is_not_fit_is_not_used_again(reply: bytes) -> None:
    with session_with(answering(reply)) as session:
        assert isinstance(get(session), Page)
        assert not session.is_open
        again = get(session)
        assert isinstance(again, Failure)
        assert again.kind is FailureKind.RESET


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", FailureKind.RESET),
        (b"SSH-2.0-OpenSSH_9.2\r\n", FailureKind.MALFORMED),
        (OK + b"a: " + b"b" * 20_000, FailureKind.TOO_LARGE),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, FailureKind.MALFORMED),
    ],
    ids=["nothing", "no HTTP", "endless head", "interim answers only"],
)
def test_nonsense_is_a_failure(reply: bytes, kind: FailureKind) -> None:
    with session_with(answering(reply)) as session:
        said = get(session)
        assert isinstance(said, Failure)
        assert said.kind is kind
        assert not session.is_open


@pytest.mark.parametrize("start", [b"", OK, OK + b"Content-Length: 900\r\n\r\n"], ids=["nothing", "head", "body"])
def test_a_server_that_trickles_is_given_up_in_time(start: bytes) -> None:
    over = threading.Event()

    def handle(connection: socket.socket) -> None:
        request_of(connection)
        connection.sendall(start)
        while not over.wait(0.01):
            connection.sendall(b"x")

    with session_with(handle) as session:
        said = get(session, timeout_s=0.2)
        over.set()
    ended = said.ended if isinstance(said, Page) else said
    assert ended is not None
    assert ended.kind in (FailureKind.TIMEOUT, FailureKind.MALFORMED)


def test_who_is_not_there_is_a_failure() -> None:
    shut = PageSession.open(Server(LOOPBACK, closed_tcp_port(), "x", tls=False), timeout_s=2.0)
    assert isinstance(shut, Failure)
    assert (shut.kind, shut.operation) == (FailureKind.REFUSED, "connect")


def test_a_handshake_that_never_comes_is_a_failure_in_time() -> None:
    with silent_tcp_port() as port:
        opened = PageSession.open(Server(LOOPBACK, port, "x", tls=True), timeout_s=0.2)
    assert isinstance(opened, Failure)
    assert (opened.kind, opened.operation) == (FailureKind.TIMEOUT, "TLS handshake")


def test_over_tls_the_certificate_is_told(tmp_path: Path) -> None:
    pair = Authority.create(tmp_path).issue(["emr.example.org"], tmp_path)
    with tcp_server(answering(SHORT, SHORT), tls=server_context(pair)) as port:
        session = PageSession.open(Server(LOOPBACK, port, "emr.example.org", tls=True), timeout_s=5.0)
        assert isinstance(session, PageSession)
        with session:
            assert len(session.fingerprint_sha256() or "") == 64
            assert session.tls_ms is not None
            assert isinstance(get(session), Page)
            assert isinstance(get(session), Page)


@pytest.mark.skipif(not hasattr(socket, "TCP_MAXSEG"), reason="this system has no such option")
def test_a_server_can_be_told_to_send_small_segments() -> None:
    segments: list[int] = []

    def handle(connection: socket.socket) -> None:
        request_of(connection)
        segments.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))
        connection.sendall(SHORT)

    with tcp_server(handle) as port:
        server = Server(LOOPBACK, port, "x", tls=False)
        session = PageSession.open(server, timeout_s=5.0, segment_bytes=1000)
        assert isinstance(session, PageSession)
        with session:
            assert isinstance(get(session), Page)
    assert segments[0] <= 1000
