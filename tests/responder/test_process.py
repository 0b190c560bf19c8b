"""The real program under attack, with TLS: it is bounded, it goes on, and it ends when it is told to."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.responder.serving import HERE, PATIENCE_S, Served

ROOT = Path(__file__).resolve().parents[2]
RSS_MAX_MB = 100


@dataclass(frozen=True, slots=True)
class Process:
    served: Served
    process: subprocess.Popen[str]
    service: str

    def peak_mb(self) -> float:
        """The most memory that it ever had, by the kernel's count."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", text)
        assert found
        return int(found[1]) / 1024


def argv(*options: str) -> list[str]:
    return [sys.executable, "-m", "emrnetcheck", "responder", "--bind", HERE, "--port", "0", *options]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Process]:
    options = argv("--self-signed", HERE, "--folder", str(tmp_path), "--exit-after", "5m")
    with subprocess.Popen(options, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            service = process.stdout.readline().strip()
            found = re.fullmatch(r"responder\+https://127\.0\.0\.1:(\d+)#sha256=[0-9a-f]{64}", service)
            assert found, service
            yield Process(Served(int(found[1]), tls=True), process, service)
        finally:
            process.terminate()
            assert process.wait(PATIENCE_S) == 0


def still_served(at: Process) -> None:
    assert at.served.ask("/ip", source=HERE).told == {"ip": HERE}
    assert at.served.ask("/empty", "POST", body=b"x" * 1000).status == 200
    assert at.served.ask("/port/8443", headers={"X-Forwarded-For": "8.8.8.8"}).status == 403


def attacked(at: Process, seconds: float) -> None:
    """By a program of its own, while somebody else is served."""
    sources = ["127.10.0.1", "127.30.0.1", "127.40.0.1", *(f"127.2{n}.0.1" for n in range(4))]
    words = ["-m", "tests.responder.attacks", HERE, str(at.served.port), str(seconds), *sources]
    with subprocess.Popen([sys.executable, *words], cwd=ROOT) as attack:
        while attack.poll() is None:
            still_served(at)
            time.sleep(0.5)
    assert attack.returncode == 0
    still_served(at)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the memory is read as Linux tells it")
def test_attacked_it_stays_small_and_serves_others(running: Process) -> None:
    attacked(running, 3.0)
    peak_mb = running.peak_mb()
    assert peak_mb < RSS_MAX_MB, peak_mb


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(tmp_path: Path, ending: signal.Signals) -> None:
    with subprocess.Popen(argv(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        service = process.stdout.readline().strip()
        served = Served(int(service.rpartition(":")[2]), tls=False)
        with closing(served.plug()) as plug:
            plug.sendall(b"GET /garbage?ckSize=64 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert plug.recv(10)
            process.send_signal(ending)
            assert process.wait(PATIENCE_S) == 0
        assert process.stderr is not None
        said = process.stderr.read()
    assert "Traceback" not in said
    assert said.endswith("The responder has ended.\n")


def test_it_ends_by_itself() -> None:
    done = subprocess.run(argv("--exit-after", "1s"), cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert re.fullmatch(r"responder\+http://127\.0\.0\.1:\d+\n", done.stdout)
    assert "Without TLS" in done.stderr
