"""What is saved is found again, whole, and nothing else is."""

from __future__ import annotations

import os
import sqlite3
import stat
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import update

from emrnetcheck.model import Segment, Verdict
from emrnetcheck.reports.json import render
from emrnetcheck.store import NothingStoredError, StoreError
from emrnetcheck.store.asked import Wanted, figures_in_time, newest_first
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from emrnetcheck.store.reading import kept_figures, kept_runs
from emrnetcheck.store.saving import has_older, saved_in_file
from emrnetcheck.store.tables import documents, runs
from tests.reports.samples import HOSTILE, NOT_READY, READY, SAMPLES
from tests.reports.stored import report_of
from tests.store.conftest import BEGAN, keep, numbered, save


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (Wanted(), None),
        (Wanted(), 2),
        (Wanted(site="Elsewhere"), None),
        (Wanted(vantage="host", since=BEGAN + timedelta(days=1), verdict=Verdict.READY, whole=True), 5),
        (Wanted(whole=False), None),
    ],
)
def test_the_quick_way_to_read_a_file_says_the_same(file: Path, wanted: Wanted, most: int | None) -> None:
    with History.opened(file, write=True) as history:
        for number in range(3):
            save(history, numbered(number))
        save(history, replace(SAMPLES["interrupted"], id="part", segment=Segment.LINE))
        save(history, replace(numbered(7), site="Elsewhere", vantage="client"))
        assert kept_runs(file, wanted, most=most) == history.runs(wanted, most=most) != []
        figures = kept_figures(file, wanted)
        assert figures == history.figures(wanted)
        runs = reversed(history.runs(wanted))
        assert [each.started_unix_s for each in figures] == [int(run.started_at.timestamp()) for run in runs]


@pytest.mark.parametrize(("case", "by_tunnel"), [("healthy", False), ("vpn_on", True), ("proxy_in_between", True)])
def test_what_went_through_a_tunnel_is_known_without_its_report(file: Path, case: str, by_tunnel: bool) -> None:
    with History.opened(file, write=True) as history:
        save(history, report_of(case))
        [run], [figures] = history.runs(), history.figures()
    assert (run.by_tunnel, bool(figures.by_tunnel)) == (by_tunnel, by_tunnel)
    assert kept_figures(file) == [figures]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_comes_back_byte_for_byte(file: Path, name: str) -> None:
    report = SAMPLES[name]
    with History.opened(file, write=True) as history:
        assert save(history, report)
    with History.opened(file) as history:
        found = history.document(report.id)
    assert found.report == render(report)
    assert found.settings == '{"users": 4}'
    expected = past_run(report)
    assert replace(found.run, site="", headline="") == replace(expected, site="", headline="")


def test_hostile_words_lose_only_what_no_database_takes(file: Path) -> None:
    report = replace(READY, site=HOSTILE, headline=HOSTILE)
    with History.opened(file, write=True) as history:
        save(history, report)
        [run] = history.runs()
    assert run.site == run.headline == HOSTILE.replace("\ud800", "?").replace("\0", "?")


def test_the_same_run_is_kept_once(file: Path) -> None:
    with History.opened(file, write=True) as history:
        assert save(history, READY)
        assert not save(history, READY)
        assert len(history.runs()) == 1


def test_the_quick_way_to_keep_a_run_keeps_the_same(file: Path) -> None:
    hostile = replace(SAMPLES["hostile"], id="hostile")
    assert not saved_in_file(file, past_run(READY), "{}", "{}"), "there is no file"
    assert not file.parent.exists()
    with History.opened(file, write=True) as history:
        save(history, READY)
        keep(file, hostile)
        keep(file, hostile)
        quick = history.document("hostile")
        save(history, replace(hostile, id="slow"))
        slow = history.document("slow")
        assert len(history.runs()) == 3
    assert replace(quick.run, id="slow") == slow.run
    assert quick.report == render(hostile)
    assert quick.settings == slow.settings
    assert has_older(file, quick.run.started_at + timedelta(seconds=1))
    assert not has_older(file, min(quick.run.started_at, READY.started_at))


