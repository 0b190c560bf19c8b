"""How is work that blocks given up within a moment, its sockets included?"""

from __future__ import annotations

import os
import queue
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from emrnetcheck.model import Failure

T = TypeVar("T")

_POLL_S = 0.05
_JOIN_S = 0.3
_LINGER_ABORT = struct.pack("ii", 1, 0) if os.name != "nt" else struct.pack("hh", 1, 0)


class Cut:
    """Ends the exchanges on sockets from another thread: whoever waits for one wakes, what is unsent is dropped.

    By handles of its own: TLS takes a socket's descriptor over, and its objects bear no second thread. On macOS and
    Windows a connection that is still being made may go on until its own time-out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self._is_cut = False

    def __enter__(self) -> Cut:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The handles are closed; a socket lives on in whose hands it is."""
        with self._lock:
            for handle in self._handles:
                handle.close()
            self._handles.clear()

    def watch(self, sock: socket.socket) -> None:
        """Also this one, from now on. OSError without a free descriptor, as for the socket itself."""
        handle = sock.dup()
        with self._lock:
            self._handles.append(handle)
            if self._is_cut:
                _shut(handle)

    def now(self) -> None:
        """End them all, and those watched later at once."""
        with self._lock:
            self._is_cut = True
            for handle in self._handles:
                _shut(handle)


def _shut(handle: socket.socket) -> None:
    try:
        handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ABORT)
        handle.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it was over already


def until_stopped(work: Callable[[], T], stopped: Callable[[], Failure | None], cut: Cut | None = None) -> T | Failure:
    """The result of `work`, which runs in a thread; or what `stopped` says, then `cut` is made.

    Work that a cut does not end (a look-up of the operating system has no time-out) is left behind, its result unread.
    """
    results: queue.SimpleQueue[tuple[T] | BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put((work(),))
        except BaseException as bug:  # noqa: BLE001 - raised again where it is waited for
            results.put(bug)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while True:
        try:
            result = results.get(timeout=_POLL_S)
        except queue.Empty:
            failure = stopped()
            if failure is None:
                continue
            if cut is not None:
                cut.now()
                thread.join(_JOIN_S)
            return failure
        if isinstance(result, BaseException):
            raise result
        return result[0]
