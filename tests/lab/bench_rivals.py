"""What do speedtest-cli and iperf3 say of the lab's line, and what did get through meanwhile?"""

from __future__ import annotations

import bisect
import json
import sys
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from tests.lab.bench_cases import GOODPUT_PER_WIRE_RATE, MB
from tests.lab.bench_table import Rival
from tests.lab.internet.addresses import IPERF3, IPERF3_PORT
from tests.lab.internet.slots import SLOT_S
from tests.lab.namespaces import LabError
from tests.lab.topology import Lab
from tests.lab.wire import Wire

_SETTLES_S = 2.0
_LEAST_WINDOW_S = 1.0
_IPERF3_S = 10.0
_EVERY_S = 0.1
_BEGUN_BYTES = 20_000
_SPEEDTEST_TIMEOUT_S, _IPERF3_TIMEOUT_S = 120.0, 60.0


def speedtest_cli(lab: Lab, environment: Mapping[str, str]) -> Rival:
    """Its upload, without its download. Its truth: what its servers read, from 2 s after its first byte to its last."""
    argv = [sys.executable, "-W", "ignore", "-m", "speedtest", "--secure", "--no-download", "--json"]
    began_unix_s, began_bytes = time.time(), lab.wire.stats()["up"].bytes_in
    said, seconds = _run(lab, argv, environment, _SPEEDTEST_TIMEOUT_S)
    sent_mb = (lab.wire.stats()["up"].bytes_in - began_bytes) / MB
    window_mbps = _speedtest_window_mbps(lab, began_unix_s)
    if isinstance(said, str):
        return Rival(None, window_mbps, seconds, sent_mb, said)
    return Rival(said["upload"] / 1e6, window_mbps, seconds, sent_mb)


def iperf3(lab: Lab, environment: Mapping[str, str]) -> Rival:
    """What its server received. Its truth: what the wire delivered in the same ten seconds, less the headers."""
    argv = ["iperf3", "-c", IPERF3, "-p", str(IPERF3_PORT), "-J", "-P", "4"]
    argv += ["-t", f"{_IPERF3_S:g}", "-O", f"{_SETTLES_S:g}"]
    began_bytes = lab.wire.stats()["up"].bytes_in
    with WireCounts(lab.wire) as counts:
        said, seconds = _run(lab, argv, environment, _IPERF3_TIMEOUT_S)
    sent_mb = (lab.wire.stats()["up"].bytes_in - began_bytes) / MB
    window_mbps = counts.goodput_mbps(_SETTLES_S, _SETTLES_S + _IPERF3_S)
    received = said.get("end", {}).get("sum_received") if isinstance(said, dict) else None
    if received is None:
        why = said if isinstance(said, str) else str(said.get("error", "no figure"))
        return Rival(None, window_mbps, seconds, sent_mb, why)
    return Rival(received["bits_per_second"] / 1e6, window_mbps, seconds, sent_mb)


class WireCounts:
    """Reads what a wire has delivered upwards, until the block ends."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._times: list[float] = []
        self._bytes: list[int] = []

    def __enter__(self) -> WireCounts:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def goodput_mbps(self, after_s: float, until_s: float) -> float | None:
        """Between so many seconds after it began to carry a load; None if it never did."""
        first = next((n for n, count in enumerate(self._bytes) if count - self._bytes[0] > _BEGUN_BYTES), None)
        if first is None:
            return None
        start_s, end_s = self._times[first] + after_s, self._times[first] + until_s
        moved = self._at(end_s) - self._at(start_s)
        return moved * 8e-6 * GOODPUT_PER_WIRE_RATE / (end_s - start_s)

    def _at(self, at_s: float) -> float:
        number = bisect.bisect(self._times, at_s)
        if number in (0, len(self._times)):
            return float(self._bytes[min(number, len(self._bytes) - 1)])
        before_s, after_s = self._times[number - 1 : number + 1]
        before, after = self._bytes[number - 1 : number + 1]
        return before + (after - before) * (at_s - before_s) / (after_s - before_s)

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_S):
            self._bytes.append(self._wire.stats()["up"].bytes_out)
            self._times.append(time.monotonic())


def _run(lab: Lab, argv: list[str], environment: Mapping[str, str], timeout_s: float) -> tuple[Any, float]:
    """(its JSON, or why there is none, seconds)."""
    host, started_s = lab.hosts["emr"], time.monotonic()
    try:
        done = host.run(argv, timeout_s=timeout_s, env=environment, cwd=host.folder, check=False)
        said = json.loads(done.stdout)
    except LabError:
        said = f"did not end in {timeout_s:g} s"
    except ValueError:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["said nothing"]
        said = said[0]
    return said, time.monotonic() - started_s


def _speedtest_window_mbps(lab: Lab, began_unix_s: float) -> float | None:
    moments = [
        slot.start_wall_s
        for slot in lab.internet.sink_log()
        if slot.start_wall_s >= began_unix_s and any(name.startswith("speedtest") for name in slot.bytes_by_server)
    ]
    if not moments or moments[-1] - moments[0] < SLOT_S:
        return None
    start_s, end_s = moments[0], moments[-1]
    if end_s - start_s >= _SETTLES_S + _LEAST_WINDOW_S:
        start_s += _SETTLES_S
    # Nothing else uses a throughput server meanwhile.
    return lab.internet.sink_goodput_mbps(start_s, end_s)
