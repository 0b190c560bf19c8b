"""Where the history is, and whose, is read as all settings are, only quicker."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emrnetcheck.config import ConfigError, load
from emrnetcheck.config.kept import LONGEST_NAME, MOST_DAYS, SECTIONS, load_kept
from emrnetcheck.config.sections import HistorySection, Settings, SiteSection
from emrnetcheck.model import Site
from emrnetcheck.model.schedule import LoadTests
from tests.test_config import FULL


def written(folder: Path, text: str) -> Path:
    file = folder / "clinic.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "text",
    [
        "",
        FULL,
        '[site]\nname = "Elm Street Clinic"',
        '[site]\nname = "  Elm  "',
        f'[site]\nname = "{"x" * LONGEST_NAME}"',
        "[history]\nkeep_days = 1",
        f"[history]\nkeep_days = {MOST_DAYS}",
        '[history]\nurl = ""',
        '[history]\nurl = "postgresql://me@db.example/emr"\nkeep_days = 30',
        "[emr]\nusers = 9",
        '[schedule]\nload_tests = "never"',
        '[schedule]\nload_tests = "never"\n[history]\nurl = "postgresql://me@db.example/emr"',
    ],
)
def test_what_it_reads_is_what_all_rules_say(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "LAN_TOKEN"):
        monkeypatch.setenv(name, "0123456789abcdef")
    file = written(tmp_path, text)
    quick, whole = load_kept(file), load(file)
    for name in ("name", "history_url", "history_keep_days"):
        assert getattr(quick, name) == getattr(whole, name)
    assert (quick.schedule.load_tests is LoadTests.NEVER) is (whole.schedule.load_tests is LoadTests.NEVER)


@pytest.mark.parametrize(
    "text",
    [
        "[histroy]\nkeep_days = 3",
        "[history]\nkeep_day = 3",
        "[history]\nkeep_days = 0",
        f"[history]\nkeep_days = {MOST_DAYS + 1}",
        "[history]\nkeep_days = true",
        "[history]\nkeep_days = 3.5",
        '[history]\nurl = "mysql://x"',
        "[history]\nurl = 3",
        "[site]\nname = 3",
        '[site]\nname = " "',
        '[site]\nname = "a\\nb"',
        f'[site]\nname = "{"x" * (LONGEST_NAME + 1)}"',
        '[site]\nname = "x"\nusers = 3',
        "site = 3",
        "history = []",
        "[site",
    ],
)
def test_a_mistake_in_what_it_reads_has_the_same_sentence(tmp_path: Path, text: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(ConfigError) as whole:
        load(file)
    with pytest.raises(ConfigError) as quick:
        load_kept(file)
    assert str(quick.value) == str(whole.value)


def test_a_mistake_elsewhere_is_left_to_who_needs_that(tmp_path: Path) -> None:
    file = written(tmp_path, '[site]\nname = "Elm"\n[emr]\nusers = "many"')
    assert load_kept(file).name == "Elm"


def test_without_a_file_all_is_as_it_is_by_default() -> None:
    assert load_kept(None) == Site()


def test_every_section_is_known_to_it() -> None:
    assert set(Settings.model_fields) == SECTIONS
    assert set(SiteSection.model_fields) == {"name"}
    assert set(HistorySection.model_fields) == {"url", "keep_days"}


def test_the_rules_of_all_settings_are_not_loaded_for_it(tmp_path: Path) -> None:
    file = written(tmp_path, '[site]\nname = "Elm"\n[emr]\nusers = 9\n[history]\nkeep_days = 30')
    code = """
import sys
from pathlib import Path
from emrnetcheck.config.kept import load_kept
load_kept(Path(sys.argv[1]))
sys.exit("pydantic" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code, str(file)], timeout=60, check=False).returncode == 0
