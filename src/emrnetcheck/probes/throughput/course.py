"""Where is a load in its course: ramp, counting, paced, done, or stalled?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Sample
from emrnetcheck.probes.throughput.worker import Task, Worker

_RAMP_CAP_SHARE = 0.4  # a very fast line: the ramp must leave something to count
_UNPACED_CAP_SHARE = 0.75
_FAR_ABOVE = 1.5  # times the pace: nearer to it, pacing would save little
_LIVE_SLOTS = 4
_TIMER_S = 0.05  # samples come when a timer says, a little early or late

Decide = Callable[[Sequence[Sample]], bool]
"""Whether the samples so far are enough. Called once a slot while counting; the sequential test goes in here."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """Whom the engine asks and tells. stopped: why it should give up, or None. traffic: (sent, received) bytes, at the
    end, whatever came of it."""

    stopped: Callable[[], Failure | None]
    progress: Callable[[str, float | None, float | None], None]
    traffic: Callable[[int, int], None]
    decide: Decide


def enough(count_s: float) -> Decide:
    """Done once this many seconds were counted."""

    def decide(samples: Sequence[Sample]) -> bool:
        first = next((sample.at_s for sample in samples if sample.counted), None)
        return first is not None and samples[-1].at_s - first >= count_s - _TIMER_S

    return decide


class Course:
    """Takes a sample of the totals in every slot, and from them knows what comes next."""

    def __init__(self, task: Task, ramp_s: float, workers: Sequence[Worker], hooks: Hooks) -> None:
        self._task = task
        self._plan = task.plan
        self._ramp_s = ramp_s
        self._budget = task.budget
        self._workers = workers
        self._hooks = hooks
        self._counting_from_s: float | None = None
        self._cpu_before_s = 0.0
        self._progress_bytes = -1
        self._progress_at_s = 0.0
        self._next_slot_s = 0.0
        self.finished = False
        self.samples: list[Sample] = []
        self.cpu_share = 0.0

    @property
    def counting(self) -> bool:
        """The ramp is over."""
        return self._counting_from_s is not None

    def step(self, now_s: float) -> bool:
        """Take a sample if a slot is over; True when nothing more needs to be sent."""
        if not self.samples and not any(worker.connected for worker in self._workers):
            return False
        ending = self._budget.spent
        if now_s < self._next_slot_s and not ending and not self._early():
            return False
        while self._next_slot_s <= now_s:
            self._next_slot_s = max(self._next_slot_s, now_s - self._plan.slot_s) + self._plan.slot_s
        self._sample()
        done = ending or (self.counting and self._hooks.decide(self.samples))
        self.finished = done
        if not done:
            self._consider_pacing()
        return done

    def wait_s(self, now_s: float) -> float:
        """How long until the next slot is over."""
        return self._next_slot_s - now_s if self.samples and not self.finished else self._plan.slot_s

    def stalled(self, now_s: float) -> Failure | None:
        """The failure when nothing at all got through for too long."""
        moved = sum(worker.moved_bytes() for worker in self._workers)
        if abs(moved - self._progress_bytes) >= self._plan.stall_bytes or not self._progress_at_s:
            self._progress_bytes, self._progress_at_s = moved, now_s
        if now_s - self._progress_at_s < self._plan.stall_s:
            return None
        waiting = [worker for worker in self._workers if not worker.connected]
        if len(waiting) == len(self._workers) and not self.samples:
            return None  # still connecting: that has its own limit
        less = "nothing" if self._plan.stall_bytes == 1 else f"less than {self._plan.stall_bytes} bytes"
        detail = f"{less} got through for {self._plan.stall_s:g} s"
        return Failure(FailureKind.STALLED, self._task.direction, self._task.url, detail)

    def _sample(self) -> None:
        at_s = time.monotonic()
        acked = [worker.acked_bytes() for worker in self._workers]
        known = [count for count in acked if count is not None]
        if self._counting_from_s is None and self.samples and self._ramp_is_over(at_s):
            self._counting_from_s = at_s
            self._cpu_before_s = time.process_time()
        sample = Sample(
            at_s=at_s,
            acked_bytes=sum(known) if len(known) == len(acked) else None,
            confirmed_bytes=sum(worker.confirmed_bytes for worker in self._workers),
            counted=self.counting and not self._budget.paced,
            paced=self._budget.paced,
        )
        self.samples.append(sample)
        if sample.counted and self._counting_from_s is not None and at_s > self._counting_from_s:
            self.cpu_share = (time.process_time() - self._cpu_before_s) / (at_s - self._counting_from_s)
        self._tell(at_s)

    def _early(self) -> bool:
        """A very fast line reaches the shares of the cap within a slot."""
        if self._budget.paced or not self.samples:
            return False
        if not self.counting:
            return self._load_bytes() >= _RAMP_CAP_SHARE * self._plan.cap_bytes
        return self._load_bytes() >= _UNPACED_CAP_SHARE * self._plan.cap_bytes and self._pacing_helps(time.monotonic())

    def _load_bytes(self) -> int:
        return sum(worker.load_bytes for worker in self._workers)

    def _pacing_helps(self, at_s: float) -> bool:
        took_s = at_s - self.samples[0].at_s
        return self._load_bytes() > _FAR_ABOVE * self._plan.pace_mbps * MBPS_BYTES_PER_S * took_s

    def _ramp_is_over(self, at_s: float) -> bool:
        took_s = at_s - self.samples[0].at_s
        return took_s >= self._ramp_s or self._load_bytes() >= _RAMP_CAP_SHARE * self._plan.cap_bytes

    def _consider_pacing(self) -> None:
        if self._counting_from_s is None or self._budget.paced:
            return
        now_s = self.samples[-1].at_s
        by_time = (
            now_s - self._counting_from_s >= self._plan.unpaced_at_least_s
            and self._load_bytes() >= self._plan.pace_after_bytes
        )
        by_cap = self._load_bytes() >= _UNPACED_CAP_SHARE * self._plan.cap_bytes
        if (by_time or by_cap) and self._pacing_helps(now_s):
            self._budget.pace(self._plan.pace_mbps * MBPS_BYTES_PER_S, now_s)

    def _tell(self, at_s: float) -> None:
        text = f"{self._task.direction}ing" if self.counting else "getting up to speed"
        if self._budget.paced:
            text = "fast enough: checking that it lasts"
        begun_s = self._counting_from_s
        ends_s = self.samples[0].at_s + self._ramp_s + self._plan.count_s
        if begun_s is not None:
            ends_s = begun_s + self._plan.count_s
        self._hooks.progress(text, max(0.0, ends_s - at_s), self._live_mbps())

    def _live_mbps(self) -> float | None:
        first, last = self.samples[max(0, len(self.samples) - 1 - _LIVE_SLOTS)], self.samples[-1]
        if last.at_s <= first.at_s:
            return None
        if last.acked_bytes is None or first.acked_bytes is None:
            moved = last.confirmed_bytes - first.confirmed_bytes
        else:
            moved = last.acked_bytes - first.acked_bytes
        return max(0, moved) / (last.at_s - first.at_s) / MBPS_BYTES_PER_S
