"""A small HTTP/1.1 server for the lab's services: threads, one reused buffer per connection, bodies counted as read."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

_BUFFER_BYTES = 256 * 1024
_HEAD_LIMIT_BYTES = 16 * 1024
_IDLE_TIMEOUT_S = 60.0
_HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    """By name in lower case."""
    peer: str
    local: str

    def number(self, name: str, default: int) -> int:
        text = self.query.get(name, [""])[0]
        return int(text) if text.isdecimal() else default


class Connection:
    """The server's side of one connection: heads in, bodies in by count only, responses out."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray(_BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0
        self._body_left = 0
        self._expects_continue = False
        self.closing = False
        """No further request is read."""
        self._peer = str(sock.getpeername()[0])
        self._local = str(sock.getsockname()[0])

    def read_request(self) -> Request | None:
        """The next request's head; None when the client is done, or does not speak HTTP."""
        self._view[: self._end - self._start] = self._view[self._start : self._end]
        self._start, self._end = 0, self._end - self._start
        while (head_end := self._buffer.find(_HEAD_END, 0, self._end)) < 0:
            if self._end >= _HEAD_LIMIT_BYTES:
                return None
            got = self._sock.recv_into(self._view[self._end :])
            if got == 0:
                return None
            self._end += got
        lines = bytes(self._view[:head_end]).decode("latin-1").split("\r\n")
        self._start = head_end + len(_HEAD_END)
        words = lines[0].split(" ")
        if len(words) != len(("method", "target", "version")):
            return None
        pairs = (line.partition(":") for line in lines[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        self._take_framing(words[2], headers)
        target = urlsplit(words[1])
        return Request(words[0], target.path, parse_qs(target.query), headers, self._peer, self._local)

    def _take_framing(self, version: str, headers: Mapping[str, str]) -> None:
        length = headers.get("content-length", "0")
        self._body_left = int(length) if length.isdecimal() else 0
        self._expects_continue = headers.get("expect", "").lower() == "100-continue"
        connection = headers.get("connection", "").lower()
        # A chunked body is not understood here: nothing after it can be either.
        self.closing = version == "HTTP/1.0" or connection == "close" or "transfer-encoding" in headers

    @property
    def body_left_bytes(self) -> int:
        """What of the request's declared body has not been read."""
        return self._body_left

    def read_body(self, count: Callable[[int], None], *, limit_bytes: int | None = None) -> int:
        """Read the body, or its first `limit_bytes`, telling `count` of each piece; the bytes read in all."""
        wanted = self._body_left if limit_bytes is None else min(limit_bytes, self._body_left)
        if wanted > 0 and self._expects_continue:
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._expects_continue = False
        done = min(self._end - self._start, wanted)
        if done > 0:
            self._start += done
            count(done)
        while done < wanted:
            # The head's buffer is empty by now, so the whole of it serves.
            got = self._sock.recv_into(self._view[: min(wanted - done, _BUFFER_BYTES)])
            if got == 0:
                self.closing = True
                break
            done += got
            count(got)
        self._body_left -= done
        return done

    def take_body(self, limit_bytes: int) -> bytes:
        """The body itself, where it is small; b"" where it is not."""
        if self._body_left > limit_bytes:
            self.closing = True
            return b""
        while self._end - self._start < self._body_left:
            got = self._sock.recv_into(self._view[self._end :])
            if got == 0:
                self.closing = True
                return b""
            self._end += got
        body = bytes(self._view[self._start : self._start + self._body_left])
        self._start += self._body_left
        self._body_left = 0
        return body

    def respond(
        self,
        status: HTTPStatus,
        body: bytes = b"",
        *,
        content_type: str = "text/plain",
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        """Send a response; with `length` only its head, and the caller sends the body."""
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Type: {content_type}"]
        lines += [f"Content-Length: {len(body) if length is None else length}", "Cache-Control: no-store"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines.append(f"Connection: {'close' if self.closing else 'keep-alive'}")
        self._sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def send_repeated(self, block: bytes, total_bytes: int) -> None:
        view = memoryview(block)
        while total_bytes > 0:
            piece = view[: min(len(block), total_bytes)]
            self._sock.sendall(piece)
            total_bytes -= len(piece)

    def reset(self) -> None:
        """Close with an RST instead of a FIN."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.closing = True

    def hold(self) -> None:
        """Keep the connection open and read nothing more from it."""
        threading.Event().wait(_IDLE_TIMEOUT_S)
        self.closing = True

    def drain(self, count: Callable[[int], None], *, timeout_s: float) -> None:
        """Read on after a refusal: closing at once would reset the connection, and the client miss the answer."""
        self._sock.settimeout(timeout_s)
        with contextlib.suppress(TimeoutError):
            self.read_body(count)


Handler = Callable[[Connection, Request], None]


@dataclass(frozen=True, slots=True)
class Site:
    address: str
    port: int
    handler: Handler
    certificate_path: str | None = None
    key_path: str | None = None
    receive_buffer_bytes: int | None = None


def serve(sites: list[Site]) -> None:
    """Listen for all of them and return; the threads are daemons."""
    for site in sites:
        context = None
        if site.certificate_path is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(site.certificate_path, site.key_path)
            context.set_alpn_protocols(["http/1.1"])
        family = socket.AF_INET6 if ":" in site.address else socket.AF_INET
        listener = socket.create_server((site.address, site.port), family=family, backlog=128)
        if site.receive_buffer_bytes is not None:  # what is accepted has it as well
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, site.receive_buffer_bytes)
        threading.Thread(target=_accept_forever, args=(listener, context, site.handler), daemon=True).start()


def _accept_forever(listener: socket.socket, context: ssl.SSLContext | None, handler: Handler) -> None:
    while True:
        sock, _ = listener.accept()
        threading.Thread(target=_serve_connection, args=(sock, context, handler), daemon=True).start()


def _serve_connection(sock: socket.socket, context: ssl.SSLContext | None, handler: Handler) -> None:
    # A client that goes away, or never speaks, ends its own thread and nothing else.
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        stack.callback(sock.close)
        sock.settimeout(_IDLE_TIMEOUT_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            sock = context.wrap_socket(sock, server_side=True)
            stack.callback(sock.close)
        connection = Connection(sock)
        while not connection.closing and (request := connection.read_request()) is not None:
            handler(connection, request)
