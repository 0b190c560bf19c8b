"""`schedule run` with a history that has just begun, and by a clock that is far from the last work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from emrnetcheck.store.history import History
from tests.cli.conftest import SETTINGS, Call, Clinic, all_due_before
from tests.cli.test_schedule_run import backdate


def test_what_is_older_than_the_history_is_not_due_and_a_clock_far_off_waits(
    call: Call, clinic: Clinic, settings: Path, file: Path
) -> None:
    settings.write_text(f"{SETTINGS}\n{all_due_before()}", encoding="utf-8")
    begun = call("schedule", "run", "--config", settings)
    assert (begun.status, begun.err) == (0, "")
    assert begun.out == "The history knows of no work yet: what is due from now on is done.\n"
    assert call("schedule", "run", "--config", settings).out == ""
    with History.opened(file) as history:
        assert history.runs() == []
    with closing(sqlite3.connect(file)) as kept:
        kept.execute("UPDATE emrnetcheck_claims SET kind = 'check', outcome = 'done'")
        kept.commit()
    backdate(file, timedelta(days=3))
    assert call("schedule", "run", "--config", settings).out.startswith("Nothing is done yet: this computer's clock")
    assert call("schedule", "run", "--config", settings).out == ""
    with History.opened(file) as history:
        assert len(history.runs()) == 1
