"""How is the program asked in several places at once, and what has it said so far?

As copies of the lab's process (copies.py), and without any thread: a copy made beside other threads may have a lock
that nobody opens again. So who waits looks at all of them by turns.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.copies import Copy
from tests.lab.namespaces import Host, LabError, kill_group
from tests.lab.segments import Said, has_answer

_LOOK_EVERY_S = 0.05


@dataclass(slots=True)
class Asked:
    """One command, under way in one host."""

    host: Host
    words: Sequence[str]
    copy: Copy
    output: Path
    errors: Path
    limit_s: float
    began_s: float = field(default_factory=time.monotonic)
    seconds: float | None = None
    """How long it took; None while it runs."""

    def is_over(self) -> bool:
        """Whether it has ended; a LabError where it should have."""
        if self.seconds is None:
            passed_s = time.monotonic() - self.began_s
            if self.copy.poll() is not None:
                self.seconds = passed_s
            elif passed_s > self.limit_s:
                raise LabError(
                    f"{self.host.name}: {shlex.join(self.words)} did not end in {self.limit_s:g} s:\n"
                    f"{self.so_far()}\n{self.errors.read_text(errors='replace')}"
                )
        return self.seconds is not None

    def so_far(self) -> str:
        """What it has written to standard output."""
        return self.output.read_text(errors="replace")

    def said(self) -> Said:
        """Of one that is over."""
        assert self.seconds is not None
        assert self.copy.returncode is not None
        return Said(self.copy.returncode, self.so_far(), self.errors.read_text(errors="replace"), self.seconds)


def ask(
    host: Host, words: Sequence[str], *, name: str, env: Mapping[str, str], limit_s: float, unprivileged: bool = False
) -> Asked:
    """Begin `python -m WORDS` in that host. name: of its files there."""
    output, errors = host.folder / f"{name}.out", host.folder / f"{name}.err"
    copy = host.start_copy(words, output=output, errors=errors, env=env, unprivileged=unprivileged, cwd=host.folder)
    return Asked(host, words, copy, output, errors, limit_s)


def all_said(asked: Mapping[str, Asked]) -> dict[str, Said]:
    """What each said, when all are over. Whatever goes wrong here, none is left running."""
    try:
        _wait_until(lambda: all([each.is_over() for each in asked.values()]))
    except BaseException:
        for each in asked.values():
            if each.copy.poll() is None:
                kill_group(each.copy)
        raise
    return {place: each.said() for place, each in asked.items()}


def wait_for_answers(watches: Sequence[Asked]) -> None:
    """Until each watch has told what it measured, or is over: then it knows what is usual here."""
    _wait_until(lambda: all([has_answer(each.so_far()) or each.is_over() for each in watches]))


def _wait_until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(_LOOK_EVERY_S)
