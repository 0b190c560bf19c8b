"""Do iperf3 and ndt7 servers give the figure that their own kernel counted, and is the program's answer right then?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("server", ["iperf3://21.49.0.1", "ndt7+ws://21.49.0.1:8077"])
def test_the_figure_is_what_the_receiver_counted(server: str) -> None:
    """A line of 4 Mbps with a round trip of 20 ms."""
    argv = ["-m", "tests.lab.bench_upload", "--rates", "4", "--server", server, "--within", "0.06"]
    argv += ["--mode", "quick", "--no-speedtest-cli"]
    done = subprocess.run([sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "server_report" in done.stdout
