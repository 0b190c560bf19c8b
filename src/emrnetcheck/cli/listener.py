"""Is anybody there to take what a watch says? It goes on for hours, and its terminal or pipe may not."""

from __future__ import annotations

import errno
import os
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from emrnetcheck.cli.standard_output import OutputError

_GONE = (errno.EPIPE, errno.EIO, *((errno.EINVAL,) if sys.platform == "win32" else ()))


class Listener:
    """A stream for text that swallows what nobody takes any more. lost: why, from then on."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self.lost: OSError | None = None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a stream can be asked
        return getattr(self._stream, name)

    @property
    def failed(self) -> str:
        """Why it could not be written, if not because a pipe or a terminal was closed: that is no fault."""
        return "" if self.lost is None or self.lost.errno in _GONE else self.lost.strerror or str(self.lost)

    def write(self, text: str) -> int:
        """As of a stream."""
        if self.lost is None:
            try:
                self._stream.write(text)
            except (OSError, OutputError) as error:
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """As of a stream."""
        if self.lost is None:
            try:
                self._stream.flush()
            except (OSError, OutputError) as error:
                self._lose(error)

    def line(self, text: str) -> None:
        """A whole one, at once."""
        self.write(f"{text}\n")
        self.flush()

    def is_there(self) -> bool:
        """Whether it still takes something: a reader who has enough is noticed before there is more to say."""
        if self.lost is None and hasattr(select, "poll"):
            with suppress(OSError, ValueError):  # no file of the system: what is captured is always there
                asked = select.poll()
                asked.register(self._stream.fileno(), 0)
                if any(state & (select.POLLERR | select.POLLHUP) for _, state in asked.poll(0)):
                    self._lose(BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)))
        return self.lost is None

    def _lose(self, error: OSError | OutputError) -> None:
        """The interpreter must not stumble at its end over what the stream still holds."""
        said = error.__cause__ if isinstance(error, OutputError) else error
        self.lost = said if isinstance(said, OSError) else OSError(str(error))
        with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())
