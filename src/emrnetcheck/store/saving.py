"""How is a run kept in a file without SQLAlchemy, which would add more to a run than all the rest of keeping it?"""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from emrnetcheck.model.past import PastRun
from emrnetcheck.store import file
from emrnetcheck.store.faults import told_of_file
from emrnetcheck.store.packed import INSERT_DOCUMENT, INSERT_RUN, KNOWN, columns, document
from emrnetcheck.store.reading import is_newest


def saved_in_file(where: Path, run: PastRun, report: str, settings: str) -> bool:
    """Keep it whole, or nothing of it. False: there is no history in the newest schema, and nothing was done."""
    with told_of_file(str(where)):
        if not where.exists():
            return False
        with closing(file.connect(where, write=True)) as connection:
            if not is_newest(connection):
                return False
            # Leaving by an error closes the connection, which takes back what was not committed.
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute(KNOWN, {"id": run.id}).fetchone() is None:
                connection.execute(INSERT_RUN, columns(run))
                connection.execute(INSERT_DOCUMENT, document(run, report, settings))
            connection.execute("COMMIT")
    return True


def has_older(where: Path, before: datetime) -> bool:
    """Whether there is anything to forget."""
    with told_of_file(str(where)), closing(file.connect(where, write=False)) as connection:
        query = "SELECT 1 FROM emrnetcheck_runs WHERE started_unix_s < ? LIMIT 1"
        return connection.execute(query, (int(before.timestamp()),)).fetchone() is not None
