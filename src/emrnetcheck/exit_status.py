"""Which number does the program end with? (DESIGN section 4)"""

from __future__ import annotations

from enum import IntEnum

from emrnetcheck.model import Verdict


class ExitStatus(IntEnum):
    """Exit statuses of every command."""

    READY = 0
    NOT_READY = 1
    USAGE = 2
    COULD_NOT_TELL = 3
    INTERNAL_ERROR = 70  # EX_SOFTWARE of sysexits.h
    HUNG_UP = 129  # 128 + SIGHUP, as shells have it
    INTERRUPTED = 130  # 128 + SIGINT
    OUTPUT_CLOSED = 141  # 128 + SIGPIPE: nobody read the rest
    TERMINATED = 143  # 128 + SIGTERM


def exit_status_of(verdict: Verdict, *, strict: bool, interrupted: bool) -> ExitStatus:
    """The exit status of a run. strict: warnings count as not ready."""
    if interrupted:
        return ExitStatus.INTERRUPTED
    if verdict is Verdict.READY_WITH_WARNINGS:
        return ExitStatus.NOT_READY if strict else ExitStatus.READY
    by_verdict = {
        Verdict.READY: ExitStatus.READY,
        Verdict.NOT_READY: ExitStatus.NOT_READY,
        Verdict.INCONCLUSIVE: ExitStatus.COULD_NOT_TELL,
    }
    return by_verdict[verdict]
