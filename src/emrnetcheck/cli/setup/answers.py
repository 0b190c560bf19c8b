"""What does a typed answer mean, what is the present answer, and what has to change in the file? Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from emrnetcheck.cli.setup.mail_answers import mail_suggestion, taken_back, usual_port
from emrnetcheck.cli.setup.mail_questions import MAIL, SMTP_PORT
from emrnetcheck.cli.setup.question import Answers, Kind, Question
from emrnetcheck.cli.setup.questions import HOSTNAME, LAN_ADDRESS, PATH, PORT, PROFILE, QUESTIONS
from emrnetcheck.config import ConfigError
from emrnetcheck.config.answers import valid
from emrnetcheck.config.writing import Key, Value
from emrnetcheck.probes.surroundings import Surroundings
from emrnetcheck.profiles import PROFILES

_STAND_INS: Mapping[str, Value] = {
    "host": "localhost",
    "sender": "office@example.org",
    "to": ["office@example.org"],
    "username": "office",
}
_YES_NO: Mapping[str, bool] = {"y": True, "yes": True, "true": True, "n": False, "no": False, "false": False}


def understood(question: Question, typed: str) -> Value | None:
    """The answer as the file has it, None where the key is to be left out. Raises ConfigError: what it must be."""
    text = typed.strip()
    if question.nothing and text.lower() == question.nothing:
        return question.nothing_is
    value: Value = text
    if question.kind is Kind.CHOICE or (question.kind is Kind.CHOICE_OR_TEXT and text.isdecimal()):
        value = _chosen(question, text)
    elif question.kind is Kind.YES_NO:
        if text.lower() not in _YES_NO:
            raise ConfigError("must be y for yes or n for no")
        value = _YES_NO[text.lower()]
    elif question.kind is Kind.NUMBER and text.isascii() and text.isdigit() and len(text) < len("1000000000"):
        value = int(text)
    elif question.kind is Kind.NUMBER:
        raise ConfigError("must be a whole number such as 4")
    elif question.kind is Kind.LIST:
        value = list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
        if not value:
            nothing = f', or "{question.nothing}"' if question.nothing else ""
            raise ConfigError(f"must be one or more, with commas between{nothing}")
    if question.key != MAIL:
        value = cast("Value", valid(*question.key, value))
    if not text.isprintable():
        raise ConfigError(f"{json.dumps(text)}: must be without control characters")
    return value


def _chosen(question: Question, text: str) -> str:
    values = [value for value, _ in question.choices]
    if text.isascii() and text.isdigit() and 0 < int(text[:3]) <= len(values):
        return values[int(text[:3]) - 1]
    if text.lower() in values:
        return text.lower()
    others = "the name of a mail server" if question.kind is Kind.CHOICE_OR_TEXT else f"one of {', '.join(values)}"
    raise ConfigError(f"must be a number from 1 to {len(values)}, or {others}")


def shown(question: Question, value: Value | None) -> str:
    """An answer as one would type it."""
    if question.nothing and value == question.nothing_is:
        return question.nothing
    values = [each for each, _ in question.choices]
    if question.kind is Kind.CHOICE or value in values:
        return str(1 + values.index(str(value)))
    if isinstance(value, bool):
        return "y" if value else "n"
    return ", ".join(value) if isinstance(value, list) else str(value)


def present_answers(raw: Mapping[str, object]) -> tuple[dict[Key, Value], dict[Key, str]]:
    """What the file answers already; and what is wrong where its answer cannot be used."""
    found: dict[Key, Value] = {}
    wrong: dict[Key, str] = {}
    for section, key in (question.key for question in QUESTIONS):
        table = raw.get(section)
        if isinstance(table, Mapping) and key in table:
            try:
                found[section, key] = cast("Value", valid(section, key, table[key]))
            except ConfigError as error:
                wrong[section, key] = str(error)
    if raw.get("email"):
        found[MAIL] = True
    return found, wrong


def without_answers(raw: Mapping[str, object]) -> dict[str, object]:
    """What the file says beside the answers."""
    asked = {question.key for question in QUESTIONS}
    found = {
        section: {key: value for key, value in table.items() if (section, key) not in asked}
        if isinstance(table, Mapping)
        else table
        for section, table in raw.items()
    }
    mail = found.get("email")
    if mail and isinstance(mail, dict):  # it is a mistake alone, so it is judged beside answers that nobody gave
        found["email"] = {**mail, **_STAND_INS}
    return found


def default_of(key: Key, answers: Answers) -> Value | None:
    """What holds where the file says nothing."""
    from emrnetcheck.config.sections import Settings

    profile = PROFILES[str(answers.get(PROFILE) or "oscar")]
    if key == MAIL:
        return False
    if key == SMTP_PORT:
        return usual_port(answers)
    if key in (PORT, PATH):
        return profile.port if key == PORT else profile.path
    section, name = key
    return cast("Value | None", getattr(getattr(Settings(), section), name))


def suggestion(question: Question, answers: Answers, before: Answers, around: Surroundings) -> Value | None:
    """What Enter gives: the file's present answer, else what was found out, else what holds by itself."""
    of_mail = mail_suggestion(question.key, answers, before)
    if of_mail is not None:
        return of_mail.value
    if question.key in before:
        return before[question.key]
    if question.key == PROFILE and around.looks_like is not None:
        return around.looks_like
    if question.key == HOSTNAME and around.names:
        return around.names[0].name
    usual = default_of(question.key, answers)
    if question.key == PORT and answers.get(LAN_ADDRESS) is None and around.listening:
        return usual if usual in around.listening or len(around.listening) > 1 else around.listening[0]
    return usual


def changes(
    answers: Answers, raw: Mapping[str, object], before: Mapping[Key, Value], wrong: Mapping[Key, str]
) -> dict[Key, Value | None]:
    """What has to be written differently from what the file says, or from what holds where it says nothing."""
    found: dict[Key, Value | None] = {}
    for key, value in in_file(answers).items():
        if key in wrong or key in before:
            if key in wrong or value != before[key]:
                found[key] = value
        elif value is not None and value != default_of(key, answers):
            found[key] = value
    return found | taken_back(raw, answers)


def in_file(answers: Answers) -> dict[Key, Value | None]:
    """Without the answer that is no key of the file."""
    return {key: value for key, value in answers.items() if key != MAIL}
