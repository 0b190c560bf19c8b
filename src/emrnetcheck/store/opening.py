"""How is the database opened and brought to the newest schema, by one program at a time?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.store import file
from emrnetcheck.store.faults import NothingStoredError, StoreError
from emrnetcheck.store.versions import NEWEST, REVISIONS, VERSION_TABLE

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_POSTGRES = "postgresql"
_LOCK_NUMBER = 0x656D726E  # "emrn": any number that nobody else in a shared database takes
_CONNECT_S = 5
_WRITES = "writes"


def name_of(where: Path | str) -> str:
    """How the history is called in a sentence: never with a password, which may stand behind the ? as well."""
    if isinstance(where, Path):
        return str(where)
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(where).set(query={}).render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        # Not shown, nor why: it may hold a password.
        raise StoreError("The address of the history's database in the settings cannot be read.") from None


def connected(where: Path | str, *, write: bool) -> Connection:
    """A connection to a history in the newest schema. write: make it if there is none."""
    if isinstance(where, Path):
        return _ready(_sqlite(where, write=write), name_of(where), write=write)
    from sqlalchemy import create_engine

    return _ready(create_engine(where, connect_args={"connect_timeout": _CONNECT_S}), name_of(where), write=write)


def _sqlite(where: Path, *, write: bool) -> Engine:
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    engine = create_engine("sqlite://", creator=lambda: file.connect(where, write=write), poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Who will write takes the lock at once: two that began by reading could not both go on to write.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get(_WRITES) else "BEGIN")

    return engine


@contextmanager
def writing(connection: Connection) -> Iterator[None]:
    """A transaction that is going to write: all of it is kept, or nothing."""
    connection.info[_WRITES] = True
    try:
        with connection.begin():
            yield
    finally:
        connection.info[_WRITES] = False


def _ready(engine: Engine, name: str, *, write: bool) -> Connection:
    connection = engine.connect()
    try:
        version = _version(connection, name)
        connection.rollback()
        if version is None and not write:
            raise NothingStoredError(f"Nothing is stored yet: the history {name} is empty.")
        if version != NEWEST:
            _upgrade(connection, name)
    except BaseException:
        connection.close()
        engine.dispose()
        raise
    return connection


def _version(connection: Connection, name: str) -> str | None:
    """The schema that is there; StoreError for one that only a newer version can know."""
    from sqlalchemy import inspect, text

    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    if found is not None and found not in REVISIONS:
        raise StoreError(
            f"The history {name} was written by a newer version of emrnetcheck: use that one, or another history."
        )
    return None if found is None else str(found)


def _upgrade(connection: Connection, name: str) -> None:
    """To the newest schema, in one transaction that holds the lock: whoever comes second finds it done."""
    from sqlalchemy import func, select

    with writing(connection):
        if connection.dialect.name == _POSTGRES:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK_NUMBER)))
        if _version(connection, name) == NEWEST:
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        folder = str(Path(__file__).parent / "migrations")
        config.set_main_option("script_location", folder.replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
