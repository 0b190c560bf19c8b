"""Standard output that takes no more: a full disk or a reader that left is neither bug nor verdict."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer


class OutputError(Exception):
    """What the system said to a write. No OSError on purpose: typer ends a broken pipe with 1, which means not ready.

    closed: nobody reads on (`emrnetcheck | head`), which is no fault.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(error.strerror or str(error))
        self.closed = isinstance(error, BrokenPipeError)


class _Told(io.RawIOBase):
    """The raw stream, whose refusal is told as OutputError, once: what comes after it goes nowhere."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self._refused = False
        self.name = getattr(raw, "name", "<stdout>")

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: Buffer, /) -> int | None:
        size = memoryview(data).nbytes
        if self._refused or not size:  # typer writes nothing to learn what stream it is, and heeds no refusal
            return size
        try:
            return self._raw.write(data)
        except OSError as error:
            self._refused = True
            raise OutputError(error) from error


def watched() -> None:
    """From now on a write to standard output that fails raises OutputError. What others put in its place is left."""
    plain = sys.stdout
    if not isinstance(plain, io.TextIOWrapper) or plain is not sys.__stdout__:
        return
    unbuffered = isinstance(plain.buffer, io.RawIOBase)  # PYTHONUNBUFFERED
    told = _Told(plain.buffer if isinstance(plain.buffer, io.RawIOBase) else plain.buffer.raw)
    sys.stdout = io.TextIOWrapper(
        told if unbuffered else io.BufferedWriter(told),
        encoding=plain.encoding,
        errors=plain.errors,
        line_buffering=plain.line_buffering,
        write_through=unbuffered,
    )
