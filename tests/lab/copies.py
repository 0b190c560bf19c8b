"""How does a program in Python start without Python and its modules being loaded once more?

As a copy of the lab's process (fork), that then runs the module as `python -m MODULE` would. The lab's own servers all
do; the program under test does in quick scenarios: it is as it was loaded, and has done nothing yet.
"""

from __future__ import annotations

import functools
import gc
import importlib
import os
import runpy
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

_FIRST_OTHER_DESCRIPTOR = 3
_TOGETHER = "tests.lab.internet.together"
_LOADED = {
    "emrnetcheck": (
        "emrnetcheck.cli.app",
        "emrnetcheck.cli.client",
        "emrnetcheck.cli.compare",
        "emrnetcheck.cli.ddns",
        "emrnetcheck.cli.run",
        "emrnetcheck.cli.watch",
        "emrnetcheck.config",
        "emrnetcheck.checks",
        "emrnetcheck.net.certificates",
        "emrnetcheck.probes",
        "emrnetcheck.probes.watching.sampler",
        "emrnetcheck.reports.json",
        "emrnetcheck.reports.progress",
        "emrnetcheck.reports.watch",
        "emrnetcheck.runner",
        "emrnetcheck.watching",
        "dns.rdtypes.ANY.NS",
        "dns.rdtypes.ANY.TXT",
        "dns.rdtypes.IN.A",
    )
}
"""What a program loads anyway, once it runs. Not scapy: it looks at this process's own network while it loads."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a copy lives. settle: takes it into its namespaces. log: its output; errors: None for there too."""

    settle: Callable[[], None]
    log: Path
    environment: Mapping[str, str]
    errors: Path | None = None
    cwd: Path | None = None


@dataclass(slots=True)
class Copy:
    """A running copy; as much of subprocess.Popen as is needed."""

    pid: int
    _argv: Sequence[str]
    _descriptor: int
    returncode: int | None = field(init=False, default=None)

    def poll(self) -> int | None:
        """Its status, or None while it runs."""
        return self._look(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Its status at its end; subprocess.TimeoutExpired after so many seconds."""
        status = self._look(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self._argv, timeout or 0.0)
        return status

    def _look(self, timeout_s: float | None) -> int | None:
        if self.returncode is None:
            poll = select.poll()
            poll.register(self._descriptor, select.POLLIN)
            if poll.poll(None if timeout_s is None else timeout_s * 1000):
                _, status = os.waitpid(self.pid, 0)
                os.close(self._descriptor)
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def start(words: Sequence[str], place: Place) -> Copy:
    """`python -m WORDS` in a session of its own."""
    _load(words)
    place.log.touch()  # who waits for what it says may look before it has begun
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _be(words, place)
    return Copy(pid, words, os.pidfd_open(pid))


def _load(words: Sequence[str]) -> None:
    """Here, where they stay: the next copy has them too."""
    module, *arguments = words
    names = [f"tests.lab.internet.{name}" for name in arguments[::2]] if module == _TOGETHER else []
    for name in (module, *names, *_LOADED.get(module, ())):
        importlib.import_module(name)
    if module in _LOADED:
        _make_ready()


@functools.cache
def _make_ready() -> None:
    """How a report is written is worked out from its types at its first use: most of the work of a quick run."""
    importlib.import_module("emrnetcheck.reports.json").schema()


def _be(words: Sequence[str], place: Place) -> NoReturn:
    """The copy's whole life. Nothing that the lab had begun (files, handlers) is its own."""
    status = 1
    try:
        gc.freeze()  # what the lab has made is never looked through, and its memory stays one with the lab's
        os.setsid()
        for ending in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(ending, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _take_descriptors(place.log, place.errors)
        place.settle()
        os.environ.clear()
        os.environ.update(place.environment)
        if place.cwd is not None:
            os.chdir(place.cwd)
        status = _run(words)
    except BaseException:  # noqa: BLE001 - the copy must never go on with what the lab was doing
        traceback.print_exc()
    finally:
        try:
            threading._shutdown()  # type: ignore[attr-defined]  # as at the end of any Python: threads are waited for
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def _take_descriptors(log: Path, errors: Path | None) -> None:
    os.closerange(_FIRST_OTHER_DESCRIPTOR, os.sysconf("SC_OPEN_MAX"))
    written = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    output = os.open(log, written, 0o644)
    taken = {0: os.open(os.devnull, os.O_RDONLY), 1: output, 2: output if errors is None else os.open(errors, written)}
    for number, descriptor in taken.items():
        os.dup2(descriptor, number)
    os.closerange(_FIRST_OTHER_DESCRIPTOR, max(taken.values()) + 1)
    sys.stdin, sys.stdout = os.fdopen(0, "r"), os.fdopen(1, "w")
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")


def _run(words: Sequence[str]) -> int:
    module, *arguments = words
    sys.argv = [module, *arguments]
    if not hasattr(sys.modules[module], "__path__"):
        del sys.modules[module]  # runpy warns of what is there already
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        print(ending.code, file=sys.stderr)
        return 1
    return 0