def test_the_columns_say_what_the_report_says() -> None:
    report = replace(
        NOT_READY, segment=Segment.LINE, started_at=BEGAN.astimezone(timezone(timedelta(hours=-5))), interrupted=False
    )
    run = past_run(report)
    assert (run.verdict, run.segment, run.goodput_mbps) == (Verdict.NOT_READY, Segment.LINE, 2.4)
    assert (run.started_at, run.started_at.tzinfo) == (BEGAN, UTC)
    assert (run.idle_rtt_ms, run.loaded_rtt_ms) == (18.2, 44.0)
    assert {"upload.below_minimum", "ddns.stale", "port.not_forwarded"} <= set(run.codes)


@pytest.mark.parametrize(
    ("because", "interrupted", "whole"),
    [
        (None, False, True),
        ("upload", False, True),  # a consequence: the question was asked
        ("quick", False, True),
        ("access", False, True),
        ("not asked for", False, False),
        ("offline", False, False),
        ("interrupted", False, False),
        (None, True, False),
    ],
)
def test_a_run_is_whole_unless_something_was_left_out(because: str | None, interrupted: bool, whole: bool) -> None:
    checks = (replace(READY.checks[0], skipped_because=because), *READY.checks[1:])
    assert past_run(replace(READY, checks=checks, interrupted=interrupted)).whole is whole


def test_nothing_measured_is_none_and_not_zero(file: Path) -> None:
    with History.opened(file, write=True) as history:
        save(history, replace(READY, evidence=replace(READY.evidence, upload=None)))
        [run] = history.runs()
    assert (run.goodput_mbps, run.idle_rtt_ms, run.loaded_rtt_ms) == (None, None, None)


