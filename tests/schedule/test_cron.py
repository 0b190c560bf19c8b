"""Lines that cron and the shell give back as the same arguments, and a crontab of which the rest stays as it was."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.schedule.cron import BEGIN, END, block_in, command, plan, with_block, without_block
from emrnetcheck.schedule.job import Job, minutes_for, refuse_unprintable
from tests.schedule.jobs import NASTY, PLAIN, SYSTEM

SHOW = "import json, os, sys; print(json.dumps([sys.argv[1:], os.environ['PATH'], os.environ.get('EMRNETCHECK_DATA')]))"


def as_cron_does(text: str) -> str:
    """What cron gives to the shell: up to the first "%" without a backslash, "\\%" as "%" (crontab(5))."""
    found = re.search(r"(?<!\\)%", text)
    return (text[: found.start()] if found else text).replace("\\%", "%")


@pytest.mark.parametrize("job", [PLAIN, NASTY], ids=["plain", "nasty"])
def test_the_program_gets_the_arguments_that_are_meant(job: Job, tmp_path: Path) -> None:
    folder = tmp_path / Path(job.data_folder).name.replace("/", "")
    folder.mkdir()
    run = replace(job, argv=(sys.executable, "-c", SHOW, *job.argv), data_folder=str(folder))
    subprocess.run(["/bin/sh", "-c", as_cron_does(command(run))], env={"PATH": "/usr/bin:/bin"}, check=True)
    arguments, path, data = json.loads((folder / "schedule.log").read_text())
    assert arguments == list(job.argv)
    assert "/usr/sbin" in path.split(":")
    assert data == dict(job.environment).get("EMRNETCHECK_DATA")


def test_the_lines_of_a_user_and_of_the_system() -> None:
    lines = (plan(PLAIN).crontab or "").splitlines()
    assert (lines[0], lines[-1]) == (BEGIN, END)
    assert lines[2].startswith("7,22,37,52 * * * * cd /srv/clinic/.local/share/emrnetcheck && PATH=")
    [file] = plan(SYSTEM).files
    assert file.path == "/etc/cron.d/emrnetcheck"
    assert re.search(r"^7,22,37,52 \* \* \* \* clinic cd ", file.text, re.MULTILINE)
    assert plan(SYSTEM).crontab is None
    assert plan(PLAIN).files == ()


def test_a_command_that_cron_would_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 990 bytes"):
        plan(replace(PLAIN, data_folder="/srv/" + "x" * 900))


@pytest.mark.parametrize("part", ["a\nb", "a\rb", "\x1b[31m", "\x00"])
def test_what_would_end_a_line_is_refused(part: str) -> None:
    refuse_unprintable(NASTY)
    for job in (
        replace(PLAIN, data_folder=part),
        replace(PLAIN, argv=(*PLAIN.argv, part)),
        replace(PLAIN, environment=(("EMRNETCHECK_DATA", part),)),
    ):
        with pytest.raises(ValueError, match="cannot be written into a schedule"):
            refuse_unprintable(job)


BLOCK = plan(PLAIN).crontab or ""
crontabs = st.lists(st.text(alphabet="ab*#% \t", max_size=12), max_size=6).map(
    lambda lines: "".join(f"{line}\n" for line in lines)
)


@given(crontabs)
def test_what_was_there_is_there_again_afterwards(crontab: str) -> None:
    assert block_in(crontab) is None
    made = with_block(crontab, BLOCK)
    assert made.startswith(crontab)
    assert block_in(made) == BLOCK
    assert with_block(made, BLOCK) == made
    assert without_block(made) == crontab


def test_lines_behind_ours_stay_and_a_last_line_without_end_gets_one() -> None:
    assert without_block(f"a\n{BLOCK}b\n") == "a\nb\n"
    assert with_block("a", BLOCK) == f"a\n{BLOCK}"


@pytest.mark.parametrize("crontab", [f"{BEGIN}\n", f"{END}\n", f"{END}\n{BEGIN}\n", BLOCK + BLOCK, f"{BEGIN}\n{BLOCK}"])
def test_lines_of_which_half_is_missing_are_not_guessed_at(crontab: str) -> None:
    for change in (without_block, block_in, lambda text: with_block(text, BLOCK)):
        with pytest.raises(ValueError, match="not exactly once each"):
            change(crontab)


def test_the_minutes_hit_every_full_quarter_with_its_offset() -> None:
    for minute in range(300):
        minutes = minutes_for(minute * 60)
        assert len(minutes) == 4
        assert all((quarter + minute) % 60 in minutes for quarter in (0, 15, 30, 45))
