"""emrnetcheck schedule status: when was what done last, when is it next, and is it started at all?"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from emrnetcheck.cli.history.asking import FormOption, chosen, command, ending, show_lines
from emrnetcheck.cli.options import ConfigOption, PlainOption
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emrnetcheck.cli.schedule.installing import SystemOption
    from emrnetcheck.cli.schedule.machine import Machine
    from emrnetcheck.cli.schedule.record import Record
    from emrnetcheck.model import Site
    from emrnetcheck.reports.line import Line
    from emrnetcheck.schedule.health import Work
    from emrnetcheck.schedule.state import HostState
else:
    from emrnetcheck.cli.schedule.installing import SystemOption

SCHEMA = "emrnetcheck/schedule-status/1"
_LEAD = 9
_SAID_BYTES = 600
_ELSEWHERE = (
    "It was installed with another data folder, {its}. What you type here uses {mine}, and sees nothing of what is "
    "done by itself."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """All that is known. running_since: of a scheduled run that goes on now. said: what one printed last, and when."""

    record: Record | None
    works: tuple[Work, ...]
    troubles: tuple[str, ...]
    running_since: datetime | None
    said: tuple[datetime, str] | None

    def exit_status(self) -> ExitStatus:
        if self.record is None:
            return ExitStatus.COULD_NOT_TELL
        return ExitStatus.NOT_READY if self.troubles else ExitStatus.READY


def status(
    system: SystemOption = False, form: FormOption = "text", plain: PlainOption = False, config: ConfigOption = None
) -> None:
    """Tell what was done last, and what is next.

    0: all is as it should be, 1: something is not, 3: nothing is installed.
    """
    chosen(form, ("text", "json"), "--format")
    with ending():
        from emrnetcheck.cli.schedule.machine import this_machine
        from emrnetcheck.cli.schedule.planning import recorded, settings_of
        from emrnetcheck.cli.schedule.unrecorded import unrecorded

        machine = this_machine(system=system)
        record, elsewhere = recorded(machine), []
        if record is None and (there := unrecorded(machine)) is not None:
            elsewhere = [_ELSEWHERE.format(mine=machine.data_folder, its=there[0].data_folder)]
            machine, record = there
        site, _ = settings_of(machine, config or (None if record is None else _config_of(record)))
        now = datetime.now(UTC)
        found = _found(machine, record, site, now)
        found = replace(found, troubles=(*elsewhere, *found.troubles))
        if form == "json":
            sys.stdout.write(_as_json(found))
        else:
            show_lines(_lines(found, now), plain=plain)
        raise typer.Exit(found.exit_status())


def _config_of(record: Record) -> Path | None:
    """The settings file that the scheduler was told of."""
    at = record.argv.index("--config") if "--config" in record.argv[:-1] else None
    return None if at is None else Path(record.argv[at + 1])


def _found(machine: Machine, record: Record | None, site: Site, now: datetime) -> _Found:
    from emrnetcheck.cli.keeping import FILE_NAME
    from emrnetcheck.cli.schedule.claimed import claimed
    from emrnetcheck.cli.schedule.page import moment
    from emrnetcheck.cli.schedule.planning import clock_of, host_id_of
    from emrnetcheck.cli.schedule.undelivered import undelivered
    from emrnetcheck.cli.schedule.unloaded import unloaded
    from emrnetcheck.cli.zone import Here
    from emrnetcheck.schedule import health

    zone, clock = Here(), clock_of(site, host_id_of(record))
    where = site.history_url or machine.data_folder / FILE_NAME
    known = claimed(where, site.name, now)
    last = known.last
    begins = [] if record is None else [record.installed_at]
    begins += [] if known.since is None else [known.since]
    works = tuple(
        health.work(
            kind,
            when,
            zone,
            last=last.get(kind),
            covered=last.get("check") if kind == "look" else None,
            taken=known.ahead if kind == "check" else (),
            installed_at=max(begins, default=None),
            now=now,
            offset_s=clock.offset_s,
        )
        for kind, when in clock.works()
    )
    troubles = [] if record is None else _troubles_here(machine, record)
    troubles += [] if known.unread is None else [known.unread]
    if record is not None and known.unread is None:
        troubles += health.clock_troubles(record.installed_at, known.worked_at, now, lambda at: moment(at, zone))
        troubles += health.troubles(works, now, lambda at: moment(at, zone))
        never = unloaded(where, site, clock, zone, check=last.get("check"), since=record.installed_at, now=now)
        troubles += [] if never is None else [never]
        troubles += undelivered(where, site.name, now, lambda at: moment(at, zone))
    return _Found(record, works, tuple(troubles), _running_since(machine, now), _said(machine))


def _troubles_here(machine: Machine, record: Record) -> list[str]:
    """What is wrong with what was installed: files that are gone or changed, and what the scheduler says."""
    from emrnetcheck.cli.schedule.asking import state_of
    from emrnetcheck.cli.schedule.record import sha256

    found = []
    for made in record.files:
        try:
            if sha256(Path(made.path).read_bytes()) != made.sha256:
                found.append(f"{made.path} was changed since it was written.")
        except OSError:
            found.append(f"{made.path} is gone: install it again.")
    python = Path(record.argv[0])
    if not python.exists():
        found.append(f"The program that is to be started, {python}, is gone: install it again from where it is now.")
    state: HostState | None = state_of(machine, record)
    if state is not None and state.trouble is not None:
        found.append(state.trouble)
    return found


def _running_since(machine: Machine, now: datetime) -> datetime | None:
    from emrnetcheck.net.lock import FILE_NAME, Held, Holder, take

    if not (machine.data_folder / FILE_NAME).exists():
        return None
    got = take(machine.data_folder / FILE_NAME, now)
    if isinstance(got, Held):
        got.release()
    return got.since if isinstance(got, Holder) else None


def _said(machine: Machine) -> tuple[datetime, str] | None:
    """The end of what a start printed last, where the scheduler keeps no journal of its own."""
    from emrnetcheck.schedule.job import LOG

    try:
        with (machine.data_folder / LOG).open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _SAID_BYTES))
            text = file.read(_SAID_BYTES).decode(errors="replace")
            at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except (OSError, ValueError):
        return None
    return (at, text.strip()) if text.strip() else None


def _lines(found: _Found, now: datetime) -> Iterator[Line]:
    from emrnetcheck.cli.schedule.page import by_whom, moment
    from emrnetcheck.cli.zone import Here
    from emrnetcheck.reports.line import Line
    from emrnetcheck.reports.wording import clean
    from emrnetcheck.schedule.health import in_words

    zone, record = Here(), found.record
    if record is None:
        yield Line("NOT INSTALLED: nothing is done by itself on this computer, for this user.", style="unsure")
        yield Line(f"What would be done: {command()} schedule dry-run. To have it done: {command()} schedule install")
    elif found.troubles:
        yield Line("NOT AS IT SHOULD BE:", style="bad")
        for trouble in found.troubles:
            yield Line(clean(trouble), lead="- ")
    else:
        yield Line("ALL IS AS IT SHOULD BE.", style="good")
    if record is not None:
        who = by_whom(record.scheduler, system=record.system, user=record.user)
        yield Line(f"{who}, since {moment(record.installed_at, zone)}.", lead="Started by: ")
    if found.running_since is not None:
        yield Line(f"since {moment(found.running_since, zone)}.", lead="A run goes on now: ")
    if found.said is not None:
        at, text = found.said
        yield Line(clean(text), lead=f"It said last ({moment(at, zone)}): ")
    for each in (work for work in found.works if work.when.slots or work.last is not None):
        yield Line()
        yield Line(each.when.in_words(), lead=each.kind.ljust(_LEAD), lead_style="strong")
        last = "" if each.last is None else f"{moment(each.last.due_at, zone)}: "
        yield Line(f"{last}{in_words(each.last, now)}", lead="last: ", indent=_LEAD)
        if record is not None:
            coming = "never" if each.next_at is None else moment(each.next_at, zone)
            soon = each.next_at is not None and each.next_at <= now
            yield Line("at the next start, within minutes" if soon else coming, lead="next: ", indent=_LEAD)


def _as_json(found: _Found) -> str:
    record = found.record
    made = {
        "schema": SCHEMA,
        "installed": record is not None,
        "scheduler": None if record is None else record.scheduler.value,
        "system": None if record is None else record.system,
        "installed_at": None if record is None else record.installed_at.isoformat(),
        "troubles": list(found.troubles),
        "running_since": _iso(found.running_since),
        "said": None if found.said is None else {"at": _iso(found.said[0]), "text": found.said[1]},
        "works": [
            {
                "kind": each.kind,
                "last_due_at": None if each.last is None else _iso(each.last.due_at),
                "last_finished_at": None if each.last is None else _iso(each.last.finished_at),
                "last_outcome": None if each.last is None or each.last.outcome is None else each.last.outcome.value,
                "last_run_id": None if each.last is None else each.last.run_id,
                "overdue_since": _iso(each.overdue_since),
                "next_at": _iso(each.next_at) if record is not None else None,
            }
            for each in found.works
        ],
    }
    return json.dumps(made, indent=2, allow_nan=False) + "\n"


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).replace(microsecond=0).isoformat()
