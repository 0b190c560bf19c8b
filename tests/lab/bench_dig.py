"""Is the time of an answer that we measure the time that dig measures?

python -m tests.lab.bench_dig [--times 50]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from pathlib import Path
from typing import Any

from emrnetcheck.net import dns
from tests.lab import namespaces
from tests.lab.internet import addresses as at
from tests.lab.namespaces import command
from tests.lab.plan import ROUTER_LAN, Plan
from tests.lab.topology import Lab

_ROOT = Path(__file__).resolve().parents[2]
_GOAL_MS = 1.0
_NAME = f"emr.{at.ZONE}"
_SERVERS = (ROUTER_LAN, at.ISP_RESOLVER, "1.1.1.1", at.NS1, at.NS2)
_QUERY_TIME = re.compile(r"^;; Query time: (\d+) usec", re.MULTILINE)
_HEAD = f"{'server':<15} {'ours':>9} {'dig':>9} {'difference: median':>19} {'95 of 100':>10} {'worst':>9}"


def main() -> int:
    """Print the table; 0 if ours is within 1 ms of dig's at every server, by the median of the pairs."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_dig", description=__doc__)
    parser.add_argument("--times", type=int, default=50, help="pairs for each server")
    parser.add_argument("--client", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        print(json.dumps({server: _pairs(server, options.times) for server in _SERVERS}))
        return 0
    namespaces.enter(["-m", "tests.lab.bench_dig", *sys.argv[1:]])
    with Lab(Plan()) as lab:
        argv = [sys.executable, "-m", "tests.lab.bench_dig", "--client", "--times", str(options.times)]
        path = {"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"}
        said: dict[str, Any] = json.loads(lab.hosts["emr"].run(argv, timeout_s=300.0, env=path).stdout)
    print(_HEAD)
    return 0 if all([_row(server, pairs) for server, pairs in said.items()]) else 1


def _pairs(server: str, times: int) -> list[tuple[float, float]]:
    """(ours, dig's) in ms, one after the other, and in turn who is first: what changes on the line changes for both."""
    recursion = server not in (at.NS1, at.NS2)
    found = []
    _ours(server, recursion)  # now it is in every cache
    for number in range(times):
        if number % 2:
            dig_ms = _dig(server, recursion)
            found.append((_ours(server, recursion), dig_ms))
        else:
            found.append((_ours(server, recursion), _dig(server, recursion)))
    return found


def _ours(server: str, recursion: bool) -> float:
    answer = dns.query(server, _NAME, "A", timeout_s=2.0, recursion_desired=recursion)
    if not isinstance(answer, dns.DnsAnswer):
        raise namespaces.LabError(f"{server}: {answer.in_words()}")
    return answer.rtt_ms


def _dig(server: str, recursion: bool) -> float:
    options = ["-u", "+noedns", "+tries=1", "+time=2", "+recurse" if recursion else "+norecurse"]
    said = command(["dig", f"@{server}", _NAME, "A", *options])
    found = _QUERY_TIME.search(said)
    if found is None:
        raise namespaces.LabError(f"dig told no time:\n{said}")
    return int(found[1]) / 1000


def _row(server: str, pairs: list[tuple[float, float]]) -> bool:
    differences_ms = [ours - digs for ours, digs in pairs]
    sizes_ms = sorted(abs(each) for each in differences_ms)
    median_ms = statistics.median(differences_ms)
    p95_ms = sizes_ms[min(len(sizes_ms) - 1, int(len(sizes_ms) * 0.95))]
    ours_ms, digs_ms = (statistics.median(side) for side in zip(*pairs, strict=True))
    figures = f"{ours_ms:>6.2f} ms {digs_ms:>6.2f} ms {median_ms:>+16.2f} ms {p95_ms:>7.2f} ms {sizes_ms[-1]:>6.2f} ms"
    print(f"{server:<15} {figures}")
    return abs(median_ms) <= _GOAL_MS


if __name__ == "__main__":
    sys.exit(main())
