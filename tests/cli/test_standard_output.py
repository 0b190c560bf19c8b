"""Standard output that takes no more: one sentence, or silence where nobody reads. In processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from emrnetcheck.reports import json as report_json
from tests.placing.reports import at_the_clinic, from_elsewhere

FULL = Path("/dev/full")
COMMANDS = (
    ["privileges"],
    ["checks"],
    ["schema"],
    ["--help"],
    ["status"],
    ["history"],
    ["compare", "a.json", "b.json", "--format", "json"],
)
each_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
each_way = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder with two reports that can be compared."""
    for name, report in (("a.json", at_the_clinic()), ("b.json", from_elsewhere(hours_later=0.5))):
        (tmp_path / name).write_text(report_json.render(report), encoding="utf-8")
    return tmp_path


def ended(command: list[str], stdout: int, folder: Path, unbuffered: str) -> tuple[int, str]:
    """Status and complaints of the program with that standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "emrnetcheck", *command],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
@each_way
@each_command
def test_a_full_disk_is_neither_a_verdict_nor_a_bug(command: list[str], unbuffered: str, reports: Path) -> None:
    with FULL.open("wb") as full:
        status, said = ended(command, full.fileno(), reports, unbuffered)
    assert (status, said) == (2, "Standard output could not be written: No space left on device.\n")


@pytest.mark.skipif(os.name != "posix", reason="a closed pipe is another error on Windows")
@each_way
@each_command
def test_a_closed_pipe_ends_it_silently(command: list[str], unbuffered: str, reports: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with closing(os.fdopen(writing, "wb")) as unread:
        status, said = ended(command, unread.fileno(), reports, unbuffered)
    assert (status, said) == (141, "")


@each_command
def test_what_is_read_is_whole(command: list[str], reports: Path) -> None:
    """The stream that tells a refusal passes on every byte."""
    with (reports / "out").open("wb") as out:
        status, said = ended(command, out.fileno(), reports, "")
    assert (status in (0, 3), said) == (True, "")
    assert (reports / "out").read_text(encoding="utf-8").endswith("\n")
