"""How is the state of the alarms written down, and read again? JSON, without anything that is slow to load."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from emrnetcheck.alerting.state import AlertState, Away, Blip, Incident, Look, Watched, Words
from emrnetcheck.model.alerts import Posted, Trouble
from emrnetcheck.model.words import Contact, Severity, Urgency

SCHEMA = "emrnetcheck/alerts/1"
_Row = Mapping[str, Any]


def to_json(state: AlertState) -> str:
    """One line of text. Times are in ISO 8601, with their offset."""
    made = {
        "schema": SCHEMA,
        "checks": {check: _from_watched(each) for check, each in state.checks.items()},
        "mailed": [[fault, when.isoformat()] for fault, when in state.mailed],
        "closed": [_from_trouble(each) for each in state.closed],
        "homes": list(state.homes),
        "unproven": list(state.unproven),
        "away": None if state.away is None else [state.away.place, state.away.since.isoformat(), state.away.runs],
        "elsewhere": [[since.isoformat(), until.isoformat()] for since, until in state.elsewhere],
        "came_back": _text(state.came_back),
        "last_run": state.last_run,
        "last_at": _text(state.last_at),
    }
    return json.dumps(made, separators=(",", ":"), allow_nan=False)


def from_json(text: str | None) -> AlertState:
    """What `to_json` wrote; None: nothing is remembered yet. Raises ValueError where it is anything else: whoever asks
    decides whether to begin anew, which forgets what is open."""
    if text is None:
        return AlertState()
    try:
        data = json.loads(text)
        if data["schema"] != SCHEMA:
            raise ValueError(f"it is of another version: {str(data['schema'])[:60]!r}")
        return AlertState(
            checks={str(check): _watched(each) for check, each in data["checks"].items()},
            mailed=tuple((str(fault), _time(when)) for fault, when in data["mailed"]),
            closed=tuple(_trouble(each) for each in data["closed"]),
            homes=tuple(str(each) for each in data["homes"]),
            away=None if data["away"] is None else _away(*data["away"]),
            # Older states have none of these.
            unproven=tuple(str(each) for each in data.get("unproven", ())),
            elsewhere=tuple((_time(since), _time(until)) for since, until in data.get("elsewhere", ())),
            came_back=_perhaps(data.get("came_back")),
            last_run=data["last_run"],
            last_at=_perhaps(data["last_at"]),
        )
    except (KeyError, TypeError, AttributeError, IndexError, RecursionError, ValueError) as error:
        raise ValueError(f"The state of the alarms cannot be read: {type(error).__name__}: {error}"[:300]) from error


def _from_watched(watched: Watched) -> dict[str, Any]:
    return {
        "looks": [_from_look(each) for each in watched.looks],
        "incident": None if watched.incident is None else _from_incident(watched.incident),
        "blips": [[each.code, each.at.isoformat(), each.number] for each in watched.blips],
        "answered": watched.answered,
        "untold": watched.untold,
        "asked_at": _text(watched.asked_at),
        "accepted": list(watched.accepted),
    }


def _from_look(each: Look) -> list[Any]:
    return [each.at.isoformat(), each.code, each.sure, each.blip, each.many, list(each.follows)]


def _look(at: str, code: str | None, sure: object, blip: object, many: object, follows: Sequence[object] = ()) -> Look:
    # Older states tell nothing of what follows.
    return Look(_time(at), code, bool(sure), bool(blip), bool(many), tuple(str(each) for each in follows))


def _watched(data: _Row) -> Watched:
    return Watched(
        looks=tuple(_look(*each) for each in data["looks"]),
        incident=None if data["incident"] is None else _incident(data["incident"]),
        blips=tuple(Blip(str(code), _time(at), int(number)) for code, at, number in data["blips"]),
        answered=int(data["answered"]),
        untold=int(data["untold"]),
        asked_at=_perhaps(data.get("asked_at")),  # older states have none
        accepted=tuple(str(each) for each in data["accepted"]),
    )


def _from_incident(each: Incident) -> dict[str, Any]:
    return {
        "id": each.id,
        "first": _from_words(each.first),
        "now": _from_words(each.now),
        "since": each.since.isoformat(),
        "fine_at": _text(each.fine_at),
        "bad": each.bad,
        "seen": each.seen,
        "mailed": each.mailed,
        "mails": [[mail.at.isoformat(), mail.message_id] for mail in each.mails],
        "before": each.before,
        "many": each.many,
        "flapping": each.flapping,
    }


def _incident(data: _Row) -> Incident:
    return Incident(
        id=str(data["id"]),
        first=_words(data["first"]),
        now=_words(data["now"]),
        since=_time(data["since"]),
        fine_at=_perhaps(data["fine_at"]),
        bad=int(data["bad"]),
        seen=int(data["seen"]),
        mailed=bool(data["mailed"]),
        # Older states have none.
        mails=tuple(Posted(_time(at), str(message_id)) for at, message_id in data.get("mails", ())),
        before=data["before"],
        many=bool(data["many"]),
        flapping=bool(data["flapping"]),
    )


def _from_words(words: Words) -> list[Any]:
    return [
        words.code,
        words.severity,
        words.summary,
        words.advice,
        words.contact,
        words.say,
        words.when,
        list(words.follows),
    ]


def _words(data: list[Any]) -> Words:
    code, severity, summary, advice, contact, say, when, follows = data
    return Words(
        code=str(code),
        severity=Severity(severity),
        summary=str(summary),
        advice=str(advice),
        contact=None if contact is None else Contact(contact),
        say=str(say),
        when=None if when is None else Urgency(when),
        follows=tuple(str(each) for each in follows),
    )


def _from_trouble(each: Trouble) -> list[Any]:
    return [
        each.incident_id,
        each.check,
        each.code,
        each.severity,
        each.summary,
        each.since.isoformat(),
        _text(each.until),
        each.mailed,
        each.accepted,
    ]


def _trouble(data: list[Any]) -> Trouble:
    incident_id, check, code, severity, summary, since, until, mailed, accepted = data
    return Trouble(
        str(incident_id),
        str(check),
        str(code),
        Severity(severity),
        str(summary),
        _time(since),
        _perhaps(until),
        bool(mailed),
        bool(accepted),
    )


def _away(place: str | None, since: str, runs: int) -> Away:
    return Away(None if place is None else str(place), _time(since), int(runs))


def _text(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat()


def _perhaps(text: str | None) -> datetime | None:
    return None if text is None else _time(text)


def _time(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.tzinfo is None:
        raise ValueError(f"a time without a zone: {text[:40]!r}")
    return when
