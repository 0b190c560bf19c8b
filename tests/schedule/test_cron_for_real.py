"""A real cron starts what is written for it: in namespaces and with a spool of its own, never this computer's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import emrnetcheck
from emrnetcheck.schedule.cron import BEGIN, plan
from emrnetcheck.schedule.job import Job
from tests.schedule.jobs import NASTY, NASTY_TEXT

pytestmark = pytest.mark.lab

OWN = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private"]
# All that cron reads and writes is covered by empty folders that only this process tree sees.
COVER = """
set -e
mount -t tmpfs -o mode=1730,gid=crontab none /var/spool/cron/crontabs
mount -t tmpfs none /etc/cron.d
mount -t tmpfs none /run
: >/run/nothing
mount --bind /run/nothing /etc/crontab
"""
EVERY_MINUTE = tuple(range(60))
# Cron starts things at full minutes.
LONGEST_S = 75
SHOW = """
import json, os, sys
json.dump([sys.argv[1:], dict(os.environ), os.getcwd()], open(sys.argv[1] + ".new", "w"))
os.rename(sys.argv[1] + ".new", sys.argv[1])
print("what it says"); print("what goes wrong", file=sys.stderr)
"""

if os.geteuid() != 0:
    pytest.skip("cron changes its user, which only root can", allow_module_level=True)


def in_own_namespaces(script: str, *, timeout_s: float = 60, net: bool = False, **environ: str) -> str:
    ran = subprocess.run(
        [*OWN, *(["--net"] if net else []), "sh", "-c", COVER + script],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, **environ},
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def job(folder: Path, *, system: bool) -> Job:
    """One that writes down how it was started, with all that cron, the shell and Python could take for their own."""
    data = folder / NASTY_TEXT.replace("/", "")
    data.mkdir()
    script = folder / "show.py"
    script.write_text(SHOW)
    return replace(
        NASTY,
        argv=(sys.executable, str(script), str(folder / "seen.json"), *NASTY.argv),
        minutes=EVERY_MINUTE,
        system=system,
        user="root",
        data_folder=str(data),
    )


def test_cron_starts_the_program_with_what_was_meant(tmp_path: Path) -> None:
    """As a line of a user's crontab and as a file in /etc/cron.d, at the same minute."""
    jobs = {}
    put = ""
    for name, system in (("crontab", False), ("cron.d", True)):
        folder = tmp_path / name
        folder.mkdir()
        jobs[folder] = made = job(folder, system=system)
        told = plan(made)
        (folder / "lines").write_text(told.files[0].text if system else told.crontab or "")
        put += f"cp {folder}/lines {told.files[0].path}\n" if system else f"crontab {folder}/lines\n"
    both = " && ".join(f"[ -e {folder}/seen.json ]" for folder in jobs)
    wait = f"for each in $(seq {LONGEST_S}); do {both} && sleep 1 && exit 0; sleep 1; done; exit 1"
    in_own_namespaces(f"{put}cron -f &\n{wait}", timeout_s=LONGEST_S + 20)
    for folder, made in jobs.items():
        arguments, environ, _ = json.loads((folder / "seen.json").read_text())
        assert arguments[1:] == list(NASTY.argv)
        assert environ["EMRNETCHECK_DATA"] == dict(NASTY.environment)["EMRNETCHECK_DATA"]
        assert "/usr/sbin" in environ["PATH"].split(":")
        log = Path(made.data_folder, "schedule.log").read_text()
        assert sorted(log.splitlines()) == ["what goes wrong", "what it says"]


def test_the_real_crontab_has_our_lines_and_afterwards_what_it_had(tmp_path: Path) -> None:
    """By the program itself: install, status and remove, with `crontab` as Debian has it."""
    theirs = tmp_path / "theirs"
    theirs.write_text("# mine\n5 4 * * 0 backup 100\\%\n")
    call = f"{sys.executable} -m emrnetcheck schedule"
    said = in_own_namespaces(
        f"""
crontab {theirs}
{call} install --yes --scheduler cron
echo "=== with"; crontab -l
cron
echo "=== status"; {call} status
{call} remove --yes >/dev/null
echo "=== without"; crontab -l
crontab -r
{call} install --yes --scheduler cron >/dev/null
{call} remove --yes >/dev/null
echo "=== none"; crontab -l 2>&1 || true
""",
        HOME=str(tmp_path),
        EMRNETCHECK_DATA=str(tmp_path / "data"),
    )
    parts = {part.partition("\n")[0]: part.partition("\n")[2] for part in said.split("=== ")}
    assert parts["with"].startswith(theirs.read_text())
    assert parts["with"].count(BEGIN) == 1
    assert parts["status"].startswith("ALL IS AS IT SHOULD BE.")
    assert parts["without"] == theirs.read_text()
    assert parts["none"] == "no crontab for root\n"
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.timeout(900)
def test_a_check_and_a_report_are_made_by_a_real_cron_once(tmp_path: Path) -> None:
    """From the installation to the history, without a network: two minutes later both are done, and once."""
    source = Path(emrnetcheck.__file__).parents[1]
    call = f"{sys.executable} -m emrnetcheck"
    said = in_own_namespaces(
        f"""
ip link set lo up
due=$(date +%H:%M -d "+2 minutes")
printf '[schedule]\ncheck = "daily %s"\nreport = "daily %s"\n' $due $due >{tmp_path}/emr.toml
printf 'spread_minutes = 0\nclinic_hours = "off"\n' >>{tmp_path}/emr.toml
{call} schedule install --yes --scheduler cron --config {tmp_path}/emr.toml
# Every minute, in place of every quarter of an hour; and this copy of the program.
crontab -l | sed -E 's|^[0-9,]+ |* |; s|&& |\\&\\& PYTHONPATH={source} |' >{tmp_path}/lines
crontab {tmp_path}/lines
cron -f &
for each in $(seq 75); do
  sleep 10
  {call} schedule status --format json >{tmp_path}/status.json || true
  [ $(grep -c '"last_outcome": "done"' {tmp_path}/status.json) = 2 ] && break
done
sleep 65
echo "=== history"; {call} history --format json
""",
        timeout_s=880,
        net=True,
        TZ="UTC",
        HOME=str(tmp_path),
        EMRNETCHECK_DATA=str(tmp_path / "data"),
        PYTHONPATH=str(source),
    )
    status = json.loads((tmp_path / "status.json").read_text())
    done = {each["kind"]: each["last_outcome"] for each in status["works"]}
    assert (done["check"], done["report"]) == ("done", "done"), said
    assert len(json.loads(said.partition("=== history")[2])["runs"]) == 1
