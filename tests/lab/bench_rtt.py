"""Does the sampler say what fping says, in the same run: times, losses, and at what cost?"""

from __future__ import annotations

import json
import math
import re
import shutil
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tests.lab.bed import RIGHT, switched, wired
from tests.lab.namespaces import Host, LabError
from tests.lab.plan import PC_LAN, ROUTER_LAN, Plan
from tests.lab.topology import Lab
from tests.lab.wire import WireSettings

_COUNT, _INTERVAL_MS, _TIMEOUT_MS = 1000, 20, 900
_MANY, _AT_A_MS = 4000, 1  # so that probes overtake each other, and chance alone is small against the limits
_MEDIAN_LIMIT_MS, _P95_LIMIT_MS = 0.05, 0.2
_CPU_LIMIT = 0.03
_TARGETS, _PER_SECOND = 10, 20
_CONFIDENCE = 0.99
_LOSSES = (0.01, 0.05)
# Under 10 ms, from where on fping prints tenths only.
_LEGS = (
    ("a wire", WireSettings(), _COUNT, _INTERVAL_MS),
    ("a wire, 2 ms each way", WireSettings(delay_ms=2.0), _COUNT, _INTERVAL_MS),
    ("a wire, 1 to 1.5 ms each way", WireSettings(delay_ms=1.0, jitter_ms=0.5), _COUNT, _INTERVAL_MS),
    ("1 to 3 ms each way, overtaking", WireSettings(delay_ms=1.0, jitter_ms=2.0, reorder=True), _MANY, _AT_A_MS),
)

# Prints one JSON object: round trips in ms (null: lost) by target, the method, and the CPU's share of the time.
_OURS = """
import json, resource, sys, time
from emrnetcheck.model import Failure
from emrnetcheck.net import icmp, tcp

def used_s():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime

kind, count, interval_ms, timeout_ms, *targets = sys.argv[1:]
timing = dict(interval_s=int(interval_ms) / 1000, timeout_s=int(timeout_ms) / 1000)
ask = lambda count: (
    icmp.echo_series(targets, count=count, **timing)
    if kind == "icmp"
    else tcp.connect_series([(target, int(kind)) for target in targets], count=count, **timing)
)
ask(3)
began_s, used = time.perf_counter(), used_s()
series = ask(int(count))
cpu = (used_s() - used) / (time.perf_counter() - began_s)
if isinstance(series, Failure):
    sys.exit(series.in_words())
print(json.dumps({"rtts_ms": [each.rtts_ms for each in series], "cpu": cpu}))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Round trips of one target in ms, None where lost."""

    rtts_ms: tuple[float | None, ...]

    @property
    def received(self) -> list[float]:
        """In order of size."""
        return sorted(rtt for rtt in self.rtts_ms if rtt is not None)

    @property
    def lost(self) -> int:
        """How many had no answer."""
        return len(self.rtts_ms) - len(self.received)

    @property
    def median_ms(self) -> float:
        """Of those that were answered."""
        return statistics.median(self.received)

    @property
    def p95_ms(self) -> float:
        """By the nearest rank."""
        return self.received[math.ceil(0.95 * len(self.received)) - 1]


def main() -> int:
    """Print the tables; 0 if every figure keeps the promise."""
    if shutil.which("fping") is None:
        raise LabError("fping is missing (Debian: apt-get install fping)")
    print(
        f"{_COUNT} probes each, one in {_INTERVAL_MS} ms ({_MANY} at one a millisecond where they overtake each other),"
    )
    print("both programs at the same time; ms\n")
    print(f"{'way':<32} {'median':>8} {'fping':>8} {'p95':>8} {'fping':>8} {'lost':>5} {'fping':>5}")
    good = all([*_clinic(), *_legs()])
    print(f"\n{'loss':>5} {'by':<5} {'lost':>5} {'possible':>10} {'fping':>6} {'the wire dropped':>17}")
    good = all(_losses()) and good
    good = _cost() and good
    limits = f"median within {_MEDIAN_LIMIT_MS} ms, p95 within {_P95_LIMIT_MS} ms, CPU under {_CPU_LIMIT:.0%} of a core"
    print(f"\n{'kept' if good else 'NOT KEPT'} ({limits})")
    return 0 if good else 1


def _clinic() -> list[bool]:
    with Lab(Plan()) as lab:
        emr = lab.hosts["emr"]
        ways = (("EMR server to PC", PC_LAN), ("EMR server to router", ROUTER_LAN))
        return [_row(name, *_both(emr, address)) for name, address in ways]


