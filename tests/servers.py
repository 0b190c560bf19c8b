"""Servers on loopback, port 0, for tests of net/ and probes/: DNS, TCP, HTTP, STUN. Each is a context manager."""

from __future__ import annotations

import errno
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

LOOPBACK = "127.0.0.1"
_POLL_S = 0.05
_PORT_TRIES = 20

Reply = bytes | None
DnsHandler = Callable[[dns.message.Message, str], Reply | Sequence[bytes]]
"""(question, "udp" or "tcp") -> what to send back: a datagram, several, or nothing."""


def can_bind(address: str) -> bool:
    """Whether this loopback address exists here: macOS has only 127.0.0.1."""
    try:
        socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET).close()
    except OSError:
        return False
    return True


@contextmanager
def _serving(loop: Callable[[threading.Event], None], *socks: socket.socket) -> Iterator[None]:
    """Runs the loop in a thread; an exception in it is raised when the server is left."""
    stop = threading.Event()
    bugs: list[BaseException] = []

    def work() -> None:
        try:
            loop(stop)
        except BaseException as bug:  # noqa: BLE001 - raised below, in the test
            bugs.append(bug)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
        for sock in socks:
            sock.close()
        if bugs:
            raise bugs[0]


@contextmanager
def udp_server(
    handle: Callable[[bytes], Reply | Sequence[bytes]], address: str = LOOPBACK, port: int = 0
) -> Iterator[int]:
    """Answers each datagram with what `handle` gives; yields the port."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    sock.settimeout(_POLL_S)

    def loop(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                data, peer = sock.recvfrom(65_535)
            except TimeoutError:
                continue
            replies = handle(data)
            for reply in [replies] if isinstance(replies, bytes) else replies or ():
                sock.sendto(reply, peer)

    with _serving(loop, sock):
        yield sock.getsockname()[1]


@contextmanager
def tcp_server(
    handle: Callable[[socket.socket], None], address: str = LOOPBACK, port: int = 0, tls: SSLContext | None = None
) -> Iterator[int]:
    """Calls `handle` with each connection, one after the other, then closes it; yields the port."""
    sock = socket.create_server((address, port))
    sock.settimeout(_POLL_S)

    def serve_one(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(5)
            try:
                if tls is not None:
                    connection = tls.wrap_socket(connection, server_side=True)
                handle(connection)
            except OSError:
                pass  # the client went away: often the very thing under test
            finally:
                connection.close()

    def loop(stop: threading.Event) -> None:
        workers = []
        while not stop.is_set():
            try:
                connection, _ = sock.accept()
            except TimeoutError:
                continue
            workers.append(threading.Thread(target=serve_one, args=(connection,), daemon=True))
            workers[-1].start()
        for worker in workers:
            worker.join(timeout=6)

    with _serving(loop, sock):
        yield sock.getsockname()[1]


@contextmanager
def dns_server(handle: DnsHandler, address: str = LOOPBACK, port: int = 0) -> Iterator[int]:
    """A name server over UDP and TCP on the same port; yields it."""

    def by_udp(data: bytes) -> Reply | Sequence[bytes]:
        return handle(dns.message.from_wire(data), "udp")

    def by_tcp(connection: socket.socket) -> None:
        size = struct.unpack("!H", connection.recv(2))[0]
        reply = handle(dns.message.from_wire(connection.recv(size)), "tcp")
        if isinstance(reply, bytes):
            connection.sendall(struct.pack("!H", len(reply)) + reply)

    with ExitStack() as stack:
        chosen = _enter_on_one_port(
            stack,
            port,
            lambda wanted: udp_server(by_udp, address, wanted),
            lambda wanted: tcp_server(by_tcp, address, wanted),
        )
        yield chosen


def _enter_on_one_port(stack: ExitStack, port: int, *servers: Callable[[int], AbstractContextManager[int]]) -> int:
    """Start each server on the port that the first one gets; another port where that one is taken by somebody."""
    for _ in range(_PORT_TRIES):
        with ExitStack() as attempt:
            chosen = port
            try:
                for server in servers:
                    chosen = attempt.enter_context(server(chosen))
            except OSError as error:
                if port or error.errno != errno.EADDRINUSE:
                    raise
                continue
            stack.push(attempt.pop_all())
            return chosen
    raise OSError(errno.EADDRINUSE, "no port is free for UDP and TCP alike")


def answer(
    question: dns.message.Message,
    *records: str,
    rcode: str = "NOERROR",
    authority: Sequence[str] = (),
    authoritative: bool = False,
    truncated: bool = False,
) -> bytes:
    """A reply with these records, each as "owner ttl IN type value"."""
    reply = dns.message.make_response(question)
    reply.set_rcode(dns.rcode.from_text(rcode))
    reply.flags |= dns.flags.AA if authoritative else 0
    reply.flags |= dns.flags.TC if truncated else 0
    for section, texts in ((reply.answer, records), (reply.authority, authority)):
        for text in texts:
            owner, ttl, cls, kind, value = text.split(maxsplit=4)
            section.append(dns.rrset.from_text(owner, int(ttl), cls, kind, value))
    return reply.to_wire()


def zone_handler(
    records: Mapping[tuple[str, str], Sequence[str]],
    *,
    soa: str | None = None,
    authoritative: bool = False,
    rcode_missing: str = "NXDOMAIN",
) -> DnsHandler:
    """Answers from a table of (name, type); other types of a known name are NODATA, unknown names do not exist."""
    names = {name for name, _ in records}

    def handle(question: dns.message.Message, _over: str) -> bytes:
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        found = records.get((name, kind), ())
        return answer(
            question,
            *found,
            rcode="NOERROR" if name in names else rcode_missing,
            authority=(soa,) if soa is not None and not found else (),
            authoritative=authoritative,
        )

    return handle


def http_reply(body: bytes, status: str = "200 OK", content_type: str = "text/plain") -> bytes:
    """A whole response with its length."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


