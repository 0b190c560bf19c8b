"""Is something of ours installed of which the data folder has no record? It was installed with another data folder."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.data_folder import DATA_ENVIRONMENT_NAME, data_folder
from emrnetcheck.cli.schedule.record import Made, Record, RecordError, read_record, sha256
from emrnetcheck.schedule.job import MADE_BY, Job, Plan, Scheduler

if TYPE_CHECKING:
    from emrnetcheck.cli.schedule.machine import Machine

# Windows' task is not looked for: its only file is in the data folder.
_LOOKED_FOR = {"darwin": (Scheduler.LAUNCHD, Scheduler.CRON), "win32": ()}
_ELSEWHERE = (Scheduler.SYSTEMD, Scheduler.CRON)


def unrecorded(machine: Machine) -> tuple[Machine, Record] | None:
    """What is there, as a record would have it, and the machine with the data folder that it uses; None: nothing is."""
    for scheduler in _LOOKED_FOR.get(machine.platform, _ELSEWHERE):
        plan = _plan(machine, scheduler)
        files = {file.path: text for file in plan.files if MADE_BY in (text := _text(Path(file.path)))}
        block = _block() if plan.crontab is not None else None
        if not files and block is None:
            continue
        folder = _data_of("\n".join([*files.values(), block or ""]))
        try:
            kept = read_record(folder)
        except RecordError:
            kept = None
        there = replace(machine, data_folder=folder)
        if kept is not None and (kept.scheduler, kept.system) == (scheduler, machine.system):
            return there, kept
        made = tuple(Made(path, sha256(text.encode())) for path, text in files.items())
        argv = ("emrnetcheck",)
        return there, Record(datetime.now(UTC), scheduler, machine.system, machine.user, "", argv, made, block)
    return None


def _plan(machine: Machine, scheduler: Scheduler) -> Plan:
    """Where its files would be; what is in them does not matter."""
    from emrnetcheck.cli.schedule.planning import plan_for

    places = (str(machine.home), str(machine.config_home), "/")
    return plan_for(scheduler, Job(("emrnetcheck",), (0,), machine.system, machine.user, *places), machine)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, ValueError):
        return ""


def _block() -> str | None:
    from emrnetcheck.model import Failure
    from emrnetcheck.net.host_scheduler import crontab
    from emrnetcheck.schedule.cron import block_in

    found = crontab()
    try:
        block = None if isinstance(found, Failure) else block_in(found)
    except ValueError:  # half of it: `install` tells how that is mended
        return None
    return block if block is not None and MADE_BY in block else None


def _data_of(text: str) -> Path:
    """The data folder that it names, in a crontab, a unit or a property list; else the usual one of this user."""
    cron = re.search(r"^[^#\n]*?\bcd (.+?) && PATH=", text, re.MULTILINE)
    unit = re.search(rf'^Environment="?{DATA_ENVIRONMENT_NAME}=(.+?)"?$', text, re.MULTILINE)
    plist = re.search(rf"<key>{DATA_ENVIRONMENT_NAME}</key>\s*<string>([^<&]+)</string>", text)
    try:
        if cron is not None:
            return Path(shlex.split(cron[1].replace("\\%", "%"))[0])
    except (ValueError, IndexError):
        return data_folder({})
    if unit is not None:
        return Path(re.sub(r"\\(.)", r"\1", unit[1]).replace("%%", "%"))
    return data_folder({}) if plist is None else Path(plist[1])
