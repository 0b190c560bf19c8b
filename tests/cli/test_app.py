"""Which command is meant, and what each says of itself."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest
import typer

from emrnetcheck import __main__, __version__
from emrnetcheck.cli.app import COMMANDS, app_for, app_of, with_default_command
from tests.cli.conftest import Call, Clinic


def test_the_version(call: Call) -> None:
    ended = call("--version")
    assert (ended.status, ended.out, ended.err) == (0, f"emrnetcheck {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ([], ["run"]),
        (["--quick"], ["run", "--quick"]),
        (["--format=json"], ["run", "--format=json"]),
        (["-q"], ["run", "-q"]),
        (["run", "--quick"], ["run", "--quick"]),
        (["explain", "ddns.stale"], ["explain", "ddns.stale"]),
        (["--help"], ["--help"]),
        (["-h"], ["-h"]),
        (["--version"], ["--version"]),
    ],
)
def test_run_is_meant_where_no_command_is_named(arguments: list[str], meant: list[str]) -> None:
    assert with_default_command(arguments) == meant


def test_alone_it_does_the_main_job(call: Call, clinic: Clinic, settings: Path) -> None:
    alone = call("--config", settings, "--quiet")
    assert alone.status == 0
    assert "READY to host the EMR" in alone.out


@pytest.mark.parametrize(
    "command", [[], ["run"], ["checks"], ["explain"], ["schema"]], ids=lambda c: " ".join(c) or "alone"
)
def test_every_command_explains_itself(call: Call, command: list[str]) -> None:
    ended = call(*command, "--help")
    assert ended.status == 0
    assert ended.err == ""
    assert "Usage: emrnetcheck" in ended.out
    for name in ("run", "checks", "explain", "schema") if not command else ():
        assert name in ended.out


def test_an_unknown_command_is_a_usage_error(call: Call) -> None:
    ended = call("rnu")
    assert ended.status == 2
    assert "rnu" in ended.err
    assert ended.out == ""


def test_ctrl_c_outside_a_run_is_130_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_arguments: list[str]) -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "app_for", interrupted)
    with pytest.raises(SystemExit) as end:
        __main__.main([])
    assert end.value.code == 130
    assert capsys.readouterr().err == ""


def test_the_command_that_is_named_is_made_alone_and_is_the_same() -> None:
    whole = typer.main.get_command(app_of()).commands  # type: ignore[attr-defined]
    assert whole.keys() == set(COMMANDS)
    for name in COMMANDS:
        alone = typer.main.get_command(app_for([name, "--help"])).commands  # type: ignore[attr-defined]
        assert list(alone) == [name]
        assert [each.opts for each in alone[name].params] == [each.opts for each in whole[name].params]
        assert getattr(alone[name], "commands", {}).keys() == getattr(whole[name], "commands", {}).keys()


@pytest.mark.parametrize("arguments", [["--help"], ["rnu"], []])
def test_where_no_command_is_named_there_are_all(arguments: list[str]) -> None:
    assert typer.main.get_command(app_for(arguments)).commands.keys() == set(COMMANDS)  # type: ignore[attr-defined]
