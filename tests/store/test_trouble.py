"""Whatever happens to the computer: clear words, and what was kept before is still there."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.reports.json import render
from emrnetcheck.store import StoreError
from emrnetcheck.store import file as store_file
from emrnetcheck.store.faults import told_of_file
from emrnetcheck.store.history import History
from emrnetcheck.store.reading import kept_runs
from tests.reports.samples import READY
from tests.store.conftest import keep, numbered, save

ROOT = Path(__file__).parent.parent.parent
TOGETHER = 4
EACH = 5

SAVES = """
import sys
from pathlib import Path
from tests.store.conftest import keep, numbered
print("ready", flush=True)
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    keep(Path(sys.argv[1]), numbered(number))
    print(number, flush=True)
"""


def saving(file: Path, first: int, end: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SAVES, str(file), str(first), str(end)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def is_sound(file: Path) -> bool:
    plain = sqlite3.connect(file)
    try:
        return bool(plain.execute("PRAGMA integrity_check").fetchone() == ("ok",))
    finally:
        plain.close()


def test_runs_that_end_together_are_all_kept(file: Path) -> None:
    """Each of them also finds no history at first, and would make one."""
    programs = [saving(file, number * EACH, (number + 1) * EACH) for number in range(TOGETHER)]
    for program in programs:
        program.communicate(timeout=100)
        assert program.returncode == 0
    with History.opened(file) as history:
        assert sorted(run.id for run in history.runs()) == [f"run-{number:04}" for number in range(TOGETHER * EACH)]
    assert is_sound(file)


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
@pytest.mark.parametrize("seed", range(6))
def test_a_kill_at_any_moment_loses_nothing_that_was_kept(file: Path, seed: int) -> None:
    chance = random.Random(seed)
    said: list[str] = []
    with saving(file, 0, 10_000) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        # At first while the tables are made, later between and in the middle of savings.
        time.sleep(chance.uniform(0.0, 0.05 if seed < 3 else 0.4))
        program.send_signal(signal.SIGKILL)
        said = program.stdout.read().split()
    with History.opened(file, write=True) as history:
        kept = sorted(run.id for run in history.runs())
        assert [f"run-{int(number):04}" for number in said] == kept[: len(said)]
        assert len(kept) <= len(said) + 1  # one more may have been kept, and not told any more
        for id_ in kept:
            assert history.document(id_).report == render(numbered(int(id_[4:])))
        assert save(history, numbered(20_000))
    assert is_sound(file)


def ends_at(step: int, file: Path) -> bool:
    """A copy of this process opens the history and saves, and is killed at that step of the database; False: it had
    fewer. A step is the beginning of a statement, or some instructions of one."""
    pid = os.fork()
    if pid == 0:
        done = 0
        real: Callable[..., sqlite3.Connection] = sqlite3.connect

        def counted(*_: object) -> int:
            nonlocal done
            done += 1
            if done > step:
                os.kill(os.getpid(), signal.SIGKILL)
            return 0

        def connect(*arguments: Any, **named: Any) -> sqlite3.Connection:
            connection = real(*arguments, **named)
            connection.set_trace_callback(counted)
            connection.set_progress_handler(counted, 100)
            return connection

        vars(sqlite3)["connect"] = connect
        try:
            keep(file, READY)
            os._exit(0)
        finally:
            os._exit(9)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), "it ended by a fault of its own"
    return bool(status)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of a process")
def test_a_kill_at_any_step_of_a_later_saving_loses_nothing(file: Path) -> None:
    found = []
    for step in range(1000):
        with History.opened(file, write=True) as history:
            save(history, numbered(0))
        killed = ends_at(step, file)
        with History.opened(file) as history:
            kept = [(each.run.id, each.report) for each in history.documents()]
        assert kept[0] == ("run-0000", render(numbered(0)))
        assert kept[1:] in ([], [(READY.id, render(READY))])
        found.append(len(kept))
        assert is_sound(file)
        if not killed:
            break
        for each in file.parent.iterdir():
            each.unlink()
    assert len(found) > 5, "the kills came nowhere near the work"
    assert (found[0], found[-1]) == (1, 2)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of a process")
def test_a_kill_at_any_step_of_the_first_saving_loses_nothing(file: Path) -> None:
    found = set()
    for step in range(1000):
        if not ends_at(step, file):
            break
        with History.opened(file, write=True) as history:
            kept = history.runs()
            assert [each.report for each in history.documents()] == [render(READY)] * len(kept)
            found.add(len(kept))
        assert is_sound(file)
        for each in file.parent.iterdir():
            each.unlink()
    assert step > 20, "the kills came nowhere near the work"
    assert 0 in found
    with History.opened(file) as history:
        assert history.document("latest").report == render(READY)


WITH_LITTLE_ROOM = """
import resource, sys
from pathlib import Path
from emrnetcheck.store import StoreError
from tests.store.conftest import keep, numbered
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for number in range(10_000):
    try:
        keep(Path(sys.argv[1]), numbered(number))
    except StoreError as error:
        sys.exit(str(error))
    print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer such a limit with a signal")
