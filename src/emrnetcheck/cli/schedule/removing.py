"""emrnetcheck schedule remove: take away what `schedule install` made, all of it and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from emrnetcheck.cli.history.asking import ending
from emrnetcheck.cli.options import PlainOption
from emrnetcheck.cli.run import refuse
from emrnetcheck.cli.schedule.installing import SystemOption, YesOption
from emrnetcheck.exit_status import ExitStatus


def remove(system: SystemOption = False, yes: YesOption = False, plain: PlainOption = False) -> None:
    """Take away what `install` made. The history stays."""
    with ending():
        from emrnetcheck.cli.schedule.machine import NEEDS_ROOT, this_machine
        from emrnetcheck.cli.schedule.page import by_whom
        from emrnetcheck.cli.schedule.planning import recorded
        from emrnetcheck.cli.schedule.undoing import changed, plan_of, take_back
        from emrnetcheck.cli.schedule.unrecorded import unrecorded

        machine = this_machine(system=system)
        record = recorded(machine)
        if record is None:
            found = unrecorded(machine)
            if found is None:
                typer.echo("Nothing is installed: there is nothing to remove.")
                return
            machine, record = found
            typer.echo(f"It was installed with another data folder, {machine.data_folder}.")
        if record.system and not machine.system:
            refuse(f"It was installed for the whole computer: add --system. {NEEDS_ROOT}")
        if machine.system and not record.system:
            refuse("It was installed for the user alone: leave --system out.")
        plan = plan_of(machine, record)
        altered = changed(plan, record)
        who = by_whom(record.scheduler, system=record.system, user=record.user)
        typer.echo(f"Installed with {who}. This is taken away:")
        for path in [file.path for file in plan.files if Path(file.path).exists()]:
            typer.echo(f"  {path}{' (changed since it was written)' if path in altered else ''}")
        if record.crontab is not None:
            typer.echo("  the lines of emrnetcheck in the crontab")
        too = _asked(altered, yes=yes, plain=plain)
        if too is None:
            typer.echo("Nothing was removed.")
            return
        left = take_back(machine, plan, record, changed_too=too)
        if left:
            typer.echo(f"Switched off, but not all of it is gone. {' '.join(left)}", err=True)
            raise typer.Exit(ExitStatus.USAGE)
        typer.echo("Removed: nothing is done by itself any more. The history stays.")


def _asked(altered: list[str], *, yes: bool, plain: bool) -> bool | None:
    """Whether what was changed is deleted too; None: nothing is to be removed."""
    from emrnetcheck.cli.setup.talk import NoInput, Talk, can_ask

    if yes:
        return False
    if not can_ask(sys.stdin, sys.stderr):
        refuse("To remove this without being asked, add --yes.")
    talk = Talk(plain=plain)
    try:
        if not talk.agreed("Remove it?"):
            return None
        return bool(altered) and talk.agreed("Delete also what was changed since it was written?")
    except NoInput:
        return None
