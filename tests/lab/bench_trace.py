"""Does our trace see the same routers as mtr and traceroute, and the same time to each?

python -m tests.lab.bench_trace [--rounds 40]
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from emrnetcheck.net import route_trace
from emrnetcheck.net.hops import Route
from tests.lab import namespaces
from tests.lab.cables import Leg
from tests.lab.isp_hops import IspHop
from tests.lab.namespaces import command
from tests.lab.plan import Plan
from tests.lab.topology import Lab
from tests.lab.wire import WireSettings

_ROOT = Path(__file__).resolve().parents[2]
_GOAL_MS = 0.3
_TARGET = "1.1.1.1"
_INTERVAL_S = 0.2
_TURNS = 4
_SENT = re.compile(r"^p (\d+) (\d+)", re.MULTILINE)  # mtr --raw: distance from 0, microseconds
_HOST = re.compile(r"^h (\d+) ([\d.]+)", re.MULTILINE)
_TIME = re.compile(r"([\d.]+) ms")
_HEAD = f"{'':>3} {'router':<16} {'ours':>12} {'mtr':>12} {'traceroute':>12} {'ours - mtr':>11} {'- traceroute':>13}"

Times = dict[int, list[float]]
Hops = dict[int, set[str]]


def main() -> int:
    """Print the table; 0 if all see the same routers, and our median of each is within 0.3 ms of either's."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.bench_trace", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="packets to each router by each program")
    parser.add_argument("--client", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.client:
        print(json.dumps(_measured(options.rounds)))
        return 0
    namespaces.enter(["-m", "tests.lab.bench_trace", *sys.argv[1:]])
    both = [WireSettings(delay_ms=delay_ms) for delay_ms in (3, 12)]
    hops = (
        IspHop(),
        IspHop(link=Leg(up=both[0], down=both[0])),
        IspHop(silent=True),
        IspHop(link=Leg(up=both[1], down=both[1])),
    )
    with Lab(Plan(isp_hops=hops)) as lab:
        for host in lab.hosts.values():
            # Else a router of the lab answers one packet a second, and the three would take from each other.
            host.sysctl("net/ipv4/icmp_ratelimit", "0")
        argv = [sys.executable, "-m", "tests.lab.bench_trace", "--client", "--rounds", str(options.rounds)]
        path = {"PYTHONPATH": f"{_ROOT / 'src'}:{_ROOT}"}
        said = json.loads(lab.hosts["emr"].run(argv, timeout_s=600.0, env=path).stdout)
    print(_HEAD)
    return 0 if all([_row(int(ttl), by_program) for ttl, by_program in said.items()]) else 1


def _measured(rounds: int) -> dict[int, dict[str, tuple[list[str], list[float]]]]:
    """By distance and program: who answered, and the times in ms. The three take turns: what changes meanwhile on this
    machine changes for all."""
    programs: dict[str, Callable[[int], tuple[Hops, Times]]] = {"ours": _ours, "mtr": _mtr, "traceroute": _traceroute}
    found: dict[int, dict[str, tuple[list[str], list[float]]]] = {}
    for turn in range(_TURNS):
        names = [*programs][turn % 3 :] + [*programs][: turn % 3]
        for name in names:
            hops, times = programs[name](max(1, rounds // _TURNS))
            for ttl in {*hops, *times}:
                said, taken = found.setdefault(ttl, {}).setdefault(name, ([], []))
                said += [each for each in sorted(hops.get(ttl, ())) if each not in said]
                taken += times.get(ttl, [])
            time.sleep(_INTERVAL_S)
    return dict(sorted(found.items()))


def _ours(rounds: int) -> tuple[Hops, Times]:
    first = route_trace.find(_TARGET)
    if not isinstance(first, Route):
        raise namespaces.LabError(first.in_words())
    more = route_trace.repeat(_TARGET, hops=len(first.hops), rounds=rounds, interval_s=_INTERVAL_S)
    if not isinstance(more, Route):
        raise namespaces.LabError(more.in_words())
    hops = {hop.ttl: set(hop.addresses) for hop in more.hops if hop.addresses}
    return hops, {hop.ttl: [rtt for rtt in hop.rtts_ms if rtt is not None] for hop in more.hops if hop.addresses}


def _mtr(rounds: int) -> tuple[Hops, Times]:
    return mtr_said(command(["mtr", "--raw", "-n", "-c", str(rounds), "-i", str(_INTERVAL_S), "-G", "1", _TARGET]))


def mtr_said(said: str) -> tuple[Hops, Times]:
    """Who answered at each distance up to the target, and the times in ms, out of `mtr --raw`."""
    hops: Hops = {}
    times: Times = {}
    for position, address in _HOST.findall(said):
        hops.setdefault(int(position) + 1, set()).add(address)
    for position, microseconds in _SENT.findall(said):
        times.setdefault(int(position) + 1, []).append(int(microseconds) / 1000)
    reached = [ttl for ttl, addresses in hops.items() if _TARGET in addresses]
    if not reached:
        raise namespaces.LabError(f"mtr did not reach {_TARGET}:\n{said}")
    end = min(reached)  # it asks further at first
    return {ttl: hops[ttl] for ttl in hops if ttl <= end}, {ttl: times[ttl] for ttl in times if ttl <= end}


def _traceroute(rounds: int) -> tuple[Hops, Times]:
    """At most 10 packets to each distance, as it allows."""
    return traceroute_said(command(["traceroute", "-n", "-q", str(min(10, rounds)), "-N", "1", "-w", "1", _TARGET]))


def traceroute_said(said: str) -> tuple[Hops, Times]:
    """The same out of `traceroute -n`, whose first line is a heading."""
    hops: Hops = {}
    times: Times = {}
    for line in said.splitlines()[1:]:
        words = line.split()
        addresses = {word for word in words[1:] if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", word)}
        if addresses:
            hops[int(words[0])] = addresses
            times[int(words[0])] = [float(each) for each in _TIME.findall(line)]
    return hops, times


def _row(ttl: int, by_program: dict[str, tuple[list[str], list[float]]]) -> bool:
    """One distance; whether all is as it should be there."""
    routers = {name: tuple(said) for name, (said, _) in by_program.items()}
    medians = {name: statistics.median(times) for name, (_, times) in by_program.items() if times}
    same = len(set(routers.values())) == 1 and {*routers} == {*medians} == {"ours", "mtr", "traceroute"}
    shown = {name: f"{medians[name]:.2f} ms" if name in medians else "-" for name in ("ours", "mtr", "traceroute")}
    apart = [medians["ours"] - medians[name] if same else None for name in ("mtr", "traceroute")]
    columns = " ".join(f"{shown[name]:>12}" for name in shown)
    differences = " ".join("-".rjust(11) if each is None else f"{each:+11.2f}" for each in apart)
    remark = "" if same else f"   not the same routers: {routers}"
    print(f"{ttl:>3} {', '.join(routers.get('ours', ())) or '-':<16} {columns} {differences}{remark}")
    return same and all(each is not None and abs(each) <= _GOAL_MS for each in apart)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except namespaces.LabError as failed:
        sys.exit(f"lab: {failed}")
