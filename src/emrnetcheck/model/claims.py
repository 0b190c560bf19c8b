"""What is known of a piece of scheduled work that somebody took on?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Work(StrEnum):
    """What is done by the clock. A claim keeps the word, so none is ever renamed."""

    CHECK = "check"
    LOOK = "look"  # without loading the line
    REPORT = "report"
    RETEST = "retest"
    AGAIN = "again"  # a whole check once more: one was cut off, or came too late to load the line


CLOCK = "clock"
"""A kind that is no work: a start that did not believe the clock yet, and left a mark of what it showed."""

AHEAD = "ahead"
"""A kind that is no work: the last look that was made by a clock that was ahead, whose moments are free again."""


class Ended(StrEnum):
    """How it ended."""

    KEPT = "kept"  # measured and in the history, but alerts have not been told yet
    DONE = "done"
    FAILED = "failed"  # by an error of the program or of the history
    STOPPED = "stopped"  # somebody stopped the program


@dataclass(frozen=True, slots=True)
class Claim:
    """kind: a word of Work, or one that only a newer version knows. due_at: the moment for which it was claimed.

    All times in UTC. finished_at, outcome None: at work, or killed in the middle. run_id: of the run that was made.
    """

    kind: str
    site: str
    due_at: datetime
    claimed_at: datetime
    finished_at: datetime | None
    outcome: Ended | None
    run_id: str | None
