"""By which routers do packets reach a host, and how long does each take to answer? Linux, without being root.

By ICMP echo requests that keep to one way where several are shared, else (and always by IPv6) by UDP
(netfacts.md 5; Augustin et al., "Avoiding traceroute anomalies with Paris traceroute", IMC 2006).
"""

from __future__ import annotations

import selectors
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import classify
from emrnetcheck.net.hops import HopAnswers, Route
from emrnetcheck.net.privilege import icmp_method
from emrnetcheck.net.route_ways import PER_ROUND, Way, open_way
from emrnetcheck.net.telling import Answer
from emrnetcheck.net.udp_way import UDP

HOPS_MAX = 30
_BATCH = 8
_SILENT_MAX = 4  # so many in a row that say nothing are the end of what can be seen
_SPREAD_S = 0.004
_LEAST_WAIT_S = 0.1
_POLL_S = 0.05


def find(
    address: str,
    *,
    timeout_s: float = 0.9,
    method: str | None = None,
    hops_max: int = HOPS_MAX,
    stopping: Callable[[], bool] = lambda: False,
) -> Route | Failure:
    """The routers on the way to an address, each asked once, several distances at a time.

    Ends at the target, after 4 distances without an answer, or at hops_max. method: "icmp", "icmp_raw" or "udp_errors";
    None for the best allowed. UNSUPPORTED where the system keeps no error queue for normal users.
    """
    return _with_way(address, method, timeout_s, stopping, lambda run: run.find(min(hops_max, HOPS_MAX)))


def repeat(
    address: str,
    *,
    hops: int,
    rounds: int,
    interval_s: float,
    timeout_s: float = 0.9,
    method: str | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Route | Failure:
    """The first `hops` distances, each asked once per interval, evenly spread over it. Failures as find().

    Linux routers answer about one packet a second to one asker, after six at once (icmp_ratelimit): rounds that come
    faster show fewer answers, not a loss.
    """
    return _with_way(address, method, timeout_s, stopping, lambda run: run.repeat(hops, rounds, interval_s))


def _with_way(
    address: str,
    method: str | None,
    timeout_s: float,
    stopping: Callable[[], bool],
    campaign: Callable[[_Campaign], Route],
) -> Route | Failure:
    if sys.platform != "linux":
        return Failure(FailureKind.UNSUPPORTED, "trace", address)
    method = UDP if ":" in address else method or icmp_method() or UDP
    try:
        way = open_way(address, method, HOPS_MAX)
    except OSError as error:
        return classify(error, "trace", address)
    selector = selectors.DefaultSelector()
    try:
        for file in way.files():
            selector.register(file, selectors.EVENT_READ)  # type: ignore[arg-type]  # whatever has a file number
        return campaign(_Campaign(address, way, method, selector, timeout_s, stopping))
    except OSError as error:
        return classify(error, "trace", address)
    finally:
        selector.close()
        way.close()


@dataclass(slots=True)
class _Campaign:
    """What was sent and what came back, by the number of the packet."""

    address: str
    way: Way
    method: str
    selector: selectors.BaseSelector
    timeout_s: float
    stopping: Callable[[], bool]
    sent: list[int] = field(default_factory=list)
    answers: dict[int, Answer] = field(default_factory=dict)
    last_s: float = 0.0

    def find(self, hops_max: int) -> Route:
        last = 0
        while last < hops_max and not self.stopping():
            batch = range(last + 1, min(last + _BATCH, hops_max) + 1)
            for ttl in batch:
                self._send(0, ttl)
                self._take(_SPREAD_S)
            last = batch[-1]
            self._wait()
            if self._end() is not None or self._silent_tail(last) >= _SILENT_MAX:
                break
        return self._route(1)

    def repeat(self, hops: int, rounds: int, interval_s: float) -> Route:
        started_s = time.perf_counter()
        done = 0
        for number in range(rounds):
            for ttl in range(1, hops + 1):
                due_s = started_s + (number + (ttl - 1) / hops) * interval_s
                while (left_s := due_s - time.perf_counter()) > 0 and not self.stopping():
                    self._take(min(left_s, _POLL_S))
                if self.stopping():
                    break
                self._send(number, ttl)
            else:
                done += 1
                continue
            break
        self._wait()
        return self._route(done)

    def _send(self, round_: int, ttl: int) -> None:
        number = round_ * PER_ROUND + ttl
        self.way.send(number, ttl)
        self.sent.append(number)
        self.last_s = time.perf_counter()

    def _take(self, seconds: float) -> None:
        if self.selector.select(seconds):
            for answer in self.way.receive():
                if answer.rtt_ms <= self.timeout_s * 1000.0:
                    self.answers.setdefault(answer.sequence, answer)

    def _wait(self) -> None:
        """Until all have answered; where the target has, not longer than its answer and those before it took."""
        while not self.stopping() and (left_s := self._patience_s() - (time.perf_counter() - self.last_s)) > 0:
            end = self._end()
            if all(number in self.answers for number in self.sent if end is None or number % PER_ROUND <= end):
                return
            self._take(min(left_s, _POLL_S))
        self._take(0.0)  # what came while this process had no turn

    def _patience_s(self) -> float:
        if self._end() is None:
            return self.timeout_s
        slowest_s = max(answer.rtt_ms for answer in self.answers.values()) / 1000.0
        return min(self.timeout_s, max(_LEAST_WAIT_S, 2.0 * slowest_s))

    def _end(self) -> int | None:
        ends = [number % PER_ROUND for number, answer in self.answers.items() if answer.kind == "reply"]
        return min(ends, default=None)

    def _silent_tail(self, last: int) -> int:
        heard = max((number % PER_ROUND for number in self.answers), default=0)
        refused = any(answer.kind == "refused" for answer in self.answers.values())
        return _SILENT_MAX if refused else last - heard

    def _route(self, rounds: int) -> Route:
        end = self._end()
        heard = max((number % PER_ROUND for number in self.answers), default=0)
        hops = [self._hop(ttl, rounds, end) for ttl in range(1, (end or heard) + 1)]
        return Route(tuple(hops), self.method, end is not None)

    def _hop(self, ttl: int, rounds: int, end: int | None) -> HopAnswers:
        rtts: list[float | None] = []
        said: dict[str, int] = {}
        for round_ in range(rounds):
            answer = self.answers.get(round_ * PER_ROUND + ttl)
            rtts.append(answer.rtt_ms if answer is not None else None)
            if answer is not None and answer.by is not None:
                said[answer.by] = said.get(answer.by, 0) + 1
        addresses = tuple(sorted(said, key=lambda address: -said[address]))
        return HopAnswers(ttl, addresses, tuple(rtts), end == ttl)
