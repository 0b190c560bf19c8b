"""How many body bytes a sink read, in slots of 10 ms: counting, storing, and the goodput over any window."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

SLOT_S = 0.01
"""A window that cuts a slot may be wrong by the slot: 10 ms of a 5 s window is 0.2 %."""
_WRITE_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Slot:
    start_monotonic_s: float
    """CLOCK_MONOTONIC, which all processes and network namespaces of a machine share."""
    start_wall_s: float
    bytes_by_server: Mapping[str, int]

    def total(self, server: str | None = None) -> int:
        return sum(self.bytes_by_server.values()) if server is None else self.bytes_by_server.get(server, 0)


def bytes_between(slots: Iterable[Slot], t0_wall_s: float, t1_wall_s: float, *, server: str | None = None) -> float:
    """Bytes read in [t0, t1]; a slot that the window cuts counts by the share of it inside."""
    total = 0.0
    for slot in slots:
        inside_s = min(slot.start_wall_s + SLOT_S, t1_wall_s) - max(slot.start_wall_s, t0_wall_s)
        if inside_s > 0:
            total += slot.total(server) * min(inside_s / SLOT_S, 1.0)
    return total


def goodput_mbps(slots: Iterable[Slot], t0_wall_s: float, t1_wall_s: float, *, server: str | None = None) -> float:
    if t1_wall_s <= t0_wall_s:
        raise ValueError("the window ends before it starts")
    return bytes_between(slots, t0_wall_s, t1_wall_s, server=server) * 8 / 1e6 / (t1_wall_s - t0_wall_s)


def load(path: Path) -> list[Slot]:
    """Every complete line; the last may still be being written."""
    if not path.exists():
        return []
    whole = path.read_text().rpartition("\n")[0]
    return [Slot(*json.loads(line)) for line in whole.splitlines()]


class SlotCounter:
    """Counts by slot and server from many threads, and writes the slots that are over.

    Empty ones are left out, but for the newest at each writing: it tells how far the file is complete.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._open: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, server: str, n_bytes: int) -> None:
        with self._lock:
            # Inside the lock: a slot that was taken from here must not be counted into again.
            self._open[int(time.monotonic() / SLOT_S)][server] += n_bytes

    def write_forever(self) -> None:
        with self._path.open("a", encoding="ascii") as output:
            while True:
                time.sleep(_WRITE_EVERY_S)
                self._write_finished(output)

    def _write_finished(self, output: IO[str]) -> None:
        with self._lock:
            current = int(time.monotonic() / SLOT_S)
            numbers = sorted(number for number in self._open if number < current)
            finished = [(number, self._open.pop(number)) for number in numbers]
        if not finished or finished[-1][0] < current - 1:
            finished.append((current - 1, {}))
        wall_ahead_s = time.time() - time.monotonic()
        for number, counted in finished:
            start_s = number * SLOT_S
            output.write(json.dumps([round(start_s, 6), round(start_s + wall_ahead_s, 6), counted]) + "\n")
        output.flush()
