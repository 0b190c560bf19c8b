"""How do the lab's own tests run something in the lab?"""

from __future__ import annotations

import compileall
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from tests.lab import placing, scenarios, wire
from tests.lab.crew import Crew, Done, Job, Line
from tests.lab.namespaces import LabError

ROOT = Path(__file__).resolve().parents[2]
AT_ONCE = 9
"""Labs know nothing of each other, and mostly wait."""
WATCHED_AT_ONCE = 7
"""Of those, what is asked from several places, one after the other, each with a watch of its own time."""
MEASURING_AT_ONCE = 2
"""Of those, as long as there are scenarios that measure the load: their lines are slow."""

Runs = Mapping[str, Future[Done]]
_RUNS = pytest.StashKey[Mapping[str, Runs]]()
_CREW = pytest.StashKey[Crew]()
_FOLDER = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def is_quick(name: str) -> bool:
    return "--quick" in scenarios.load(name).run.args


def expect_right(run: Future[Done], score: str = "1 of 1 scenarios right") -> None:
    """Waits for it; fails with what it said unless every answer was right."""
    done = run.result()
    assert done.status == 0, done.said
    assert score in done.said


def _quick(name: str, _: Path) -> Job:
    return Job(("run", name, "--by-copy"))


def _measuring(name: str, reports: Path) -> Job:
    return Job(("run", name, "--keep-json", str(reports)))


def _unprivileged(name: str, reports: Path) -> Job:
    return Job(("run", name, "--unprivileged", "--keep-json", str(reports / "unprivileged")))


def _segments(name: str, _: Path) -> Job:
    return Job(("segments", name))


_JOBS: Mapping[str, Callable[[str, Path], Job]] = {
    "quick_runs": _quick,
    "measuring_runs": _measuring,
    "unprivileged_runs": _unprivileged,
    "segment_runs": _segments,
}
"""What is run ahead for the scenario `name` of a test, by the fixture in which that test finds what came of it."""


_WAITS = 2
_WAIT_S = 600


def _turn(item: pytest.Item) -> int:
    """What needs no run ahead comes first, while those are made; then what waits for them; then what wants quiet."""
    if item.get_closest_marker("alone"):
        return _WAITS + 1
    if isinstance(item, pytest.Function) and not _JOBS.keys().isdisjoint(item.fixturenames):
        return _WAITS
    return 1 if item.get_closest_marker("lab") else 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    for item in items:
        if _turn(item) == _WAITS:  # also for those before its own; the lab limits each run itself
            item.add_marker(pytest.mark.timeout(_WAIT_S))


def pytest_collection_finish(session: pytest.Session) -> None:
    """All scenarios that were chosen are begun: while they wait, the tests that need none run."""
    config = session.config
    if config.option.collectonly or not any(item.get_closest_marker("lab") for item in session.items):
        return
    config.stash[_FOLDER] = tempfile.TemporaryDirectory(prefix="emrnetcheck-lab-")
    folder = Path(config.stash[_FOLDER].name)
    _build_wire(folder / "wire")
    _byte_compile()
    lines = {fixture: Line(nice=fixture == "quick_runs") for fixture in _JOBS}
    config.stash[_RUNS] = {
        fixture: {name: line.put(_JOBS[fixture](name, folder)) for name in _longest_first(_chosen(session, fixture))}
        for fixture, line in lines.items()
    }
    config.stash[_CREW] = Crew()
    # What measures and what is watched is timed: it is not nice, and what is quick takes what they leave.
    quick = [lines["quick_runs"]]
    watched = [lines["segment_runs"], *quick]
    measuring = [lines["measuring_runs"], lines["unprivileged_runs"], *watched]
    config.stash[_CREW].begin(
        [measuring] * MEASURING_AT_ONCE
        + [watched] * (WATCHED_AT_ONCE - MEASURING_AT_ONCE)
        + [quick] * (AT_ONCE - WATCHED_AT_ONCE)
    )


def _longest_first(names: list[str]) -> list[str]:
    """At the end nobody waits for one that began late. Of the others nobody knows; they are short."""
    loaded = [scenarios.load(name) for name in names]
    seconds = {each.name: placing.about_s(each) if each.segment is not None else 0.0 for each in loaded}
    return sorted(names, key=lambda name: -seconds[name])


def _chosen(session: pytest.Session, fixture: str) -> list[str]:
    """The scenarios of the tests that wait for these runs, each once."""
    names = [
        str(item.callspec.params["name"])
        for item in session.items
        if isinstance(item, pytest.Function) and fixture in item.fixturenames
    ]
    return list(dict.fromkeys(names))


def _build_wire(program: Path) -> None:
    """Once for all labs; where it cannot be built, each lab says so itself."""
    with contextlib.suppress(LabError):
        wire.build(program)
        os.environ[wire.BUILT] = str(program)


def _byte_compile() -> None:
    """Once: else each of hundreds of runs would compile the program anew, where Python is told to keep nothing."""
    for folder in ("src", "tests"):
        compileall.compile_dir(ROOT / folder, quiet=2)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if (crew := session.config.stash.get(_CREW, None)) is not None:
        crew.close()
    os.environ.pop(wire.BUILT, None)
    if (folder := session.config.stash.get(_FOLDER, None)) is not None:
        folder.cleanup()


@pytest.fixture(scope="session")
def quick_runs(pytestconfig: pytest.Config, lab_possible: None) -> Runs:
    """The quick scenarios' runs, begun when the tests were collected."""
    return pytestconfig.stash[_RUNS]["quick_runs"]


@pytest.fixture(scope="session")
def measuring_runs(pytestconfig: pytest.Config, lab_possible: None) -> Runs:
    """Those that measure the load; each leaves its report in `reports`."""
    return pytestconfig.stash[_RUNS]["measuring_runs"]


@pytest.fixture(scope="session")
def unprivileged_runs(pytestconfig: pytest.Config, lab_possible: None) -> Runs:
    """Without any capability; each leaves its report in `reports`, in the folder "unprivileged"."""
    return pytestconfig.stash[_RUNS]["unprivileged_runs"]


@pytest.fixture(scope="session")
def segment_runs(pytestconfig: pytest.Config, lab_possible: None) -> Runs:
    """Those that ask from each place what is slow."""
    return pytestconfig.stash[_RUNS]["segment_runs"]


@pytest.fixture(scope="session")
def reports(pytestconfig: pytest.Config) -> Path:
    """Where the reports are, as NAME.1.json."""
    return Path(pytestconfig.stash[_FOLDER].name)


_USUAL_S = 100.0
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

    def run(function: str, *arguments: str, timeout_s: float = _USUAL_S) -> dict[str, Any]:
        done = _python("-m", "tests.lab.trial", function, *arguments, timeout_s=timeout_s)
        assert done.returncode == 0, done.stderr
        facts: dict[str, Any] = json.loads(done.stdout)
        return facts

    return run


def _python(*words: str, timeout_s: float = _USUAL_S) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )
