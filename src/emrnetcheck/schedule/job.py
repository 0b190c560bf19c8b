"""What is the host's scheduler to start, as whom, and which files and commands tell it so?

It starts `emrnetcheck schedule run` every quarter of an hour, and due dates decide what that does, as a rule nothing.
So nothing has to be installed again when the settings change, a computer that slept catches up within minutes of
waking, mail that waits goes out soon, and what a scheduler makes of daylight saving does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

WAKE_MINUTES = 15
NAME = "emrnetcheck"
LONGEST_RUN_MINUTES = 60
"""What takes longer hangs, and is ended. A whole run has a budget of minutes; mail may be slow."""
LOG = "schedule.log"
"""In the data folder: what a start printed last, by schedulers that keep no journal themselves."""
NEW_LOG = "schedule.new"
MADE_BY = 'Made by "emrnetcheck schedule install". "emrnetcheck schedule remove" takes it away again.'
_HOUR_MINUTES = 60


class Scheduler(StrEnum):
    """Whose scheduler it is."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    TASKS = "task-scheduler"
    CRON = "cron"


@dataclass(frozen=True, slots=True)
class Job:
    """What is started. argv: the program with its whole path, and its arguments. minutes: of every hour.

    system: by the system, as `user`; else by that user's own scheduler. config_home: that user's folder for settings
    (XDG). environment: what the program needs besides. Nothing in it may hold a secret: others can read these files.
    """

    argv: tuple[str, ...]
    minutes: tuple[int, ...]
    system: bool
    user: str
    home: str
    config_home: str
    data_folder: str
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file that is written whole."""

    path: str
    text: str
    encoding: str = "utf-8"

    def content(self) -> bytes:
        """As it is on the disk."""
        return self.text.encode(self.encoding)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that installing means. crontab: lines for the user's own crontab, None: it is not touched.

    activate, deactivate: commands, in order; deactivate runs before the files are deleted, afterwards after that.
    """

    scheduler: Scheduler
    files: tuple[PlannedFile, ...]
    activate: tuple[tuple[str, ...], ...] = ()
    deactivate: tuple[tuple[str, ...], ...] = ()
    afterwards: tuple[tuple[str, ...], ...] = ()
    crontab: str | None = None


def minutes_for(offset_s: int) -> tuple[int, ...]:
    """The minutes of an hour at which to look: those at which what is due at a full quarter is due with this offset."""
    first = offset_s // _HOUR_MINUTES % WAKE_MINUTES
    return tuple(range(first, _HOUR_MINUTES, WAKE_MINUTES))


def refuse_unprintable(job: Job) -> None:
    """ValueError where a path or an argument holds what would end a line: none of these formats can write it."""
    parts = (*job.argv, job.user, job.home, job.data_folder, *(each for pair in job.environment for each in pair))
    for part in parts:
        if not part.isprintable():
            raise ValueError(f"{part[:60]!r} holds a line break or another sign that cannot be written into a schedule")
