"""start.py prepares once, refuses clearly, passes arguments and exit statuses on, and leaves nothing out in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import IO

import pytest

import start

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("typed", "passed_on"),
    [
        ([], ["run"]),
        (["--quick"], ["run", "--quick"]),
        (["-v", "--format", "json"], ["run", "-v", "--format", "json"]),
        (["run", "--quick"], ["run", "--quick"]),
        (["explain", "ddns.stale"], ["explain", "ddns.stale"]),
        (["--version"], ["--version"]),
        (["--help"], ["--help"]),
    ],
)
def test_options_alone_mean_run(typed: list[str], passed_on: list[str]) -> None:
    assert start.program_arguments(typed) == passed_on


def test_an_old_python_gets_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    assert start.main([]) == start.COULD_NOT_TELL
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("emrnetcheck needs Python 3.11 or newer, and this is Python 3.9.")
    assert said.err.count("\n") == 1


def test_the_oldest_python_is_the_one_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=" + ".".join(map(str, start.OLDEST))


def test_a_foreign_folder_is_never_emptied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    monkeypatch.setenv("EMRNETCHECK_VENV", str(tmp_path))
    assert start.main([]) == start.COULD_NOT_TELL
    assert "is no Python environment" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")
def test_a_failed_installation_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = tmp_path / "python"
    fake.write_text("#!/bin/sh\necho no route\nexit 1\n", encoding="utf-8")
    fake.chmod(0o755)
    with pytest.raises(start.StartError, match="Is this computer connected to the Internet"):
        start.pip(fake, "nothing")
    assert capsys.readouterr().err == "no route\n"


@pytest.mark.parametrize(("script", "status"), [("exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)])
def test_the_exit_status_is_passed_on(script: str, status: int) -> None:
    assert start.status_of([sys.executable, "-c", script]) == status


def fake_environment(folder: Path, kind: str) -> None:
    """An environment that looks prepared, whose Python prints its arguments and ends with 3."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$EMRNETCHECK_COMMAND:" "$@"\nexit 3\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / f"emrnetcheck-{kind}.stamp").write_text(start.fingerprint(kind), encoding="ascii")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for Python is a shell script")
def test_a_prepared_environment_is_used_as_it_is(tmp_path: Path) -> None:
    fake_environment(tmp_path / "venv", "run")
    done = subprocess.run(
        [sys.executable, str(ROOT / "start.py"), "--quick"],
        env={**os.environ, "EMRNETCHECK_VENV": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == f"python3 {ROOT / 'start.py'}: -P -m emrnetcheck run --quick\n"
    assert done.stderr == ""


def test_a_changed_lock_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "requirements").mkdir()
    for name in ("pyproject.toml", "requirements/run.txt", "requirements/dev.txt", "requirements/build.txt"):
        (tmp_path / name).write_text("a", encoding="utf-8")
    monkeypatch.setattr(start, "HERE", tmp_path)
    before = {kind: start.fingerprint(kind) for kind in start.LOCKS}
    (tmp_path / "requirements/dev.txt").write_text("b", encoding="utf-8")
    assert start.fingerprint("run") == before["run"]
    assert start.fingerprint("dev") != before["dev"]


def test_missing_parts_of_the_lab_are_an_error_not_a_skip(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda tool, path: None if tool in ("nft", "dig") else "/bin/true")
    assert start.main(["test", "--lab"]) == start.FAILED
    assert "apt-get install nftables bind9-dnsutils" in capsys.readouterr().err


def test_the_lab_is_refused_where_it_cannot_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert start.main(["test", "--lab"]) == start.FAILED
    assert "needs Linux" in capsys.readouterr().err


def test_the_tests_that_have_a_pytest_of_their_own_are_there() -> None:
    assert list((ROOT / start.PROBES).glob("test_*.py"))
    assert (ROOT / start.CRON).is_file()


PYTEST = ["-m", "pytest"]


def remembering(name: str) -> list[str]:
    return [*PYTEST, "-o", f"cache_dir={start.MEMORY / name}", "-m"]


CHOSEN = {
    "": [[*PYTEST, "-m", "not lab"]],
    "-x": [[*PYTEST, "-m", "not lab", "-x"]],
    "--lab -x": [[*PYTEST, "-x"]],
    "--lab": [
        [*remembering("others"), "not lab", f"--ignore={start.PROBES}"],
        [*remembering("probes"), "not lab", start.PROBES],
        [*remembering("cron"), "lab", start.CRON],
        [*remembering("lab"), "lab and not alone", f"--ignore={start.CRON}"],
        [*remembering("alone"), "lab and alone"],
    ],
}


@pytest.mark.parametrize("arguments", CHOSEN)
def test_every_step_is_run_and_what_was_left_out_is_said(
    arguments: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps: list[list[str]] = []

    def fake(command: list[str], environ: object = None, output: IO[bytes] | None = None) -> int:
        steps.append(command[1:])
        if output is not None:
            output.write(f"said by {command[-1]}\n".encode())
        return 1 if "mypy" in command else 0

    monkeypatch.setattr(start, "require_lab", lambda: None)
    monkeypatch.setattr(start, "prepared", lambda kind: Path("python"))
    monkeypatch.setattr(start, "status_of", fake)
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    assert start.run_tests(arguments.split()) == start.FAILED
    tested = CHOSEN[arguments]
    assert len(steps) == 4 + len(tested)
    assert sorted(step for step in steps if "pytest" in step) == sorted(tested)
    assert steps[-1] == tested[-1]
    said = capsys.readouterr().err
    assert ("Not run: the tests in the clinic lab" in said) is ("--lab" not in arguments)
    for beside in (f"--ignore={start.PROBES}", start.PROBES, start.CRON):
        assert (f"said by {beside}" in said) is (arguments == "--lab")
    assert "FAILED: mypy" in said


A_TEST = """
import pathlib, pytest

@pytest.mark.parametrize("number", range({tests}))
def test_it(number):
    marker = pathlib.Path(f"seen-{{number}}")
    before = marker.exists()
    marker.touch()
    assert {passes}
"""


@pytest.mark.parametrize(
    ("tests", "passes", "still"),
    [
        (start.AGAIN_MAX, "before", []),  # each only the second time
        (start.AGAIN_MAX + 1, "before", ["lab"]),
        (2, "number", ["lab"]),  # the first never
        (1, "no_such_name", ["lab"]),
    ],
)
def test_what_fails_is_run_once_more_alone(
    tests: int,
    passes: str,
    still: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(start, "HERE", tmp_path)
    (tmp_path / "test_it.py").write_text(A_TEST.format(tests=tests, passes=passes), encoding="ascii")
    steps = {"lab": start.remembering("lab", "not lab", "test_it.py")}
    python = Path(sys.executable)
    assert start.failures(python, steps) == ["lab"]
    assert start.failures_again(python, steps, ["mypy", "lab"]) == ["mypy", *still]
    said = capfd.readouterr().err
    assert ("Passed only when run once more" in said) is (not still)
    assert ("test_it.py::test_it[2]" in said) is (not still)


def test_a_pytest_that_did_not_come_to_its_tests_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(start, "HERE", tmp_path)
    monkeypatch.setattr(start, "status_of", lambda _command: pytest.fail("run again"))
    steps = {"lab": start.remembering("lab", "not lab", "no_such_file.py")}
    assert start.failures_again(Path(sys.executable), steps, ["lab"]) == ["lab"]
