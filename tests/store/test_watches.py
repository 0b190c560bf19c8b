"""What watches came to is kept beside the runs, whole, and goes when it is old."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.model import Segment
from emrnetcheck.model.past import PastWatch
from emrnetcheck.store import DamagedRunError, NoSuchRunError, StoreError
from emrnetcheck.store.history import History
from tests.reports.samples import HOSTILE
from tests.store.conftest import BEGAN, numbered, save


def watch(number: int, site: str = "Elm") -> PastWatch:
    """That of the day."""
    began = BEGAN + timedelta(days=number)
    return PastWatch(f"watch-{number:04}", site, began, 3600.5, True, Segment.LINE if number % 2 else None, number)


def test_they_come_back_as_they_were_the_newest_first(file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(3):
            assert history.save_watch(watch(number), f'{{"n": {number}}}')
    with History.opened(file) as history:
        assert history.watches(most=10) == [watch(2), watch(1), watch(0)]
        assert history.watches(most=1) == [watch(2)]
        assert history.watches(since=BEGAN + timedelta(days=1), most=10) == [watch(2), watch(1)]
        assert history.watches(site="Oak", most=10) == []
        assert history.watch("watch-0001") == '{"n": 1}'
        assert history.runs() == []


def test_the_same_watch_is_kept_once(file: Path) -> None:
    with History.opened(file, write=True) as history:
        assert history.save_watch(watch(1), "{}")
        assert not history.save_watch(watch(1), '{"another": 1}')
        assert history.watch("watch-0001") == "{}"


def test_the_beginning_of_an_id_has_to_mean_one(file: Path) -> None:
    with History.opened(file, write=True) as history:
        history.save_watch(watch(1), "{}")
        history.save_watch(watch(2), "{}")
        with pytest.raises(NoSuchRunError, match="More than one watch begins with watch-00"):
            history.watch("watch-00")
        with pytest.raises(NoSuchRunError, match="There is no watch watch-9"):
            history.watch("watch-9")
        assert history.watch("watch-0002") == "{}"


def test_old_ones_go_with_old_runs_and_without(file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(4):
            history.save_watch(watch(number), "{}")
        assert history.prune(BEGAN + timedelta(days=1)) == 0
        assert [each.id for each in history.watches(most=9)] == ["watch-0003", "watch-0002", "watch-0001"]
        save(history, numbered(1))
        assert history.prune(BEGAN + timedelta(days=3)) == 1
        assert [each.id for each in history.watches(most=9)] == ["watch-0003"]


def test_a_damaged_one_is_told(file: Path) -> None:
    with History.opened(file, write=True) as history:
        history.save_watch(watch(1), "{}")
        history._connection.exec_driver_sql("UPDATE emrnetcheck_watches SET summary = x'00'")
        history._connection.commit()
        with pytest.raises(DamagedRunError, match="is damaged"):
            history.watch("watch-0001")
        history._connection.exec_driver_sql("UPDATE emrnetcheck_watches SET segment = 'moon'")
        history._connection.commit()
        with pytest.raises(StoreError, match="this version cannot read"):
            history.watches(most=1)


STRANGE: tuple[tuple[str, object], ...] = (
    ("segment", "moon"),
    ("segment", b"line"),
    ("site", b"\xff"),
    ("watched_s", "long"),
    ("watched_s", -1.0),
    ("watched_s", float("inf")),
    ("troubles", "many"),
    ("troubles", 1.5),
    ("started_unix_s", "soon"),
    ("started_unix_s", 10**17),
)


@pytest.mark.parametrize(("column", "value"), STRANGE)
def test_a_strange_one_costs_no_other(file: Path, column: str, value: object) -> None:
    with History.opened(file, write=True) as history:
        for number in range(3):
            history.save_watch(watch(number), "{}")
    with closing(sqlite3.connect(file)) as plain, plain:
        plain.execute(f"UPDATE emrnetcheck_watches SET {column} = ? WHERE id = 'watch-0001'", (value,))
    left_out: list[str] = []
    with History.opened(file) as history:
        found = history.watches(most=10, left_out=left_out.append)
    assert [each.id for each in found] == ["watch-0002", "watch-0000"]
    [why] = left_out
    assert why.startswith("Of the watch watch-0001: ")


def test_hostile_names_lose_only_what_no_database_takes(file: Path) -> None:
    with History.opened(file, write=True) as history:
        history.save_watch(watch(1, site=HOSTILE), "{}")
        [found] = history.watches(most=1)
    assert found.site == HOSTILE.replace("\ud800", "?").replace("\0", "?")
