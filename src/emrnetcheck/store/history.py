"""What can be asked of the history, and what is written into it?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, text

from emrnetcheck.model.past import PastFigures, PastRun, PastWatch
from emrnetcheck.store import opening, pruning
from emrnetcheck.store.asked import (
    ANY,
    Wanted,
    conditions,
    figures_in_time,
    newest_first,
    past,
    past_figures,
    past_runs,
)
from emrnetcheck.store.faults import NoSuchRunError, NothingStoredError, StoreError, told
from emrnetcheck.store.packed import INSERT_DOCUMENT, INSERT_RUN, KNOWN, columns, document, unpacked_whole
from emrnetcheck.store.rows import LeftOut, readable
from emrnetcheck.store.tables import documents, runs, watches
from emrnetcheck.store.watched import past_watch, watch_columns

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

LATEST = "latest"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Document:
    """A run as it was kept: its report as `run --format json` wrote it, and the clinic's settings then, as JSON."""

    run: PastRun
    report: str
    settings: str


class History:
    """An open history. Every method raises StoreError, with one sentence for people, where it cannot do its work."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._together = False
        self.name = name

    @property
    def connection(self) -> Connection:
        """For the other parts of this room only."""
        return self._connection

    @classmethod
    @contextmanager
    def opened(cls, where: Path | str, *, write: bool = False) -> Iterator[History]:
        """In a file (SQLite) or at a URL (PostgreSQL). write: make it, where there is none; else NothingStoredError."""
        name = opening.name_of(where)
        with told(name):
            connection = opening.connected(where, write=write)
        try:
            yield cls(connection, name)
        finally:
            with told(name):
                connection.close()
                connection.engine.dispose()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is all kept, or nothing of it; also by methods that have this around them already.

        Nothing slow inside: nobody else can write meanwhile.
        """
        if self._together:
            yield
            return
        with told(self.name), opening.writing(self._connection):
            self._together = True
            try:
                yield
            finally:
                self._together = False

    def save(self, run: PastRun, report: str, settings: str) -> bool:
        """Keep it whole, or nothing of it. False: it was there already."""
        with self.together():
            if self._connection.execute(text(KNOWN), {"id": run.id}).first() is not None:
                return False
            self._connection.execute(text(INSERT_RUN), columns(run))
            self._connection.execute(text(INSERT_DOCUMENT), document(run, report, settings))
        return True

    def begun(self, *, most: int) -> list[datetime]:
        """When the newest runs began, the newest first."""
        query = select(runs.c.started_unix_s).order_by(runs.c.started_unix_s.desc()).limit(most)
        with self.reading():
            return [datetime.fromtimestamp(int(row.started_unix_s), UTC) for row in self._connection.execute(query)]

    def prune(self, before: datetime) -> int:
        """Forget the runs that began before, the watches, and mails that nobody will send; how many runs those were."""
        old = runs.c.started_unix_s < int(before.timestamp())
        old_watches = watches.c.started_unix_s < int(before.timestamp())
        with told(self.name):
            if not self._count(old) and not self._count(old_watches) and not self._has_old_mails(before):
                return 0  # the usual answer, and it takes no lock
            with opening.writing(self._connection):
                pruning.forget(self._connection, before)
                self._connection.execute(delete(watches).where(old_watches))
                ids = select(runs.c.id).where(old)
                self._connection.execute(delete(documents).where(documents.c.run_id.in_(ids)))
                return self._connection.execute(delete(runs).where(old)).rowcount

    def _has_old_mails(self, before: datetime) -> bool:
        with self.reading():
            return pruning.has_old(self._connection, before)

    def give_room_back(self) -> None:
        """After much was forgotten: a file does not shrink by itself. A server sees to that."""
        if self._connection.dialect.name != "sqlite":
            return
        with told(self.name):
            # Past SQLAlchemy, which would begin a transaction: it may not be in one.
            driver = self._connection.connection.driver_connection
            assert driver is not None
            driver.execute("VACUUM")

    def count_before(self, before: datetime) -> int:
        """How many runs `prune` would forget."""
        with told(self.name):
            return self._count(runs.c.started_unix_s < int(before.timestamp()))

    def _count(self, condition: Any) -> int:  # noqa: ANN401 (an expression of SQLAlchemy)
        found = self._connection.execute(select(func.count()).where(condition)).scalar_one()
        self._connection.rollback()
        return int(found)

    def save_watch(self, watch: PastWatch, summary: str) -> bool:
        """Keep it whole, or nothing of it. False: it was there already."""
        with told(self.name), opening.writing(self._connection):
            if self._connection.execute(select(watches.c.id).where(watches.c.id == watch.id)).first() is not None:
                return False
            self._connection.execute(insert(watches), watch_columns(watch, summary))
        return True

    def watches(
        self, *, site: str | None = None, since: datetime | None = None, most: int, left_out: LeftOut | None = None
    ) -> list[PastWatch]:
        """The newest first. left_out: told of each that cannot be read; without it, that is an UnreadableError."""
        query = select(watches).order_by(watches.c.started_unix_s.desc(), watches.c.id.desc()).limit(most)
        if site is not None:
            query = query.where(watches.c.site == site)
        if since is not None:
            query = query.where(watches.c.started_unix_s >= int(since.timestamp()))
        with self.reading():
            return list(readable((row._asdict() for row in self._connection.execute(query)), past_watch, left_out))

    def watch(self, id_: str) -> str:
        """The summary as it was kept; by the id of the watch, or by the beginning of one."""
        query = select(watches.c.id, watches.c.summary).where(watches.c.id.startswith(id_, autoescape=True))
        with self.reading():
            rows = self._connection.execute(query.order_by(watches.c.id).limit(2)).all()
        whole = [row for row in rows if row.id == id_]
        if not rows:
            raise NoSuchRunError(f"There is no watch {id_[:60]} in the history: see `history watches`.")
        if len(rows) > 1 and not whole:
            raise NoSuchRunError(f"More than one watch begins with {id_[:60]}: write more of the id.")
        row = (whole or rows)[0]
        return unpacked_whole(row.summary, row.id, self.name)

    def runs(self, wanted: Wanted = ANY, *, most: int | None = None, left_out: LeftOut | None = None) -> list[PastRun]:
        """The newest first. left_out: told of each that cannot be read."""
        query, values = newest_first(wanted, most)
        with self.reading():
            return past_runs((row._asdict() for row in self._connection.execute(text(query), values)), left_out)

    def figures(self, wanted: Wanted = ANY, *, left_out: LeftOut | None = None) -> list[PastFigures]:
        """The oldest first."""
        query, values = figures_in_time(wanted)
        with self.reading():
            return past_figures(self._connection.execute(text(query), values), left_out)

    def document(self, id_: str) -> Document:
        """By its id, by the beginning of one, or the latest; StoreError where that is none, or more than one."""
        query = select(runs, documents.c.report, documents.c.settings).join(documents)
        if id_ == LATEST:
            query = query.order_by(runs.c.started_unix_s.desc(), runs.c.id.desc()).limit(1)
        else:
            query = query.where(runs.c.id.startswith(id_, autoescape=True)).order_by(runs.c.id).limit(2)
        with self.reading():
            rows = self._connection.execute(query).all()
        whole = [row for row in rows if row.id == id_]
        if not rows:
            if id_ == LATEST:
                raise NothingStoredError(f"Nothing is stored yet in the history {self.name}.")
            raise NoSuchRunError(f"There is no run {id_[:60]} in the history: see its list.")
        if len(rows) > 1 and not whole:
            raise NoSuchRunError(f"More than one run begins with {id_[:60]}: write more of the id.")
        return self._document((whole or rows)[0])

    def documents(self, wanted: Wanted = ANY, *, left_out: LeftOut | None = None) -> Iterator[Document]:
        """All of them, the oldest first, few in memory at once. left_out: told of each that cannot be read."""
        query = select(runs, documents.c.report, documents.c.settings).join(documents)
        where, values = conditions(wanted)
        query = query.where(text(where).bindparams(**values)).order_by(runs.c.started_unix_s, runs.c.id)
        with self.reading():
            for row in self._connection.execute(query.execution_options(yield_per=_AT_ONCE)):
                try:
                    found = self._document(row)
                except StoreError as error:
                    if left_out is None:
                        raise
                    left_out(str(error))
                else:
                    yield found

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is asked inside is of one moment."""
        with told(self.name):
            try:
                yield
            finally:
                if not self._together:
                    self._connection.rollback()

    def _document(self, row: Row[Any]) -> Document:
        with told(self.name):
            run = past(row._asdict())
        report, settings = (unpacked_whole(each, row.id, self.name) for each in (row.report, row.settings))
        return Document(run, report, settings)
