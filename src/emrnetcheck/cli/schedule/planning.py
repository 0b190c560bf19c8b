"""What would be installed on this computer, for these settings? Nothing here changes anything."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.data_folder import DATA_ENVIRONMENT_NAME
from emrnetcheck.cli.run import refuse
from emrnetcheck.cli.schedule.machine import Machine, settings_file
from emrnetcheck.cli.schedule.record import Record, RecordError, read_record
from emrnetcheck.cli.schedule.remarks import remarks_for
from emrnetcheck.model import Failure
from emrnetcheck.schedule.due import When, offset_s, parse_all
from emrnetcheck.schedule.hours import Hours, parse_all_hours
from emrnetcheck.schedule.job import Job, Plan, Scheduler, minutes_for, refuse_unprintable

if TYPE_CHECKING:
    from emrnetcheck.model import Site

# How it is called on this computer: mails name the command to type next.
_COMMAND = "EMRNETCHECK_COMMAND"
NO_SCHEDULER = (
    "No scheduler was found here: neither systemd nor crontab. Let what this computer has start this command every "
    "15 minutes: {command}"
)


@dataclass(frozen=True, slots=True)
class Clock:
    """The settings' times, read. offset_s: how much later than each this computer begins."""

    check: When
    look: When
    report: When
    hours: Hours
    offset_s: int

    def works(self) -> tuple[tuple[str, When], ...]:
        """By the word that a claim has for each."""
        return (("check", self.check), ("look", self.look), ("report", self.report))


@dataclass(frozen=True, slots=True)
class Planned:
    """All of it. why: why this scheduler and no other, where that is not plain. remarks: what to mind besides."""

    site: Site
    config: Path | None
    clock: Clock
    host_id: str
    job: Job
    plan: Plan
    why: str
    remarks: tuple[str, ...]


def clock_of(site: Site, host_id: str) -> Clock:
    """The times of these settings on this computer."""
    schedule = site.schedule
    return Clock(
        check=parse_all(schedule.check),
        look=parse_all(schedule.look),
        report=parse_all(schedule.report),
        hours=parse_all_hours(schedule.clinic_hours),
        offset_s=offset_s(site.name, host_id, schedule.spread_minutes * 60),
    )


def host_id_of(record: Record | None) -> str:
    """What tells this computer from others of the same site: that of the record, else made of its name."""
    if record is not None:
        return record.host_id
    return hashlib.sha256(platform.node().encode()).hexdigest()[:16]


def recorded(machine: Machine) -> Record | None:
    """What is installed; a record that cannot be read ends the command."""
    try:
        return read_record(machine.data_folder)
    except RecordError as error:
        refuse(str(error))


def settings_of(machine: Machine, config: Path | None) -> tuple[Site, Path | None]:
    """The settings that the job is to use, and their file."""
    from emrnetcheck.config import ConfigError, load

    try:
        file = settings_file(machine, config)
        return load(file), file
    except ConfigError as error:
        refuse(str(error))


def planned(machine: Machine, record: Record | None, config: Path | None, wanted: Scheduler | None) -> Planned:
    """What would be installed; where that cannot be, it ends in a refusal."""
    site, file = settings_of(machine, config)
    host_id = host_id_of(record)
    clock = clock_of(site, host_id)
    if not any(when.slots for _, when in clock.works()):
        refuse('[schedule] check, look and report are all "off": nothing would ever be due. Set one of them.')
    job = _job(machine, file, clock.offset_s)
    scheduler, why = (wanted, "") if wanted is not None else _chosen(machine, job)
    try:
        refuse_unprintable(job)
        plan = plan_for(scheduler, job, machine)
    except ValueError as error:
        refuse(f"This cannot be scheduled: {error}.")
    remarks = remarks_for(site, scheduler, system=machine.system, user=machine.user)
    return Planned(site, file, clock, host_id, job, plan, why, remarks)


def plan_for(scheduler: Scheduler, job: Job, machine: Machine) -> Plan:
    """ValueError where this scheduler cannot have such a job."""
    from emrnetcheck.schedule import cron, launchd, systemd, tasks

    if scheduler is Scheduler.SYSTEMD:
        return systemd.plan(job)
    if scheduler is Scheduler.LAUNCHD:
        return launchd.plan(job, machine.uid or 0)
    if scheduler is Scheduler.TASKS:
        return tasks.plan(job)
    return cron.plan(job)


def _job(machine: Machine, config: Path | None, offset: int) -> Job:
    given = ("--config", str(config)) if config is not None else ()
    told = {DATA_ENVIRONMENT_NAME: str(machine.data_folder)} if machine.given_data() else {}
    if os.environ.get(_COMMAND):
        told[_COMMAND] = os.environ[_COMMAND]
    return Job(
        argv=(_python(machine.platform), "-P", "-m", "emrnetcheck", "schedule", "run", *given),
        minutes=minutes_for(offset),
        system=machine.system,
        user=machine.user,
        home=str(machine.home),
        config_home=str(machine.config_home),
        data_folder=str(machine.data_folder),
        # Windows' tasks have no environment of their own, and run as the same user with the same folders.
        environment=() if machine.platform == "win32" else tuple(told.items()),
    )


def _python(platform: str) -> str:
    """The Python that runs this program now; on Windows the one that opens no window."""
    python = Path(sys.executable)
    windowless = python.with_name("pythonw.exe")
    return str(windowless if platform == "win32" and windowless.is_file() else python)


def _chosen(machine: Machine, job: Job) -> tuple[Scheduler, str]:
    from emrnetcheck.net.host_scheduler import answers_systemd, has_crontab

    if machine.platform == "darwin":
        return Scheduler.LAUNCHD, ""
    if machine.platform == "win32":
        return Scheduler.TASKS, ""
    missing = answers_systemd(system=machine.system)
    if not isinstance(missing, Failure):
        return Scheduler.SYSTEMD, ""
    if has_crontab():
        return Scheduler.CRON, f"systemd cannot be used here: {missing.detail or missing.in_words()}."
    import shlex

    return refuse(NO_SCHEDULER.format(command=shlex.join(job.argv)))
