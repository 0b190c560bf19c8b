"""Is the delay that we add to the line the delay that fping sees beside us?

python -m tests.lab.bench_bloat [--lines RATE:QUEUE_KB,...] [--congestion reno] [--mode quick]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emrnetcheck.model import Mode
from tests.lab import namespaces
from tests.lab.bench_upload import client
from tests.lab.internet.addresses import LIBRESPEED_HTTP
from tests.lab.namespaces import Host
from tests.lab.plan import EmrPlan, Line, Plan
from tests.lab.topology import Lab
from tests.lab.wire import WireSettings

_ROOT = Path(__file__).resolve().parents[2]
_LINES = "1.5:64,4:64,4:256,10:64,10:512,10:2000,20:512,50:1000"
_ONE_WAY_MS = 10.0
_TARGET_RATIO = 0.1
_TARGET_MS = 2.0  # where there is next to no increase, a ratio says nothing
_PING_EVERY_MS = 100
_PING_TIMEOUT_MS = 3000
_BEFORE_S = 1.6
_PING = re.compile(r"^\[(?P<at>[\d.]+)\] \S+ : \[\d+\], (?:timed out|.*?, (?P<ms>[\d.]+) ms)", re.MULTILINE)
_HEAD = f"{'line':>6} {'queue':>8} {'ours: idle':>10} {'loaded':>7} {'p95':>7} {'more':>7} {'n':>4}"
_HEAD += f" {'fping: idle':>11} {'loaded':>7} {'p95':>7} {'more':>7} {'n':>4}  {'difference':>10}"


@dataclass(frozen=True, slots=True)
class Delays:
    """One side's figures in ms. A ping without an answer counts with the time-out."""

    idle_ms: float
    loaded_ms: float
    p95_ms: float
    n: int

    @property
    def more_ms(self) -> float:
        return self.loaded_ms - self.idle_ms

    def text(self, width: int) -> str:
        return f"{self.idle_ms:>{width}.1f} {self.loaded_ms:>7.1f} {self.p95_ms:>7.1f} {self.more_ms:>7.1f} {self.n:>4}"


def main() -> int:
    """Print the table; 0 if every increase is within 10 % (or 2 ms) of fping's."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_bloat", description=__doc__)
    parser.add_argument("--lines", default=_LINES, help="Mbps:kB of queue, ...")
    parser.add_argument("--congestion", default="reno", help="of the EMR host; what this machine may set")
    parser.add_argument("--mode", default="standard", choices=list(Mode))
    parser.add_argument("--client", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        started_unix_s = time.time()
        said = client(f"librespeed+http://{LIBRESPEED_HTTP}/backend", Mode(options.mode), 60.0)
        print(json.dumps({**said, "started_unix_s": started_unix_s}))
        return 0
    namespaces.enter(["-m", "tests.lab.bench_bloat", *sys.argv[1:]])
    print(f"round trip {2 * _ONE_WAY_MS:g} ms, {options.congestion}, {options.mode}")
    print(_HEAD, flush=True)
    kept = [_line(*map(float, line.split(":")), options=options) for line in options.lines.split(",")]
    print(f"within {_TARGET_RATIO:.0%}, or {_TARGET_MS:g} ms: {sum(kept)} of {len(kept)}")
    return 0 if all(kept) else 1


def _line(rate_mbps: float, queue_kb: float, *, options: argparse.Namespace) -> bool:
    up = WireSettings(rate_mbps=rate_mbps, delay_ms=_ONE_WAY_MS, queue_bytes=int(queue_kb * 1000))
    with Lab(Plan(line=Line(up=up), emr=EmrPlan(congestion=options.congestion))) as lab:
        host = lab.hosts["emr"]
        environment = {"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        ping = ["fping", "-D", "-p", str(_PING_EVERY_MS), "-t", str(_PING_TIMEOUT_MS), "-c", "600", LIBRESPEED_HTTP]
        host.start(ping, log="fping.log")
        time.sleep(_BEFORE_S)
        ours = [sys.executable, "-m", "tests.lab.bench_bloat", "--client", "--mode", options.mode]
        said = json.loads(host.run(ours, timeout_s=90.0, env=environment, cwd=host.folder).stdout)
        time.sleep(_PING_TIMEOUT_MS / 1000)
        if "failure" in said:
            print(f"{rate_mbps:>6g} {queue_kb:>5g} kB {said['failure']}", flush=True)
            return False
        return _compare(f"{rate_mbps:>6g} {queue_kb:>5g} kB", said, _pings(host))


def _pings(host: Host) -> list[tuple[float, float]]:
    """(when sent, ms) of each ping; fping prints when it was answered, or given up."""
    found = []
    for match in _PING.finditer((host.folder / "fping.log").read_text()):
        ms = float(match["ms"] or _PING_TIMEOUT_MS)
        found.append((float(match["at"]) - ms / 1000, ms))
    return found


def _compare(line: str, said: dict[str, Any], pings: list[tuple[float, float]]) -> bool:
    upload = said["upload"]
    full_from_s, full_to_s = upload["window_start_unix_s"], upload["window_end_unix_s"]
    idle = [ms for at_s, ms in pings if at_s < said["started_unix_s"]]
    loaded = sorted(ms for at_s, ms in pings if full_from_s <= at_s <= full_to_s)
    p95_ms = loaded[int(0.95 * (len(loaded) - 1))]
    theirs = Delays(statistics.median(idle), statistics.median(loaded), p95_ms, len(loaded))
    ours = Delays(
        upload["idle_rtt_ms"], upload["loaded_rtt_ms"], upload["loaded_rtt_p95_ms"], upload["loaded_probes"] or 0
    )
    apart_ms = ours.more_ms - theirs.more_ms
    print(f"{line} {ours.text(10)} {theirs.text(11)}  {apart_ms / max(theirs.more_ms, 1e-9):>+10.1%}", flush=True)
    return abs(apart_ms) <= max(_TARGET_MS, _TARGET_RATIO * theirs.more_ms)


if __name__ == "__main__":
    sys.exit(main())