def test_the_newest_comes_first_and_filters_hold(file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(5):
            save(history, numbered(number))
        save(history, replace(numbered(7), verdict=Verdict.NOT_READY, site="Elsewhere", vantage="client"))
        assert [run.id for run in history.runs(most=2)] == ["run-0007", "run-0004"]
        for wanted, expected in (
            (Wanted(site="Elsewhere"), ["run-0007"]),
            (Wanted(vantage="host", since=BEGAN + timedelta(days=3)), ["run-0004", "run-0003"]),
            (Wanted(verdict=Verdict.NOT_READY), ["run-0007"]),
            (Wanted(site="Elsewhere", vantage="host"), []),
            (Wanted(whole=False), []),
        ):
            assert [run.id for run in history.runs(wanted)] == expected
        oldest_first = [each.run.id for each in history.documents(Wanted(vantage="host"))]
        assert oldest_first == [f"run-{number:04}" for number in range(5)]


def test_a_run_is_found_by_the_beginning_of_its_id(file: Path) -> None:
    with History.opened(file, write=True) as history:
        save(history, numbered(1))
        save(history, numbered(12))
        save(history, replace(numbered(2), id="run-001"))
        assert history.document("run-0012").run.id == "run-0012"
        assert history.document("run-001").run.id == "run-001"  # whole, although another one begins so
        assert history.document("latest").run.id == "run-0012"
        for id_, said in (("run-0", "More than one run"), ("run_0012", "There is no run"), ("%", "There is no run")):
            with pytest.raises(StoreError, match=said):
                history.document(id_)


def test_prune_forgets_what_is_older_and_nothing_else(file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(4):
            save(history, numbered(number))
        limit = BEGAN + timedelta(days=2)
        assert history.count_before(limit) == 2
        assert history.prune(limit) == 2
        assert history.prune(limit) == 0
        assert [run.id for run in history.runs()] == ["run-0003", "run-0002"]
        assert len(list(history.documents())) == 2


def test_what_is_read_does_not_make_a_history(file: Path) -> None:
    with pytest.raises(NothingStoredError), History.opened(file):
        pass
    assert not file.parent.exists()


def test_an_empty_file_is_a_history_without_runs(file: Path) -> None:
    """What a kill between making the file and making the tables leaves behind."""
    file.parent.mkdir()
    file.touch()
    with pytest.raises(NothingStoredError), History.opened(file):
        pass
    with History.opened(file, write=True) as history:
        assert save(history, READY)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_this_user_can_read_it(file: Path) -> None:
    before = os.umask(0)
    try:
        with History.opened(file, write=True) as history:
            save(history, READY)
            found = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert set(found) == {file.name, f"{file.name}-wal", f"{file.name}-shm"}
    assert set(found.values()) == {0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_the_journal_is_written_ahead_and_through_to_the_disk(file: Path) -> None:
    with History.opened(file, write=True) as history:
        ask = history._connection.exec_driver_sql
        assert ask("PRAGMA journal_mode").scalar() == "wal"
        assert ask("PRAGMA synchronous").scalar() == 2  # FULL


@pytest.mark.parametrize("packed", [b"", b"no zlib", zlib.compress(b"{}" * 99)[:-8], zlib.compress(b"\xff")])
def test_a_damaged_report_is_told_and_costs_no_other(file: Path, packed: bytes) -> None:
    with History.opened(file, write=True) as history:
        save(history, numbered(0))
        save(history, numbered(1))
        connection = history._connection
        connection.execute(update(documents).where(documents.c.run_id == "run-0001").values(report=packed))
        connection.commit()
        with pytest.raises(StoreError, match=r"The run run-0001 in the history .* is damaged\."):
            history.document("latest")
        assert history.document("run-0000").report == render(numbered(0))
        assert len(history.runs()) == 2


def test_a_word_that_this_version_does_not_know_is_told(file: Path) -> None:
    with History.opened(file, write=True) as history:
        save(history, READY)
        history._connection.execute(update(runs).values(verdict="splendid"))
        history._connection.commit()
        for read in (
            history.runs,
            lambda: list(history.documents()),
            lambda: history.document("latest"),
            lambda: kept_runs(file),
            history.figures,
            lambda: kept_figures(file),
        ):
            with pytest.raises(StoreError, match="holds what this version cannot read"):
                read()


def test_odd_names_of_folders_are_no_trouble(tmp_path: Path) -> None:
    file = tmp_path / "a b%20c?mode=ro#x" / "history.sqlite"
    with History.opened(file, write=True) as history:
        save(history, READY)
    assert file.is_file()
    with sqlite3.connect(file) as plain:
        assert plain.execute("SELECT count(*) FROM emrnetcheck_runs").fetchone() == (1,)
    plain.close()


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(since=BEGAN),
        Wanted(site="Elm"),
        Wanted(site="Elm", vantage="host", whole=True),
        Wanted(site="Elm", vantage="host", since=BEGAN, before=BEGAN + timedelta(days=7)),
        Wanted(site="Elm", vantage="host", before=BEGAN),
    ],
)
def test_no_list_is_sorted_anew(file: Path, wanted: Wanted) -> None:
    """With 100,000 runs that took longer than everything else that a command does."""
    with History.opened(file, write=True) as history:
        save(history, numbered(1))
    with closing(sqlite3.connect(file)) as plain:
        for query, values in (newest_first(wanted, 20), figures_in_time(wanted)):
            plan = [row[3] for row in plain.execute(f"EXPLAIN QUERY PLAN {query}", values)]
            assert len(plan) == 1, plan
            assert "USING INDEX" in plan[0]


def test_runs_before_a_moment_are_those_that_began_before_it(file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(4):
            save(history, numbered(number))
        wanted = Wanted(since=BEGAN + timedelta(days=1), before=BEGAN + timedelta(days=3))
        assert [run.id for run in history.runs(wanted)] == ["run-0002", "run-0001"]
    assert [run.id for run in kept_runs(file, wanted)] == ["run-0002", "run-0001"]
