"""Does the program say the truth in every scenario, as root and as a user without any capability?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.lab import scenarios

pytestmark = pytest.mark.lab

ROOT = Path(__file__).resolve().parents[2]


def lab(*arguments: str) -> str:
    """Run the lab's own command; it fails unless every answer was right."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.lab", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def is_quick(name: str) -> bool:
    return "--quick" in scenarios.load(name).run.args


QUICK = [name for name in scenarios.names() if is_quick(name)]
AT_ONCE = 3
"""Labs know nothing of each other, and a quick run mostly waits; the others have the machine for themselves."""


@pytest.fixture(scope="session")
def quick_runs(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[str]]]:
    """All quick scenarios that were chosen, begun."""
    chosen = [
        str(item.callspec.params["name"])
        for item in request.session.items
        if isinstance(item, pytest.Function) and "quick_runs" in item.fixturenames
    ]
    pool = ThreadPoolExecutor(AT_ONCE)
    yield {name: pool.submit(lab, "run", name) for name in chosen}
    pool.shutdown(wait=True, cancel_futures=True)


@pytest.mark.parametrize("name", QUICK)
def test_the_verdict_and_the_codes_of_a_quick_run_are_right(name: str, quick_runs: Mapping[str, Future[str]]) -> None:
    assert "1 of 1 scenarios right" in quick_runs[name].result()


@pytest.mark.parametrize("name", [name for name in scenarios.names() if name not in QUICK])
def test_the_verdict_and_the_codes_are_right(name: str) -> None:
    assert "1 of 1 scenarios right" in lab("run", name)


def test_without_any_capability_the_answer_is_the_same_and_names_its_method(tmp_path: Path) -> None:
    lab("run", "healthy", "--unprivileged", "--keep-json", str(tmp_path))
    report = json.loads((tmp_path / "healthy.1.json").read_text())
    assert {target["method"] for target in report["evidence"]["lan"]["targets"]} == {"icmp"}
    assert report["evidence"]["upload"]["method"] == "tcp_info"


def test_the_upload_is_what_the_line_carries(tmp_path: Path) -> None:
    """The lab's wire carries 4 Mbps of Ethernet frames of 1514 bytes, 1448 of them payload."""
    lab("run", "upload_4", "--keep-json", str(tmp_path))
    report = json.loads((tmp_path / "upload_4.1.json").read_text())
    # Far wider than what the benchmark shows (0.2 %): a test machine may be busy, and then a line carries less.
    assert report["evidence"]["upload"]["goodput_mbps"] == pytest.approx(4 * 1448 / 1514, rel=0.05)
