"""How do the alarms and the outbox stand? Told in the weekly mail, where nothing has to be done about it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from emrnetcheck.model import alerts
from emrnetcheck.model.mail import Own, Unsent
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line, section
from emrnetcheck.reports.mail.short import in_few_words
from emrnetcheck.reports.week.masked import NOTHING_KNOWN, without_addresses
from emrnetcheck.reports.wording import sentence

MOST = 10
"""Of each kind: more help nobody."""


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """A fault that is confirmed and not over. code: of the finding. since: with a time zone."""

    code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """alarms: those that are open. accepted: how many findings raise no alarm, because somebody accepted them.

    held: of how many alarms no mail was sent: they came so soon after one of the same fault, or nobody could be
    written to then. unsent: of the outbox, None: nobody looked. over: what ended in the week. suspects: codes that were
    found too few times to be sure. blips: codes that came and were gone at the next look. elsewhere_since: since then
    this computer is on another network than the clinic's.
    """

    alarms: tuple[OpenAlarm, ...] = ()
    accepted: int = 0
    held: int = 0
    unsent: Unsent | None = None
    over: tuple[alerts.Trouble, ...] = ()
    suspects: tuple[str, ...] = ()
    blips: tuple[str, ...] = ()
    elsewhere_since: datetime | None = None


def standing_of(told: alerts.Standing, unsent: Unsent | None = None) -> Standing:
    """What the alarms themselves say of how they stand, as the mail tells it."""
    return Standing(
        alarms=tuple(OpenAlarm(each.code, each.since) for each in told.open),
        accepted=len(told.accepted),
        held=sum(not each.mailed and not each.accepted for each in (*told.open, *told.closed)),
        unsent=unsent,
        over=told.closed,
        suspects=tuple(code for _check, code in told.suspects),
        blips=tuple(code for code, _count in told.blips),
        elsewhere_since=told.elsewhere_since,
    )


def alarms(standing: Standing | None, zone: tzinfo) -> Iterator[Line]:
    """With a heading; nothing where nobody looked."""
    if standing is not None:
        yield from section("Alarms", _alarms(standing, zone))


def _alarms(standing: Standing, zone: tzinfo) -> Iterator[Line]:
    if standing.elsewhere_since is not None:
        since = _when(standing.elsewhere_since, zone)
        yield Line(
            f"Since {since} this computer is on another network than the clinic's: nothing is counted there.",
            style="unsure",
        )
    if not standing.alarms:
        yield Line("None is open.")
    for each in standing.alarms[:MOST]:
        yield Line(f"{_begun(in_few_words(each.code))} (since {_when(each.since, zone)}).", "Open: ", lead_style="bad")
    if len(standing.alarms) > MOST:
        yield Line(f"{len(standing.alarms) - MOST} more.", "Open: ", lead_style="bad")
    for ended in standing.over[-MOST:]:
        yield Line(_ended(ended, zone), "Over: ", lead_style="good")
    if standing.suspects:
        yield Line(
            f"{_begun(_named(standing.suspects))}, seen too few times to be sure.", "Suspect: ", lead_style="warn"
        )
    if standing.held:
        counted = _counted(standing.held, "alarm")
        yield Line(f"No mail for {counted}: too soon after another, or mail was not set up.")
    if standing.blips:
        yield Line(f"Came, and was gone at the next look: {_named(standing.blips)}.")
    if standing.accepted:
        yield Line(f"{_counted(standing.accepted, 'finding')} raised none, because somebody accepted what was found.")


def _ended(each: alerts.Trouble, zone: tzinfo) -> str:
    until = "" if each.until is None else f" until {_when(each.until, zone)}"
    how = ", accepted by somebody" if each.accepted else "" if each.mailed else ", without a mail of its own"
    return f"{_begun(in_few_words(each.code))} (since {_when(each.since, zone)}{until}{how})."


def _named(codes: tuple[str, ...]) -> str:
    return ", ".join(list(dict.fromkeys(in_few_words(code) for code in codes))[:MOST])


def undelivered(unsent: Unsent | None, own: Own = NOTHING_KNOWN) -> Iterator[Line]:
    """With a heading; nothing where every mail arrived, as far as is known, or nobody looked."""
    if unsent is not None:
        yield from section("Mails that did not arrive", _undelivered(unsent, own))


def _undelivered(unsent: Unsent, own: Own) -> Iterator[Line]:
    if unsent.failed:
        yield Line(f"{_counted(unsent.failed, 'mail')} could not be sent and will not be tried again.", style="bad")
    if unsent.tried:
        yield Line(f"{_counted(unsent.tried, 'mail')} could not be sent yet, and will be tried again.")
    if unsent.failed or unsent.tried:
        for recipient, why in list(unsent.why.items())[:MOST]:
            yield Line(sentence(without_addresses(why, own)), lead=f"To {wording.clean(recipient)}: ")


def _when(moment: datetime, zone: tzinfo) -> str:
    return wording.day_and_time(moment.astimezone(zone))


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
