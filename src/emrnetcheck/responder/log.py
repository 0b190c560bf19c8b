"""What does the responder say while it runs? One line for each request, of a bounded number and without tricks."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from emrnetcheck.net.failures import clean
from emrnetcheck.responder.buckets import EVERYBODY, Buckets, Claim, take
from emrnetcheck.responder.limits import Rate

Write = Callable[[str], None]
_LIBRARIES = ("uvicorn.error", "uvicorn.access", "asyncio")
_LINE_CHARS = 200
_TELL_EVERY_S = 60.0


def to_stderr(line: str) -> None:
    """A terminal or the service manager's journal; that it is gone is no reason to end."""
    try:
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # there is nobody to tell


class Log:
    """Lines above the rate are left out and counted, and how many is said once a minute: nobody fills a disk through
    it."""

    def __init__(self, rate: Rate, write: Write = to_stderr, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = Buckets(rate, 1)
        self._write = write
        self._clock = clock
        self._left_out = 0
        self._told_s = -_TELL_EVERY_S

    def line(self, text: str) -> None:
        now_s = self._clock()
        written = not take((Claim(self._buckets, EVERYBODY),), now_s)
        self._left_out += not written
        if self._left_out and now_s - self._told_s >= _TELL_EVERY_S:
            self._write(f"{_now()} ({self._left_out} lines left out)")
            self._left_out, self._told_s = 0, now_s
        if written:
            self._write(f"{_now()} {clean(text, _LINE_CHARS)}")

    def request(self, peer: str, method: str, path: str, status: int) -> None:
        """Without the query, and never with a header: secrets are in those."""
        self.line(f"{peer} {method} {path} {status}")


class _Handler(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._log.line(f"{record.name}: {record.getMessage()} {error!r}" if error else record.getMessage())


def bound_libraries(log: Log) -> None:
    """What uvicorn and asyncio have to say goes the same way."""
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [_Handler(log)]
        logger.propagate = False
        logger.setLevel(logging.WARNING)


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
