"""How do the lab's own tests run something in the lab?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

Shell = Callable[..., subprocess.CompletedProcess[str]]
Trial = Callable[..., dict[str, Any]]


def _can_have_namespaces() -> str:
    """Empty, or why not."""
    argv = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--map-root-user", "true"]
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False).stderr.strip()
    except FileNotFoundError:
        return "unshare (util-linux) is not installed"


@pytest.fixture(scope="session")
def lab_possible() -> None:
    """Fail, with the reason, where namespaces are not to be had: a lab that was asked for and cannot run is no pass."""
    if why := _can_have_namespaces():
        pytest.fail(f"no network namespaces here: {why}")


@pytest.fixture(scope="session")
def shell(lab_possible: None) -> Shell:
    """`python -m tests.lab shell HOST --scenario NAME -- sh -c SCRIPT`."""

    def run(host: str, script: str, *, scenario: str = "healthy") -> subprocess.CompletedProcess[str]:
        words = ["shell", host, "--scenario", scenario, "--", "sh", "-c", script]
        done = _python("-m", "tests.lab", *words)
        assert "lab: " not in done.stderr, done.stderr
        return done

    return run


@pytest.fixture(scope="session")
def trial(lab_possible: None) -> Trial:
    """The facts that a function of trial.py prints."""

    def run(function: str, *arguments: str) -> dict[str, Any]:
        done = _python("-m", "tests.lab.trial", function, *arguments)
        assert done.returncode == 0, done.stderr
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts

    return run


def _python(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        stdin=subprocess.DEVNULL,
    )
