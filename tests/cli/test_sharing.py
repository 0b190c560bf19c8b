"""report --share: a redacted copy that only the user can read, or nothing; nothing of the clinic in what is said."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.cli import keeping
from emrnetcheck.config import load
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.reports.formats import FORMATS
from emrnetcheck.reports.json import parse, render
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from tests.checks.builders import HEALTHY
from tests.cli.conftest import Call, Clinic
from tests.reports.samples import NOT_READY, READY
from tests.reports.sharing.planting import Planter

SECRETS = ("Elm Street", "192.168.1.10", "192.168.1.1", "203.0.113.7", "emr.example", "93.184.216.34")
Keep = Callable[[ClinicReport], None]


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    def save(report: ClinicReport) -> None:
        with History.opened(tmp_path / "data" / "history.sqlite", write=True) as history:
            history.save(past_run(report), render(report), keeping.settings_text(load(None)))

    return save


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "here"
    where.mkdir()
    monkeypatch.chdir(where)
    return where


@pytest.mark.parametrize("name", FORMATS)
def test_a_copy_in_each_format_holds_nothing_of_the_clinic(call: Call, keep: Keep, here: Path, name: str) -> None:
    keep(replace(NOT_READY, evidence=HEALTHY))
    ended = call("report", "--share", "--format", name)
    file = here / f"emrnetcheck-shared.{FORMATS[name].ending}"
    assert ended.status == 0, ended.err
    assert file.name in ended.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    for secret in SECRETS:
        assert secret not in text
        assert secret not in ended.out + ended.err
    assert list(here.iterdir()) == [file]


@pytest.mark.parametrize("name", FORMATS)
def test_secrets_planted_in_every_field_are_in_no_format(call: Call, keep: Keep, here: Path, name: str) -> None:
    planter = Planter(raw=False)
    planted = planter.report()
    keep(replace(planted, id="planted", schema=READY.schema, vantage="host"))
    ended = call("report", "planted", "--share", "-v", "--format", name)
    assert ended.status == 0, ended.err
    text = "".join(each.read_text(encoding="utf-8") for each in here.iterdir()).casefold()
    assert text
    said = text + (ended.out + ended.err).casefold()
    assert {secret: field for secret, field in planter.planted.items() if secret.casefold() in said} == {}


def test_a_run_of_the_program_is_shared_and_the_original_stays(call: Call, clinic: Clinic, here: Path) -> None:
    clinic(HEALTHY)
    assert call("run", "--quiet").status in (0, 1, 3)
    before = call("report", "--format", "json").out
    assert call("report", "--share", "--format", "json", "--output", "copy.json").status == 0
    assert call("report", "--format", "json").out == before
    copy = parse((here / "copy.json").read_text(encoding="utf-8"))
    assert copy.verdict == parse(before).verdict
    assert [check.status for check in copy.checks] == [check.status for check in parse(before).checks]


def test_many_formats_go_into_a_folder(call: Call, keep: Keep, here: Path) -> None:
    keep(READY)
    ended = call("report", "--share", "--format", "json", "--format", "text", "--output", "out")
    assert ended.status == 0
    assert {each.name for each in (here / "out").iterdir()} == {"emrnetcheck-shared.json", "emrnetcheck-shared.txt"}


@pytest.mark.parametrize("link", [False, True])
def test_nothing_that_is_there_is_written_over(call: Call, keep: Keep, here: Path, link: bool) -> None:
    keep(READY)
    file = here / "emrnetcheck-shared.txt"
    if link:
        file.symlink_to(here / "elsewhere")
    else:
        file.write_text("mine", encoding="utf-8")
    ended = call("report", "--share")
    assert ended.status == 2
    assert "is there already" in ended.err
    assert file.is_symlink() or file.read_text(encoding="utf-8") == "mine"
    assert not (here / "elsewhere").exists()


def test_what_is_not_known_to_be_harmless_lets_nothing_be_written(call: Call, keep: Keep, here: Path) -> None:
    check = READY.checks[0]
    keep(replace(READY, checks=(replace(check, id="xylophone"), *READY.checks[1:])))
    ended = call("report", "--share")
    assert (ended.status, ended.out) == (2, "")
    assert "Nothing was written" in ended.err
    assert "xylophone" not in ended.err
    assert list(here.iterdir()) == []


def test_a_format_that_brings_a_name_back_lets_nothing_be_written(
    call: Call, keep: Keep, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(READY)
    leaky = {**FORMATS, "text": replace(FORMATS["text"], render=lambda _report, _how: "seen at 192.168.1.10.")}
    monkeypatch.setattr("emrnetcheck.cli.sharing.FORMATS", leaky)
    ended = call("report", "--share", "--format", "text", "--format", "json", "--output", "out")
    assert (ended.status, ended.out) == (2, "")
    assert "Nothing was written" in ended.err
    assert "192.168" not in ended.err
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_tells_where_and_never_what(
    call: Call, keep: Keep, here: Path, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    keep(READY)
    if debug:
        monkeypatch.setenv("EMRNETCHECK_DEBUG", "1")

    def broken(*_arguments: Any) -> str:
        secret = READY.site + " 192.168.1.10"
        try:
            raise LookupError(secret)
        except LookupError as error:
            raise ValueError(secret) from error

    monkeypatch.setattr("emrnetcheck.reports.json.render", broken)
    ended = call("report", "--share", "--format", "json")
    assert (ended.status, ended.out) == (70, "")
    assert "ValueError" in ended.err
    assert ("in broken" in ended.err) is debug
    for secret in SECRETS:
        assert secret not in ended.err
    assert list(here.iterdir()) == []


def test_the_name_of_the_user_and_of_the_computer_is_in_no_copy(
    call: Call, keep: Keep, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "drfeatherstone")
    monkeypatch.setattr("platform.node", lambda: "featherstone-pc")
    check = READY.checks[0]
    finding = replace(check.findings[0], actual="seen by drfeatherstone at Featherstone-PC")
    keep(replace(READY, checks=(replace(check, findings=(finding,)), *READY.checks[1:])))
    assert call("report", "--share", "--format", "json").status == 0
    text = (here / "emrnetcheck-shared.json").read_text(encoding="utf-8")
    assert "featherstone" not in text.lower()
    assert json.loads(text)["checks"][0]["findings"][0]["actual"] == "seen by (left out) at (left out)"


def test_a_folder_that_cannot_be_written_is_named(call: Call, keep: Keep, here: Path) -> None:
    keep(READY)
    (here / "file").write_text("", encoding="utf-8")
    ended = call("report", "--share", "--output", "file/copy.txt")
    assert ended.status == 2
    assert "could not be written" in ended.err
