"""How is a history read that needs files made beside it, where none can be made? In a copy, as long as it is open."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

_BESIDE = ("-wal", "-journal")  # what a program left that was ended in the middle: the newest runs may be in them
_MEMORY = Path("/dev/shm")  # where the disk is full, it has room


def left_beside(file: Path) -> list[Path]:
    """The files beside the history that hold a part of it."""
    found = [file.with_name(f"{file.name}{end}") for end in _BESIDE]
    return [each for each in found if each.exists() and each.stat().st_size]


class _Copy(sqlite3.Connection):
    """It takes its folder with it when it is closed."""

    folder: tempfile.TemporaryDirectory[str] | None = None

    def close(self) -> None:
        super().close()
        if self.folder is not None:
            self.folder.cleanup()


def opened_as_copy(file: Path, timeout_s: float) -> sqlite3.Connection:
    """For this user only. OSError where there is no room for a copy either."""
    folder = _with_copies([file, *left_beside(file)])
    try:
        uri = f"{(Path(folder.name).resolve() / file.name).as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, uri=True, timeout=timeout_s, isolation_level=None, factory=_Copy)
    except BaseException:
        folder.cleanup()
        raise
    connection.folder = folder
    return connection


def _with_copies(files: list[Path]) -> tempfile.TemporaryDirectory[str]:
    try:
        return _copies(files, None)
    except OSError:
        if not _MEMORY.is_dir():
            raise
        return _copies(files, str(_MEMORY))


def _copies(files: list[Path], place: str | None) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory(prefix="emrnetcheck-history-", dir=place, ignore_cleanup_errors=True)
    try:
        for each in files:
            shutil.copyfile(each, Path(folder.name) / each.name)
    except BaseException:
        folder.cleanup()
        raise
    return folder
