"""emrnetcheck schedule install and dry-run: show what is told to the host's scheduler, ask, and tell it."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.history.asking import command, ending
from emrnetcheck.cli.options import ConfigOption, PlainOption
from emrnetcheck.cli.run import refuse
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.cli.schedule.machine import Machine
    from emrnetcheck.cli.schedule.planning import Planned
    from emrnetcheck.cli.schedule.record import Record
    from emrnetcheck.cli.schedule.restoring import Before

SystemOption = Annotated[
    bool, typer.Option("--system", help="For the whole computer, also while nobody is signed in (administrators).")
]
SchedulerOption = Annotated[
    str | None,
    typer.Option("--scheduler", metavar="systemd|launchd|task-scheduler|cron", help="Default: this computer's own."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def dry_run(
    scheduler: SchedulerOption = None,
    system: SystemOption = False,
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Show what `install` would do, and change nothing."""
    with ending():
        from emrnetcheck.cli.schedule.page import show_plan
        from emrnetcheck.cli.zone import Here

        _, _, made = _planned(scheduler, config, system=system)
        show_plan(made, Here(), datetime.now(UTC), plain=plain)


def install(
    scheduler: SchedulerOption = None,
    system: SystemOption = False,
    yes: YesOption = False,
    plain: PlainOption = False,
    config: ConfigOption = None,
) -> None:
    """Have this computer start it by itself. Shows all of it first, and asks."""
    with ending():
        from emrnetcheck.cli.schedule.page import by_whom, moment, show_plan
        from emrnetcheck.cli.zone import Here
        from emrnetcheck.schedule.due import next_due

        machine, record, made = _planned(scheduler, config, system=system)
        who = by_whom(made.plan.scheduler, system=system, user=machine.user)
        if record is not None and (record.scheduler, record.system) != (made.plan.scheduler, system):
            there = by_whom(record.scheduler, system=record.system, user=record.user)
            refuse(f"It is installed already, with {there}. First: {command()} schedule remove")
        before = _look(machine, made, record)
        now, zone = datetime.now(UTC), Here()
        show_plan(made, zone, now, plain=plain)
        typer.echo()
        if not _agreed(f"Install this with {who}?", yes=yes, plain=plain):
            typer.echo("Nothing was installed.")
            return
        _carry_out(machine, made, before, now)
        typer.echo(f"Installed, with {who}.")
        offset = timedelta(seconds=made.clock.offset_s)
        for kind, when in made.clock.works():
            first = next_due(when, zone, now)
            if first is not None:
                typer.echo(f"The first {kind} is due {moment(first + offset, zone)}.")
        typer.echo(f"How it goes: {command()} schedule status")


def _planned(scheduler: str | None, config: Path | None, *, system: bool) -> tuple[Machine, Record | None, Planned]:
    from emrnetcheck.cli.history.asking import chosen
    from emrnetcheck.cli.schedule.machine import this_machine
    from emrnetcheck.cli.schedule.planning import planned, recorded
    from emrnetcheck.schedule.job import Scheduler

    wanted = None if scheduler is None else Scheduler(chosen(scheduler, [*Scheduler], "--scheduler"))
    machine = this_machine(system=system)
    record = recorded(machine)
    return machine, record, planned(machine, record, config, wanted)


def _agreed(question: str, *, yes: bool, plain: bool) -> bool:
    from emrnetcheck.cli.setup.talk import NoInput, Talk, can_ask

    if yes:
        return True
    if not can_ask(sys.stdin, sys.stderr):
        refuse("To install this without being asked, add --yes.")
    try:
        return Talk(plain=plain).agreed(question)
    except NoInput:
        return False


def _look(machine: Machine, made: Planned, record: Record | None) -> Before:
    """What is there now. It ends in a refusal where something is there that is not ours."""
    from emrnetcheck.cli.schedule.restoring import Before
    from emrnetcheck.cli.schedule.undoing import plan_of

    old = None if record is None else plan_of(machine, record)
    wanted = {file.path: file.content() for file in made.plan.files}
    files = {}
    for path in dict.fromkeys([*wanted, *(file.path for file in (() if old is None else old.files))]):
        there = _content(Path(path))
        if there is None:
            continue
        if there != wanted.get(path) and (record is None or not record.wrote(path, there)):
            refuse(
                f"{path} is there already, and what is in it was not written by this program or was changed "
                f"since. Move it away, or take it away with: {command()} schedule remove"
            )
        files[path] = there
    crontab = None if made.plan.crontab is None else _crontab(made.plan.crontab, record)
    return Before(record, old, files, crontab)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        refuse(f"{path} cannot be read: {error.strerror}. Nothing was installed.")


