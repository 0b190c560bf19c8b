"""The command that draws sample pages helps, and makes nothing, before it knows what is wanted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [(["--help"], 0, "FOLDER"), ([], 2, "FOLDER"), (["made", "no-such-page"], 2, "there is no page no-such-page")],
)
def test_nothing_is_made_of_what_is_no_folder(
    arguments: list[str], status: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    ran = subprocess.run(
        [sys.executable, "-m", "tests.browser", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == status, ran.stderr
    assert told in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []
