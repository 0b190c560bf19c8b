"""Does a page come from whatever server there is, in time and in bounds, and is its start what is kept?"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import page
from emrnetcheck.net.failures import classify
from emrnetcheck.net.page_body import START_BYTES, PageBody
from emrnetcheck.net.page_head import parse_head
from emrnetcheck.net.stoppable import Cut
from emrnetcheck.net.tls import look
from tests.lab.internet.certificates import Authority
from tests.servers import LOOPBACK, closed_tcp_port, http_reply, http_server, silent_tcp_port, tcp_server

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def get(port: int, *, tls: bool = False, timeout_s: float = 5.0, **more: object) -> page.Page | Failure:
    limits = {"body_max_bytes": 1000} | more
    return page.get_untrusted(LOOPBACK, port, "emr.example.org", "/oscar/", tls=tls, timeout_s=timeout_s, **limits)  # type: ignore[arg-type]


def from_bytes(reply: bytes, timeout_s: float = 5.0) -> page.Page | Failure:
    with http_server(reply) as port:
        return get(port, timeout_s=timeout_s)


def test_what_is_asked_is_one_get_without_a_secret() -> None:
    requests: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        requests.append(connection.recv(4096))
        connection.sendall(http_reply(b"<title>OSCAR</title>"))

    with tcp_server(handle) as port:
        said = get(port, cookies=("JSESSIONID=1", "b=2"))
    assert isinstance(said, page.Page)
    lines = requests[0].decode().split("\r\n")
    assert lines[0] == "GET /oscar/ HTTP/1.1"
    assert f"Host: emr.example.org:{port}" in lines
    assert "Accept-Encoding: identity" in lines
    assert "Cookie: JSESSIONID=1; b=2" in lines
    assert said.start == b"<title>OSCAR</title>"
    assert said.tls_ms is None
    assert said.total_ms is not None
    assert said.total_ms >= said.first_byte_ms > 0


@pytest.mark.parametrize(
    ("reply", "start", "ended"),
    [
        (HEAD + b"Content-Length: 2\r\n\r\nhi there", b"hi", None),
        (HEAD + b"\r\nuntil the end", b"until the end", None),
        (CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde", None),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n", b"", None),
        (b"HTTP/1.0 404 Not Found\r\n\r\nold", b"old", None),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi there", b"hi", None),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\r\nhi there", b"hi", None),
        (HEAD + b"no header\r\nContent-Length: 2\r\n\r\nhi there", b"hi", None),
        (HEAD + b"X: a\r\n  Content-Length: 9\r\nContent-Length:\r\n 2\r\n\r\nhi there", b"hi", None),
        (b"HTTP/1.1 204 No\r\n\r\n", b"", None),
        (HEAD + b"Content-Length: 9\r\n\r\ncut", b"cut", FailureKind.MALFORMED),
        (CHUNKED + b"5\r\nabc", b"abc", FailureKind.MALFORMED),
        (CHUNKED + b"zz\r\nabc", b"", FailureKind.MALFORMED),
        (HEAD + b"\r\n" + b"x" * 3000, b"x" * 1001, FailureKind.TOO_LARGE),
        (HEAD + b"Content-Length: 3000\r\n\r\n" + b"x" * 3000, b"x" * 1001, FailureKind.TOO_LARGE),
        (CHUNKED + b"bb8\r\n" + b"x" * 3000, b"x" * 1001, FailureKind.TOO_LARGE),
        (CHUNKED + b"1\r\nx\r\n" * 3000, b"x" * 1001, FailureKind.TOO_LARGE),
    ],
)
def test_a_page_that_has_a_head_is_a_page_even_if_it_does_not_end(
    reply: bytes, start: bytes, ended: FailureKind | None
) -> None:
    said = from_bytes(reply)
    assert isinstance(said, page.Page)
    assert said.start == start
    assert said.body_bytes == len(start)
    assert (said.ended.kind if said.ended else None) == ended
    assert (said.total_ms is None) == (ended is not None)


def test_a_chunk_whose_line_never_ends_is_none() -> None:
    failure = PageBody({"transfer-encoding": "chunked"}, 1000).take(b"0" * 20_000)
    assert failure is not None
    assert failure.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"", FailureKind.RESET),
        (b"SSH-2.0-OpenSSH_9.2\r\n", FailureKind.MALFORMED),
        (b"\x15\x03\x01\x00\x02\x02\x28", FailureKind.MALFORMED),
        (b"HTTP/1.1 200", FailureKind.MALFORMED),
        (b"HTTP/2 200 OK\r\n\r\n", FailureKind.MALFORMED),
        (HEAD + b"a: b\r\n" * 101 + b"\r\n", FailureKind.MALFORMED),
        (HEAD + b"a: " + b"b" * 20_000, FailureKind.TOO_LARGE),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9, FailureKind.MALFORMED),
    ],
)
def test_what_is_no_page(reply: bytes, kind: FailureKind) -> None:
    said = from_bytes(reply)
    assert isinstance(said, Failure)
    assert said.kind is kind


def test_cookies_are_kept_one_of_a_name_and_only_plain_ones() -> None:
    said = from_bytes(
        HEAD + b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\nset-cookie: a=3\r\nSet-Cookie: c=\x1b[2J\r\n"
        b"Set-Cookie: none\r\nContent-Length: 0\r\n\r\n"
    )
    assert isinstance(said, page.Page)
    assert said.cookies == ("a=3", "b=2")


def test_a_path_that_no_request_may_have_is_escaped() -> None:
    with http_server(lambda path: http_reply(path.encode())) as port:
        said = page.get_untrusted(LOOPBACK, port, LOOPBACK, "/ü\x00?a=%20 b\r\nX: y", tls=False, timeout_s=5.0)
    assert isinstance(said, page.Page)
    assert said.start == b"/%C3%BC%00?a=%20%20b%0D%0AX:%20y"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("ca"))


def test_a_certificate_of_an_unknown_authority_for_another_name_does_not_hide_the_page(
    authority: Authority, tmp_path: Path
) -> None:
    files = authority.issue(("other.example.org",), tmp_path)
    certificate, key = files
    with http_server(http_reply(b"hi"), tls=(certificate, key)) as port:
        said = get(port, tls=True)
    assert isinstance(said, page.Page)
    assert said.start == b"hi"
    assert said.tls_ms is not None


@pytest.mark.filterwarnings("ignore:ssl.OP_NO_SSL:DeprecationWarning")
def test_tls_1_0_does_not_look_dead(authority: Authority, tmp_path: Path) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    old.options |= ssl.OP_NO_TLSv1_1 | ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
    old.load_cert_chain(*authority.issue(("emr.example.org",), tmp_path))
    spoken: list[str | None] = []

    def handle(connection: socket.socket) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        spoken.append(connection.version())
        connection.recv(4096)
        connection.sendall(http_reply(b"old"))

    with tcp_server(handle, tls=old) as port:
        said = get(port, tls=True)
    assert isinstance(said, page.Page)
    assert said.start == b"old"
    assert spoken == ["TLSv1"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_server_that_wants_a_certificate_of_the_visitors_own_says_so(
    authority: Authority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    strict.minimum_version = strict.maximum_version = version
    strict.verify_mode = ssl.CERT_REQUIRED
    strict.load_cert_chain(*authority.issue(("emr.example.org",), tmp_path))
    with http_server(http_reply(b"hi"), context=strict) as port:
        said = get(port, tls=True, listen_s=5.0)
        seen = look("127.0.0.1", port, server_name=None, timeout_s=5.0)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.TLS_CERTIFICATE_WANTED
    # Its own certificate was shown before that, and can be judged.
    assert not isinstance(seen, Failure)
    assert seen.chain_der


@pytest.mark.parametrize(
    ("reason", "kind", "detail"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", FailureKind.TLS_CERTIFICATE_WANTED, ""),
        ("SSLV3_ALERT_BAD_CERTIFICATE", FailureKind.TLS_CERTIFICATE_WANTED, ""),
        ("TLSV1_ALERT_PROTOCOL_VERSION", FailureKind.TLS_PROTOCOL, "no common TLS version"),
        ("UNSUPPORTED_PROTOCOL", FailureKind.TLS_PROTOCOL, "no common TLS version"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", FailureKind.TLS_PROTOCOL, "the server ends it, without a reason (alert 40)"),
        ("TLSV1_ALERT_INTERNAL_ERROR", FailureKind.TLS_PROTOCOL, "the server has an error of its own"),
        ("DH_KEY_TOO_SMALL", FailureKind.TLS_PROTOCOL, "dh key too small"),
    ],
)
def test_what_ends_a_handshake_is_told_in_plain_words(reason: str, kind: FailureKind, detail: str) -> None:
    error = ssl.SSLError()
    error.reason = reason
    failure = classify(error, "TLS handshake")
    assert (failure.kind, failure.detail) == (kind, detail)


def test_plain_http_is_no_tls() -> None:
    with http_server(http_reply(b"plain")) as port:
        said = get(port, tls=True, timeout_s=0.5)
    assert isinstance(said, Failure)
    assert said.operation == "TLS handshake"


def test_a_handshake_that_does_not_come_leaves_time_to_ask_otherwise() -> None:
    with silent_tcp_port() as port:
        started_s = time.monotonic()
        said = get(port, tls=True, timeout_s=60.0, handshake_timeout_s=0.2)
    assert isinstance(said, Failure)
    assert (said.kind, said.operation) == (FailureKind.TIMEOUT, "TLS handshake")
    assert time.monotonic() - started_s < 30


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_says_nothing_ends_in_time(tls: bool) -> None:
    with silent_tcp_port() as port:
        said = get(port, tls=tls, timeout_s=0.2)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.TIMEOUT


def test_nothing_listens() -> None:
    said = get(closed_tcp_port())
    assert isinstance(said, Failure)
    assert (said.kind, said.operation) == (FailureKind.REFUSED, "connect")


def trickling(first: bytes, drop: bytes) -> tuple[threading.Event, object]:
    over = threading.Event()

    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(first)
        while not over.wait(0.02):
            connection.sendall(drop)

    return over, handle


@pytest.mark.parametrize(("first", "whole"), [(b"HTTP/1.1 2", False), (HEAD + b"\r\n", True), (CHUNKED, True)])
def test_what_trickles_ends_in_time(first: bytes, whole: bool) -> None:
    over, handle = trickling(first, b"1\r\nx\r\n" if first == CHUNKED else b"x")
    started_s = time.monotonic()
    with tcp_server(handle) as port:  # type: ignore[arg-type]
        said = get(port, timeout_s=0.4)
        over.set()
    assert time.monotonic() - started_s < 10
    if whole:
        assert isinstance(said, page.Page)
        assert said.ended is not None
        assert said.ended.kind is FailureKind.TIMEOUT
    else:
        assert isinstance(said, Failure)
        assert said.kind is FailureKind.TIMEOUT


def test_an_endless_page_is_read_up_to_the_limit_and_only_its_start_is_kept() -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(HEAD + b"\r\n")
        while True:
            connection.sendall(b"<a>" * 20_000)

    with tcp_server(handle) as port:
        said = get(port, timeout_s=30.0, body_max_bytes=page.PAGE_MAX_BYTES)
    assert isinstance(said, page.Page)
    assert said.ended is not None
    assert said.ended.kind is FailureKind.TOO_LARGE
    assert said.body_bytes == page.PAGE_MAX_BYTES + 1
    assert len(said.start) == START_BYTES


def test_another_thread_can_end_it() -> None:
    with silent_tcp_port() as port, Cut() as cut:
        threading.Timer(0.2, cut.now).start()
        started_s = time.monotonic()
        said = get(port, timeout_s=60.0, cut=cut)
    assert isinstance(said, Failure)
    assert time.monotonic() - started_s < 30


@given(st.lists(st.one_of(st.binary(max_size=200), st.sampled_from([HEAD, b"\r\n", b"3\r\nabc\r\n", CHUNKED]))))
def test_no_bytes_break_it_and_however_they_are_cut_the_page_is_the_same(pieces: list[bytes]) -> None:
    def read(parts: list[bytes]) -> tuple[object, ...]:
        data = b""
        for at, piece in enumerate(parts):
            data += piece
            found = parse_head(data, closed=False)
            if isinstance(found, Failure):
                return (found.kind,)
            if found is not None:
                head, rest = found
                body = PageBody(head.headers, 500)
                failures = [body.take(more) for more in (rest, *parts[at + 1 :]) if more]
                failure = next((each for each in failures if each is not None), None)
                return (head.status, bytes(body.start)[:100] if failure is None else failure.kind, body.done)
        return ("more",)

    whole = b"".join(pieces)
    one_by_one = [whole[at : at + 1] for at in range(len(whole))]
    together = read([whole])
    if together[-1:] == (True,) or together == ("more",):
        assert read(one_by_one) == together
    read(pieces)
