"""What becomes of a connection, or of a packet that dies on the way, each with a socket of its own?"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import sys
import time
from collections.abc import Hashable
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival, tcp, trace
from emrnetcheck.net.clock import ms_since
from emrnetcheck.net.failures import classify
from emrnetcheck.net.live_answer import Answer, from_afar
from emrnetcheck.net.tcp import endpoint_text

REPEATED_MS = 900.0
"""A SYN that is not answered is sent again after a second: the answer then is to the second one, the first was lost."""
_IN_PROGRESS = {0, errno.EINPROGRESS, errno.EWOULDBLOCK, 10035}  # 10035: WSAEWOULDBLOCK
_REFUSED = (errno.ECONNREFUSED, 10061)
_IP_RECVERR, _MSG_ERRQUEUE = 11, 0x2000  # linux/in.h, linux/socket.h


@dataclass(slots=True)
class Once:
    """A socket for one question. towards: host and port. ttl None: a TCP connection."""

    key: Hashable
    towards: str
    sock: socket.socket
    asked_s: float
    started_s: float
    sent: arrival.Sent | None
    ttl: int | None
    at_once: bool = False


class Onces:
    """Those under way. done: where answers are put."""

    def __init__(self, selector: selectors.BaseSelector, done: list[Answer]) -> None:
        self._selector = selector
        self._done = done
        self._by_id: dict[int, Once] = {}

    def knock(self, key: Hashable, address: str, port: int) -> None:
        """One TCP connection, ended at once when it stands. A refusal is an answer."""
        where = endpoint_text(address, port)
        asked_s, started_s = time.monotonic(), time.perf_counter()
        sock: socket.socket | None = None
        try:
            sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            code = sock.connect_ex((address, port))
            once = Once(key, where, sock, asked_s, started_s, None, None)
            if code in _IN_PROGRESS:
                self._wait_for(once, selectors.EVENT_WRITE)
                return
        except OSError as error:
            if sock is not None:
                sock.close()
            self._done.append(Answer(key, asked_s, None, classify(error, "connect", where)))
            return
        once.at_once = True
        self._settle_knock(once, code)

    def expire(self, key: Hashable, towards: str, ttl: int) -> None:
        """One packet that dies at the router number `ttl` on the way, which says so. Linux, without being root."""
        asked_s = time.monotonic()
        if sys.platform != "linux":
            self._done.append(Answer(key, asked_s, None, Failure(FailureKind.UNSUPPORTED, "trace", towards)))
            return
        sock: socket.socket | None = None
        try:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.setblocking(False)
            arrival.note_arrivals(sock)
            sock.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
            sock.connect((towards, trace.FIRST_PORT + ttl))
            sent = arrival.Sent.now()
            sock.send(b"emrnetcheck")
            self._wait_for(Once(key, towards, sock, asked_s, 0.0, sent, ttl), selectors.EVENT_READ)
        except OSError as error:
            if sock is not None:
                sock.close()
            self._done.append(Answer(key, asked_s, None, classify(error, "trace", towards)))

    def _wait_for(self, once: Once, events: int) -> None:
        self._selector.register(once.sock, events, once)
        self._by_id[id(once)] = once

    def settle(self, once: Once) -> None:
        """Its socket has something to tell."""
        if once.ttl is not None:
            self._settle_expired(once)
            return
        code = once.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        self._selector.unregister(once.sock)
        del self._by_id[id(once)]
        self._settle_knock(once, code)

    def _settle_knock(self, once: Once, code: int) -> None:
        measured_ms = ms_since(once.started_s)
        rtt_ms = tcp.handshake_ms(once.sock, measured_ms) if code == 0 else measured_ms
        is_repeated = measured_ms >= REPEATED_MS and tcp.was_repeated(once.sock)
        once.sock.close()
        error = OSError(code, os.strerror(code))
        as_told = classify if once.at_once else from_afar
        failure = None if code == 0 else as_told(error, "connect", once.towards)
        if code != 0 and code not in _REFUSED:
            self._done.append(Answer(once.key, once.asked_s, None, failure))
        elif is_repeated:
            lost = Failure(FailureKind.TIMEOUT, "connect", once.towards, "only the second packet was answered")
            self._done.append(Answer(once.key, once.asked_s, None, lost))
        else:
            self._done.append(Answer(once.key, once.asked_s, rtt_ms, failure, refused=failure is not None))

    def _settle_expired(self, once: Once) -> None:
        assert once.sent is not None
        try:
            _, ancillary, _, _ = once.sock.recvmsg(0, arrival.ANCILLARY_BYTES, _MSG_ERRQUEUE)
        except OSError:  # no error but data: something listens there, and answered
            answer = Answer(once.key, once.asked_s, once.sent.rtt_ms(None), by=once.towards)
        else:
            rtt_ms = once.sent.rtt_ms(arrival.arrived_wall_ns(ancillary))
            answer = self._expired_answer(once, ancillary, rtt_ms)
        self._selector.unregister(once.sock)
        once.sock.close()
        del self._by_id[id(once)]
        self._done.append(answer)

    def _expired_answer(self, once: Once, ancillary: arrival.Ancillary, rtt_ms: float) -> Answer:
        assert once.ttl is not None
        for level, kind, data in ancillary:
            if level == socket.IPPROTO_IP and kind == _IP_RECVERR:
                hop = trace.parse_error(once.ttl, data, rtt_ms)
                if hop.address is not None:
                    return Answer(once.key, once.asked_s, hop.rtt_ms, by=hop.address)
        return Answer(once.key, once.asked_s, None, Failure(FailureKind.HOST_UNREACHABLE, "trace", once.towards))

    def give_up(self, before_s: float) -> None:
        """What was asked before this moment gets no answer any more."""
        for once in [each for each in self._by_id.values() if each.asked_s < before_s]:
            operation = "connect" if once.ttl is None else "trace"
            self._drop(once)
            why = Failure(FailureKind.TIMEOUT, operation, once.towards)
            self._done.append(Answer(once.key, once.asked_s, None, why))

    def _drop(self, once: Once) -> None:
        self._selector.unregister(once.sock)
        once.sock.close()
        del self._by_id[id(once)]

    def close(self) -> None:
        """All of them."""
        for once in list(self._by_id.values()):
            self._drop(once)
