"""How much does the line carry up, as the other side confirms it? One thread, one selector, a few streams."""

from __future__ import annotations

import os
import selectors
import statistics
import time
from collections.abc import Callable

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import counters
from emrnetcheck.net.stream import Endpoint, Stream
from emrnetcheck.probes.throughput import beside
from emrnetcheck.probes.throughput.beside import Mark
from emrnetcheck.probes.throughput.budget import Budget
from emrnetcheck.probes.throughput.course import Course, Hooks
from emrnetcheck.probes.throughput.delays import Callback, Delays
from emrnetcheck.probes.throughput.plan import Load, LoadPlan
from emrnetcheck.probes.throughput.poster import Poster, Shared
from emrnetcheck.probes.throughput.target import Target

_WAIT_MOST_S = 0.1  # so that Ctrl-C is seen soon
_WAIT_PACED_S = 0.005
_LAST_ANSWERS_S = 1.0  # for the last delay probes before the load


def measure(target: Target, endpoint: Endpoint, plan: LoadPlan, hooks: Hooks, agent: str) -> Load | Failure:
    """Load the way up to one server. All sockets are closed when it returns, unsent data is dropped.

    Failures: those of connecting and of TLS; STALLED, RESET, REJECTED, HTTP_STATUS, EARLY_ANSWER, MALFORMED, TOO_LARGE
    as the server behaves; TIMEOUT if it confirmed nothing; what hooks.stopped says.
    """
    body = memoryview(os.urandom(plan.largest_body_bytes))  # some firewalls and satellite links compress
    with selectors.DefaultSelector() as selector:
        engine = _Engine(Shared(target, endpoint, plan, Budget(plan.cap_bytes), body, agent), selector, hooks)
        try:
            return engine.run()
        finally:
            engine.close()


class _Engine:
    def __init__(self, shared: Shared, selector: selectors.BaseSelector, hooks: Hooks) -> None:
        self._shared = shared
        self._plan = shared.plan
        self._selector = selector
        self._hooks = hooks
        self._posters = [Poster(shared, number) for number in range(shared.plan.streams)]
        self._registered: dict[int, tuple[Stream, int]] = {}
        self._delays = Delays(shared.endpoint, selector, shared.plan.idle_delay_every_s)
        self._interface = counters.interface_towards(shared.endpoint.address)
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
        for poster in self._posters:
            poster.rtt_s = rtt_s
        course = Course(self._plan, ramp_s, self._shared.budget, self._posters, self._hooks)
        self._delays = Delays(self._shared.endpoint, self._selector, self._plan.loaded_delay_every_s)
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
            posts=tuple(post for poster in self._posters for post in poster.posts),
            sent_bytes=self.sent_bytes,
            idle_ms=idle_ms,
            loaded_ms=loaded_ms,
            cpu_share=course.cpu_share,
            wall_ahead_s=time.time() - time.monotonic(),
            streams=len(self._posters),
            stopped_by_cap=self._shared.budget.spent,
            loaded_s=full_to.at_s - full_from.at_s,
            idle_others=idle_others,
            loaded_others=beside.others_between(full_from, full_to),
            window_limited=self._window_limited(),
            congestion=next((poster.stream.congestion() for poster in self._posters if poster.stream), None),
        )

    def _window_limited(self) -> float | None:
        shares = [poster.stream.window_limited() for poster in self._posters if poster.stream]
        known = [share for share in shares if share is not None]
        return statistics.fmean(known) if known else None

    @property
    def sent_bytes(self) -> int:
        return sum(poster.sent_bytes for poster in self._posters)

    def close(self) -> None:
        self._delays.close()
        for number, poster in enumerate(self._posters):
            self._forget(number)
            poster.close(abort=True)
        self._hooks.traffic(self.sent_bytes, sum(poster.received_bytes for poster in self._posters))

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
            if failure is not None:
                return failure
        samples_ms = self._delays.samples_ms(time.monotonic())
        self._delays.close()
        return samples_ms if self._delays.answered else self._no_connection()

    def _open(self) -> Failure | None:
        now_s = time.monotonic()
        for poster in self._posters:
            failure = poster.open(now_s)
            if failure is not None:
                return failure
        return None

    def _turn_until(self, course: Course, done: Callable[[float], bool]) -> Failure | None:
        while True:
            now_s = time.monotonic()
            if done(now_s):
                return None
            failure = self._overdue(now_s) or course.stalled(now_s, self._shared.target.url)
            if failure is not None:
                return failure
            for number, poster in enumerate(self._posters):
                self._watch(number, poster, now_s)
            wait_s = min(course.wait_s(now_s), _WAIT_PACED_S if self._shared.budget.paced else _WAIT_MOST_S)
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
        if not self._shared.budget.paced:
            if self._full_from is None:
                self._full_from = self._mark()
                self._delays.every_s = beside.probe_every_s(self._plan, course.samples)
            return True
        self._full_to = self._full_to or self._mark()
        return False

    def _mark(self) -> Mark:
        seen = counters.read(self._interface) if self._interface is not None else None
        own_sent = sum(poster.frame_bytes() for poster in self._posters)
        own_received = sum(poster.received_bytes for poster in self._posters)
        return Mark(
            time.monotonic(),
            None if seen is None else seen.sent_bytes,
            None if seen is None else seen.received_bytes,
            own_sent + self._delays.started * beside.PROBE_SENT_BYTES,
            own_received + self._delays.started * beside.PROBE_RECEIVED_BYTES,
        )

    def _wait_for_confirmation(self, course: Course) -> Failure | None:
        """Bytes that were acknowledged may still be refused: each stream must have had one POST answered."""

        def confirmed(_now_s: float) -> bool:
            return all(poster.posts or poster.resting for poster in self._posters)

        until_s = time.monotonic() + self._plan.confirm_wait_s
        failure = self._turn_until(course, lambda now_s: confirmed(now_s) or now_s > until_s)
        if failure is None and not any(poster.posts for poster in self._posters):
            return Failure(FailureKind.TIMEOUT, "upload", self._shared.target.url, "it confirmed nothing of the data")
        return failure

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
        late = any(not poster.connected and now_s - poster.opened_s > limit_s for poster in self._posters)
        return self._no_connection() if late else None

    def _no_connection(self) -> Failure:
        detail = f"{self._plan.connect_timeout_s:g} s"
        return Failure(FailureKind.TIMEOUT, "connect", self._shared.endpoint.text(), detail)

    def _watch(self, number: int, poster: Poster, now_s: float) -> None:
        stream = poster.stream
        if stream is None:
            return
        events = poster.interest(now_s)
        known = self._registered.get(number)
        if known == (stream, events):
            return
        if known is None:
            self._selector.register(stream, events, self._callback(number, poster))
        else:
            self._selector.modify(stream, events, self._callback(number, poster))
        self._registered[number] = (stream, events)

    def _callback(self, number: int, poster: Poster) -> Callback:
        def ready(now_s: float, events: int) -> Failure | None:
            before = poster.stream
            failure = poster.turn(now_s, events)
            if poster.stream is not before:
                # At once: the new connection may have the closed one's descriptor.
                self._forget(number)
            return failure

        return ready

    def _forget(self, number: int) -> None:
        known = self._registered.pop(number, None)
        if known is not None:
            self._selector.unregister(known[0])
