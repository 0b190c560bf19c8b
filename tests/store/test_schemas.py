"""A history of any released version is brought to the newest schema, with all that is in it."""

from __future__ import annotations

import json
import sqlite3
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import emrnetcheck.store
from emrnetcheck.model import Status, Verdict
from emrnetcheck.model.claims import Work
from emrnetcheck.model.mail import Outcome, Reply
from emrnetcheck.reports.json import parse, render
from emrnetcheck.store import StoreError, opening
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.store.tables import metadata
from emrnetcheck.store.versions import REVISIONS, VERSION_TABLE
from tests.store.conftest import BEGAN, mail, numbered, save

SCHEMAS = Path(__file__).parent / "schemas"
"""A dump of a history of each released schema, as that version wrote it. Such a file is never changed."""


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_history_of_that_schema_is_upgraded_and_whole(file: Path, revision: str) -> None:
    file.parent.mkdir()
    old = sqlite3.connect(file)
    old.executescript((SCHEMAS / f"{revision}.sql").read_text(encoding="utf-8"))
    assert old.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchall() == [(revision,)]
    old.close()
    with History.opened(file) as history:
        newer, older = history.runs()
        assert (newer.id, newer.verdict) == ("20261124T202000Z-7f3a", Verdict.READY)
        assert (older.id, older.verdict) == ("20261125T063000Z-a1b2", Verdict.NOT_READY)
        assert older.codes[-1] == "port.not_forwarded"
        for run in (newer, older):
            kept = history.document(run.id)
            report = parse(kept.report)
            assert report.id == run.id
            assert holds(json.loads(render(report)), json.loads(kept.report))
            assert (run.public_v4, run.statuses) == (past_run(report).public_v4, past_run(report).statuses)
            assert run.statuses
    with History.opened(file, write=True) as history:
        assert save(history, numbered(1))
        assert differences(history) == []


def test_mails_of_an_older_version_are_still_to_be_sent(file: Path) -> None:
    file.parent.mkdir()
    old = sqlite3.connect(file)
    old.executescript((SCHEMAS / "0004.sql").read_text(encoding="utf-8"))
    old.close()
    with History.opened(file) as history:
        waiting = Outbox(history, "Elm Street Clinic")
        fresh, tried = waiting.due(BEGAN + timedelta(days=1))
        assert (fresh.mail, fresh.recipient, fresh.last_reply) == (mail(1), "helper@it.example", None)
        assert (tried.mail, tried.recipient) == (mail(1), "doctor@clinic.example")
        assert tried.last_reply == Reply(Outcome.DEFERRED, 451, "later", "to")
        assert Claims(history).last(Work.REPORT, "Elm Street Clinic") is not None
        assert AlertStates(history).load("Elm Street Clinic") == ('{"open": []}', 1)


def holds(now: Any, then: Any) -> bool:
    """Whether all that a report said is in it still; a newer version may say more."""
    if isinstance(then, dict):
        return then.keys() <= now.keys() and all(holds(now[name], value) for name, value in then.items())
    if isinstance(then, list):
        return len(now) == len(then) and all(holds(*pair) for pair in zip(now, then, strict=True))
    return bool(now == then)


@pytest.mark.parametrize(
    "content", [b"", b"damage", zlib.compress(b"[]"), zlib.compress(b'{"checks": [{"id": "x y", "status": "gone"}]}')]
)
def test_a_report_that_cannot_be_read_stops_no_upgrade(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    old = sqlite3.connect(file)
    old.executescript((SCHEMAS / "0001.sql").read_text(encoding="utf-8"))
    old.execute("UPDATE emrnetcheck_documents SET report = ? WHERE run_id = '20261125T063000Z-a1b2'", (content,))
    old.commit()
    old.close()
    with History.opened(file) as history:
        newer, older = history.runs()
    assert (older.public_v4, older.statuses) == (None, {})
    assert newer.statuses["router"] is Status.PASS


def differences(history: History) -> list[object]:
    """Between the tables that are there and those that the code speaks of."""
    context = MigrationContext.configure(history._connection, opts={"version_table": VERSION_TABLE})
    found = compare_metadata(context, metadata)
    history._connection.rollback()
    return list(found)


def test_a_new_history_is_what_the_code_speaks_of(file: Path) -> None:
    with History.opened(file, write=True) as history:
        assert differences(history) == []


def test_every_schema_is_listed_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(emrnetcheck.store.__file__).parent / "migrations"))
    steps = ScriptDirectory.from_config(config).walk_revisions()
    assert tuple(step.revision for step in steps)[::-1] == REVISIONS


@pytest.mark.parametrize("write", [False, True])
def test_a_newer_schema_is_told_and_left_alone(file: Path, write: bool) -> None:
    with History.opened(file, write=True) as history:
        save(history, numbered(1))
        history._connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        history._connection.commit()
    with pytest.raises(StoreError, match="was written by a newer version"), History.opened(file, write=write):
        pass
    plain = sqlite3.connect(file)
    assert plain.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() == ("9999",)
    assert plain.execute("SELECT count(*) FROM emrnetcheck_runs").fetchone() == (1,)
    plain.close()


def test_alembic_is_not_loaded_where_nothing_is_to_upgrade(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History.opened(file, write=True) as history:
        save(history, numbered(1))
    monkeypatch.setattr(opening, "_upgrade", lambda *_: pytest.fail("it was upgraded again"))
    with History.opened(file, write=True) as history:
        assert len(history.runs()) == 1
