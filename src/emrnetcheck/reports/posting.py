"""How is told what became of a mail: a test mail step by step, and all that wait, went, or were given up?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from emrnetcheck.mailing import Fate, Meaning, meaning_of
from emrnetcheck.model.mail import Delivery, DeliveryState, MailServer, Outcome, Reply, Security
from emrnetcheck.model.mail_settings import MailSettings
from emrnetcheck.model.mail_step import Step
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line

SCHEMA = "emrnetcheck/outbox/1"
SECURITY_WORDS: Mapping[Security, str] = {
    Security.TLS: "encrypted from the start",
    Security.STARTTLS: "encrypted by STARTTLS",
    Security.NONE: "not encrypted, on this computer",
}
STAGE_WORDS: Mapping[str, str] = {
    "connect": "connect",
    "tls": "encrypt",
    "auth": "log in",
    "from": "sender",
    "to": "recipient",
    "data": "mail",
    "end": "mail",
}
_OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.SENT: ("SENT", "good"),
    Outcome.DEFERRED: ("NOT SENT", "bad"),
    Outcome.REFUSED: ("NOT SENT", "bad"),
    Outcome.UNCONFIRMED: ("UNSURE", "unsure"),
}
_STATES: Mapping[DeliveryState, tuple[str, str]] = {
    DeliveryState.WAITING: ("WAITS", "warn"),
    DeliveryState.SENDING: ("SENDING", "warn"),
    DeliveryState.SENT: ("SENT", "good"),
    DeliveryState.FAILED: ("GIVEN UP", "bad"),
}
_DOUBT = "It may have arrived once before: look for two with the same Message-ID."
_DOUBTS: Mapping[DeliveryState, str] = {
    DeliveryState.FAILED: "It may have arrived all the same, even twice: nobody knows."
}
_LEAD = 10  # as wide as the widest of the words, and two blanks


def trial_page(
    mail: MailSettings,
    recipient: str,
    steps: Sequence[Step],
    reply: Reply,
    *,
    first: bool = True,
    command: str = "emrnetcheck",
) -> Iterator[Line]:
    """The steps, what came of them, and what to do. first: whether it is the first of several recipients."""
    server = mail.server
    if not first:
        yield Line()
    how = SECURITY_WORDS[server.security]
    yield Line(f"A test mail from {mail.sender} to {recipient}, by {server.host}, port {server.port}, {how}.")
    if steps:
        yield Line()
    for step in steps:
        yield Line(_step(step), lead=STAGE_WORDS.get(step.stage, step.stage).ljust(_LEAD), indent=2)
    yield Line()
    yield from _came(
        reply, meaning_of(reply, server, sender=mail.sender, fate=Fate.NOT_KEPT, command=command), told=bool(steps)
    )


def _came(reply: Reply, meaning: Meaning, *, told: bool) -> Iterator[Line]:
    word, style = _OUTCOMES[reply.outcome]
    yield Line(wording.clean(meaning.what), lead=word.ljust(_LEAD), lead_style=style)
    yield Line(wording.clean(meaning.do), lead="What to do: ", indent=_LEAD)
    said = said_of(reply)
    if said and not (told and reply.outcome is Outcome.SENT):
        yield Line(said, lead="It said: " if reply.code is not None else "Why: ", indent=_LEAD)


def said_of(reply: Reply) -> str:
    """The server's own words, or why there are none; "" where it was silent."""
    if reply.failure is not None and reply.code is None:
        return wording.clean(reply.failure.in_words())
    return wording.clean(f"{reply.code or ''} {reply.text}".strip())


def _step(step: Step) -> str:
    said = f"{step.code or ''} {step.text}".strip()
    return wording.clean(f"{step.what}: {said}" if said else step.what)


def outbox_page(
    found: Sequence[Delivery],
    *,
    more: bool,
    all_wanted: bool = True,
    zone: tzinfo = UTC,
    server: MailServer | None = None,
    command: str = "emrnetcheck",
) -> Iterator[Line]:
    """Some lines for each mail to one recipient. more: there are more. all_wanted: nothing was filtered out.

    server: None where the settings name none.
    """
    if not found:
        yield Line("No mail was written yet." if all_wanted else "No mail is like that.")
        return
    for number, delivery in enumerate(found):
        if number:
            yield Line()
        yield from _delivery(delivery, zone, server, command)
    if more:
        yield Line()
        yield Line(f'There are more: "{command} email outbox --limit 100".')
    if any(each.state is DeliveryState.FAILED for each in found):
        yield Line()
        yield Line(f'To try one again that was given up: "{command} email outbox retry NUMBER".')


def _delivery(delivery: Delivery, zone: tzinfo, server: MailServer | None, command: str) -> Iterator[Line]:
    word, style = _STATES[delivery.state]
    mail, reply = delivery.mail, delivery.last_reply
    yield Line(f"{delivery.id}. {wording.clean(mail.subject)}", lead=word.ljust(_LEAD), lead_style=style)
    written = f"To {wording.clean(delivery.recipient)}, written {_time(mail.composed_at, zone)}"
    yield Line(f"{written}{_how_it_stands(delivery, zone)}.", indent=_LEAD)
    if delivery.may_be_double:
        yield Line(_DOUBTS.get(delivery.state, _DOUBT), indent=_LEAD)
    if reply is None or delivery.state is DeliveryState.SENT:
        return
    if server is not None:
        fate = Fate.GIVEN_UP if delivery.state is DeliveryState.FAILED else Fate.WAITS
        meaning = meaning_of(reply, server, sender=mail.sender, fate=fate, command=command)
        yield Line(wording.clean(f"{meaning.what} {meaning.do}"), indent=_LEAD)
    if said := said_of(reply):
        yield Line(said, lead="It said: " if reply.code is not None else "Why: ", indent=_LEAD)


def _how_it_stands(delivery: Delivery, zone: tzinfo) -> str:
    tries = "" if delivery.attempts == 0 else f", tried {_times(delivery.attempts)}"
    if delivery.state is DeliveryState.WAITING:
        return f"{tries}, to be tried {_time(delivery.next_try_at, zone)}"
    if delivery.state is DeliveryState.SENDING:
        return f"{tries}; if the program was ended meanwhile, it goes again {_time(delivery.next_try_at, zone)}"
    settled = "" if delivery.settled_at is None else f" {_time(delivery.settled_at, zone)}"
    return f", {'sent' if delivery.state is DeliveryState.SENT else 'given up'}{settled}{tries}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _time(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def outbox_json(found: Sequence[Delivery]) -> str:
    """The same for programs; times in UTC, without the mails' own text."""
    document = {"schema": SCHEMA, "deliveries": [_as_json(each) for each in found]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _as_json(delivery: Delivery) -> dict[str, object]:
    mail, reply = delivery.mail, delivery.last_reply
    return {
        "id": delivery.id,
        "kind": mail.kind.value,
        "site": mail.site,
        "subject": mail.subject,
        "message_id": mail.message_id,
        "recipient": delivery.recipient,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "composed_at": _utc(mail.composed_at),
        "next_try_at": _utc(delivery.next_try_at) if delivery.state is DeliveryState.WAITING else None,
        "settled_at": _utc(delivery.settled_at),
        "may_be_double": delivery.may_be_double,
        "reply": None
        if reply is None
        else {"outcome": reply.outcome.value, "code": reply.code, "stage": reply.stage, "text": said_of(reply)},
    }


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="seconds")
