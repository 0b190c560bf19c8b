"""How is everything taken away again that `schedule install` made, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.cli.run import refuse
from emrnetcheck.cli.schedule.record import FILE_NAME

if TYPE_CHECKING:
    from emrnetcheck.cli.schedule.machine import Machine
    from emrnetcheck.cli.schedule.record import Record
    from emrnetcheck.schedule.job import Plan, PlannedFile


def plan_of(machine: Machine, record: Record) -> Plan:
    """What the record was made of, as far as it has to be known to take it away."""
    from emrnetcheck.cli.schedule.planning import plan_for
    from emrnetcheck.schedule.job import Job

    job = Job(
        argv=record.argv,
        minutes=(0,),
        system=record.system,
        user=record.user,
        home=str(machine.home),
        config_home=str(machine.config_home),
        data_folder=str(machine.data_folder),
    )
    try:
        plan = plan_for(record.scheduler, job, machine)
    except ValueError as error:
        refuse(f"The record of the schedule is of no use: {error}.")
    return replace(plan, files=_where_written(plan.files, record))


def _where_written(files: tuple[PlannedFile, ...], record: Record) -> tuple[PlannedFile, ...]:
    """A user's own files where the record has them: since then XDG_CONFIG_HOME or HOME may be another one. Never files
    of other names, and none but the plan's where an administrator deletes them."""
    if record.system:
        return files
    ours = {Path(file.path).name: file for file in files}
    there = dict.fromkeys(made.path for made in record.files if Path(made.path).name in ours)
    return tuple(replace(ours[Path(path).name], path=path) for path in there)


def take_back(machine: Machine, plan: Plan, record: Record, *, changed_too: bool = False) -> list[str]:
    """Switch it off, delete what was written, forget the record. Sentences for what was left, and why.

    changed_too: also files that somebody changed since. Only files of the plan (`plan_of`) are deleted: a record that
    somebody changed must not make an administrator delete others.
    """
    from emrnetcheck.net.host_scheduler import run

    for argv in plan.deactivate:
        run(argv)  # it may be off, or gone, already: whether it is, is seen by what is left
    left: list[str] = []
    for file in plan.files:
        left += _deleted(Path(file.path), record, changed_too=changed_too)
    if record.crontab is not None:
        left += _taken_out(record.crontab, machine.data_folder, changed_too=changed_too)
    for argv in plan.afterwards:
        run(argv)
    left += _log_deleted(machine.data_folder)
    if not left:
        try:
            (machine.data_folder / FILE_NAME).unlink(missing_ok=True)
        except OSError as error:
            left.append(f"{machine.data_folder / FILE_NAME} cannot be deleted: {error.strerror}.")
    return left


def changed(plan: Plan, record: Record) -> list[str]:
    """The files that were changed since they were written."""
    found = []
    for file in plan.files:
        try:
            there = Path(file.path).read_bytes()
        except OSError:
            continue
        if not record.wrote(file.path, there):
            found.append(file.path)
    return found


def _deleted(path: Path, record: Record, *, changed_too: bool) -> list[str]:
    try:
        if not changed_too and not record.wrote(str(path), path.read_bytes()):
            return [f"{path} was changed since it was written, and is left."]
        path.unlink()
    except FileNotFoundError:
        return []
    except OSError as error:
        return [f"{path} cannot be deleted: {error.strerror}."]
    return []


def _taken_out(written: str, folder: Path, *, changed_too: bool) -> list[str]:
    from emrnetcheck.model import Failure
    from emrnetcheck.net.host_scheduler import crontab, write_crontab
    from emrnetcheck.schedule.cron import block_in, without_block

    found = crontab()
    if isinstance(found, Failure):
        return [f"The crontab cannot be read: {found.in_words()}."]
    try:
        there = block_in(found)
    except ValueError as error:
        return [f"{str(error).capitalize()}: take the lines out with crontab -e."]
    if there is None:
        return []
    if there != written and not changed_too:
        return ["The lines in the crontab were changed since they were written, and are left."]
    failed = write_crontab(without_block(found), folder)
    return [] if failed is None else [f"The crontab cannot be written: {failed.in_words()}."]


def _log_deleted(folder: Path) -> list[str]:
    """What a scheduled run printed last; schedulers without a journal have it in a file."""
    from emrnetcheck.schedule.job import LOG, NEW_LOG

    left = []
    for name in (NEW_LOG, LOG):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            left.append(f"{folder / name} cannot be deleted: {error.strerror}.")
    return left
