"""One holder at a time, and none that outlives its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.lock import Held, Holder, take

NOW = datetime(2026, 11, 26, 6, 30, tzinfo=UTC)
HOLDS = """
import sys, datetime, pathlib
from emrnetcheck.net.lock import take
got = take(pathlib.Path(sys.argv[1]), datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC))
print(type(got).__name__, flush=True)
sys.stdin.read()
"""


def holding(file: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "Held\n"
    return child


def test_the_second_is_told_who_holds_it_and_since_when(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    with holding(file) as child:
        found = take(file, NOW)
        child.kill()
    assert found == Holder(child.pid, datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, None], ids=str)
def test_however_a_holder_ends_the_next_one_gets_it(tmp_path: Path, end: signal.Signals | None) -> None:
    file = tmp_path / "lock"
    with holding(file) as child:
        if end is not None:
            child.send_signal(end)
    got = take(file, NOW)
    assert isinstance(got, Held)
    got.release()


def test_it_is_given_back_and_taken_again_in_one_process(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    first = take(file, NOW)
    assert isinstance(first, Held)
    assert isinstance(take(file, NOW), Holder)
    first.release()
    first.release()
    again = take(file, NOW)
    assert isinstance(again, Held)
    with pytest.raises(ZeroDivisionError), again:
        raise ZeroDivisionError
    last = take(file, NOW)
    assert isinstance(last, Held)
    last.release()


def test_a_program_that_was_started_does_not_keep_it(tmp_path: Path) -> None:
    got = take(tmp_path / "lock", NOW)
    assert isinstance(got, Held)
    code = "print(flush=True); input()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, close_fds=False) as child:
        assert child.stdout is not None
        child.stdout.readline()  # only then has it closed what it is not to have
        got.release()
        again = take(tmp_path / "lock", NOW)
        child.kill()
    assert isinstance(again, Held)
    again.release()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'{"pid": 1}',
        b'{"pid": true, "since": "2026-11-26T06:30:00+00:00"}',
        b"\xff" * 500,
        b'{"pid": 7, "since": "2026-11-26T06:30:00"}',
        b'{"pid": -7, "since": "2026-11-26T06:30:00+00:00"}',
    ],
    ids=lambda text: text[:20].decode(errors="replace"),
)
def test_what_the_file_does_not_tell_is_not_made_up(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "lock"
    with take(file, NOW):  # type: ignore[union-attr]  # it is Held
        file.write_bytes(text)
        assert take(file, NOW) == Holder(None, None)


def test_what_an_earlier_holder_wrote_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    file.write_text("x" * 400)
    with take(file, NOW):  # type: ignore[union-attr]  # it is Held
        assert take(file, NOW) == Holder(os.getpid(), NOW)


def test_nobody_else_may_read_or_hold_it(tmp_path: Path) -> None:
    with take(tmp_path / "lock", NOW):  # type: ignore[union-attr]  # it is Held
        assert (tmp_path / "lock").stat().st_mode & 0o077 == 0


def test_a_full_disk_keeps_nobody_from_the_lock() -> None:
    with take(Path("/dev/full"), NOW) as got:  # type: ignore[union-attr]  # it is Held
        assert isinstance(got, Held)
        assert take(Path("/dev/full"), NOW) == Holder(None, None)


def test_a_file_that_cannot_be_made_is_a_failure(tmp_path: Path) -> None:
    found = take(tmp_path / "nowhere" / "lock", NOW)
    assert isinstance(found, Failure)
    assert found.kind is not FailureKind.TIMEOUT
    assert isinstance(take(tmp_path, NOW), Failure)
