"""How do the lab's own tests run something in the lab?"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.lab import scenarios, wire
from tests.lab.namespaces import LabError

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 3
"""Labs know nothing of each other, and a quick run mostly waits."""
MEASURING_AT_ONCE = 2
"""Those that measure the load have nothing but each other beside them; their lines are slow."""

Runs = Mapping[str, Future[str]]
_QUICK_RUNS = pytest.StashKey[Runs]()
_WIRE_FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()
_POOL = pytest.StashKey[ThreadPoolExecutor]()


def lab(*arguments: str, nice: bool = False) -> str:
    """Run the lab's own command; it fails unless every answer was right. nice: other tests come first."""
    argv = [*(["nice", "-n", "15"] if nice else []), sys.executable, "-m", "tests.lab", *arguments]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def is_quick(name: str) -> bool:
    return "--quick" in scenarios.load(name).run.args


def _waits_for(item: pytest.Item, fixture: str) -> bool:
    return isinstance(item, pytest.Function) and fixture in item.fixturenames


def _chosen(session: pytest.Session, fixture: str) -> list[str]:
    """The scenarios of the tests that wait for these runs."""
    return [
        str(item.callspec.params["name"])
        for item in session.items
        if isinstance(item, pytest.Function) and _waits_for(item, fixture)
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests without a lab first, since they run beside the quick scenarios; then those; then what wants the machine."""
    items.sort(key=lambda item: 1 if _waits_for(item, "quick_runs") else 2 if item.get_closest_marker("lab") else 0)


def pytest_collection_finish(session: pytest.Session) -> None:
    """All quick scenarios that were chosen are begun at once: while they wait, the other tests run."""
    if not session.config.option.collectonly:
        _build_wire(session)
        pool = ThreadPoolExecutor(AT_ONCE)
        session.config.stash[_POOL] = pool
        chosen = _chosen(session, "quick_runs")
        session.config.stash[_QUICK_RUNS] = {name: pool.submit(lab, "run", name, nice=True) for name in chosen}


def _build_wire(session: pytest.Session) -> None:
    """Once for all labs, if there are any; where it cannot be built, each lab says so itself."""
    if any(item.get_closest_marker("lab") for item in session.items):
        folder = tempfile.TemporaryDirectory(prefix="emrnetcheck-wire-")
        session.config.stash[_WIRE_FOLDER] = folder
        with contextlib.suppress(LabError):
            wire.build(Path(folder.name) / "wire")
            os.environ[wire.BUILT] = str(Path(folder.name) / "wire")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (pool := session.config.stash.get(_POOL, None)) is not None:
        pool.shutdown(wait=True, cancel_futures=True)
    os.environ.pop(wire.BUILT, None)
    if (folder := session.config.stash.get(_WIRE_FOLDER, None)) is not None:
        folder.cleanup()


@pytest.fixture(scope="session")
def quick_runs(pytestconfig: pytest.Config) -> Runs:
    """The quick scenarios' runs, begun when the tests were collected."""
    return pytestconfig.stash[_QUICK_RUNS]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the measuring runs leave their reports, as NAME.1.json."""
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="session")
def measuring_runs(request: pytest.FixtureRequest, reports: Path) -> Iterator[Runs]:
    """All chosen scenarios that measure the load, begun now."""
    with ThreadPoolExecutor(MEASURING_AT_ONCE) as pool:
        chosen = dict.fromkeys(_chosen(request.session, "measuring_runs"))
        yield {name: pool.submit(lab, "run", name, "--keep-json", str(reports)) for name in chosen}
        pool.shutdown(cancel_futures=True)


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
