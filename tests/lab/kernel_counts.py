"""What has the receiving kernel had of TCP data, moment by moment? The truth for servers that count for themselves."""

from __future__ import annotations

import bisect
import re
import threading
import time
from types import TracebackType

from tests.lab.namespaces import Host

_EVERY_S = 0.1
_RECEIVED = re.compile(r" bytes_received:(\d+)")


class KernelCounts:
    """Reads TCP_INFO's bytes_received of every connection of a host, by `ss`, until the block ends."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._seen: dict[str, int] = {}
        self._moments: list[tuple[float, int]] = []

    def __enter__(self) -> KernelCounts:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def mbps(self, start_unix_s: float, end_unix_s: float) -> float:
        """Goodput between two moments of time.time()."""
        return (self._at(end_unix_s) - self._at(start_unix_s)) * 8e-6 / (end_unix_s - start_unix_s)

    def _at(self, at_s: float) -> float:
        number = bisect.bisect([moment for moment, _ in self._moments], at_s)
        if number in (0, len(self._moments)):
            return float(self._moments[min(number, len(self._moments) - 1)][1])
        (a_s, a), (b_s, b) = self._moments[number - 1 : number + 1]
        return a + (b - a) * (at_s - a_s) / (b_s - a_s)

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_S):
            said = self._host.run(["ss", "-tinHO"]).stdout
            for line in said.splitlines():
                words, found = line.split(), _RECEIVED.search(line)
                if found is not None:
                    # What ended keeps its last count.
                    self._seen[f"{words[3]} {words[4]}"] = int(found.group(1))
            self._moments.append((time.time(), sum(self._seen.values())))
