"""Is plain HTTP spoken on a port, by a server that speaks just that?"""

from __future__ import annotations

import re
import socket

from emrnetcheck.net.clock import Deadline

HTTP_STARTS = (b"http/", b"<html", b"<!doc")
"""In lower case: how what a Web server says begins, an old one's page without a head among them."""
_HEAD = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_HTTP_HEAD_MAX_BYTES = 4096
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})", re.IGNORECASE)
_BAD_REQUEST = b"400"
_TO_HTTPS = re.compile(rb"^location:[ \t]*https://[^/\s:]+(?::(\d{1,5}))?(?:[/\s]|$)", re.IGNORECASE | re.MULTILINE)
_HTTPS_PORT = 443
# How TLS servers say that they were spoken to in plain: nginx, Apache, Tomcat, Go. Most give status 400 with it.
_WANTS_TLS = (
    b"plain http request was sent to https port",
    b"speaking plain http to an ssl-enabled server port",
    b"this combination of host and port requires tls",
    b"sent an http request to an https server",
)


def answers_http(address: str, port: int, timeout_s: float) -> bool:
    """Whether plain HTTP is spoken there: for servers that close or keep silent when they are spoken to in TLS.

    A TLS server may answer plain HTTP too, to say that it wants TLS: that is none.
    """
    deadline = Deadline.after(timeout_s)
    head = b""
    try:
        with socket.create_connection((address, port), max(deadline.remaining_s(), 0.001)) as sock:
            sock.sendall(_HEAD)
            while b"\r\n\r\n" not in head and len(head) < _HTTP_HEAD_MAX_BYTES and not deadline.passed():
                sock.settimeout(max(deadline.remaining_s(), 0.001))
                piece = sock.recv(_HTTP_HEAD_MAX_BYTES - len(head))
                if not piece:
                    break
                head += piece
    except OSError:
        pass  # what came before says enough, or there is nothing
    return is_plain_http(head, port)


def is_plain_http(head: bytes, port: int) -> bool:
    """Whether this answer to plain HTTP is of a server that speaks just that, not of one that wants TLS on its port."""
    if not head.lower().startswith(HTTP_STARTS) or any(words in head.lower() for words in _WANTS_TLS):
        return False
    status = _STATUS.match(head)
    if status is not None and status.group(1) == _BAD_REQUEST:
        return False
    return all(int(to or _HTTPS_PORT) != port for to in _TO_HTTPS.findall(head))
