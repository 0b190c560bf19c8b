"""How is a week said, before it is laid out as text, Markdown or HTML?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from emrnetcheck.model import Cause, Severity, Verdict
from emrnetcheck.model.mail import Own
from emrnetcheck.reports import wording
from emrnetcheck.reports.history import STYLES
from emrnetcheck.reports.line import Line, heading, section
from emrnetcheck.reports.to_do import MOST_CAUSES, what_to_do
from emrnetcheck.reports.week.masked import (
    NOT_NAMED,
    NOT_NAMED_ADVICE,
    NOTHING_KNOWN,
    is_about_open_ports,
    without_addresses,
)
from emrnetcheck.reports.week.summary import Changed, Latest, Week
from emrnetcheck.reports.week.told import Problem
from emrnetcheck.reports.wording import sentence

_OLD = timedelta(days=2)
SHORT = {
    Verdict.READY: "READY",
    Verdict.READY_WITH_WARNINGS: "READY, with warnings",
    Verdict.NOT_READY: "NOT READY",
    Verdict.INCONCLUSIVE: "COULD NOT TELL",
}
NO_RUN = "COULD NOT TELL: no whole run in this week"
NO_FAULT = "NO FAULT FOUND, upload not measured as the settings say"
_NO_FAULT = "NO FAULT FOUND. The upload is not measured, as the settings say."


def for_mail(week: Week, own: Own = NOTHING_KNOWN) -> Week:
    """The same without public addresses and without a list of open ports. own: beside what the week itself knows."""
    changed, latest = week.changed, week.latest
    in_rows = (row.public_v4 for row in week.rows if row.public_v4 is not None)
    own = replace(own, addresses=tuple(dict.fromkeys((*own.addresses, *in_rows))))
    if latest is not None:
        causes = tuple(_cause_for_mail(cause, own) for cause in latest.causes)
        about_ports = any(is_about_open_ports(cause.code) for cause in latest.causes)
        headline = NOT_NAMED if about_ports else without_addresses(latest.headline, own)
        latest = replace(latest, headline=headline, causes=causes)
    if changed is not None:
        changed = Changed(*(_for_mail(each, own) for each in (changed.new, changed.gone, changed.same, changed.open)))
    return replace(week, latest=latest, changed=changed, accepted=_for_mail(week.accepted, own))


def _for_mail(problems: tuple[Problem, ...], own: Own) -> tuple[Problem, ...]:
    return tuple(
        replace(each, summary=NOT_NAMED if is_about_open_ports(each.code) else without_addresses(each.summary, own))
        for each in problems
    )


def _cause_for_mail(cause: Cause, own: Own) -> Cause:
    if is_about_open_ports(cause.code):
        return replace(cause, summary=NOT_NAMED, advice=NOT_NAMED_ADVICE, say="")
    summary, advice, say = (without_addresses(each, own) for each in (cause.summary, cause.advice, cause.say))
    return replace(cause, summary=summary, advice=advice, say=say)


def subject(week: Week) -> str:
    """One line that carries the site and the answer; safe as the header of a mail."""
    return wording.clean(f"[emrnetcheck] {week.site}: {in_short(week)}")


def in_short(week: Week) -> str:
    """The answer in a few words."""
    if week.latest is None:
        return NO_RUN
    return NO_FAULT if week.latest.no_fault else SHORT[week.latest.verdict]


def opening(week: Week, zone: tzinfo) -> Iterator[Line]:
    """The answer first, from when it is, and what to do."""
    latest = week.latest
    if latest is None:
        yield Line(sentence(NO_RUN), style="unsure")
        yield Line(_which_week(week, zone))
        yield from _why_no_answer(week, zone)
        return
    if latest.no_fault:
        yield Line(_NO_FAULT, style="warn" if latest.causes else "good")
        yield Line(_which_week(week, zone))
    else:
        yield Line(wording.VERDICT_WORDS[latest.verdict], style=STYLES[latest.verdict])
        yield Line(_which_week(week, zone))
        yield Line(sentence(latest.headline))
    yield from _from_when(week, latest, zone)
    if latest.all_but_load:
        yield from _not_loaded(week, zone)
    yield from section("What to do", _to_do(latest.causes))


def _why_no_answer(week: Week, zone: tzinfo) -> Iterator[Line]:
    if away := week.this.elsewhere:
        made = "One run was" if away == 1 else f"{away} runs were"
        yield Line(
            f"{made} made while this computer was on another network than the clinic's. That says nothing of the "
            "clinic, and is not counted."
        )
    if lost := week.this.unconnected:
        which = "At no run of this week" if lost == week.this.runs else f"At {lost} of {week.this.runs} runs"
        had = "a" if lost == week.this.runs else "no"
        yield Line(f"{which} this computer had {had} network connection. That says nothing of the line or the EMR.")
        yield Line("See whether its cable is plugged in, or whether it is on the Wi-Fi.", lead="Do: ")
        if lost == week.this.runs:
            return
    if not week.this.runs and away:
        yield Line("Leave a computer on that stays at the clinic, and let it measure.", lead="Do: ")
        return
    if not week.this.runs:
        yield Line("No data is neither good nor bad: see why nothing was measured.")
        return
    if week.unloaded is not None:
        yield from _not_loaded(week, zone)
        return
    count = week.this.runs
    looked = "once" if count == 1 else f"{count} times"
    slow = "" if week.this.upload_mbps is not None else " How fast the line is was not measured."
    yield Line(f"It was looked {looked} in this week, and each time something was left out.{slow}")
    if not slow:
        return
    yield Line(
        "A check that comes by itself loads the line only while the clinic is closed. If this computer is off then, "
        "leave it on, or set [schedule] check to a time at which it is on and nobody needs the line, such as "
        '"weekdays 12:15", and clinic_hours to when the clinic is open.',
        lead="Do: ",
    )


def _not_loaded(week: Week, zone: tzinfo) -> Iterator[Line]:
    """That nobody measures how fast the line is, somebody wanted; it is said all the same, with what is known."""
    known = week.unloaded
    if known is None:
        return
    last = " No such figure is kept."
    if known.measured_at is not None and known.upload_mbps is not None:
        at = known.measured_at.astimezone(zone)
        last = f" Measured last on {day(at, zone)} {at.year}: {known.upload_mbps:.1f} Mbps."
    yield Line(
        'Not measured, because the settings say so ([schedule] load_tests = "never"). Without it nobody can say '
        f'"ready".{last} A run that you start measures it, once.',
        lead="Upload: ",
    )


def _which_week(week: Week, zone: tzinfo) -> str:
    site = week.site.capitalize() if week.site.islower() else week.site
    until = week.this.ends_at
    return f"{site}. The week from {day(week.this.starts_at, zone)} to {day(until, zone)} {until.astimezone(zone):%Y}."


def day(moment: datetime, zone: tzinfo = UTC) -> str:
    """ "Thu 26 Nov", in any language of the computer."""
    local = moment.astimezone(zone)
    return f"{WEEKDAYS[local.weekday()]} {local.day} {wording.MONTHS[local.month - 1]}"


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _from_when(week: Week, latest: Latest, zone: tzinfo) -> Iterator[Line]:
    which = "look" if latest.all_but_load else "whole run"
    yield Line(f"Found by the last {which}, {wording.day_and_time(latest.started_at.astimezone(zone))}.")
    age = week.now - latest.started_at
    if age > _OLD:
        yield Line(f"That is {age.days} days ago: whether it still holds is not known.", style="unsure")


def _to_do(causes: tuple[Cause, ...]) -> Iterator[Line]:
    for number, cause in enumerate(causes[:MOST_CAUSES], start=1):
        yield Line(sentence(cause.summary), lead=f"{number}. ", style="strong")
        yield from what_to_do(cause)
    if len(causes) > MOST_CAUSES:
        yield Line(f"{len(causes) - MOST_CAUSES} more: see the whole report.")


def closing(week: Week, *, command: str) -> Iterator[Line]:
    """What changed, what came and went, what was accepted, and where to read on."""
    yield from what_changed(week)
    yield from where_to_read(week, command=command)


def what_changed(week: Week) -> Iterator[Line]:
    """Since the week before, and in between; and what somebody accepted."""
    yield Line()
    yield heading("What changed since the week before")
    yield from _changes(week)
    yield from section(
        "In between",
        (
            Line(f"{each.title}: failed in {each.failed} of {week.this.whole} runs, not in the last.", lead="- ")
            for each in week.passed
        ),
    )
    yield from section("Known and accepted", (Line(sentence(each.summary), lead="- ") for each in week.accepted))


def where_to_read(week: Week, *, command: str) -> Iterator[Line]:
    """The command that shows the newest whole run; nothing where there is none."""
    if week.latest is not None and command:  # who has a copy has not got the program's history
        yield Line()
        yield Line(f"{command} history show {week.latest.id}", lead="The whole report: ", style="strong")


def _changes(week: Week) -> Iterator[Line]:
    changed = week.changed
    if week.latest is None:
        yield Line("Not known: no whole run in this week.", style="unsure")
        return
    if changed is None:
        why = "no whole run in the week before" if not week.last.whole else "a report cannot be read"
        yield Line(f"Not known: {why}.", style="unsure")
        return
    for problems, lead in ((changed.new, "New:    "), (changed.gone, "Gone:   ")):
        for each in problems:
            yield Line(sentence(f"{each.title}: {each.summary}"), lead=lead, lead_style=_problem_style(lead, each))
    if not (changed.new or changed.gone or changed.open):
        yield Line("Nothing: the last run of each week found the same." if changed.same else _ALL_WELL)
    for problems, lead in ((changed.same, "As before: "), (changed.open, "Not known any more: ")):
        if problems:
            yield Line(f"{', '.join(dict.fromkeys(each.title for each in problems))}.", lead=lead)


_ALL_WELL = "Nothing: neither of the two last runs found anything wrong."


def _problem_style(lead: str, problem: Problem) -> str:
    if lead.startswith("Gone"):
        return "good"
    return {Severity.FAIL: "bad", Severity.WARN: "warn"}.get(problem.severity, "unsure")
