"""What does the mail say that comes when something breaks, and the one that comes when it is well again?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from emrnetcheck.model.alerts import Notice
from emrnetcheck.model.mail import Composed, Envelope, MailKind
from emrnetcheck.reports import wording
from emrnetcheck.reports.letter import Letter
from emrnetcheck.reports.line import Line, section
from emrnetcheck.reports.mail.message import Mail, composed
from emrnetcheck.reports.mail.short import about, in_few_words
from emrnetcheck.reports.mail.subjects import subject_of
from emrnetcheck.reports.week.masked import NOT_NAMED, NOT_NAMED_ADVICE, is_about_open_ports, without_addresses
from emrnetcheck.reports.wording import sentence

_HOUR_S, _DAY_S = 3600.0, 86_400.0
_MOST_HOURS = timedelta(days=2)
_MOST_ABOVE = 20


def notice(
    notices: Sequence[Notice],
    *,
    envelope: Envelope,
    command: str = "emrnetcheck",
    still_open: Sequence[str] = (),
) -> Composed:
    """One mail for what one run found: alarms first. The key is "alert:<incident>" or "recovery:<incident>"; of
    several, their ids are joined by "+". ValueError: an address in the envelope is none.

    It answers what was mailed about the same incidents before. still_open: codes of what is wrong besides, which nobody
    should take for well again.
    """
    alarms = [each for each in notices if each.kind is MailKind.ALERT]
    over = [each for each in notices if each.kind is not MailKind.ALERT]
    kind = MailKind.ALERT if alarms else MailKind.RECOVERY
    still = list(dict.fromkeys(in_few_words(code) for code in still_open)) if kind is MailKind.RECOVERY else []
    letter = Letter(
        subject=subject_of(envelope.site, _subject(kind, alarms or over, still)),
        answer=_answer(kind, alarms or over, still),
        opening=(
            Line(_where(envelope)),
            *_alarms(alarms, envelope),
            *_over(over, envelope),
        ),
        closing=tuple(_closing(alarms, still, command, envelope)),
    )
    mail = Mail(key=_key(kind, [*alarms, *over]), kind=kind, letter=letter, thread=_thread(notices), is_answer=True)
    return composed(mail, envelope)


def _thread(notices: Sequence[Notice]) -> tuple[str, ...]:
    """Message-IDs of what was mailed about any of them, the oldest first, each once."""
    posted = sorted({mail for each in notices for mail in each.mails})
    return tuple(dict.fromkeys(mail.message_id for mail in posted))[-_MOST_ABOVE:]


def _key(kind: MailKind, notices: Sequence[Notice]) -> str:
    return f"{kind}:{'+'.join(each.incident_id for each in notices)}"


def _subject(kind: MailKind, notices: Sequence[Notice], still: Sequence[str]) -> str:
    return f"{_word(kind, still)} - {_about_what(kind, notices)}{_but(still)}"


def _answer(kind: MailKind, notices: Sequence[Notice], still: Sequence[str]) -> Line:
    style = "bad" if kind is MailKind.ALERT else "warn" if still else "good"
    return Line(sentence(f"{_word(kind, still)}: {_about_what(kind, notices)}{_but(still)}"), style=style)


def _word(kind: MailKind, still: Sequence[str]) -> str:
    return "ALARM" if kind is MailKind.ALERT else "WELL AGAIN IN PART" if still else "WELL AGAIN"


def _but(still: Sequence[str]) -> str:
    more = f", and {len(still) - 1} more" if len(still) > 1 else ""
    return f', but still "{still[0]}"{more}' if still else ""


def _about_what(kind: MailKind, notices: Sequence[Notice]) -> str:
    said = in_few_words(notices[0].code)
    more = f", and {len(notices) - 1} more" if len(notices) > 1 else ""
    return (said if kind is MailKind.ALERT else f'no longer "{said}"') + more


def _where(envelope: Envelope) -> str:
    name = wording.clean(envelope.site)
    name = name.capitalize() if name.islower() else name
    return f"{name}, {_when(envelope.now, envelope)}."


def _when(moment: datetime, envelope: Envelope) -> str:
    return wording.day_and_time(moment.astimezone(envelope.zone))


def _summary(each: Notice, envelope: Envelope) -> str:
    if envelope.with_addresses:
        return each.summary
    return NOT_NAMED if is_about_open_ports(each.code) else without_addresses(each.summary, envelope.own)


def _advice(each: Notice, envelope: Envelope) -> str:
    if envelope.with_addresses:
        return each.advice
    return NOT_NAMED_ADVICE if is_about_open_ports(each.code) else without_addresses(each.advice, envelope.own)


def _alarms(alarms: Sequence[Notice], envelope: Envelope) -> Iterator[Line]:
    yield from section("What is wrong, and what to do", _each_alarm(alarms, envelope))


def _each_alarm(alarms: Sequence[Notice], envelope: Envelope) -> Iterator[Line]:
    for number, each in enumerate(alarms, start=1):
        summary = sentence(_summary(each, envelope))
        yield Line(summary, lead=f"{number}. ", style="strong")
        yield Line(_seen(each, envelope), lead="Seen: ", indent=3)
        if each.many:
            yield Line(_MANY, lead="Look: ", indent=3)
        if advice := _advice(each, envelope):
            yield Line(sentence(advice), lead="Do:   ", indent=3)
        if call := wording.whom_and_when(each.contact, each.when):
            yield Line(sentence(call), lead="Call: ", indent=3)
        if say := _say(each, envelope):
            yield Line(f'"{sentence(say)}"', lead="Say:  ", indent=3)
        if each.follows:
            said = ", ".join(dict.fromkeys(about(name) for name in each.follows))
            yield Line(
                f"{said}: that only follows from it, or could not be told because of it.", lead="Also: ", indent=3
            )
        if each.before is not None:
            said = in_few_words(each.before)
            yield Line(
                f'you had a mail about "{said}": it is the same trouble, now known better.', lead="Note: ", indent=3
            )


_MANY = (
    "so much failed at once that the computer that measures may itself be the reason. Is it in the clinic, and is its "
    "cable in?"
)


def _say(each: Notice, envelope: Envelope) -> str:
    if envelope.with_addresses:
        return each.say
    return "" if is_about_open_ports(each.code) else without_addresses(each.say, envelope.own)


def _seen(each: Notice, envelope: Envelope) -> str:
    fine = "" if each.fine_at is None else f" (still fine {_when(each.fine_at, envelope)})"
    again = f" It came and went {each.blips} times in the last days." if each.blips > 1 else ""
    if each.flapping:
        again = " It comes and goes many times a day, each time for a short while."
    return f"since {_when(each.since, envelope)}{fine}, at {each.runs_bad} of {each.runs_seen} looks.{again}"


def _over(over: Sequence[Notice], envelope: Envelope) -> Iterator[Line]:
    yield from section("What was wrong, and is over", _each_over(over, envelope))


def _each_over(over: Sequence[Notice], envelope: Envelope) -> Iterator[Line]:
    for number, each in enumerate(over, start=1):
        yield Line(sentence(_summary(each, envelope)), lead=f"{number}. ", style="strong")
        since = _when(each.since, envelope)
        if each.until is None:
            yield Line(f"from {since} on.", lead="It was so: ", indent=3)
        else:
            until = _when(each.until, envelope)
            length = _how_long(_as_told(each.until) - _as_told(each.since))
            yield Line(f"from {since} to {until} ({length}).", lead="It was so: ", indent=3)
        if each.held_until is not None:
            held = _when(each.held_until, envelope)
            yield Line(f"if it comes again before {held}, the weekly report tells it.", lead="No mail: ", indent=3)


def _as_told(moment: datetime) -> datetime:
    """To the minute: who reads of 11:05 to 12:05 has read of an hour, and of nothing less."""
    return moment.replace(second=0, microsecond=0)


def _how_long(length: timedelta) -> str:
    """What looks now and then tell of a time, which is not more than this."""
    seconds = max(0.0, length.total_seconds())
    if seconds < _HOUR_S:
        return "less than an hour"
    if length < _MOST_HOURS:
        count = round(seconds / _HOUR_S)
        return f"about {count} hour{'' if count == 1 else 's'}"
    return f"about {round(seconds / _DAY_S)} days"


def _closing(alarms: Sequence[Notice], still: Sequence[str], command: str, envelope: Envelope) -> Iterator[Line]:
    yield Line()
    if still:
        yield Line(sentence(", ".join(still)), lead="Still wrong: ", lead_style="bad")
        yield Line(f"{command} status", lead="To see what to do: ", style="strong")
        return
    if not alarms:
        yield Line("Nothing has to be done. The next mail is the weekly report, or one about something else.")
        return
    yield Line("This is the only mail about it, until it is over: then one more comes.")
    for code in dict.fromkeys(each.code for each in alarms):
        if is_about_open_ports(code) and not envelope.with_addresses:
            continue  # "exposure.ssh_open" names the door
        yield Line(f"{command} explain {code}", lead="To read more: ", style="strong")
    yield Line(f"{command} status", lead="To see how it is now: ", style="strong")
