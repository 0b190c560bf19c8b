"""What macOS and Windows would be told: laid out here, for the folders and names that they have."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emrnetcheck.cli.schedule.machine import Machine
from emrnetcheck.cli.schedule.planning import planned
from emrnetcheck.schedule.job import Scheduler


def machine(platform: str, home: Path, *, system: bool) -> Machine:
    return Machine(platform, system, "clinic", 501, 20, home, home / ".config", home / "data")


@pytest.mark.parametrize(
    ("platform", "scheduler"), [("darwin", Scheduler.LAUNCHD), ("win32", Scheduler.TASKS), ("linux", Scheduler.SYSTEMD)]
)
@pytest.mark.parametrize("system", [False, True])
def test_each_system_has_its_own_scheduler(platform: str, scheduler: Scheduler, system: bool, tmp_path: Path) -> None:
    made = planned(machine(platform, tmp_path, system=system), None, None, None)
    assert made.plan.scheduler is scheduler
    assert made.job.argv[1:] == ("-P", "-m", "emrnetcheck", "schedule", "run")
    told = "".join(file.text for file in made.plan.files)
    assert "schedule" in told
    # Windows' tasks have no environment; elsewhere the data's folder is told where it is not the usual one.
    assert ("EMRNETCHECK_DATA" in told) == (platform != "win32")


def test_the_python_without_a_window_is_taken_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    for platform, name in (("win32", "python.exe"), ("linux", "python.exe")):
        assert planned(machine(platform, tmp_path, system=True), None, None, None).job.argv[0] == str(tmp_path / name)
    (tmp_path / "pythonw.exe").touch()
    for platform, name in (("win32", "pythonw.exe"), ("linux", "python.exe")):
        assert planned(machine(platform, tmp_path, system=True), None, None, None).job.argv[0] == str(tmp_path / name)
