"""What else should somebody know who asks how the clinic stands: open alarms, and mails that did not get through?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from emrnetcheck.model.alerts import Standing
from emrnetcheck.model.mail import Unsent
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import sentence

_TOLD = 3  # of alarms, and of recipients
_LEAD = 8


@dataclass(frozen=True, slots=True)
class Pending:
    """alarms None: what they remember cannot be read."""

    mails: Unsent
    alarms: Standing | None


NOTHING = Pending(Unsent(), Standing((), (), (), (), ()))


def pending_lines(pending: Pending, *, zone: tzinfo = UTC, command: str = "emrnetcheck") -> Iterator[Line]:
    """Nothing where there is nothing to tell."""
    yield from _alarms(pending.alarms, zone)
    yield from _mails(pending.mails, command)


def pending_data(pending: Pending) -> dict[str, object]:
    """The same for JSON. alarms null: not known."""
    mails, alarms = pending.mails, pending.alarms
    return {
        "mail": {
            "waiting": mails.waiting,
            "tried": mails.tried,
            "failed": mails.failed,
            "why": dict(mails.why),
        },
        "alarms": None
        if alarms is None
        else [{"code": each.code, "since": _iso(each.since), "mailed": each.mailed} for each in alarms.open],
    }


def _alarms(alarms: Standing | None, zone: tzinfo) -> Iterator[Line]:
    if alarms is None:
        yield _line("Alarms", "what was open cannot be read; the next scheduled run begins anew.", "unsure")
        return
    if alarms.elsewhere_since is not None:
        since = wording.day_and_time(alarms.elsewhere_since.astimezone(zone))
        yield _line("Alarms", f"none is raised: this computer is in another network since {since}.", "unsure")
    for each in alarms.open[:_TOLD]:
        since = wording.day_and_time(each.since.astimezone(zone))
        yield _line("Alarm", f"{sentence(each.summary)} ({each.code}, since {since})", "bad")
    if len(alarms.open) > _TOLD:
        yield _line("Alarms", f"{len(alarms.open) - _TOLD} more are open.", "bad")


def _mails(mails: Unsent, command: str) -> Iterator[Line]:
    parts = []
    if mails.failed:
        parts.append(f"{mails.failed} given up")
    if mails.waiting:
        again = f", {mails.tried} of them tried before" if mails.tried else ""
        parts.append(f"{mails.waiting} waiting to be sent{again}")
    if not parts:
        return
    yield _line("Mail", f"{'; '.join(parts)}. See: {command} email outbox", "bad" if mails.failed else "warn")
    for recipient, why in list(mails.why.items())[:_TOLD]:
        yield Line(sentence(why), lead=f"to {wording.clean(recipient)}: ", indent=_LEAD)


def _line(lead: str, text: str, style: str) -> Line:
    return Line(text, lead=f"{lead}:".ljust(_LEAD), lead_style=style)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
