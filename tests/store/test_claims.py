"""Scheduled work is taken on by one, and once; the state of alerts is changed by one at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emrnetcheck.model.claims import Claim, Ended, Work
from emrnetcheck.store import StoreError
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from tests.store.conftest import BEGAN

SITE = "Elm Street Clinic"
DAY = timedelta(days=1)


@pytest.fixture
def history(file: Path) -> Iterator[History]:
    with History.opened(file, write=True) as opened:
        yield opened


@pytest.fixture
def claims(history: History) -> Claims:
    return Claims(history)


def test_the_same_work_is_taken_on_once(claims: Claims) -> None:
    assert claims.claim(Work.CHECK, SITE, BEGAN, BEGAN)
    assert not claims.claim(Work.CHECK, SITE, BEGAN, BEGAN + DAY)
    assert claims.claim(Work.REPORT, SITE, BEGAN, BEGAN)
    assert claims.claim(Work.CHECK, "Oak", BEGAN, BEGAN)
    assert claims.claim(Work.CHECK, SITE, BEGAN + DAY, BEGAN)


def test_it_is_written_down_how_it_ended(claims: Claims) -> None:
    at = BEGAN + timedelta(seconds=40)
    claims.claim(Work.CHECK, SITE, BEGAN, at)
    assert claims.last(Work.CHECK, SITE) == Claim("check", SITE, BEGAN, at, None, None, None)
    claims.finish(Work.CHECK, SITE, BEGAN, Ended.KEPT, at, run_id="run-1")
    assert claims.left(SITE) == [Claim("check", SITE, BEGAN, at, at, Ended.KEPT, "run-1")]
    claims.finish(Work.CHECK, SITE, BEGAN, Ended.DONE, at + DAY)
    assert claims.left(SITE) == []
    assert claims.last(Work.CHECK, SITE) == Claim("check", SITE, BEGAN, at, at + DAY, Ended.DONE, "run-1")
    assert claims.last(Work.REPORT, SITE) is None


def test_the_last_is_that_of_the_latest_moment_and_not_of_the_future(claims: Claims) -> None:
    for due in (BEGAN, BEGAN + DAY, BEGAN + 4000 * DAY):
        claims.claim(Work.CHECK, SITE, due, BEGAN)
    for now, due in ((None, BEGAN + 4000 * DAY), (BEGAN + 2 * DAY, BEGAN + DAY), (BEGAN, BEGAN)):
        last = claims.last(Work.CHECK, SITE, until=now)
        assert last is not None
        assert last.due_at == due
    assert claims.last(Work.CHECK, SITE, until=BEGAN - DAY) is None
    first = claims.first(SITE)
    assert first is not None
    assert (first.due_at, first.due_at.tzinfo) == (BEGAN, UTC)


def test_later_ones_of_a_kind_are_forgotten_and_no_others(claims: Claims) -> None:
    for kind, site, days in (
        (Work.CHECK, SITE, 0),
        (Work.CHECK, SITE, 1),
        (Work.REPORT, SITE, 1),
        (Work.CHECK, "Oak", 1),
    ):
        assert claims.claim(kind, site, BEGAN + days * DAY, BEGAN)
    claims.forget_after(Work.CHECK, SITE, BEGAN)
    assert claims.known(Work.CHECK, SITE, BEGAN) is not None
    assert claims.known(Work.CHECK, SITE, BEGAN + DAY) is None
    assert claims.known(Work.REPORT, SITE, BEGAN + DAY) is not None
    assert claims.known(Work.CHECK, "Oak", BEGAN + DAY) is not None


def test_one_of_many_takes_it_on(file: Path, claims: Claims) -> None:
    together, won = threading.Barrier(6), []

    def take() -> None:
        with History.opened(file, write=True) as own:
            together.wait(20)
            if Claims(own).claim(Work.REPORT, SITE, BEGAN, BEGAN):
                won.append(1)

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert won == [1]


def test_old_ones_are_forgotten_but_the_last_of_each_kind(history: History, claims: Claims) -> None:
    for number in range(4):
        claims.claim(Work.CHECK, SITE, BEGAN + number * DAY, BEGAN + number * DAY)
    claims.claim(Work.REPORT, SITE, BEGAN, BEGAN)
    claims.claim(Work.CHECK, "Oak", BEGAN, BEGAN)
    history.prune(BEGAN + 2 * DAY)
    assert not claims.claim(Work.REPORT, SITE, BEGAN, BEGAN), "the last of its kind is known still"
    assert not claims.claim(Work.CHECK, "Oak", BEGAN, BEGAN)
    first = claims.first(SITE)
    history.prune(BEGAN + 400 * DAY)
    last = claims.last(Work.CHECK, SITE)
    assert first is not None
    assert last is not None
    assert last.due_at == BEGAN + 3 * DAY
    kept = history.connection.exec_driver_sql("SELECT count(*) FROM emrnetcheck_claims").scalar()
    history.connection.rollback()
    assert kept == 3


@pytest.mark.parametrize("damage", ["outcome = 'moon'", "due_unix_s = 1e300"])
def test_what_is_damaged_is_told(history: History, claims: Claims, damage: str) -> None:
    claims.claim(Work.CHECK, SITE, BEGAN, BEGAN)
    history.connection.exec_driver_sql(f"UPDATE emrnetcheck_claims SET {damage}")
    history.connection.commit()
    with pytest.raises(StoreError, match="this version cannot read"):
        claims.last(Work.CHECK, SITE)


def test_the_state_of_alerts_is_changed_by_one_at_a_time(history: History) -> None:
    states = AlertStates(history)
    assert states.load(SITE) == (None, 0)
    assert states.save(SITE, "{}", 0, BEGAN)
    assert not states.save(SITE, "late", 0, BEGAN)
    assert states.load(SITE) == ("{}", 1)
    assert states.save(SITE, '{"open": 1}', 1, BEGAN)
    assert not states.save(SITE, "late", 1, BEGAN)
    assert states.load(SITE) == ('{"open": 1}', 2)
    assert states.load("Oak") == (None, 0)


def test_the_moment_is_kept_to_the_second_in_any_zone(claims: Claims) -> None:
    from zoneinfo import ZoneInfo

    local = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=ZoneInfo("America/Toronto"))
    assert claims.claim(Work.CHECK, SITE, local, local)
    assert not claims.claim(Work.CHECK, SITE, local.astimezone(UTC), local)
    assert claims.claim(Work.CHECK, SITE, local.replace(fold=0), local), "an hour earlier"
