"""Is a server that speaks plain HTTP told from one that only says in plain that it wants TLS?"""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.net.plain_http import answers_http, is_plain_http
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port, tcp_server

HTTP_400 = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
NGINX_400 = b"HTTP/1.1 400 Bad Request\r\n\r\n<title>400 The plain HTTP request was sent to HTTPS port</title>"
TOMCAT_400 = b"HTTP/1.1 400 \r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n"


@pytest.mark.parametrize(
    ("says", "http"),
    [
        ([b"HTTP/1.1 200 OK\r\n\r\n"], True),
        ([b"HT", b"TP/1.1 302 Found\r\nLocation: /oscar/\r\n\r\n"], True),
        ([b"HTTP/1.1 302 Found\r\nLocation: https://localhost:1/\r\n\r\n"], True),
        ([b"HTTP/1.1 404 Not Found\r\n\r\n"], True),
        ([b"HTTP/1.1 401 Unauthorized\r\n\r\n"], True),
        ([b"<html><title>an old one</title></html>"], True),
        ([b"HTTP/1.1 200 OK\r\n"], True),
        ([HTTP_400], False),
        ([b"HTTP/1.0 400", b" Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"], False),
        ([NGINX_400], False),
        ([TOMCAT_400], False),
        ([b"<html>Reason: You're speaking plain HTTP to an SSL-enabled server port.</html>"], False),
        ([b"SSH-2.0"], False),
        ([], False),
        ([b"\x15\x03"], False),
    ],
)
def test_whether_http_is_spoken(says: list[bytes], http: bool) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(4096)
        for piece in says:
            connection.sendall(piece)

    with tcp_server(handle) as port:
        assert answers_http(LOOPBACK, port, 1.0) is http


def test_a_redirect_to_tls_on_the_same_port_is_of_a_server_that_speaks_tls() -> None:
    head = b"HTTP/1.1 301 Moved Permanently\r\nLocation: https://localhost:8443/\r\n\r\n"
    assert not is_plain_http(head, 8443)
    assert is_plain_http(head, 8080)
    assert not is_plain_http(head.replace(b":8443", b""), 443)


def test_whether_http_is_spoken_ends_in_time() -> None:
    with silent_tcp_port() as port:
        assert answers_http(LOOPBACK, port, 0.2) is False
    assert answers_http(LOOPBACK, closed_tcp_port(), 1.0) is False


@given(st.binary(max_size=300))
def test_any_answer_to_http_can_be_judged(rest: bytes) -> None:
    assert is_plain_http(rest, 8443) in (True, False)
    assert is_plain_http(b"HTTP/1.1 200 OK\r\nLocation: https://" + rest, 8443) in (True, False)
