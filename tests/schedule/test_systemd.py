"""Units that systemd itself takes, and takes as they are meant."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.schedule.job import Job, minutes_for
from emrnetcheck.schedule.systemd import SERVICE, TIMER, plan, quoted
from tests.schedule.jobs import NASTY, NASTY_TEXT, PLAIN, SYSTEM

ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="there is no systemd-analyze here")
JOBS = {
    "user": PLAIN,
    "system": SYSTEM,
    "root": replace(SYSTEM, user="root"),
    "nasty": NASTY,
    "nasty system": replace(NASTY, system=True),
}


def written(job: Job, folder: Path) -> list[Path]:
    """Its units in this folder, starting a program that exists: verify looks for it."""
    job = replace(job, argv=(sys.executable, *job.argv[1:]))
    if job.user == PLAIN.user:
        job = replace(job, user="daemon")  # one that every system has
    paths = []
    for file in plan(job).files:
        path = folder / Path(file.path).name
        path.write_bytes(file.content())
        paths.append(path)
    return paths


@needs_systemd
@pytest.mark.parametrize("name", JOBS)
def test_systemd_finds_nothing_wrong(name: str, tmp_path: Path) -> None:
    paths = written(JOBS[name], tmp_path)
    scope = "--system" if JOBS[name].system else "--user"
    command = [str(ANALYZE), scope, "--man=no", "verify", *map(str, paths)]
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)
    told = [line for line in (ran.stdout + ran.stderr).splitlines() if str(tmp_path) in line or "emrnetcheck" in line]
    assert told == []
    assert ran.returncode == 0, ran.stderr


@needs_systemd
def test_a_mistake_would_be_found(tmp_path: Path) -> None:
    """That the test above can fail: a key of the wrong section, a calendar that is none."""
    service, timer = written(SYSTEM, tmp_path)
    timer.write_text(timer.read_text().replace("*:07,", "*:61,"))
    service.write_text(service.read_text().replace("Type=oneshot", "Type=onshot\nPersistent=true"))
    command = [str(ANALYZE), "--system", "--man=no", "verify", str(service), str(timer)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert "onshot" in told
    assert "Persistent" in told
    assert "61" in told


@needs_systemd
def test_the_calendar_is_every_quarter_of_an_hour(tmp_path: Path) -> None:
    for offset_s in (0, 420, 1140):
        minutes = minutes_for(offset_s)
        text = plan(replace(PLAIN, minutes=minutes)).files[1].text
        [expression] = [line.partition("=")[2] for line in text.splitlines() if line.startswith("OnCalendar=")]
        command = [str(ANALYZE), "calendar", "--iterations=8", "--base-time=2026-11-26 06:00:00", expression]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, env={"TZ": "UTC", "LC_ALL": "C"})
        seen = [line for line in ran.stdout.splitlines() if "2026-11-26 0" in line and "(in UTC)" not in line]
        clocks = [line.rsplit(" ", 2)[-2][3:5] for line in seen]
        expected = sorted(minutes) if 0 not in minutes else [15, 30, 45, 0]
        assert clocks == [f"{minute:02}" for minute in (*expected, *expected)]


@needs_systemd
def test_the_unit_of_the_system_is_hardened(tmp_path: Path) -> None:
    """systemd's own figure: 0 is best, 9.6 is a unit without any of it. What is left is what measuring needs."""
    for job, worst in ((SYSTEM, 2.6), (replace(SYSTEM, user="root"), 3.2)):
        service, _ = written(job, tmp_path)
        command = [str(ANALYZE), "security", "--offline=true", "--no-pager", str(service)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        [line] = [line for line in ran.stdout.splitlines() if "Overall exposure level" in line]
        assert float(line.split(":")[1].split()[0]) <= worst, ran.stdout


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("/a b", '"/a b"'),
        ("100%", "100%%"),
        ('"', '"\\""'),
        ("\\", '"\\\\"'),
        ("", '""'),
        (";", '";"'),
        ("#x", '"#x"'),
    ],
)
def test_words_are_quoted_as_systemd_reads_them(text: str, expected: str) -> None:
    assert quoted(text) == expected


def test_what_needs_the_system_is_not_asked_of_a_users_manager() -> None:
    user, system = plan(PLAIN).files[0].text, plan(SYSTEM).files[0].text
    for word in ("network-online.target", "ProtectSystem=strict", "CapabilityBoundingSet", "User=clinic"):
        assert word in system
        assert word not in user
    lines = system.splitlines()
    assert "Wants=network-online.target" in lines  # else nobody starts that target, and
    assert "After=network-online.target" in lines  # else nothing waits for it
    for word in ("NoNewPrivileges=yes", "UMask=0077", "SystemCallFilter=@system-service", "Type=oneshot"):
        assert word in system
        assert word in user
    assert "RemainAfterExit" not in system  # it would start no second time


@pytest.mark.parametrize("job", [PLAIN, SYSTEM])
def test_what_was_missed_is_caught_up_on_waking(job: Job) -> None:
    """systemd.timer(5): Persistent= is about OnCalendar= only, and both belong into [Timer]."""
    section = plan(job).files[1].text.split("[Timer]\n")[1].split("\n[")[0].splitlines()
    assert "Persistent=true" in section
    assert any(line.startswith("OnCalendar=") for line in section)


def test_where_they_go_and_how_they_are_switched() -> None:
    user, system = plan(PLAIN), plan(SYSTEM)
    assert [file.path for file in user.files] == [
        f"/srv/clinic/.config/systemd/user/{SERVICE}",
        f"/srv/clinic/.config/systemd/user/{TIMER}",
    ]
    assert [file.path for file in system.files] == [f"/etc/systemd/system/{SERVICE}", f"/etc/systemd/system/{TIMER}"]
    assert user.activate == (
        ("systemctl", "--user", "daemon-reload"),
        ("systemctl", "--user", "enable", "--now", TIMER),
    )
    assert system.deactivate[0] == ("systemctl", "disable", "--now", TIMER)


def test_no_dollar_and_no_percent_of_a_path_is_put_in_by_systemd() -> None:
    [line] = [line for line in plan(NASTY).files[0].text.splitlines() if line.startswith("ExecStart=")]
    assert "$$HOME" in line
    assert "100%%" in line
    assert "50%%%%" in line
    assert line.count("$") == 2 * 2 * NASTY_TEXT.count("$")
