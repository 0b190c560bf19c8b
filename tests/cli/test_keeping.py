"""A run is kept by itself, and what goes wrong with that costs neither its report nor its status."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from emrnetcheck.cli import keeping
from emrnetcheck.config import load
from emrnetcheck.model import Site
from emrnetcheck.model.schedule import Schedule
from emrnetcheck.store import StoreError, extract
from emrnetcheck.store.history import History
from tests.cli.conftest import Call, Clinic


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"


def ids(file: Path) -> list[str]:
    with History.opened(file) as history:
        return [run.id for run in history.runs()]


def test_a_run_is_kept_as_it_was_printed(call: Call, clinic: Clinic, settings: Path, file: Path) -> None:
    ended = call("run", "--config", settings, "--format", "json", "-q")
    assert (ended.status, ended.err) == (0, "")
    with History.opened(file) as history:
        kept = history.document("latest")
    assert kept.report == ended.out
    assert kept.run.whole
    assert json.loads(kept.settings)["name"] == "Elm Street Clinic"


def test_no_save_leaves_nothing_behind(call: Call, clinic: Clinic, settings: Path, file: Path) -> None:
    assert call("run", "--config", settings, "--no-save", "-q").status == 0
    assert not file.parent.exists()


def test_what_a_client_finds_is_kept_too(
    call: Call, clinic: Clinic, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from emrnetcheck import probes

    monkeypatch.setattr(probes, "CLIENT", ())
    ended = call("client", "https://emr.example.org:8443/oscar/", "--format", "json", "-q")
    assert (ended.status, ended.err) == (3, "")
    with History.opened(file) as history:
        [run] = history.runs()
    assert (run.vantage, run.site, run.id) == ("client", "emr.example.org", json.loads(ended.out)["id"])
    assert call("client", "https://emr.example.org:8443/oscar/", "-q", "--no-save").status == 3
    assert len(ids(file)) == 1


def test_no_secret_is_kept_with_the_settings(settings: Path) -> None:
    text = settings.read_text(encoding="utf-8") + 'responder_token = "env:TOKEN"\n[history]\n'
    ping = '[schedule]\nping_url = "https://ping.example/s3cret"\n'
    settings.write_text(f'{text}url = "postgresql://emr:s3cret@db/emr"\n{ping}', encoding="utf-8")
    site = load(settings)
    assert (site.history_url, site.responder_token) == ("postgresql+psycopg://emr:s3cret@db/emr", "env:TOKEN")
    kept = keeping.settings_text(site)
    assert "s3cret" not in kept
    assert "TOKEN" not in kept
    again = TypeAdapter(Site).validate_json(kept)
    left = replace(site, history_url=None, responder_token=None, schedule=Schedule())
    assert again == left, "and nothing else is lost"


def test_old_runs_go_when_their_time_is_over(call: Call, clinic: Clinic, settings: Path, file: Path) -> None:
    call("run", "--config", settings, "-q")
    [first] = ids(file)
    plain = sqlite3.connect(file)
    with plain:
        plain.execute("UPDATE emrnetcheck_runs SET started_unix_s = started_unix_s - 10.5 * 86400")
    plain.close()
    with settings.open("a", encoding="utf-8") as more:
        more.write("[history]\nkeep_days = 11\n")
    call("run", "--config", settings, "-q")
    assert len(ids(file)) == 2
    settings.write_text(settings.read_text(encoding="utf-8").replace("keep_days = 11", "keep_days = 10"), "utf-8")
    call("run", "--config", settings, "-q")
    assert len(ids(file)) == 2
    assert first not in ids(file)


def test_a_clock_that_is_years_ahead_forgets_nothing(call: Call, clinic: Clinic, settings: Path, file: Path) -> None:
    """As if this run had been made in three years: it and those of today are kept."""
    for _ in range(2):
        call("run", "--config", settings, "-q")
    before = ids(file)
    plain = sqlite3.connect(file)
    with plain:
        plain.execute("UPDATE emrnetcheck_runs SET started_unix_s = started_unix_s - 1100 * 86400")
    plain.close()
    call("run", "--config", settings, "-q")
    assert set(before) < set(ids(file))
    assert len(ids(file)) == 3


def test_a_history_that_cannot_be_used_sets_the_run_aside_until_it_can(
    call: Call, clinic: Clinic, settings: Path, file: Path
) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database at all")
    ended = call("run", "--config", settings, "--format", "json", "-q")
    assert ended.status == 0
    assert ended.err.startswith(f"Note: The history {file} is damaged: move that file elsewhere, ")
    assert ended.err.endswith("goes into the history with the next one that can be saved.\n")
    first = json.loads(ended.out)["id"]
    [waiting] = (file.parent / "waiting").iterdir()
    assert waiting.stat().st_mode & 0o777 == 0o600
    strange = waiting.with_name("strange.json")
    strange.write_text('{"report": "{}", "settings": ""}')
    file.rename(file.with_suffix(".damaged"))
    again = call("run", "--config", settings, "--format", "json", "-q")
    assert (again.status, again.err) == (0, "")
    assert set(ids(file)) == {first, json.loads(again.out)["id"]}
    with History.opened(file) as history:
        assert history.document(first).report == ended.out
    assert list(waiting.parent.iterdir()) == [strange]


def test_where_nothing_can_be_written_the_report_is_printed_all_the_same(
    call: Call, clinic: Clinic, settings: Path, file: Path
) -> None:
    file.parent.write_text("a file where the folder should be")
    ended = call("run", "--config", settings, "-q")
    assert ended.status == 0
    assert "READY" in ended.out
    assert "not kept anywhere but in what was printed" in ended.err
    assert ended.err.count("\n") == 1


def test_a_full_disk_is_told_with_what_saves_the_report(
    call: Call, clinic: Clinic, settings: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file.parent.mkdir()
    file.write_bytes(b"no database at all")
    monkeypatch.setattr(os, "fsync", full)
    ended = call("run", "--config", settings, "-q")
    assert (ended.status, ended.err.count("\n")) == (0, 1)
    assert ended.err.endswith(
        "No space left on device): save that now, and free room on that disk before the next run.\n"
    )
    assert list(file.parent.iterdir()) == [file], "nothing half written, and no folder for nothing"
    other = file.parent / "waiting" / "other.json"
    other.parent.mkdir()
    other.write_text("{}")
    call("run", "--config", settings, "-q")
    assert list(other.parent.iterdir()) == [other]


def test_a_run_whose_report_cannot_be_written_is_kept(
    call: Call, clinic: Clinic, settings: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("emrnetcheck.cli.delivering.put_file", full)
    assert call("run", "--config", settings, "-q", "--output", file.with_name("report.txt")).status == 2
    assert len(ids(file)) == 1


def test_a_run_that_is_just_kept_does_not_load_what_is_slow(
    call: Call, clinic: Clinic, settings: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("run", "--config", settings, "-q")
    with monkeypatch.context() as patched:
        patched.setattr(History, "opened", lambda *_, **__: pytest.fail("it was opened by SQLAlchemy"))
        ended = call("run", "--config", settings, "-q")
    assert (ended.status, ended.err) == (0, "")
    assert len(ids(file)) == 2


def test_trouble_with_older_runs_does_not_concern_this_one(
    call: Call, clinic: Clinic, settings: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise StoreError("The history x cannot grow: the disk is full.")

    monkeypatch.setattr(History, "prune", full)
    ended = call("run", "--config", settings, "-q")
    assert (ended.status, ended.err) == (0, "Note: The history x cannot grow: the disk is full.\n")
    assert len(ids(file)) == 1
    assert not (file.parent / "waiting").exists()


def test_a_bug_in_keeping_is_a_note(
    call: Call, clinic: Clinic, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extract, "past_run", lambda _: 1 / 0)
    ended = call("run", "--config", settings, "-q")
    assert ended.status == 0
    assert ended.err == "Note: This run is not in the history, by an error of emrnetcheck itself (ZeroDivisionError).\n"
