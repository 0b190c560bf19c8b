"""How do many scenarios run one after another without a lab's modules being loaded for each?

A worker is one `python -m tests.lab serve`: a line with a scenario in, a line with what came of it out. Each scenario
still has a clinic of its own, and nothing of the one before is alive when it is built.
"""

from __future__ import annotations

import contextlib
import io
import json
import queue
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[2]
_SERVES = (sys.executable, "-m", "tests.lab", "serve")
_NICE = ("nice", "-n", "5")  # a third of the others' share: with much less, a lab's own servers answer too late


@dataclass(frozen=True, slots=True)
class Job:
    """A command of the lab, as its words: run healthy."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What the command would have ended with, and said."""

    status: int
    said: str


class WorkerError(Exception):
    """The worker ended without an answer; the message is what it said at last."""


def serve(run: Callable[[Sequence[str]], int], tidy: Callable[[], None], asked: IO[str], answers: IO[str]) -> None:
    """The worker's side: do what is asked for until there is no more; what `run` prints is told, not printed."""
    for line in asked:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                status = run(json.loads(line))
            except Exception:  # noqa: BLE001 - this job's test fails with it; the next ones have a worker still
                status = 2
                traceback.print_exc()
            tidy()
        print(json.dumps(asdict(Done(status, said.getvalue()))), file=answers, flush=True)


class Worker:
    """The other side: one job at a time, by a process that is started when it is first needed, or has died."""

    def __init__(self, argv: Sequence[str]) -> None:
        """argv: what serves."""
        self._argv = argv
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None

    def run(self, job: Job) -> Done:
        """Raises WorkerError where the process ends meanwhile."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process
            self._process = subprocess.Popen(
                self._argv, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        answer = ""
        with contextlib.suppress(BrokenPipeError):
            print(json.dumps(job.words), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        if not answer:
            raise WorkerError(self._last_words())
        return Done(**json.loads(answer))

    def _last_words(self) -> str:
        assert self._process is not None
        assert self._errors is not None
        status = self._process.wait()
        self._errors.seek(0)
        return f"the lab ended with {status}: {self._errors.read().strip()}"

    def close(self) -> None:
        """End it; it has no job now."""
        if self._process is not None:
            with contextlib.suppress(BrokenPipeError):
                self._process.communicate()
            self._process = None
        if self._errors is not None:
            self._errors.close()
            self._errors = None


@dataclass(slots=True)
class Line:
    """Jobs that wait for a worker of their kind. nice: others on this machine come first."""

    nice: bool
    _jobs: queue.SimpleQueue[tuple[Job, Future[Done]]] = field(default_factory=queue.SimpleQueue)

    def put(self, job: Job) -> Future[Done]:
        promise: Future[Done] = Future()
        self._jobs.put((job, promise))
        return promise

    def next(self) -> tuple[Job, Future[Done]] | None:
        try:
            return self._jobs.get_nowait()
        except queue.Empty:
            return None


class Crew:
    """Threads with a worker each. A thread empties its first line, then its second: nobody stands idle at the end."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._over = threading.Event()

    def begin(self, hands: Sequence[Sequence[Line]]) -> None:
        """One thread for each of these; all jobs are in their lines already."""
        for lines in hands:
            thread = threading.Thread(target=self._work, args=(lines,))
            self._threads.append(thread)
            thread.start()

    def close(self) -> None:
        """Return when what is under way is done; the rest is cancelled."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, lines: Sequence[Line]) -> None:
        for line in lines:
            worker = Worker([*(_NICE if line.nice else ()), *_SERVES])
            try:
                while (waiting := line.next()) is not None:
                    job, promise = waiting
                    if self._over.is_set():
                        promise.cancel()
                    else:
                        _keep_promise(worker, job, promise)
            finally:
                worker.close()


def _keep_promise(worker: Worker, job: Job, promise: Future[Done]) -> None:
    try:
        promise.set_result(worker.run(job))
    except Exception as error:  # noqa: BLE001 - whoever waits gets it
        promise.set_exception(error)
