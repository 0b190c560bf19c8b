"""Which runs are kept? From a file without SQLAlchemy, which takes longer to load than all the rest together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from emrnetcheck.model.past import PastFigures, PastRun
from emrnetcheck.store import file
from emrnetcheck.store.asked import ANY, Wanted, figures_in_time, newest_first, past_figures, past_runs
from emrnetcheck.store.faults import NoSuchRunError, told_of_file
from emrnetcheck.store.packed import REPORT_OF, unpacked_whole
from emrnetcheck.store.rows import LeftOut
from emrnetcheck.store.versions import NEWEST, VERSION_TABLE


def kept_runs(
    where: Path | str, wanted: Wanted = ANY, *, most: int | None = None, left_out: LeftOut | None = None
) -> list[PastRun]:
    """The newest first; NothingStoredError where there is no history, StoreError where it cannot be read.

    left_out: told of each run that cannot be; without it, that is a StoreError as well.
    """
    if isinstance(where, Path):
        with newest_file(where) as connection:
            if connection is not None:
                query, values = newest_first(wanted, most)
                connection.row_factory = sqlite3.Row
                return past_runs(map(dict, connection.execute(query, values)), left_out)
    from emrnetcheck.store.history import History

    with History.opened(where) as history:
        return history.runs(wanted, most=most, left_out=left_out)


def kept_figures(where: Path | str, wanted: Wanted = ANY, *, left_out: LeftOut | None = None) -> list[PastFigures]:
    """The oldest first; the errors of `kept_runs`."""
    if isinstance(where, Path):
        with newest_file(where) as connection:
            if connection is not None:
                return past_figures(connection.execute(*figures_in_time(wanted)), left_out)
    from emrnetcheck.store.history import History

    with History.opened(where) as history:
        return history.figures(wanted, left_out=left_out)


def kept_report(where: Path | str, id_: str) -> str:
    """The report of the run with this id, as it was kept; the errors of `kept_runs`, and NoSuchRunError."""
    if isinstance(where, Path):
        with newest_file(where) as connection:
            if connection is not None:
                row = connection.execute(REPORT_OF, {"id": id_}).fetchone()
                if row is None:
                    raise NoSuchRunError(f"There is no run {id_[:60]} in the history: see its list.")
                return unpacked_whole(row[0], id_, str(where))
    from emrnetcheck.store.history import History

    with History.opened(where) as history:
        return history.document(id_).report


@contextmanager
def newest_file(where: Path) -> Iterator[sqlite3.Connection | None]:
    """The open file; None: not in the newest schema, or none at all yet, which `History` knows how to deal with."""
    with told_of_file(str(where)), closing(file.connect(where, write=False)) as connection:
        yield connection if is_newest(connection) else None


def is_newest(connection: sqlite3.Connection) -> bool:
    """Whether the file holds a history in the newest schema."""
    tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    there = connection.execute(tables, (VERSION_TABLE,)).fetchone() is not None
    found = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall() if there else []
    return found == [(NEWEST,)]
