"""What does a program of the operating system print?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.failures import classify, clean

_POLL_S = 0.05
_PIECE_BYTES = 64 * 1024
_JOIN_S = 0.2
_POLITE_S = 0.5
_MEMORY_BYTES = 512 * 1024 * 1024


def output_of(argv: list[str], *, timeout_s: float = 3.0) -> str | Failure:
    """Standard output of a program that only reads; UNSUPPORTED where it does not exist, OTHER where it fails."""
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            # The parsers know the English words.
            env={**os.environ, "LC_ALL": "C"},
        )
    except subprocess.TimeoutExpired:
        return Failure(FailureKind.TIMEOUT, "run", argv[0])
    except FileNotFoundError:
        return Failure(FailureKind.UNSUPPORTED, "run", argv[0], "there is no such program")
    except OSError as error:
        return classify(error, "run", argv[0])
    if done.returncode != 0:
        return Failure(FailureKind.OTHER, "run", argv[0], clean(done.stderr.decode(errors="replace")))
    return done.stdout.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that has ended. failure: why it had to be ended; what it printed until then is there all the same."""

    status: int
    stdout: str
    stderr: str
    failure: Failure | None = None


def run_watched(
    argv: list[str], *, deadline_s: float, limit_bytes: int, stopping: Callable[[], bool]
) -> Finished | Failure:
    """Let a program run until it ends; at the deadline, when told to stop, or when it prints too much it is ended: by
    an interrupt, so that it can still say what it did, and half a second later by force. It never outlives the call.

    Failures of starting it: UNSUPPORTED where it does not exist. Of ending it: TIMEOUT, INTERRUPTED, TOO_LARGE.
    """
    name = argv[0]
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return Failure(FailureKind.UNSUPPORTED, "run", name, "there is no such program")
    except OSError as error:
        return classify(error, "run", name)
    with process:
        _limit_memory(process)
        outputs = [_Output(pipe, limit_bytes) for pipe in (process.stdout, process.stderr) if pipe is not None]
        too_large = Failure(FailureKind.TOO_LARGE, "run", name, f"more than {limit_bytes} bytes")
        failure: Failure | None = None
        deadline = Deadline.after(deadline_s)
        try:
            while failure is None and process.poll() is None:
                if stopping():
                    failure = Failure(FailureKind.INTERRUPTED, "run", name)
                elif deadline.passed():
                    failure = Failure(FailureKind.TIMEOUT, "run", name, f"it did not end within {deadline_s:.0f} s")
                elif any(output.too_large for output in outputs):
                    failure = too_large
                else:
                    time.sleep(_POLL_S)
        finally:
            _end(process)
        stdout, stderr = (output.text() for output in outputs)
    if failure is None and any(output.too_large for output in outputs):
        failure = too_large
    return Finished(process.returncode, stdout, stderr, failure)


def _limit_memory(process: subprocess.Popen[bytes]) -> None:
    """What it reads from the network must not fill this computer. Linux only: elsewhere there is no such limit from
    outside."""
    if sys.platform == "linux":
        import resource

        try:
            resource.prlimit(process.pid, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        except OSError:
            pass  # it has ended already


def _end(process: subprocess.Popen[bytes]) -> None:
    """Harmless once it has ended."""
    if process.poll() is None and os.name != "nt":
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_POLITE_S)
        except subprocess.TimeoutExpired:
            pass  # by force, then
    process.kill()


class _Output:
    """Reads a pipe in a thread of its own (pipes cannot be selected on Windows), and stops at the limit."""

    def __init__(self, pipe: IO[bytes], limit_bytes: int) -> None:
        self._pipe = pipe
        self._limit_bytes = limit_bytes
        self._data = bytearray()
        self.too_large = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while piece := self._pipe.read1(_PIECE_BYTES):  # type: ignore[attr-defined]  # Popen's pipes are buffered
            if len(self._data) + len(piece) > self._limit_bytes:
                self.too_large = True
                return
            self._data += piece

    def text(self) -> str:
        """All of it, once the program has ended; a grandchild that keeps the pipe open is not waited for."""
        self._thread.join(_JOIN_S)
        return bytes(self._data).decode(errors="replace")
