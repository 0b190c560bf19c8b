"""How is the file of the history opened, for this user only, and also where nothing may be written?"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from emrnetcheck.store.copied import left_beside, opened_as_copy
from emrnetcheck.store.faults import BUSY_S, NothingStoredError, primary

_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def connect(file: Path, *, write: bool) -> sqlite3.Connection:
    """write: make the file if there is none. Without it: also where nothing may be written, if only there is a file."""
    if write:
        _make(file)
        return _writable(file)
    if not file.exists():
        raise NothingStoredError(f"Nothing is stored yet: there is no history {file}.")
    if _may_write(file):
        try:
            return _writable(file)
        except sqlite3.OperationalError as error:
            # Even who only reads needs a file beside it, for which a full disk has no room.
            if primary(error) not in _NO_ROOM:
                raise
    return _only_to_read(file)


def _only_to_read(file: Path) -> sqlite3.Connection:
    """Without making a file beside it."""
    if not left_beside(file):
        return _opened(file, "mode=ro&immutable=1")
    # immutable would pass over what those files hold. Where another program has it open, they are whole.
    connection = _opened(file, "mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if primary(error) not in _NO_ROOM:
            raise
        try:
            return opened_as_copy(file, BUSY_S)
        except OSError:
            raise error from None
    except BaseException:
        connection.close()
        raise
    return connection


def _writable(file: Path) -> sqlite3.Connection:
    # mode=rw: SQLite shall not make the file itself, which would be readable for others until we had changed that.
    connection = _opened(file, "mode=rw")
    try:
        _prefer_wal(connection)
        # A commit is on the disk when it returns, whatever happens to the power then.
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _opened(file: Path, options: str) -> sqlite3.Connection:
    # isolation_level None: transactions begin where we say so, also before changes of the schema.
    return sqlite3.connect(f"{file.resolve().as_uri()}?{options}", uri=True, timeout=BUSY_S, isolation_level=None)


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Never readable for others, not even for a moment. SQLite gives its own files beside it the same mode.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass


def _may_write(file: Path) -> bool:
    return os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)


def _prefer_wal(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone() == ("wal",):
        return
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError as error:
        # Two that begin at once: one of them sets it, and it stays. Until then the older journal does as well.
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
