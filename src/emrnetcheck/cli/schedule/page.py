"""How is it told what is installed, and when what is due?"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import TYPE_CHECKING

import typer

from emrnetcheck.cli.history.asking import show_lines
from emrnetcheck.cli.schedule.planning import Clock, Planned
from emrnetcheck.cli.setup.talk import safe_lines
from emrnetcheck.model.schedule import LoadTests
from emrnetcheck.reports.line import Line, heading
from emrnetcheck.reports.wording import ascii_only, clean
from emrnetcheck.schedule.due import coming
from emrnetcheck.schedule.hours import in_clinic_hours
from emrnetcheck.schedule.job import WAKE_MINUTES, Scheduler
from emrnetcheck.schedule.tasks import quoted

if TYPE_CHECKING:
    from emrnetcheck.model import Site

SHOWN_MOMENTS = 5
_LEAD = 9
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NAMES = {
    Scheduler.SYSTEMD: "systemd",
    Scheduler.LAUNCHD: "launchd",
    Scheduler.TASKS: "Windows' Task Scheduler",
    Scheduler.CRON: "cron",
}


def moment(at: datetime, zone: tzinfo) -> str:
    """ "Fri 27 Nov 2026, 06:37", by the clock on this computer's wall."""
    wall = at.astimezone(zone)
    return f"{_DAYS[wall.weekday()]} {wall.day} {_MONTHS[wall.month - 1]} {wall.year}, {wall:%H:%M}"


def by_whom(scheduler: Scheduler, *, system: bool, user: str) -> str:
    """ "systemd, for the user clinic"."""
    name = clean(user)
    return f"{NAMES[scheduler]}, {f'for the whole computer, as {name}' if system else f'for the user {name}'}"


def plan_lines(made: Planned, zone: tzinfo, now: datetime) -> Iterator[Line]:
    """When what is due, and what the scheduler is told, whole: nothing is installed that was not shown."""
    who = by_whom(made.plan.scheduler, system=made.job.system, user=made.job.user)
    minutes = " ".join(f":{minute:02}" for minute in made.job.minutes)
    yield Line(f"{who}.", lead="Started by: ")
    if made.why:
        yield Line(clean(made.why))
    yield Line(f"every {WAKE_MINUTES} minutes ({minutes}), to look whether something is due.", lead="Started: ")
    yield Line(f"{clean(str(made.config)) if made.config else 'none, all defaults'}", lead="Settings: ")
    yield Line()
    yield heading("What will be due")
    for kind, when in made.clock.works():
        if not when.slots:
            yield Line("never", lead=kind.ljust(_LEAD), lead_style="strong")
            continue
        later = f", on this computer {_minutes(made.clock.offset_s // 60)} later" if made.clock.offset_s else ""
        yield Line(f"{when.in_words()}{later}", lead=kind.ljust(_LEAD), lead_style="strong")
        offset = timedelta(seconds=made.clock.offset_s)
        for each in islice(coming(when, zone, now - offset), SHOWN_MOMENTS):
            yield Line(moment(each + offset, zone), indent=_LEAD)
    yield Line(load_sentence(made.site, made.clock, zone, now))


def show_plan(made: Planned, zone: tzinfo, now: datetime, *, plain: bool) -> None:
    """All of it on standard output: nothing is installed that was not shown whole."""
    show_lines(plan_lines(made, zone, now), plain=plain)
    for file in made.plan.files:
        _show_text(f"The file {file.path}:", file.text, plain=plain)
    if made.plan.crontab is not None:
        _show_text(f"At the end of the crontab of {made.job.user}:", made.plan.crontab, plain=plain)
    if made.plan.activate:
        commands = "\n".join(command_line(argv, made.plan.scheduler) for argv in made.plan.activate)
        _show_text("Then, to switch it on:", commands, plain=plain)
    if made.remarks:
        remarks = (Line(clean(remark), lead="- ") for remark in made.remarks)
        show_lines([Line(), heading("Mind"), *remarks], plain=plain)


def _show_text(title: str, text: str, *, plain: bool) -> None:
    """As it is, and not folded: it is to be compared with what is in the file afterwards."""
    from emrnetcheck.reports.terminal_lines import takes_unicode

    show_lines([Line(), Line(clean(title), style="strong")], plain=plain)
    shown = "".join(f"    {line}".rstrip() + "\n" for line in safe_lines(text).splitlines())
    if plain or not takes_unicode(sys.stdout):
        shown = "\n".join(map(ascii_only, shown.split("\n")))
    typer.echo(shown, nl=False)


def load_sentence(site: Site, clock: Clock, zone: tzinfo, now: datetime) -> str:
    """Whether checks load the line, and which of them do not."""
    wish = site.schedule.load_tests
    if wish is LoadTests.NEVER:
        return 'No check loads the line ([schedule] load_tests = "never"): how fast it is, is not measured.'
    if wish is LoadTests.ALWAYS:
        return "Each check loads the line for some seconds, in the clinic's hours, too."
    hours = clock.hours.in_words()
    if not clock.hours.spans:
        return "Each check loads the line for some seconds: the clinic has no hours of its own in the settings."
    offset = timedelta(seconds=clock.offset_s)
    week = [each for each in islice(coming(clock.check, zone, now), len(clock.check.slots))]
    inside = [each for each in week if in_clinic_hours(clock.hours, zone, each + offset)]
    told = f"In the clinic's hours ({hours}) no check loads the line"
    if not inside:
        return f"{told}."
    which = "all of those above" if len(inside) == len(week) else f"{len(inside)} of the {len(week)} each week"
    return f"{told}: that is {which}, and they do not tell how fast it is."


def _minutes(count: int) -> str:
    return "1 minute" if count == 1 else f"{count} minutes"


def command_line(argv: tuple[str, ...], scheduler: Scheduler) -> str:
    """As somebody would type it."""
    return " ".join(map(quoted, argv)) if scheduler is Scheduler.TASKS else shlex.join(argv)
