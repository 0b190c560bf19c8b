"""How is what blocks (look-ups, pages, surveys) done beside the steady questions? Each kind in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Raised:
    bug: BaseException


class Errand(Generic[T]):
    """Somebody who is sent again and again, and is never sent before he is back. One daemon thread, begun once."""

    def __init__(self, name: str) -> None:
        self._todo: queue.SimpleQueue[Callable[[], T]] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[T | _Raised] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._name = name
        self.away_since_s: float | None = None

    def send(self, work: Callable[[], T], now_s: float) -> bool:
        """Send him; False where he is still away."""
        if self.away_since_s is not None:
            return False
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()
        self.away_since_s = now_s
        self._todo.put(work)
        return True

    def _run(self) -> None:
        while True:
            work = self._todo.get()
            try:
                self._done.put(work())
            except BaseException as bug:  # noqa: BLE001 - raised where it is waited for
                self._done.put(_Raised(bug))

    def back(self) -> T | None:
        """What he brings; None while he is away or was not sent. A bug on the way is raised here."""
        try:
            found = self._done.get_nowait()
        except queue.Empty:
            return None
        self.away_since_s = None
        if isinstance(found, _Raised):
            raise found.bug
        return found
