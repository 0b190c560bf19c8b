"""How are several exchanges made at the same time, without waiting longer than the probe may?"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from emrnetcheck.probes.context import Context

T = TypeVar("T")
_POLL_S = 0.05


def together(tasks: Sequence[Callable[[], T]], context: Context, *, limit_s: float | None = None) -> list[T | None]:
    """The results in the order of the tasks; None for those not done in time (limit_s, the deadline, or a stop).

    Daemon threads, so that one that hangs is left behind. An exception in a task is a bug and is raised here.
    """
    results: list[T | None] = [None] * len(tasks)
    for number, result in as_they_come(tasks, context, limit_s=limit_s):
        results[number] = result
    return results


def as_they_come(
    tasks: Sequence[Callable[[], T]], context: Context, *, limit_s: float | None = None
) -> Iterator[tuple[int, T]]:
    """(number of the task, its result), the quickest first; ends when all are done or the time is over."""
    done: queue.SimpleQueue[tuple[int, T] | BaseException] = queue.SimpleQueue()

    def work(number: int, task: Callable[[], T]) -> None:
        try:
            done.put((number, task()))
        except BaseException as bug:  # noqa: BLE001 - handed to the caller, not swallowed
            done.put(bug)

    if context.stopping():
        return  # whoever has said stop wants nothing new on the line
    for number, task in enumerate(tasks):
        threading.Thread(target=work, args=(number, task), daemon=True).start()
    ends_s = time.monotonic() + (limit_s if limit_s is not None else context.remaining_s())
    missing = len(tasks)
    while missing and not context.stopping() and (left_s := ends_s - time.monotonic()) > 0:
        try:
            outcome = done.get(timeout=min(_POLL_S, left_s))
        except queue.Empty:
            continue
        if isinstance(outcome, BaseException):
            raise outcome
        missing -= 1
        yield outcome
