"""emrnetcheck watch: however it is ended, the summary is told and kept; and who does not listen is no bug."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest

from emrnetcheck.cli import watch_history
from emrnetcheck.probes.watching.sampler import Found
from tests.cli.conftest import Call
from tests.cli.scripted_watch import URL, Scripted, kept_watches, line_down, usual


def at_20_s(do: Callable[[], None]) -> Callable[[float], list[Found]]:
    def script(at_s: float) -> list[Found]:
        if at_s == 20.0:
            do()
        return line_down(at_s)

    return script


@pytest.mark.parametrize(("name", "status"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_it_with_the_summary(
    call: Call, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, status: int
) -> None:
    if not hasattr(signal, name):
        pytest.skip("not on this system")
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)  # where the tests run under nohup, it is ignored
    save = watch_history.save

    def again(*arguments: object) -> Path | str:
        signal.raise_signal(number)  # `timeout` and a closed terminal send two
        return save(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(watch_history, "save", again)
    scripted.script = at_20_s(lambda: signal.raise_signal(number))
    try:
        ended = call("watch", URL)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert (ended.status, ended.err) == (status, "")
    assert "Watched for 20 s." in ended.out
    assert len(kept_watches(tmp_path / "data")) == 1


def test_a_signal_that_is_ignored_stays_so(call: Call, scripted: Scripted) -> None:
    if not hasattr(signal, "SIGHUP"):
        pytest.skip("not on this system")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        scripted.script = at_20_s(lambda: signal.raise_signal(signal.SIGHUP))
        ended = call("watch", URL, "--for", "25s", "--no-save")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert ended.status == 0
    assert "Watched for 25 s." in ended.out


class Pipe:
    """Standard output, for a call within. Whoever reads it has enough when it is closed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self._reader, self._writer = os.pipe()

    def close(self) -> None:
        os.close(self._reader)

    def __enter__(self) -> Self:
        self._stream = os.fdopen(self._writer, "w", encoding="utf-8")
        self._monkeypatch.setattr(sys, "stdout", self._stream)
        return self

    def __exit__(self, *_error: object) -> None:
        self._stream.close()


@pytest.mark.parametrize("options", [["--json-lines"], ["--plain"], []])
def test_a_pipe_that_nobody_reads_ends_it_quietly(
    call: Call, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    with monkeypatch.context() as patch, Pipe(patch) as pipe:
        scripted.script = at_20_s(pipe.close)
        ended = call("watch", URL, *options, "--for", "10m")
    assert ended.status == 0
    assert "error" not in ended.err
    (kept,) = kept_watches(tmp_path / "data")
    assert 20.0 <= kept["watched_s"] <= 40.0


@pytest.mark.parametrize("options", [["--json-lines"], ["--plain"]])
def test_a_pipe_that_nobody_reads_does_not_end_its_file(
    call: Call, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    file = tmp_path / "watch.jsonl"
    with monkeypatch.context() as patch, Pipe(patch) as pipe:
        scripted.script = at_20_s(pipe.close)
        ended = call("watch", URL, *options, "--for", "2m", "--output", file)
    assert ended.status == 1, "what went wrong after that is known"
    last = json.loads(file.read_text().splitlines()[-1])
    assert (last["event"], last["segment"], last["watched_s"]) == ("summary", "line", 120.0)


def test_a_full_disk_behind_standard_output_is_told(
    call: Call, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    scripted.script = usual
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        ended = call("watch", URL, "--json-lines", "--for", "1m")
    assert ended.status == 2
    assert "Standard output could not be written: No space left on device." in ended.err.splitlines()
    assert len(kept_watches(tmp_path / "data")) == 1
