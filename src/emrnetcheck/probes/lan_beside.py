"""How do the router and the other computers answer while a load goes on beside it?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from emrnetcheck.evidence.lan import Lan
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Failure
from emrnetcheck.net import icmp
from emrnetcheck.probes.series import series_of

INTERVAL_S = 0.05
TIMEOUT_S = 0.9
HOSTS_MAX = 3
_COUNT_MOST = 6000  # five minutes: no load is longer
_JOIN_S = 1.0
_ROLES = ("gateway", "emr_host", "peer")


def who_answers_ping(lan: Lan | None) -> tuple[str, ...]:
    """The router, the EMR server and a peer, of those that answered ping when all was idle: others would be a second
    load."""
    targets = [each for each in (lan.targets if lan is not None else ()) if each.method.startswith("icmp")]
    targets = [target for target in targets if target.p50_ms is not None]
    targets.sort(key=lambda target: _ROLES.index(target.role))
    return tuple(target.address for target in targets[:HOSTS_MAX])


class Beside:
    """What was seen, once the load is over."""

    def __init__(self) -> None:
        self._series: tuple[icmp.EchoSeries, ...] = ()
        self._started_s = 0.0
        self._ended_s = 0.0

    def sample(self, addresses: Sequence[str], ended: Callable[[], bool]) -> None:
        """Ask until the load has ended. Without a socket for it nothing is seen."""
        self._started_s = time.time()
        series = icmp.echo_series(
            addresses, count=_COUNT_MOST, interval_s=INTERVAL_S, timeout_s=TIMEOUT_S, stopping=ended
        )
        self._ended_s = time.time()
        if not isinstance(series, Failure):
            self._series = series

    def between(self, start_unix_s: float | None, end_unix_s: float | None) -> tuple[Series, ...]:
        """The probes that were sent in these seconds; those that may just not have had the time to be answered are left
        out, whether they were or not."""
        if start_unix_s is None or end_unix_s is None:
            return ()
        first = max(0, round((start_unix_s - self._started_s) / INTERVAL_S))
        last = round((min(end_unix_s, self._ended_s - TIMEOUT_S) - self._started_s) / INTERVAL_S)
        cut = [(each, each.rtts_ms[first : max(first, last)]) for each in self._series]
        return tuple(series_of(each.address, rtts_ms, each.method, each.failure) for each, rtts_ms in cut if rtts_ms)


@contextmanager
def beside_a_load(addresses: Sequence[str]) -> Iterator[Beside]:
    """Samples these hosts, 20 times a second, while the block runs; the result is whole when it has ended."""
    beside = Beside()
    ended = threading.Event()
    thread = threading.Thread(target=beside.sample, args=(addresses, ended.is_set), daemon=True)
    if addresses:
        thread.start()
    try:
        yield beside
    finally:
        ended.set()
        if addresses:
            thread.join(_JOIN_S)
