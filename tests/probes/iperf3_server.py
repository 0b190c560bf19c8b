"""A stand-in for an iperf3 server: the protocol of iperf3 3.x (iperf_api.h, iperf_server_api.c), and ways to fail."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from typing import Any

TEST_START, TEST_RUNNING, TEST_END, PARAM_EXCHANGE, CREATE_STREAMS = 1, 2, 4, 9, 10
EXCHANGE_RESULTS, DISPLAY_RESULTS, ACCESS_DENIED, SERVER_ERROR = 13, 14, -1, -2
_COOKIE_BYTES = 37
_TIMEOUT_S = 20.0
FAULTS = (
    *("none", "busy", "silent", "silent after the parameters", "silent in the test", "silent at the end"),
    *("resets in the test", "closes in the test", "garbage results", "huge results", "endless results", "lies"),
    *("received nothing", "no streams in the results", "stops by an error"),
)


class Iperf3Server:
    """One test at a time on 127.0.0.1. loading: set once data flows; gone: once the client's control connection is."""

    def __init__(self, fault: str = "none") -> None:
        self._fault = fault
        self._stop = threading.Event()
        self._received = 0
        self._lock = threading.Lock()
        self.port = 0
        self.loading = threading.Event()
        self.gone = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator[Iperf3Server]:
        with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.ExitStack() as stack:
            self.port = listener.getsockname()[1]
            listener.settimeout(0.1)
            thread = threading.Thread(target=self._serve, args=(listener, stack))
            thread.start()
            try:
                yield self
            finally:
                self._stop.set()
                thread.join(_TIMEOUT_S)

    def _serve(self, listener: socket.socket, stack: contextlib.ExitStack) -> None:
        with contextlib.suppress(OSError, EOFError):
            control = stack.enter_context(self._accept(listener))
            self._test(control, listener, stack)
            while not self._stop.is_set():
                if not control.recv(4096):
                    break
        self.gone.set()

    def _test(self, control: socket.socket, listener: socket.socket, stack: contextlib.ExitStack) -> None:
        _read(control, _COOKIE_BYTES)
        if self._fault == "busy":
            _say(control, ACCESS_DENIED)
            return
        if self._fault == "silent":
            return
        _say(control, PARAM_EXCHANGE)
        parameters = json.loads(_read(control, struct.unpack("!I", _read(control, 4))[0]))
        if self._fault == "silent after the parameters":
            return
        _say(control, CREATE_STREAMS)
        streams = [stack.enter_context(self._accept(listener)) for _ in range(parameters["parallel"])]
        for stream in streams:
            _read(stream, _COOKIE_BYTES)
        _say(control, TEST_START, TEST_RUNNING)
        self.loading.set()
        if self._fault == "stops by an error":
            _say(control, SERVER_ERROR)
            control.sendall(struct.pack("!ii", 119, 32))
            return
        if self._fault in ("silent in the test", "resets in the test", "closes in the test"):
            for sock in (*streams, control) if self._fault != "silent in the test" else ():
                _read(streams[0], 1)
                linger = struct.pack("ii", 1, 0) if self._fault == "resets in the test" else struct.pack("ii", 0, 0)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                sock.close()
            self._stop.wait(_TIMEOUT_S if self._fault == "silent in the test" else 0.0)
            return
        readers = [threading.Thread(target=self._drain, args=(stream,)) for stream in streams]
        for reader in readers:
            reader.start()
        began_s = time.monotonic()
        while _read(control, 1) != bytes([TEST_END]):
            pass
        if self._fault != "silent at the end":
            self._results(control, len(streams), time.monotonic() - began_s)

    def _results(self, control: socket.socket, n_streams: int, took_s: float) -> None:
        _say(control, EXCHANGE_RESULTS)
        _read(control, struct.unpack("!I", _read(control, 4))[0])
        share = {"lies": 3 * self._received, "received nothing": 0}.get(self._fault, self._received) // n_streams
        numbers = [1, *range(3, n_streams + 2)]  # iperf_add_stream leaves 2 out
        each = {"bytes": share, "retransmits": -1, "jitter": 0, "errors": 0, "packets": 0, "end_time": took_s}
        streams: list[dict[str, Any]] = [{"id": number, "start_time": 0, **each} for number in numbers]
        said: dict[str, Any] = {"cpu_util_total": 0, "cpu_util_user": 0, "cpu_util_system": 0, "streams": streams}
        said["sender_has_retransmits"] = 0
        if self._fault == "no streams in the results":
            del said["streams"]
        text = b"\x1b[31m{" if self._fault == "garbage results" else json.dumps(said).encode()
        if self._fault in ("huge results", "endless results"):
            control.sendall(struct.pack("!I", 0x7FFFFFF0))
            while self._fault == "endless results" and not self._stop.is_set():
                control.sendall(b"x" * 65536)
            return
        control.sendall(struct.pack("!I", len(text)) + text)
        _say(control, DISPLAY_RESULTS)

    def _drain(self, stream: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := stream.recv(65536):
                with self._lock:
                    self._received += len(data)

    def _accept(self, listener: socket.socket) -> socket.socket:
        while not self._stop.is_set():
            with contextlib.suppress(TimeoutError):
                sock = listener.accept()[0]
                sock.settimeout(_TIMEOUT_S)
                return sock
        raise EOFError


def _read(sock: socket.socket, n_bytes: int) -> bytes:
    data = b""
    while len(data) < n_bytes:
        piece = sock.recv(n_bytes - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _say(control: socket.socket, *states: int) -> None:
    for state in states:
        control.sendall(struct.pack("b", state))
