"""Does this computer's scheduler still have our job? It is asked, and what it answers is read by `schedule/state`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emrnetcheck.model import Failure
from emrnetcheck.schedule.job import Scheduler

if TYPE_CHECKING:
    from emrnetcheck.cli.schedule.machine import Machine
    from emrnetcheck.cli.schedule.record import Record
    from emrnetcheck.schedule.state import HostState

_GONE = "{name} does not have the job any more, or does not answer ({why}): if this goes on, install it again."


def state_of(machine: Machine, record: Record) -> HostState:
    """What it says; where it says nothing, that is a trouble too."""
    from emrnetcheck.net.host_scheduler import cron_runs, crontab, run
    from emrnetcheck.schedule import launchd, state, tasks

    if record.scheduler is Scheduler.CRON:
        found = crontab() if record.crontab is not None else ""
        if not isinstance(found, Failure):
            return state.of_cron(found, record.crontab, daemon_runs=cron_runs())
    elif record.scheduler is Scheduler.SYSTEMD:
        found = run(("systemctl", *(() if record.system else ("--user",)), "show", *state.SYSTEMD_ASKS))
        if not isinstance(found, Failure):
            return state.of_systemd(found, system=record.system)
    elif record.scheduler is Scheduler.LAUNCHD:
        domain = "system" if record.system else f"gui/{machine.uid}"
        found = run(("launchctl", "print", f"{domain}/{launchd.LABEL}"))
        if not isinstance(found, Failure):
            return state.of_launchd(found)
    else:
        found = run(("schtasks", "/Query", "/TN", tasks.TASK, "/XML"))
        if not isinstance(found, Failure):
            return state.of_tasks(found)
    from emrnetcheck.cli.schedule.page import NAMES

    return state.HostState(False, _GONE.format(name=NAMES[record.scheduler], why=found.detail or found.in_words()))
