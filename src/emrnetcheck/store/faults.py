"""How is it said, in one sentence, that the history cannot be used?"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

BUSY_S = 10.0
"""How long another program may hold the history before this one gives up."""
_CUT_CHARS = 160
_PRIMARY = 0xFF  # the low byte of SQLite's result codes tells the kind: https://www.sqlite.org/rescode.html


class StoreError(Exception):
    """The history cannot be used; the message is one sentence for people."""


class NothingStoredError(StoreError):
    """There is no history yet."""


class NoSuchRunError(StoreError):
    """Who asked meant a run that is not there, or more than one."""


class DamagedRunError(StoreError):
    """One run's report is damaged; the others are not."""


class UnreadableError(Exception):
    """What is kept has a word that this version does not know. A StoreError that names the history is made of it."""


_OWNER = ("may not be written to: see who owns it and its folder", "cannot be opened: see who owns it and its folder")
_DAMAGED = (
    "is damaged: move that file elsewhere, with what belongs to it (the same name with -wal and -shm), "
    "and the next run begins a new one"
)
_MEDIUM = "may not be written to: it is on a disk that can only be read"
_WORDS = {
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk is full or has a fault",
    sqlite3.SQLITE_READONLY: _OWNER[0],
    sqlite3.SQLITE_CANTOPEN: _OWNER[1],
    sqlite3.SQLITE_PERM: _OWNER[1],
    sqlite3.SQLITE_BUSY: f"was in use by another program for {BUSY_S:.0f} seconds",
    sqlite3.SQLITE_LOCKED: f"was in use by another program for {BUSY_S:.0f} seconds",
    sqlite3.SQLITE_CORRUPT: f"{_DAMAGED}. Older runs may be saved out of it: sqlite3 FILE .recover",
    sqlite3.SQLITE_NOTADB: _DAMAGED,
}


@contextmanager
def told_of_file(name: str) -> Iterator[None]:
    """Errors inside, of the file and of what is in it, become a StoreError about the history of that name."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"The history {name} {_words(error, name)}.") from error
    except OSError as error:
        raise StoreError(f"The history {name} cannot be used: {error.strerror or error}.") from error
    except UnreadableError as error:
        raise StoreError(f"The history {name} holds what this version cannot read: {error}.") from error


@contextmanager
def told(name: str) -> Iterator[None]:
    """The same with SQLAlchemy between."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with told_of_file(name):
            yield
    except SQLAlchemyError as error:
        raise StoreError(f"The history {name} {_words(getattr(error, 'orig', None) or error, name)}.") from error
    except ModuleNotFoundError as error:
        raise StoreError(f"The history {name} needs the part {error.name}, which is not installed.") from error


def _words(cause: BaseException, name: str) -> str:
    kind = primary(cause)
    if kind in _WORDS:
        said = _WORDS[kind]
        return _MEDIUM if said in _OWNER and _can_only_be_read(name) else said
    said = " ".join(str(cause).split())[:_CUT_CHARS].rstrip(".")
    return f"cannot be used: {said or type(cause).__name__}"


def primary(cause: BaseException) -> int | None:
    """The kind of an error of SQLite; None for any other."""
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else int(code) & _PRIMARY


def _can_only_be_read(name: str) -> bool:
    """Whether the disk is mounted so; False where this system does not tell."""
    ask = getattr(os, "statvfs", None)
    try:
        return bool(ask and ask(name).f_flag & os.ST_RDONLY)
    except OSError:
        return False
