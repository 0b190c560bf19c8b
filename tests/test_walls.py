"""The walls between the rooms stand, and the light commands stay light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("pydantic", "scapy", "dns", "speedtest", "psutil", "rich.console", "emrnetcheck.checks", "emrnetcheck.net")


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_imports_go_down_only() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "0 broken" in ran.stdout


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]], ids=" ".join)
def test_what_measures_nothing_loads_nothing(arguments: list[str]) -> None:
    code = f"""
import sys
from emrnetcheck.__main__ import main
try:
    main({arguments!r})
except SystemExit as end:
    assert end.code in (0, None), end.code
loaded = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit("loaded: " + ", ".join(loaded) if loaded else 0)
"""
    ran = python("-c", code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


def test_a_check_loads_no_socket() -> None:
    ran = python(
        "-c", "import sys, emrnetcheck.checks; sys.exit('socket' in sys.modules or 'emrnetcheck.net' in sys.modules)"
    )
    assert ran.returncode == 0, ran.stderr
