"""How does one DNS message get to a server and its answer back, over UDP or TCP? Robust against nonsense."""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify

OVER_TCP = "ask over TCP"
"""The operation in a Failure: the answer over UDP was cut, and TCP did not work."""
_DATAGRAM_MAX_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class Got:
    """A message that answers the question, how long it took and how many bytes went each way."""

    message: dns.message.Message
    rtt_ms: float
    sent_bytes: int
    received_bytes: int


def by_udp(server: str, port: int, question: dns.message.QueryMessage, deadline: Deadline) -> Got | Failure:
    """One datagram there, and the first one back that answers the question."""
    wire = question.to_wire()
    failure = Failure(FailureKind.NAME_TIMEOUT, "ask", server)
    try:
        with socket.socket(_family(server), socket.SOCK_DGRAM) as sock:
            # Connected: only this server's answers are seen, and "nothing listens" becomes an error at once.
            arrival.note_arrivals(sock)
            sock.connect((server, port))
            sent = arrival.Sent.now()
            sock.send(wire)
            while not deadline.passed():
                sock.settimeout(max(deadline.remaining_s(), 0.001))
                data, wall_ns = arrival.receive(sock, _DATAGRAM_MAX_BYTES)
                message = read_answer(data, question)
                if isinstance(message, dns.message.Message):
                    return Got(message, sent.rtt_ms(wall_ns), len(wire), len(data))
                # It may be a late answer to somebody's older question: the right one may still come.
                failure = Failure(message.kind, "ask", server, message.detail)
    except TimeoutError:
        pass  # `failure` says what came until then
    except OSError as error:
        return classify(error, "ask", server)
    return failure


def by_tcp(server: str, port: int, question: dns.message.QueryMessage, deadline: Deadline) -> Got | Failure:
    """The same over a connection, as after an answer that was cut (RFC 7766)."""
    wire = question.to_wire()
    started_s = time.perf_counter()
    try:
        with socket.socket(_family(server), socket.SOCK_STREAM) as sock:
            sock.settimeout(max(deadline.remaining_s(), 0.001))
            sock.connect((server, port))
            sock.sendall(struct.pack("!H", len(wire)) + wire)
            head = _exactly(sock, 2, deadline)
            data = _exactly(sock, struct.unpack("!H", head)[0], deadline)
            rtt_ms = ms_since(started_s)
    except TimeoutError:
        return Failure(FailureKind.NAME_TIMEOUT, OVER_TCP, server)
    except (OSError, EOFError) as error:
        return classify(error, OVER_TCP, server)
    message = read_answer(data, question)
    if isinstance(message, Failure):
        return Failure(message.kind, OVER_TCP, server, message.detail)
    return Got(message, rtt_ms, len(wire) + 2, len(data) + 2)


def _exactly(sock: socket.socket, size_bytes: int, deadline: Deadline) -> bytes:
    data = b""
    while len(data) < size_bytes:
        if deadline.passed():
            raise TimeoutError
        sock.settimeout(max(deadline.remaining_s(), 0.001))
        piece = sock.recv(size_bytes - len(data))
        if not piece:
            raise ConnectionResetError
        data += piece
    return data


def _family(server: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server else socket.AF_INET


def read_answer(data: bytes, question: dns.message.Message) -> dns.message.Message | Failure:
    """A datagram as the answer to `question`, or MALFORMED; never an exception, whatever the bytes are."""
    try:
        # TC is looked at by the caller: dnspython does not raise for it unless asked to.
        message = dns.message.from_wire(data, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, IndexError, struct.error) as error:
        return Failure(FailureKind.MALFORMED, "read answer", detail=type(error).__name__)
    if not question.is_response(message):
        return Failure(FailureKind.MALFORMED, "read answer", detail="it does not answer the question")
    return message
