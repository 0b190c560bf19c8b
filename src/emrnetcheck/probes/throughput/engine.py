"""How much does the line carry, up or down, as the receiver sees it? One thread, one selector, a few streams."""

from __future__ import annotations

import os
import selectors
import statistics
import time
from collections.abc import Callable, Sequence

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.throughput import beside
from emrnetcheck.probes.throughput.beside import Mark
from emrnetcheck.probes.throughput.budget import Budget
from emrnetcheck.probes.throughput.course import Course, Hooks
from emrnetcheck.probes.throughput.delays import Callback, Delays
from emrnetcheck.probes.throughput.fetcher import Fetcher, Fetching
from emrnetcheck.probes.throughput.meter import Meter
from emrnetcheck.probes.throughput.plan import Load, LoadPlan
from emrnetcheck.probes.throughput.poster import Poster
from emrnetcheck.probes.throughput.posting import Shared
from emrnetcheck.probes.throughput.ready import Ready
from emrnetcheck.probes.throughput.target import Source, Target
from emrnetcheck.probes.throughput.worker import Task, Worker

_WAIT_MOST_S = 0.1  # so that Ctrl-C is seen soon
_WAIT_PACED_S = 0.005
_LAST_ANSWERS_S = 1.0  # for the last delay probes before the load


def measure(target: Target, endpoint: Endpoint, plan: LoadPlan, hooks: Hooks, agent: str) -> Load | Failure:
    """Load the way up to one server. All sockets are closed when it returns, unsent data is dropped.

    Failures: those of connecting and of TLS; STALLED, RESET, REJECTED, HTTP_STATUS, EARLY_ANSWER, MALFORMED, TOO_LARGE
    as the server behaves; TIMEOUT if it confirmed nothing, of one stream or of all; what hooks.stopped says.
    """
    body = memoryview(os.urandom(plan.largest_body_bytes))  # some firewalls and satellite links compress
    task = Task(target.url, endpoint, plan, Budget(plan.cap_bytes), "upload")
    shared = Shared(target, endpoint, plan, task.budget, body, agent)
    return _load(task, [Poster(shared, number) for number in range(plan.streams)], hooks)


def fetch(source: Source, endpoint: Endpoint, plan: LoadPlan, hooks: Hooks, agent: str) -> Load | Failure:
    """Load the way down from one server. All sockets are closed when it returns; what is under way is dropped.

    Never more than plan.cap_bytes are read; up to a round trip's worth may still be on its way then. Failures: as for
    measure; all that is no plain, whole, large answer is one.
    """
    task = Task(source.url, endpoint, plan, Budget(plan.cap_bytes), "download")
    shared = Fetching(source, endpoint, task.budget, memoryview(bytearray(plan.receive_bytes)), agent)
    return _load(task, [Fetcher(shared) for _ in range(plan.streams)], hooks)


def _load(task: Task, workers: Sequence[Worker], hooks: Hooks) -> Load | Failure:
    with selectors.DefaultSelector() as selector:
        engine = _Engine(task, workers, selector, hooks)
        try:
            return engine.run()
        finally:
            engine.close()


