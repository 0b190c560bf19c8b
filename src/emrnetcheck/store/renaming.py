"""What of a clinic goes on when its name changes? Its runs, mail that waits, open alarms, and what was done already.

The reports of its runs stay as they were made, with the name of then in them: only lists go by another one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from emrnetcheck.store.history import History
from emrnetcheck.store.packed import storable

# Where there is one of the new name already, it stays: the clinic had that name before, or another has it.
_RUNS = tuple(f"UPDATE emrnetcheck_{each} SET site = :new WHERE site = :old" for each in ("runs", "watches"))
_MAILS = "UPDATE emrnetcheck_outbox SET site = :new WHERE site = :old"
_ALARMS = (
    "UPDATE emrnetcheck_alerts SET site = :new, revision = revision + 1, changed_unix_s = :now WHERE site = :old "
    "AND NOT EXISTS (SELECT 1 FROM emrnetcheck_alerts AS others WHERE others.site = :new)"
)
# Only the newest of each kind, and as a copy: they tell what is not due any more.
_DONE = (
    "INSERT INTO emrnetcheck_claims (kind, site, due_unix_s, claimed_unix_s, finished_unix_s, outcome, run_id) "
    "SELECT kind, :new, due_unix_s, claimed_unix_s, finished_unix_s, outcome, run_id FROM emrnetcheck_claims AS newest "
    "WHERE site = :old AND due_unix_s = (SELECT max(due_unix_s) FROM emrnetcheck_claims AS other "
    "WHERE other.site = :old AND other.kind = newest.kind AND other.due_unix_s <= :latest) "
    "ON CONFLICT (kind, site, due_unix_s) DO NOTHING"
)
_UNTOLD = (
    "UPDATE emrnetcheck_claims SET outcome = 'done' WHERE site = :old AND outcome = 'kept' "
    "AND EXISTS (SELECT 1 FROM emrnetcheck_claims AS other WHERE other.site = :new "
    "AND other.kind = emrnetcheck_claims.kind AND other.due_unix_s = emrnetcheck_claims.due_unix_s)"
)


def go_on(history: History, old: str, new: str, now: datetime, latest: datetime, *, runs: bool) -> None:
    """All of it together, or nothing. Harmless when done twice. StoreError where it cannot be written.

    latest: what was claimed for later, was claimed while the clock was wrong. runs: its runs and watches, too: nobody
    else has the old name.
    """
    values = {
        "old": storable(old),
        "new": storable(new),
        "now": int(now.timestamp()),
        "latest": int(latest.timestamp()),
    }
    if values["old"] == values["new"]:
        return
    with history.together():
        for step in (*(_RUNS if runs else ()), _MAILS, _ALARMS, _DONE, _UNTOLD):
            history.connection.execute(text(step), values)