def _legs() -> list[bool]:
    kept = []
    with wired() as bed:
        for name, settings, count, interval_ms in _LEGS:
            bed.set_both(settings)
            kept.append(_row(name, *_both(bed.left, RIGHT, count, interval_ms)))
        bed.wire.check()
    return kept


def _row(name: str, ours: Measured, theirs: Measured) -> bool:
    near = abs(ours.median_ms - theirs.median_ms) <= _MEDIAN_LIMIT_MS
    good = near and abs(ours.p95_ms - theirs.p95_ms) <= _P95_LIMIT_MS and ours.lost == theirs.lost == 0
    figures = f"{ours.median_ms:>8.3f} {theirs.median_ms:>8.3f} {ours.p95_ms:>8.3f} {theirs.p95_ms:>8.3f}"
    print(f"{name:<32} {figures} {ours.lost:>5} {theirs.lost:>5}{'' if good else '  NOT KEPT'}", flush=True)
    return good


def _losses() -> list[bool]:
    """The wire counts what it dropped: that is what both together must have missed, to the packet."""
    kept = []
    with wired() as bed:
        for ratio in _LOSSES:
            bed.wire.apply("up", WireSettings(loss_ratio=ratio))
            before = bed.wire.stats()["up"].loss_drops
            ours, theirs = _both(bed.left, RIGHT)
            dropped = bed.wire.stats()["up"].loss_drops - before
            kept.append(_loss_row(ratio, "ping", ours, theirs, dropped) and ours.lost + theirs.lost == dropped)
            # A connection's later packets may be lost as well, and no probe with them.
            kept.append(_loss_row(ratio, "tcp", _ours(bed.left, "9", [RIGHT])[0][0], None, None))
        bed.wire.check()
    return kept


def _loss_row(ratio: float, by: str, ours: Measured, theirs: Measured | None, dropped: int | None) -> bool:
    low, high = _possible(ratio)
    good = low <= ours.lost <= high
    rest = f"{'' if theirs is None else theirs.lost:>6} {'' if dropped is None else dropped:>17}"
    print(
        f"{ratio:>5.0%} {by:<5} {ours.lost:>5} {f'{low} to {high}':>10} {rest}{'' if good else '  NOT KEPT'}",
        flush=True,
    )
    return good


def _possible(ratio: float) -> tuple[int, int]:
    """Between these lie 99 of 100 counts of lost probes, where each is lost with this probability."""
    low, high, below, tail = 0, _COUNT, 0.0, (1 - _CONFIDENCE) / 2
    for number in range(_COUNT + 1):
        below += math.comb(_COUNT, number) * ratio**number * (1 - ratio) ** (_COUNT - number)
        if below <= tail:
            low = number + 1
        if below >= 1 - tail:
            high = number
            break
    return low, high


def _cost() -> bool:
    addresses = {f"host{number}": f"10.9.1.{10 + number}" for number in range(_TARGETS)}
    with switched({"asker": "10.9.1.1", **addresses}) as hosts:
        _, cpu = _ours(hosts["asker"], "icmp", list(addresses.values()), count=300, interval_ms=1000 // _PER_SECOND)
    print(f"\n{_PER_SECOND} probes a second to each of {_TARGETS} hosts take {cpu:.1%} of a core")
    return cpu < _CPU_LIMIT


def _both(host: Host, target: str, count: int = _COUNT, interval_ms: int = _INTERVAL_MS) -> tuple[Measured, Measured]:
    host.run(["fping", "-c", "2", "-p", "100", "-q", target])  # so that ARP is not in what is measured
    options = ["-q", "-C", str(count), "-p", str(interval_ms), "-i", "1", "-t", str(_TIMEOUT_MS), "-b", "56"]
    other = host.start(["fping", *options, target], log="fping.log")
    (ours,), _ = _ours(host, "icmp", [target], count=count, interval_ms=interval_ms)
    other.wait(timeout=60)
    *_, line = (host.folder / "fping.log").read_text().splitlines()
    said = re.fullmatch(r"\S+ +:((?: (?:-|[\d.]+))+)", line)
    if said is None:
        raise LabError(f"fping said {line!r}")
    return ours, Measured(tuple(None if word == "-" else float(word) for word in said[1].split()))


def _ours(
    host: Host, kind: str, targets: Sequence[str], *, count: int = _COUNT, interval_ms: int = _INTERVAL_MS
) -> tuple[list[Measured], float]:
    argv = [sys.executable, "-c", _OURS, kind, str(count), str(interval_ms), str(_TIMEOUT_MS), *targets]
    said = json.loads(host.run(argv, timeout_s=120.0).stdout)
    return [Measured(tuple(rtts_ms)) for rtts_ms in said["rtts_ms"]], said["cpu"]
