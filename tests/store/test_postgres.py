"""The same history in a PostgreSQL database: a server of its own, for as long as the tests run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.model.claims import Ended, Work
from emrnetcheck.model.mail import DeliveryState, Outcome, Reply, Unsent
from emrnetcheck.reports.json import render
from emrnetcheck.store import NothingStoredError, StoreError
from emrnetcheck.store.alerts import AlertStates
from emrnetcheck.store.asked import Wanted
from emrnetcheck.store.claims import Claims
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.store.reading import kept_figures, kept_runs
from emrnetcheck.store.renaming import go_on
from emrnetcheck.store.unsent import alarm_state, unsent
from tests.reports.samples import HOSTILE, READY
from tests.store.conftest import BEGAN, mail, numbered, save
from tests.store.test_schemas import differences

pytestmark = pytest.mark.lab
SITE = "Elm Street Clinic"


def program(name: str) -> str:
    """A missing part is an error, never a skip."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(debian[-1]) if debian else None)
    assert found, f"{name} is missing: install the Debian package postgresql"
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A URL without the name of the database. It listens on a socket in a folder only."""
    user: dict[str, object] = {}
    # Not below pytest's own folder, which nobody but this user may enter.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        folder = Path(made)
        if os.geteuid() == 0:  # PostgreSQL refuses to be root
            user = {"user": "nobody", "group": "nogroup"}
            shutil.chown(folder, "nobody", "nogroup")

        def run(*words: str) -> None:
            ran = subprocess.run(words, capture_output=True, text=True, timeout=100, check=False, cwd=folder, **user)  # type: ignore[call-overload]  # the user only as root
            assert ran.returncode == 0, ran.stderr

        data = str(folder / "data")
        run(program("initdb"), "-D", data, "-A", "trust", "-U", "emr", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        run(program("pg_ctl"), "-D", data, "-o", options, "-w", "-l", str(folder / "log"), "start")
        try:
            yield f"postgresql+psycopg://emr@/{{}}?host={folder}"
        finally:
            run(program("pg_ctl"), "-D", data, "-m", "immediate", "stop")


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> str:
    """A database of its own for each test."""
    import psycopg

    name = f"t{abs(hash(request.node.name))}"
    plain = server.format("postgres").replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.format(name)


def test_it_keeps_and_finds_as_a_file_does(url: str) -> None:
    with pytest.raises(NothingStoredError), History.opened(url):
        pass
    with History.opened(url, write=True) as history:
        assert differences(history) == []
        for number in range(4):
            assert save(history, numbered(number))
        assert not save(history, numbered(3))
        assert save(history, replace(READY, site=HOSTILE, headline=HOSTILE))
        assert [run.id for run in history.runs(Wanted(site=READY.site), most=2)] == ["run-0003", "run-0002"]
        assert history.document("run-0002").report == render(numbered(2))
        assert history.document("latest").run.site == HOSTILE.replace("\ud800", "?").replace("\0", "?")
        with pytest.raises(StoreError, match="There is no run"):
            history.document("%")
        oldest_first = [each.run.id for each in history.documents(Wanted(site=READY.site))]
        assert oldest_first == [f"run-{number:04}" for number in range(4)]
        assert [each.verdict for each in history.figures(Wanted(site=READY.site, whole=True))] == ["ready"] * 4
        assert history.prune(BEGAN + timedelta(days=2)) == 2
        assert len(history.runs()) == 3


def test_programs_that_begin_together_make_the_tables_once(url: str) -> None:
    failed: list[StoreError] = []

    def begin(number: int) -> None:
        try:
            with History.opened(url, write=True) as history:
                save(history, numbered(number))
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    with History.opened(url) as history:
        assert len(history.runs()) == 8


def test_lists_and_trends_are_read_from_there(url: str) -> None:
    with pytest.raises(NothingStoredError):
        kept_runs(url)
    with History.opened(url, write=True) as history:
        for number in range(3):
            save(history, numbered(number))
        runs, figures = history.runs(), history.figures()
    assert kept_runs(url) == runs
    assert [run.id for run in kept_runs(url, Wanted(whole=True), most=1)] == ["run-0002"]
    assert kept_figures(url, Wanted(vantage="host")) == figures
    assert len(figures) == 3


def test_mails_claims_and_alarms_are_kept_as_in_a_file(url: str) -> None:
    with History.opened(url, write=True) as history:
        box, claims, states = Outbox(history, SITE), Claims(history), AlertStates(history)
        assert box.compose(mail(1))
        assert not box.compose(mail(1))
        assert [each.mail for each in box.due(BEGAN)] == [mail(1), mail(1)]
        assert box.claim(1, BEGAN)
        assert not box.claim(1, BEGAN)
        assert box.settle(1, Reply(Outcome.DEFERRED, 451, "later", "to"), BEGAN) is DeliveryState.WAITING
        assert box.waiting_since() == BEGAN
        box.postpone(BEGAN + timedelta(hours=1))
        assert box.due(BEGAN + timedelta(minutes=59)) == []
        assert box.drop(2, BEGAN)
        assert box.retry(2, BEGAN)
        assert claims.claim(Work.CHECK, SITE, BEGAN, BEGAN)
        assert not claims.claim(Work.CHECK, SITE, BEGAN, BEGAN)
        claims.finish(Work.CHECK, SITE, BEGAN, Ended.KEPT, BEGAN, run_id="run-0001")
        assert [each.run_id for each in claims.left(SITE)] == ["run-0001"]
        assert states.save(SITE, "{}", 0, BEGAN)
        assert not states.save(SITE, "late", 0, BEGAN)
        assert states.load(SITE) == ("{}", 1)
        assert unsent(url, SITE, BEGAN) == Unsent(2, 0, {"doctor@clinic.example": "451 later"}, 1, BEGAN)
        assert alarm_state(url, SITE) == "{}"
        box.claim(1, BEGAN + timedelta(hours=1))
        box.settle(1, Reply(Outcome.SENT, 250, "Ok", "end"), BEGAN)
        box.drop(2, BEGAN)
        assert history.prune(BEGAN + timedelta(days=1)) == 0
        assert box.listed() == []
        assert claims.last(Work.CHECK, SITE) is not None


def test_what_waits_goes_on_under_another_name(url: str) -> None:
    """And what another clinic in the same database has, stays."""
    with History.opened(url, write=True) as history:
        claims, states = Claims(history), AlertStates(history)
        for site in (SITE, "Ash Street Clinic"):
            Outbox(history, site).compose(mail(1, site=site))
            states.save(site, site, 0, BEGAN)
            for day in range(3):
                claims.claim(Work.REPORT, site, BEGAN + timedelta(days=day), BEGAN)
        for _ in range(2):
            go_on(history, SITE, HOSTILE, BEGAN, BEGAN + timedelta(days=1), runs=True)
        assert [len(Outbox(history, each).due(BEGAN)) for each in (SITE, HOSTILE, "Ash Street Clinic")] == [0, 2, 2]
        assert [states.load(each)[0] for each in (SITE, HOSTILE)] == [None, SITE]
        assert states.load("Ash Street Clinic")[0] == "Ash Street Clinic"
        last = claims.last(Work.REPORT, HOSTILE)
        assert last is not None
        assert last.due_at == BEGAN.replace(microsecond=0) + timedelta(days=1), "not that of a clock that was ahead"


def test_of_many_that_ask_at_once_one_sends_and_one_measures(url: str) -> None:
    """Where nobody takes a lock by reading: the second finds out when it writes."""
    with History.opened(url, write=True) as history:
        Outbox(history, SITE).compose(mail(1, "doctor@clinic.example"))
    together, won = threading.Barrier(8), []

    def take() -> None:
        with History.opened(url, write=True) as history:
            together.wait(30)
            if Outbox(history, SITE).claim(1, BEGAN):
                won.append("mail")
            if Claims(history).claim(Work.REPORT, SITE, BEGAN, BEGAN):
                won.append("report")
            if AlertStates(history).save(SITE, "{}", 0, BEGAN):
                won.append("alarms")

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(won) == ["alarms", "mail", "report"]
    with History.opened(url) as history:
        assert [each.attempts for each in Outbox(history, SITE).listed()] == [1]
