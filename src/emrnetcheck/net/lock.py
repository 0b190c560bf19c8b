"""Is a run going on already? A lock of the operating system on a file: it ends with the process, however that ends."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from emrnetcheck.model import Failure
from emrnetcheck.net.failures import classify

FILE_NAME = "emrnetcheck.lock"
_MAX_BYTES = 200
# Windows keeps others from reading what is locked, so that a byte is locked that the file will never have.
_LOCKED_BYTE = 1 << 30


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the lock now. Each None where the file does not tell (yet)."""

    pid: int | None
    since: datetime | None


class Held:
    """The lock, taken: given back by `release`, by leaving `with`, and by the end of the process, whatever ends it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Give it back; harmless when done twice. The file stays: to delete it would let two hold the same lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def take(file: Path, now: datetime) -> Held | Holder | Failure:
    """The lock of this file, at once or not at all; Holder: another process has it, and is not waited for.

    now: with a time zone; it is written into the file for whoever comes next. Failure: the file cannot be opened or
    cannot be locked (a folder of somebody else, a network drive without locks).
    """
    try:
        # Not passed on to programs that are started (PEP 446), which could outlive this process.
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        return classify(error, "lock", str(file))
    try:
        if not _locked(descriptor):
            found = os.read(descriptor, _MAX_BYTES)
            os.close(descriptor)
            return _holder(found)
        _sign(descriptor, now)
    except OSError as error:
        os.close(descriptor)
        return classify(error, "lock", str(file))
    return Held(descriptor)


def _locked(descriptor: int) -> bool:
    """Whether this process has it now. OSError where the file's system has no locks."""
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(descriptor: int, now: datetime) -> None:
    text = json.dumps({"pid": os.getpid(), "since": now.isoformat(timespec="seconds")})
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, text.encode())
    except OSError:
        pass  # the disk is full: the lock holds all the same, and does not tell whose it is


def _holder(found: bytes) -> Holder:
    """What the file says of whoever has the lock. It may be half written, or not ours."""
    try:
        told = json.loads(found)
        pid, since = told["pid"], datetime.fromisoformat(told["since"])
    except (ValueError, KeyError, TypeError):
        return Holder(None, None)
    if type(pid) is not int or pid <= 0 or since.tzinfo is None:
        return Holder(None, None)
    return Holder(pid, since)
