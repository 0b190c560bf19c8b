"""Can our engine show 900 Mbps on one core? Two namespaces and a cable between them: no wire, no rate, no delay.

python -m tests.lab.bench_gigabit --sink ADDRESS SLOTS_FILE      (what runs at the other end)
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from tests.lab.bench_table import Goal
from tests.lab.cables import connect
from tests.lab.internet import slots
from tests.lab.internet.plan import SinkMode
from tests.lab.internet.serving import Site, serve
from tests.lab.internet.sink import Uploads, librespeed
from tests.lab.internet.slots import SlotCounter
from tests.lab.namespaces import Host

WANTED_MBPS = 900.0
_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = Path("/run/gigabit")
_LEFT, _RIGHT = "10.9.0.1", "10.9.0.2"
_MAX_MB = 20_000.0  # some seconds of several Gbps: nothing here is a clinic's line


def measure() -> Goal:
    """Run it once, our process held to one core and the sink to another."""
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, _FOLDER, ignore_errors=True)
        left, right = (_host(name, undo) for name in ("left", "right"))
        connect(left, "eth0", right, "eth0")
        for host, address in ((left, _LEFT), (right, _RIGHT)):
            host.ip(f"address add {address}/24 dev eth0")
        environment = {"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        cores = sorted(os.sched_getaffinity(0))
        log = _FOLDER / "slots.jsonl"
        sink = [sys.executable, "-m", "tests.lab.bench_gigabit", "--sink", _RIGHT, str(log)]
        right.start(_on_core(cores[-1], sink), log="sink.log", env=environment)
        right.wait_for(lambda: right.listening(80), timeout_s=10.0, what="the sink", log="sink.log")
        ours = [sys.executable, "-m", "tests.lab.bench_upload", "--client", "--max-mb", f"{_MAX_MB:g}"]
        ours += ["--server", f"librespeed+http://{_RIGHT}/backend"]
        done = left.run(_on_core(cores[0], ours), timeout_s=120.0, env=environment, cwd=left.folder)
        return judged(json.loads(done.stdout), slots.load(log))


def judged(said: dict[str, Any], received: list[slots.Slot]) -> Goal:
    """900 Mbps or more, and right within 3 %; or less, and it says that this computer was the limit."""
    text = f"1 Gbps on one core: {WANTED_MBPS:g} Mbps, or says that this computer is the limit"
    if "failure" in said:
        return Goal(text, str(said["failure"]), kept=False)
    seen = said["upload"]
    truth = slots.goodput_mbps(received, seen["window_start_unix_s"], seen["window_end_unix_s"])
    error = seen["goodput_mbps"] / truth - 1 if truth else float("inf")
    limit = f"; limit: {seen['tester_limited']}" if seen["tester_limited"] else ""
    found = f"{seen['goodput_mbps']:.0f} Mbps, sink {truth:.0f} ({error:+.2%}), {said['cpu_s']:.1f} s of CPU in "
    found += f"{said['took_s']:.1f} s{limit}"
    return Goal(text, found, bool(seen["tester_limited"]) or seen["goodput_mbps"] >= WANTED_MBPS)


def _host(name: str, undo: ExitStack) -> Host:
    host = Host.create(name, _FOLDER / name, ipv6=False)
    undo.callback(host.close)
    return host


def _on_core(core: int, argv: list[str]) -> list[str]:
    return ["taskset", "-c", str(core), *argv]


def main() -> None:
    """The sink: the lab's own LibreSpeed, at one address."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_gigabit")
    parser.add_argument("--sink", nargs=2, metavar=("ADDRESS", "SLOTS_FILE"), required=True)
    address, path = parser.parse_args().sink
    counter = SlotCounter(Path(path))
    serve([Site(address, 80, partial(librespeed, Uploads("librespeed-http", SinkMode.OK, counter)))])
    counter.write_forever()


if __name__ == "__main__":
    main()
