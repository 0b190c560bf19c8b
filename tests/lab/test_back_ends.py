"""Do iperf3 and ndt7 servers give the figure that their own kernel counted, and is the program's answer right then?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = [pytest.mark.lab, pytest.mark.alone]

ROOT = Path(__file__).resolve().parents[2]


SERVERS = ("iperf3://21.49.0.1", "ndt7+ws://21.49.0.1:8077")


@pytest.fixture(scope="module")
def measured() -> Iterator[Mapping[str, Future[subprocess.CompletedProcess[str]]]]:
    """Both at once: two lines of 4 Mbps are no work."""
    with ThreadPoolExecutor(len(SERVERS)) as pool:
        yield {server: pool.submit(_measure, server) for server in SERVERS}


def _measure(server: str) -> subprocess.CompletedProcess[str]:
    argv = ["-m", "tests.lab.bench_upload", "--rates", "4", "--server", server, "--within", "0.06"]
    argv += ["--mode", "quick", "--no-speedtest-cli"]
    return subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


@pytest.mark.parametrize("server", SERVERS)
def test_the_figure_is_what_the_receiver_counted(
    server: str, measured: Mapping[str, Future[subprocess.CompletedProcess[str]]]
) -> None:
    """A line of 4 Mbps with a round trip of 20 ms."""
    done = measured[server].result()
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "server_report" in done.stdout