def _crontab(wanted: str, record: Record | None) -> str:
    from emrnetcheck.model import Failure
    from emrnetcheck.net.host_scheduler import crontab
    from emrnetcheck.schedule.cron import block_in

    found = crontab()
    if isinstance(found, Failure):
        refuse(f"The crontab cannot be read: {found.in_words()}. Nothing was installed.")
    try:
        there = block_in(found)
    except ValueError as error:
        refuse(f"{str(error).capitalize()}. Mend it with crontab -e, then try again.")
    if there not in (None, wanted) and (record is None or record.crontab != there):
        refuse(
            "The crontab has lines of emrnetcheck that were changed since they were written. "
            f"Take them out with crontab -e, or with: {command()} schedule remove"
        )
    return found


def _carry_out(machine: Machine, made: Planned, before: Before, now: datetime) -> None:
    """The record first: whatever ends this in the middle, `remove` knows what may have been made, and what was."""
    from emrnetcheck.cli.schedule.record import RecordError, record_of, write_record
    from emrnetcheck.cli.schedule.restoring import put_back
    from emrnetcheck.cli.schedule.undoing import take_back
    from emrnetcheck.net.host_scheduler import run

    kept = record_of(
        made.plan,
        installed_at=now if before.record is None else before.record.installed_at,
        system=machine.system,
        user=machine.user,
        host_id=made.host_id,
        argv=made.job.argv,
    )
    older = tuple(each for each in before.made() if each not in kept.files)
    try:
        write_record(machine.data_folder, replace(kept, files=kept.files + older), owner=machine.owner())
    except RecordError as error:
        refuse(f"{error} Nothing was installed.")
    if before.record is not None:
        # launchd refuses a job that it has already, and then all would be taken away again.
        for argv in made.plan.deactivate:
            run(argv)
    # Before it is switched on: systemd must not find what is to be gone.
    wrong = _moved_deleted(made, before) or _written(machine, made, before.crontab) or _switched_on(made)
    if wrong is None and older:
        wrong = _forgotten(machine, kept)
    if wrong is not None:
        if before.record is not None:
            end = put_back(machine, made.plan, before)
        else:
            left = take_back(machine, made.plan, kept)
            end = "All that was written was taken away again." if not left else " ".join(left)
        typer.echo(f"It could not be installed. {wrong}. {end}", err=True)
        raise typer.Exit(ExitStatus.USAGE)


def _moved_deleted(made: Planned, before: Before) -> str | None:
    """The files of the earlier installation that are in another folder. What went wrong; None: they are gone."""
    for path in before.moved(made.plan):
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            return f"{path}: {error.strerror}"
    return None


def _forgotten(machine: Machine, kept: Record) -> str | None:
    """What was there before is not in the record any more. What went wrong with it."""
    from emrnetcheck.cli.schedule.record import RecordError, write_record

    try:
        write_record(machine.data_folder, kept, owner=machine.owner())
    except RecordError as error:
        return str(error).rstrip(".")
    return None


def _written(machine: Machine, made: Planned, crontab: str | None) -> str | None:
    """What went wrong with it; None: all files and lines are there."""
    from emrnetcheck.cli.schedule.record import make_folder, replace_file
    from emrnetcheck.net.host_scheduler import write_crontab
    from emrnetcheck.schedule.cron import with_block

    try:
        for file in made.plan.files:
            make_folder(Path(file.path).parent, None)
            replace_file(Path(file.path), file.content(), mode=0o644)
    except OSError as error:
        return f"{error.filename}: {error.strerror}"
    if crontab is None or made.plan.crontab is None:
        return None
    failed = write_crontab(with_block(crontab, made.plan.crontab), machine.data_folder)
    return None if failed is None else f"crontab: {failed.in_words()}"


def _switched_on(made: Planned) -> str | None:
    """Which command failed, and why; None: none did."""
    from emrnetcheck.model import Failure
    from emrnetcheck.net.host_scheduler import run

    for argv in made.plan.activate:
        answer = run(argv)
        if isinstance(answer, Failure):
            return f"{' '.join(argv)}: {answer.in_words()}"
    return None
