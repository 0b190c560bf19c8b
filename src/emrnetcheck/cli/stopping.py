"""What ends a watch from outside: Ctrl-C, whoever stops a service, and a terminal that is closed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from emrnetcheck.exit_status import ExitStatus

_STATUS = {  # Windows has no SIGHUP
    "SIGINT": ExitStatus.INTERRUPTED,
    "SIGTERM": ExitStatus.TERMINATED,
    "SIGHUP": ExitStatus.HUNG_UP,
}


class Stopped(KeyboardInterrupt):
    """Raised where the program is just then. status: what it ends with."""

    def __init__(self, status: ExitStatus) -> None:
        super().__init__()
        self.status = status


@contextmanager
def stoppable() -> Iterator[None]:
    """Meanwhile these signals raise Stopped, once: a closed terminal and `timeout` send theirs twice, who is impatient
    presses Ctrl-C twice, and the second must not cost the summary. One that is ignored (nohup) stays so."""
    if threading.current_thread() is not threading.main_thread():  # only there signals can be taken
        yield
        return
    numbers = {getattr(signal, name): status for name, status in _STATUS.items() if hasattr(signal, name)}
    taken = {number: signal.getsignal(number) for number in numbers}
    taken = {number: before for number, before in taken.items() if before is not signal.SIG_IGN}

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in taken:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(numbers[signal.Signals(number)])

    for number in taken:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, before in taken.items():
            signal.signal(number, before)
