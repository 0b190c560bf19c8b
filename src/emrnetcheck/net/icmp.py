"""How fast do hosts answer ICMP echo requests, one series to several at once, without being root?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import icmp_windows
from emrnetcheck.net.icmp_packets import checksum, echo_request, parse_echo_reply
from emrnetcheck.net.pinger import Pinger
from emrnetcheck.net.privilege import icmp_method

__all__ = ["EchoSeries", "checksum", "echo_request", "echo_series", "parse_echo_reply"]

_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class EchoSeries:
    """Round trip times in ms by sequence number, None for no answer. method: "icmp", "icmp_raw" or "icmp_api".

    failure: the last error that the system reported for this host (host unreachable, say); None for mere silence.
    """

    address: str
    method: str
    rtts_ms: tuple[float | None, ...]
    failure: Failure | None


def echo_series(
    addresses: Sequence[str],
    *,
    count: int,
    interval_s: float,
    timeout_s: float,
    stopping: Callable[[], bool] = lambda: False,
    method: str | None = None,
) -> tuple[EchoSeries, ...] | Failure:
    """`count` echo requests to each IPv4 address, one per interval; no warm-up is taken off.

    It ends when everything is answered, or timeout_s after the last request. When told to stop, the series holds what
    was settled until then. Failure: PERMISSION where no ICMP socket may be opened. method: None for the best allowed.
    """
    method = method or icmp_method()
    if method is None:
        return Failure(FailureKind.PERMISSION, "ping", detail="no ICMP socket may be opened")
    if method == "icmp_api":
        plan = icmp_windows.Plan(count, interval_s, timeout_s, stopping)
        return tuple(EchoSeries(address, method, *said) for address, said in icmp_windows.ask(addresses, plan))
    with Pinger(method, timeout_s) as pinger:
        added = [pinger.add(address) for address in addresses]
        series = _Series(pinger, {host: [] for host in added if isinstance(host, int)}, stopping)
        series.run(count, interval_s)
        return tuple(
            EchoSeries(address, method, (), host)
            if isinstance(host, Failure)
            else EchoSeries(address, method, series.settled(host), pinger.failure(host))
            for address, host in zip(addresses, added, strict=True)
        )


@dataclass(frozen=True, slots=True)
class _Series:
    pinger: Pinger
    rtts_ms: dict[int, list[float | None]]
    stopping: Callable[[], bool]

    def run(self, count: int, interval_s: float) -> None:
        due_s = time.perf_counter()
        for _ in range(count if self.rtts_ms else 0):
            if not self._wait_until(due_s):
                return
            # After a turn that came late the next one is not sooner: a burst would measure itself.
            due_s = max(due_s, time.perf_counter() - interval_s) + interval_s
            for host, rtts_ms in self.rtts_ms.items():
                rtts_ms.append(None)
                self.pinger.send(host)
        while not self.stopping() and any(map(self.pinger.waiting, self.rtts_ms)):
            self._take(_POLL_S)

    def _wait_until(self, due_s: float) -> bool:
        """False when told to stop."""
        while not self.stopping():
            left_s = due_s - time.perf_counter()
            self._take(min(max(left_s, 0.0), _POLL_S))
            if left_s <= 0:
                return True
        return False

    def _take(self, seconds: float) -> None:
        for echo in self.pinger.take(seconds):
            self.rtts_ms[echo.host][echo.number] = echo.rtt_ms

    def settled(self, host: int) -> tuple[float | None, ...]:
        """Without what still waits at the end: whether that is lost is not known."""
        waiting = self.pinger.waiting(host)
        return tuple(self.rtts_ms[host][: min(waiting, default=len(self.rtts_ms[host]))])
