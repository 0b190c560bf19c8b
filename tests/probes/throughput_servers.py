"""Loopback throughput servers of known behaviour: one that is well, and one for each way in which they fail."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_TIMEOUT_S = 20.0


@dataclass(slots=True)
class Received:
    """What a server got, added up over its connections."""

    body_bytes: int = 0
    posts: int = 0
    connections: int = 0
    request_lines: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Client:
    """The server's side of one connection."""

    def __init__(self, sock: socket.socket, received: Received, stop: threading.Event) -> None:
        self.sock = sock
        self.received = received
        self.stop = stop
        self._buffer = b""

    def head(self) -> int | None:
        """Read a request's head: its Content-Length (of a GET 0), or None at the end of the stream."""
        while b"\r\n\r\n" not in self._buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            self._buffer += data
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        lines = head.decode("ascii").split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        with self.received.lock:
            self.received.request_lines.append(lines[0])
        return int(headers.get("content-length", "0"))

    def body(self, n_bytes: int) -> bool:
        """Read n_bytes of the body; False if the client went away."""
        while n_bytes > 0:
            data, self._buffer = self._buffer[:n_bytes], self._buffer[n_bytes:]
            data = data or self.sock.recv(min(n_bytes, 262144))
            if not data:
                return False
            n_bytes -= len(data)
            with self.received.lock:
                self.received.body_bytes += len(data)
        with self.received.lock:
            self.received.posts += 1
        return True

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hold(self) -> None:
        """Neither read nor write until the test is over."""
        self.stop.wait(_TIMEOUT_S)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


Behaviour = Callable[[Client], None]


def well(client: Client) -> None:
    while (length := client.head()) is not None and client.body(length):
        client.say(OK)


def answering(answer: bytes) -> Behaviour:
    """Takes every body, then says this."""

    def behave(client: Client) -> None:
        while (length := client.head()) is not None and client.body(length):
            client.say(answer)

    return behave


def refusing_at_once(answer: bytes) -> Behaviour:
    """Says this as soon as the head is there, reads nothing more, and cuts."""

    def behave(client: Client) -> None:
        if client.head() is not None:
            client.say(answer)
            client.hold()

    return behave


def closing_after_each_answer(client: Client) -> None:
    """As a server without keep-alive that does not say so. Answer and end go out together: on a line the end comes
    right behind the answer, long before the next POST could get there."""
    length = client.head()
    if length is not None and client.body(length):
        client.sock.send(OK, socket.MSG_MORE)


def answering_before_the_body(client: Client) -> None:
    if client.head() is not None:
        client.say(OK)
        client.hold()


def stalling(client: Client) -> None:
    if client.head() is not None:
        client.body(10_000)
        client.hold()


def resetting(client: Client) -> None:
    if client.head() is not None:
        client.body(10_000)
        client.reset()


def closing_at_once(client: Client) -> None:
    return


def endless_head(client: Client) -> None:
    length = client.head()
    if length is not None and client.body(length):
        client.say(b"HTTP/1.1 200 OK\r\n")
        while not client.stop.is_set():
            client.say(b"X-More: and more\r\n" * 50)


def endless_interim(client: Client) -> None:
    """As fast as it can: the client finds something to read whenever it looks."""
    length = client.head()
    if length is not None and client.body(length):
        while not client.stop.is_set():
            client.say(b"HTTP/1.1 100 Continue\r\n\r\n" * 2000)


def trickling(client: Client) -> None:
    """Takes the body, then says its answer a byte at a time, without end."""
    length = client.head()
    if length is not None and client.body(length):
        client.say(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not client.stop.wait(0.05):
            client.say(b"x")


def speaking_first(client: Client) -> None:
    client.say(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
    client.hold()


def silent(client: Client) -> None:
    client.hold()


def once_then(behaviour: Behaviour) -> Behaviour:
    """One POST is taken as it should be, then this."""

    def behave(client: Client) -> None:
        length = client.head()
        if length is not None and client.body(length):
            client.say(OK)
            behaviour(client)

    return behave


@dataclass(frozen=True, slots=True)
class Running:
    """refuse: from then on, as to new connections."""

    port: int
    received: Received
    refuse: Callable[[], None]


@contextlib.contextmanager
def serving(
    behaviour: Behaviour, *, certificate: tuple[Path, Path] | None = None, receive_buffer_bytes: int | None = None
) -> Iterator[Running]:
    """A server on 127.0.0.1 for the time of a test. A small receive buffer keeps the kernel from taking what the
    server does not read."""
    received, stop = Received(), threading.Event()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    threads: list[threading.Thread] = []
    with socket.socket() as listener:
        if receive_buffer_bytes is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        address = listener.getsockname()

        def refuse() -> None:
            listener.shutdown(socket.SHUT_RDWR)

        def converse(sock: socket.socket) -> None:
            with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
                stack.callback(sock.close)
                sock.settimeout(_TIMEOUT_S)
                if context is not None:
                    sock.getpeername()  # on one that was reset already, wrap_socket() leaves a socket open
                    sock = context.wrap_socket(sock, server_side=True)
                    stack.callback(sock.close)
                behaviour(Client(sock, received, stop))

        def accept() -> None:
            while not stop.is_set():
                try:
                    sock, _ = listener.accept()
                except OSError:  # it refuses from now on
                    return
                if stop.is_set():
                    sock.close()
                    return
                received.connections += 1
                thread = threading.Thread(target=converse, args=(sock,))
                threads.append(thread)
                thread.start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield Running(address[1], received, refuse)
        finally:
            stop.set()
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(address):
                pass  # wakes the acceptor
            acceptor.join()
    for thread in threads:
        thread.join(_TIMEOUT_S)


@contextlib.contextmanager
def nobody() -> Iterator[int]:
    """A port of 127.0.0.1 that refuses."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@contextlib.contextmanager
def unanswered() -> Iterator[int]:
    """A port of 127.0.0.1 where nobody answers: Linux drops what comes once the queue of the listener is full."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            sock = waiting.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]