@contextmanager
def http_server(
    reply: bytes | Callable[[str], bytes],
    *,
    tls: tuple[Path, Path] | None = None,
    context: SSLContext | None = None,
    address: str = LOOPBACK,
) -> Iterator[int]:
    """Answers each request (by its path) with these bytes, whatever they are, then closes; yields the port."""
    if tls is not None:
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)

    def handle(connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            if not piece:
                return
            head += piece
        path = head.split(b" ")[1].decode()
        connection.sendall(reply if isinstance(reply, bytes) else reply(path))

    with tcp_server(handle, address, tls=context) as port:
        yield port


def stun_reply(request: bytes, address: str, port: int) -> bytes:
    """A Binding success response (RFC 8489) with this XOR-MAPPED-ADDRESS."""
    magic, transaction_id = request[4:8], request[8:20]
    value = struct.pack("!BBH", 0, 1, port ^ int.from_bytes(magic[:2], "big"))
    value += bytes(a ^ b for a, b in zip(socket.inet_aton(address), magic, strict=True))
    attribute = struct.pack("!HH", 0x0020, len(value)) + value
    return struct.pack("!HH", 0x0101, len(attribute)) + magic + transaction_id + attribute


@contextmanager
def stun_server(address: str = "21.99.0.10", port: int = 54321) -> Iterator[int]:
    """Tells everybody this address; yields the server's own port."""
    with udp_server(lambda data: stun_reply(data, address, port)) as own_port:
        yield own_port


@contextmanager
def silent_tcp_port() -> Iterator[int]:
    """A port that accepts connections (the kernel does) and never says a word; yields it."""
    with socket.create_server((LOOPBACK, 0)) as sock:
        yield sock.getsockname()[1]


def closed_tcp_port() -> int:
    """A port on which nothing listens: it was free a moment ago."""
    with socket.create_server((LOOPBACK, 0)) as sock:
        return int(sock.getsockname()[1])
