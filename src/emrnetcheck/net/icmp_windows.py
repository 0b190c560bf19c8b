"""How fast do hosts answer echo requests on Windows, where its own API asks them and no administrator is needed?

IcmpSendEcho of iphlpapi.dll (icmpapi.h, ipexport.h). It gives whole milliseconds, so the call itself is timed.
"""

from __future__ import annotations

import ctypes
import socket
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.icmp_packets import PAYLOAD
from emrnetcheck.net.icmp_windows_api import BUFFER_BYTES, SUCCESS, TIMED_OUT, Api, Reply, handle_of, windows_api

_THREADS_MAX = 128
_FEW_THREADS = 8
_POLL_S = 0.05
_KINDS = {
    11002: FailureKind.NETWORK_UNREACHABLE,
    11003: FailureKind.HOST_UNREACHABLE,
    11004: FailureKind.HOST_UNREACHABLE,
    11005: FailureKind.HOST_UNREACHABLE,
    11006: FailureKind.LOCAL_RESOURCE,
    11013: FailureKind.NETWORK_UNREACHABLE,  # ran around in a circle until its time to live was over
    11018: FailureKind.NO_ROUTE,
    5: FailureKind.PERMISSION,
    8: FailureKind.LOCAL_RESOURCE,
    50: FailureKind.UNSUPPORTED,
    1231: FailureKind.NO_ROUTE,
    1232: FailureKind.HOST_UNREACHABLE,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """`count` requests, one per interval, each waiting at most timeout_s."""

    count: int
    interval_s: float
    timeout_s: float
    stopping: Callable[[], bool] = lambda: False


def ask(
    addresses: Sequence[str], plan: Plan, api: Api | None = None
) -> Iterator[tuple[str, tuple[tuple[float | None, ...], Failure | None]]]:
    """Each IPv4 address with its round trips in ms (None: no answer) and the last error told for it.

    A request that waits holds a thread and not the requests after it.
    """
    used = api or windows_api()
    if isinstance(used, Failure):
        yield from ((address, ((), Failure(used.kind, "ping", address, used.detail))) for address in addresses)
        return
    asked = [_Asked(used, address, plan.timeout_s) for address in addresses]
    with ThreadPoolExecutor(_THREADS_MAX, "ping") as pool:
        due_s = time.perf_counter()
        for _ in range(plan.count):
            while not plan.stopping() and (left_s := due_s - time.perf_counter()) > 0:
                time.sleep(min(left_s, _POLL_S))
            if plan.stopping():
                break
            due_s = max(due_s, time.perf_counter() - plan.interval_s) + plan.interval_s
            for each in asked:
                each.answers.append(pool.submit(each.once))
        told = [(each.address, each.settled(plan.stopping)) for each in asked]
    yield from told


class Apart:
    """Requests in threads of their own, for as long as one likes; `take` gives what is settled. For one thread.

    key: whatever the request is to be known by.
    """

    def __init__(self, timeout_s: float, api: Api | None = None) -> None:
        self._timeout_s = timeout_s
        self._api = api
        self._pool: ThreadPoolExecutor | None = None
        self._waiting: list[tuple[Hashable, float, Future[float | Failure]]] = []

    def ask(self, key: Hashable, address: str) -> None:
        """One request to an IPv4 address."""
        self._pool = self._pool or ThreadPoolExecutor(_FEW_THREADS, "ping")
        self._waiting.append((key, time.monotonic(), self._pool.submit(self._once, address)))

    def _once(self, address: str) -> float | Failure:
        api = self._api or windows_api()
        if isinstance(api, Failure):
            return Failure(api.kind, "ping", address, api.detail)
        asked = _Asked(api, address, self._timeout_s)
        rtt_ms = asked.once()
        if rtt_ms is not None:
            return rtt_ms
        return asked.failure or Failure(FailureKind.TIMEOUT, "ping", address)

    def take(self) -> list[tuple[Hashable, float, float | Failure]]:
        """Each settled request: key, time.monotonic() when it was asked, round trip in ms or why there is none."""
        settled = [each for each in self._waiting if each[2].done()]
        for each in settled:
            self._waiting.remove(each)
        return [(key, asked_s, answer.result()) for key, asked_s, answer in settled]

    def forget(self) -> None:
        """What is under way is of no interest any more; its threads end with their time-outs."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = None
        self._waiting.clear()


@dataclass(slots=True)
class _Asked:
    """One host; each request is made in a thread of the pool."""

    api: Api
    address: str
    timeout_s: float
    answers: list[Future[float | None]] = field(default_factory=list)
    failure: Failure | None = None

    def once(self) -> float | None:
        """One request: its round trip in ms, None for no answer."""
        try:
            destination = int.from_bytes(socket.inet_aton(self.address), sys.byteorder)
        except OSError as error:
            self.failure = classify(error, "ping", self.address)
            return None
        with handle_of(self.api) as handle:
            if handle is None:
                self._failed(self.api.last_error())
                return None
            buffer = ctypes.create_string_buffer(BUFFER_BYTES)
            timeout_ms = max(1, round(self.timeout_s * 1000))
            began_s = time.perf_counter()
            replies = self.api.dll.IcmpSendEcho(
                handle, destination, PAYLOAD, len(PAYLOAD), None, buffer, BUFFER_BYTES, timeout_ms
            )
            rtt_ms = (time.perf_counter() - began_s) * 1000.0
            status = self.api.last_error() if replies == 0 else Reply.from_buffer(buffer).status
        if status == SUCCESS and replies != 0:
            # The API is known to wait longer than it was told.
            return rtt_ms if rtt_ms <= self.timeout_s * 1000.0 else None
        if status != TIMED_OUT:
            self._failed(status)
        return None

    def settled(self, stopping: Callable[[], bool]) -> tuple[tuple[float | None, ...], Failure | None]:
        rtts_ms: list[float | None] = []
        for answer in self.answers:
            while not answer.done() and not stopping():
                time.sleep(_POLL_S)
            if not answer.done():
                answer.cancel()
                break
            rtts_ms.append(answer.result())
        return tuple(rtts_ms), self.failure

    def _failed(self, status: int) -> None:
        kind = _KINDS.get(status, FailureKind.OTHER)
        detail = "" if status in _KINDS else f"Windows' IP status {status}"
        self.failure = Failure(kind, "ping", self.address, detail)