@pytest.mark.parametrize("room_bytes", [0, 4096, 20_000, 200_000])
def test_a_file_that_may_not_grow_is_told_and_keeps_what_it_has(file: Path, room_bytes: int) -> None:
    command = [sys.executable, "-c", WITH_LITTLE_ROOM, str(file), str(room_bytes)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 1, ran.stderr
    assert ran.stderr.startswith(f"The history {file} cannot ")
    assert "full" in ran.stderr
    said = ran.stdout.split()
    assert bool(said) is (room_bytes > 100_000)
    with History.opened(file, write=True) as history:
        assert sorted(run.id for run in history.runs()) == [f"run-{int(number):04}" for number in said]
        assert save(history, numbered(20_000)), "with room again it goes on"
    assert is_sound(file)


READS_WITHOUT_ROOM = """
import resource, sys
from pathlib import Path
from emrnetcheck.store.history import History
from emrnetcheck.store.reading import kept_figures, kept_report, kept_runs
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
file = Path(sys.argv[1])
print(len(kept_runs(file)), len(kept_figures(file)), len(kept_report(file, "run-0001")) > 1000)
with History.opened(file) as history:
    print(history.document("latest").run.id, len(list(history.documents())))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems answer such a limit with a signal")
def test_without_any_room_what_is_kept_can_still_be_read(file: Path) -> None:
    for number in range(3):
        keep(file, numbered(number))
    command = [sys.executable, "-B", "-c", READS_WITHOUT_ROOM, str(file)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert (ran.stderr, ran.stdout) == ("", "3 3 True\nrun-0002 3\n")
    keep(file, numbered(3))
    assert is_sound(file)


def test_a_full_disk_is_told_and_keeps_what_it_has(file: Path) -> None:
    with History.opened(file, write=True) as history:
        history._connection.exec_driver_sql("PRAGMA max_page_count = 20")
        history._connection.rollback()
        kept, said = 0, ""
        while not said:
            try:
                save(history, numbered(kept))
                kept += 1
            except StoreError as error:
                said = str(error)
        assert said == f"The history {file} cannot grow: the disk is full."
        assert 0 < kept == len(history.runs()) == len(list(history.documents()))


def as_nobody(work: Callable[[], str]) -> str:
    """What the work says, done by a user without rights: root may write anywhere."""
    if os.geteuid() != 0:
        return work()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(65534)
            os.setuid(65534)
            os.write(writing, work().encode())
            os._exit(0)
        finally:
            os._exit(9)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    assert os.waitpid(pid, 0)[1] == 0, "it ended by a fault of its own"
    return said


@pytest.fixture
def open_way(tmp_path: Path) -> Iterator[Path]:
    """A folder that any user can come to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_may_not_be_written_to_can_still_be_read(open_way: Path) -> None:
    file = open_way / "history.sqlite"
    with History.opened(file, write=True) as history:
        save(history, READY)
    file.chmod(0o444)
    open_way.chmod(0o555)

    def read_and_write() -> str:
        with History.opened(file) as history:
            found = history.document("latest").run.id
        try:
            with History.opened(file, write=True) as history:
                save(history, numbered(1))
        except StoreError as error:
            return f"{found}; {error}"
        return f"{found}; saved"

    said = as_nobody(read_and_write)
    assert said == f"{READY.id}; The history {file} may not be written to: see who owns it and its folder."


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_an_ended_program_left_beside_it_is_read_in_a_copy(open_way: Path, file: Path) -> None:
    """Where SQLite cannot take it into the file, that is no reason to pass over it."""
    keep(file, numbered(0))
    with History.opened(file, write=True) as history:
        save(history, numbered(1))
        for each in (file, file.with_name("history.sqlite-wal")):
            (open_way / each.name).write_bytes(each.read_bytes())
            (open_way / each.name).chmod(0o444)
    open_way.chmod(0o555)
    there = open_way / "history.sqlite"
    copies = Path(tempfile.gettempdir())

    def read() -> str:
        before = set(copies.glob("emrnetcheck-history-*"))
        with History.opened(there) as history:
            found = [run.id for run in history.runs()]
            modes = {each.stat().st_mode & 0o777 for each in set(copies.glob("emrnetcheck-history-*")) - before}
        left = set(copies.glob("emrnetcheck-history-*")) - before
        return f"{found} {[run.id for run in kept_runs(there)]} {modes == {0o700}} {len(left)}"

    ids = ["run-0001", "run-0000"]
    assert as_nobody(read) == f"{ids} {ids} True 0"


def test_a_disk_that_can_only_be_read_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = sqlite3.OperationalError("attempt to write a readonly database")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY
    for flags, said in ((1, "it is on a disk that can only be read"), (0, "see who owns it and its folder")):
        disk = type("Disk", (), {"f_flag": flags})
        monkeypatch.setattr(os, "statvfs", lambda _, disk=disk: disk, raising=False)
        monkeypatch.setattr(os, "ST_RDONLY", 1, raising=False)
        with pytest.raises(StoreError, match=said), told_of_file(str(file)):
            raise error


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_folder_that_may_not_be_entered_is_told(open_way: Path) -> None:
    file = open_way / "history.sqlite"
    with History.opened(file, write=True) as history:
        save(history, READY)
    open_way.chmod(0o000)

    def read_and_write() -> str:
        said = []
        for write in (False, True):
            try:
                with History.opened(file, write=write):
                    said.append("opened")
            except StoreError as error:
                said.append(str(error).removeprefix(f"The history {file} "))
        return " / ".join(said)

    assert as_nobody(read_and_write) == "cannot be used: Permission denied. / cannot be used: Permission denied."


def test_where_a_file_is_in_the_way_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    file = tmp_path / "data" / "history.sqlite"
    with (
        pytest.raises(StoreError, match=r"cannot be used: (File exists|Not a directory)"),
        History.opened(file, write=True),
    ):
        pass


@pytest.mark.parametrize("content", [b"no database at all", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_history_is_told_and_left_as_it_is(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    for write in (False, True):
        with pytest.raises(StoreError, match="is damaged: move that file elsewhere"), History.opened(file, write=write):
            pass
    assert file.read_bytes() == content


@pytest.mark.parametrize("seed", range(8))
def test_a_history_with_damage_inside_never_ends_in_another_error(file: Path, seed: int) -> None:
    with History.opened(file, write=True) as history:
        for number in range(20):
            save(history, numbered(number))
    content = bytearray(file.read_bytes())
    chance = random.Random(seed)
    for _ in range(20):
        at = chance.randrange(100, len(content) - 64)
        content[at : at + 64] = chance.randbytes(64)
    file.write_bytes(content)
    told = []
    for read in (
        lambda h: h.runs(),
        lambda _: kept_runs(file),
        lambda h: list(h.documents()),
        lambda h: save(h, READY),
    ):
        try:
            with History.opened(file, write=True) as history:
                read(history)
        except StoreError as error:
            told.append(str(error))
    assert all(each.endswith(".") and "\n" not in each for each in told)
    assert told, "so much damage cannot stay unseen"


def test_what_may_be_saved_of_a_damaged_file_is_said(file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(20):
            save(history, numbered(number))
    content = bytearray(file.read_bytes())
    content[100:3000] = b"\xff" * 2900  # what tables there are; the head is whole
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"-wal and -shm.*Older runs may be saved out of it: sqlite3 FILE \.recover\."):
        kept_runs(file)


def test_another_program_that_holds_it_is_waited_for_and_then_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History.opened(file, write=True) as history:
        save(history, READY)
    monkeypatch.setattr(store_file, "BUSY_S", 0.05)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with History.opened(file, write=True) as history:
            assert len(history.runs()) == 1, "who only reads need not wait"
            with pytest.raises(StoreError, match="was in use by another program"):
                save(history, numbered(1))
    finally:
        other.close()


def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"postgresql+psycopg://emr:s3cret@127.0.0.1:{port}/emr?password=als0secret&sslkey=/keys/dr"
    with pytest.raises(StoreError) as told, History.opened(url, write=True):
        pass
    for secret in ("s3cret", "als0secret", "/keys/dr"):
        assert secret not in str(told.value)
    assert str(told.value).startswith(f"The history postgresql+psycopg://emr:***@127.0.0.1:{port}/emr cannot be used: ")


def test_a_part_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with (
        pytest.raises(StoreError, match="needs the part psycopg, which is not installed"),
        History.opened("postgresql+psycopg://emr@127.0.0.1/emr"),
    ):
        pass


def test_a_url_that_is_none_is_told_without_showing_it() -> None:
    with pytest.raises(StoreError) as told, History.opened("postgresql+psycopg://emr:s3cret@host:port/emr"):
        pass
    assert "s3cret" not in str(told.value)