class _Engine:
    def __init__(self, task: Task, workers: Sequence[Worker], selector: selectors.BaseSelector, hooks: Hooks) -> None:
        self._task = task
        self._plan = task.plan
        self._selector = selector
        self._hooks = hooks
        self._workers = workers
        self._ready = Ready(selector)
        self._delays = Delays(task.endpoint, selector, task.plan.idle_delay_every_s)
        self._meter = Meter(task.endpoint.address)
        self._full_from: Mark | None = None
        self._full_to: Mark | None = None

    def run(self) -> Load | Failure:
        idle_from = self._mark()
        idle_ms = self._idle()
        idle_others = beside.others_between(idle_from, self._mark())
        if isinstance(idle_ms, Failure):
            return idle_ms
        rtt_s = statistics.median(idle_ms) / 1000
        ramp_s = self._plan.ramp_for_s(rtt_s * 1000)
        for worker in self._workers:
            worker.rtt_s = rtt_s
        course = Course(self._task, ramp_s, self._workers, self._hooks)
        self._delays = Delays(self._task.endpoint, self._selector, self._plan.loaded_delay_every_s)
        failure = self._open() or self._turn_until(course, course.step)
        if failure is not None:
            return failure
        full_to = self._full_to or self._mark()
        full_from = self._full_from or full_to
        loaded_ms = self._delays.samples_ms(time.monotonic())
        failure = self._wait_for_confirmation(course)
        if failure is not None:
            return failure
        return Load(
            samples=tuple(course.samples),
            posts=tuple(post for worker in self._workers for post in worker.posts),
            sent_bytes=self.sent_bytes,
            idle_ms=idle_ms,
            loaded_ms=loaded_ms,
            cpu_share=course.cpu_share,
            wall_ahead_s=time.time() - time.monotonic(),
            streams=len(self._workers),
            stopped_by_cap=self._task.budget.spent,
            loaded_s=full_to.at_s - full_from.at_s,
            idle_others=idle_others,
            loaded_others=beside.others_between(full_from, full_to),
            window_limited=self._window_limited(),
            received_bytes=self.received_bytes,
            resent=self._resent(),
            congestion=next((worker.stream.congestion() for worker in self._workers if worker.stream), None),
        )

    def _window_limited(self) -> float | None:
        shares = [worker.stream.window_limited() for worker in self._workers if worker.stream]
        known = [share for share in shares if share is not None]
        return statistics.fmean(known) if known else None

    def _resent(self) -> int | None:
        infos = [worker.stream.tcp_info() for worker in self._workers if worker.stream]
        known = [info.retransmits for info in infos if info is not None]
        return sum(known) if known and len(known) == len(infos) else None

    @property
    def sent_bytes(self) -> int:
        return sum(worker.sent_bytes for worker in self._workers)

    @property
    def received_bytes(self) -> int:
        return sum(worker.received_bytes for worker in self._workers)

    def close(self) -> None:
        self._delays.close()
        for number, worker in enumerate(self._workers):
            self._ready.forget(number)
            worker.close(abort=True)
        self._hooks.traffic(self.sent_bytes, self.received_bytes)

    def _idle(self) -> tuple[float, ...] | Failure:
        """Connect times before the load. A server that does not answer at all is given up here."""
        start_s = time.monotonic()
        while True:
            now_s = time.monotonic()
            idle_s = self._plan.idle_s if self._delays.answered else self._plan.connect_timeout_s
            left_s = start_s + idle_s - now_s
            last_s = left_s + _LAST_ANSWERS_S if self._delays.answered and self._delays.waiting else left_s
            if last_s <= 0:
                break
            if left_s > 0:
                self._hooks.progress("delay before the load", left_s, None)
                self._delays.tick(now_s)
            failure = self._turn(min(self._delays.next_s - now_s, left_s) if left_s > 0 else last_s)
            if failure is None and not self._delays.answered:
                failure = self._delays.refusal  # later, the load itself tells
            if failure is not None:
                return failure
        samples_ms = self._delays.samples_ms(time.monotonic())
        self._delays.close()
        return samples_ms if self._delays.answered else self._no_connection()

    def _open(self) -> Failure | None:
        now_s = time.monotonic()
        for worker in self._workers:
            failure = worker.open(now_s)
            if failure is not None:
                return failure
        return None

    def _turn_until(self, course: Course, done: Callable[[float], bool]) -> Failure | None:
        while True:
            now_s = time.monotonic()
            if done(now_s):
                return None
            failure = self._overdue(now_s) or course.stalled(now_s)
            if failure is not None:
                return failure
            for number, worker in enumerate(self._workers):
                self._ready.watch(number, worker, now_s)
            wait_s = min(course.wait_s(now_s), _WAIT_PACED_S if self._task.budget.paced else _WAIT_MOST_S)
            if self._is_full(course):
                self._delays.tick(now_s)
                wait_s = min(wait_s, self._delays.next_s - now_s)
            else:
                self._delays.give_up(now_s)
            failure = self._turn(wait_s)
            if failure is not None:
                return failure

    def _is_full(self, course: Course) -> bool:
        """Whether the line is being filled and counted: when delays are measured, and others' traffic."""
        if not course.counting or course.finished:
            return False
        if not self._task.budget.paced:
            if self._full_from is None:
                self._full_from = self._mark()
                self._delays.every_s = beside.probe_every_s(self._plan, course.samples)
            return True
        self._full_to = self._full_to or self._mark()
        return False

    def _mark(self) -> Mark:
        own_sent = sum(worker.frame_bytes() for worker in self._workers)
        own_received = sum(worker.received_frame_bytes() for worker in self._workers)
        known = all(worker.frames_known() for worker in self._workers)
        return self._meter.mark(own_sent, own_received, self._delays.started, own_known=known)

    def _wait_for_confirmation(self, course: Course) -> Failure | None:
        """Bytes that were acknowledged may still be refused: each stream must have had one POST answered."""

        def confirmed(_now_s: float) -> bool:
            return all(worker.answered for worker in self._workers)

        until_s = time.monotonic() + self._plan.confirm_wait_s
        failure = self._turn_until(course, lambda now_s: confirmed(now_s) or now_s > until_s)
        if failure is not None:
            return failure
        detail = "it confirmed nothing of the data"
        if any(worker.confirmed_bytes for worker in self._workers):
            silent = sum(worker.sent_bytes > 0 and not worker.answered for worker in self._workers)
            if not silent:
                return None
            detail = f"it confirmed nothing of {silent} of {len(self._workers)} connections"
        return Failure(FailureKind.TIMEOUT, self._task.direction, self._task.url, detail)

    def _turn(self, wait_s: float) -> Failure | None:
        """One round: what is ready goes on. A failure of one stream ends the load."""
        failure = self._hooks.stopped()
        if failure is not None:
            return failure
        for key, events in self._selector.select(max(0.0, min(wait_s, _WAIT_MOST_S))):
            ready: Callback = key.data
            failure = ready(time.monotonic(), events)
            if failure is not None:
                return failure
        return None

    def _overdue(self, now_s: float) -> Failure | None:
        limit_s = self._plan.connect_timeout_s
        late = any(not worker.connected and now_s - worker.opened_s > limit_s for worker in self._workers)
        return self._no_connection() if late else None

    def _no_connection(self) -> Failure:
        detail = f"{self._plan.connect_timeout_s:g} s"
        return Failure(FailureKind.TIMEOUT, "connect", self._task.endpoint.text(), detail)
