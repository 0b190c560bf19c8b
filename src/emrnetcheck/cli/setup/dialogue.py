"""How are the answers come by: asked for at a terminal, or taken from the command line?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from emrnetcheck.cli.setup.answers import default_of, shown, suggestion, understood
from emrnetcheck.cli.setup.mail_answers import check_together, follows
from emrnetcheck.cli.setup.mail_questions import MAIL_FROM, MAIL_QUESTIONS, SMTP_HOST, SMTP_USER
from emrnetcheck.cli.setup.question import Kind, Question
from emrnetcheck.cli.setup.questions import HOSTNAME, PATH, PORT, QUESTIONS
from emrnetcheck.cli.setup.talk import Talk
from emrnetcheck.cli.setup.trying import Trial
from emrnetcheck.cli.setup.words import beforehand
from emrnetcheck.config import ConfigError
from emrnetcheck.config.writing import Key, Value
from emrnetcheck.model import Site

_EXPLAIN, _BACK = "?", "<"
_FORMS = {Kind.YES_NO: "y or n "}
_NOTHING_YET: tuple[Value | None, ...] = (None, [])
_NEEDED_IN_ANY_FILE = (HOSTNAME, *(question.key for question in MAIL_QUESTIONS))
_BY_THE_SENDER = (SMTP_HOST, SMTP_USER)


class NotAnswered(Exception):
    """Answers that are needed or wrong, a line each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(slots=True)
class Dialogue:
    """before: what the file says already; wrong: what of that cannot be used; given: what the command line says.

    site: the settings as they are. is_new: there is no file yet.
    """

    talk: Talk
    trial: Trial
    site: Site
    before: Mapping[Key, Value]
    wrong: Mapping[Key, str]
    given: Mapping[Key, Value | None]
    is_new: bool
    answers: dict[Key, Value | None] = field(default_factory=dict)

    def ask_all(self) -> dict[Key, Value | None]:
        """Question after question; "<" goes back to the one that was asked before."""
        asked: list[int] = []
        at = 0
        while at < len(QUESTIONS):
            question = QUESTIONS[at]
            if not question.wanted(self.answers):
                self.answers.pop(question.key, None)
                self._say_unused(question)
            elif question.key in self.given and self._fits(question):
                self._take(question)
            elif question.key not in self.given and self._follows(question):
                pass
            elif self._ask(question, is_first=not asked):
                asked.append(at)
            else:
                at = asked.pop()
                continue
            at += 1
        return {question.key: self.answers[question.key] for question in QUESTIONS if question.key in self.answers}

    def _take(self, question: Question) -> None:
        value = self.given[question.key]
        self.answers[question.key] = value
        self.talk.say()
        self.talk.say(f"{question.ask} {self._meaning(question, value)} (by {question.flag})")
        self._try(question.key)

    def _fits(self, question: Question) -> bool:
        try:
            check_together(question.key, self.given[question.key], self.answers)
        except ConfigError as error:
            self.talk.say()
            self.talk.say(f"{question.flag} cannot be used: {error}.")
            return False
        return True

    def _follows(self, question: Question) -> bool:
        """Whether other answers say it, so that it is not asked."""
        value = follows(question.key, self.answers, self.before)
        if value is None:
            return False
        self.answers[question.key] = value
        return True

    def _say_unused(self, question: Question) -> None:
        if question.key in self.given:
            self.talk.say(f"{question.flag} is left aside: {question.unused}.")

    def _meaning(self, question: Question, value: Value | None) -> str:
        return dict(question.choices).get(str(value)) or shown(question, value)

    def _ask(self, question: Question, *, is_first: bool) -> bool:
        """False: back to the one before."""
        self._introduce(question)
        suggested = self.answers.get(question.key, suggestion(question, self.answers, self.before, self.trial.around))
        doubted = False
        while True:
            typed = self.talk.line(_prompt(question, suggested))
            if typed == _BACK and not is_first:
                return False
            if typed in (_EXPLAIN, _BACK):
                self.talk.say(question.explain if typed == _EXPLAIN else "This is the first question.", indent="  ")
                continue
            if not typed and _is_missing(question, suggested):
                self.talk.say("This needs an answer: type one, or < to go back.", indent="  ")
                continue
            try:
                value = understood(question, typed) if typed else suggested
                check_together(question.key, value, self.answers)
            except ConfigError as error:
                self.talk.say(f"That cannot be used: {error}.", indent="  ")
                continue
            self._keep(question.key, value)
            if doubted and value == suggested:  # said twice
                return True
            doubted = self._try(question.key)
            if not doubted or not typed:
                return True
            self.talk.say("Enter keeps this answer; or type another one.", indent="  ")
            suggested = value

    def _keep(self, key: Key, value: Value | None) -> None:
        if key == MAIL_FROM and self.answers.get(key) != value:
            for other in _BY_THE_SENDER:  # else those of another mailbox would be suggested
                self.answers.pop(other, None)
        self.answers[key] = value

    def _introduce(self, question: Question) -> None:
        self.talk.say()
        for line in beforehand(question.key, self.site, self.trial.around, self.answers):
            self.talk.say(line)
        if question.key in self.wrong:
            self.talk.say(f"The file's answer cannot be used: {self.wrong[question.key]}.")
        self.talk.say(question.ask)
        for number, (_, text) in enumerate(question.choices, 1):
            self.talk.say(text, indent=f"  {number}  ")

    def _try(self, key: Key) -> bool:
        """Whether what was seen leaves the answer in doubt."""
        if self.trial.asks_somebody(key, self.answers):
            self.talk.say("Trying it ...", indent="  ")
        told = self.trial.of(key, self.answers)
        if told is None:
            return False
        self.talk.say(told.text, indent="  ! " if told.doubtful else "  ")
        return told.doubtful

    def take_all(self) -> dict[Key, Value | None]:
        """What the command line and the file say; nothing is guessed. Raises NotAnswered where one is missing."""
        missing = []
        left_out = []
        for question in QUESTIONS:
            key = question.key
            if not question.wanted(self.answers):
                self._say_unused(question)
                continue
            if key in self.given:
                self.answers[key] = self.given[key]
            elif self._follows(question) or self._is_by_the_sender(question):
                pass
            elif key in self.before:
                self.answers[key] = self.before[key]
            elif key in self.wrong:
                missing.append(f"{question.flag}: {question.name}. The file's answer: {self.wrong[key]}.")
            elif question.needed(self.answers) and (self.is_new or key in _NEEDED_IN_ANY_FILE):
                missing.append(f"{question.flag} {example(question)}: {question.name}.")
            else:
                left_out.append(f"{question.flag}: {question.left_out}" if question.left_out else "")
        if missing:
            raise NotAnswered(missing)
        self._say_what_was_taken([line for line in left_out if line])
        return dict(self.answers)

    def _is_by_the_sender(self, question: Question) -> bool:
        """Whether the address that mails come from says it."""
        if question.key not in _BY_THE_SENDER or question.key in self.wrong:
            return False
        value = suggestion(question, self.answers, self.before, self.trial.around)
        if value is None:
            return False
        self.answers[question.key] = value
        return True

    def _say_what_was_taken(self, left_out: list[str]) -> None:
        trying = {key: default_of(key, self.answers) for key in (each.key for each in QUESTIONS)} | self.answers
        for question in (each for each in QUESTIONS if each.wanted(self.answers)):
            is_tried = question.key in (*self.answers, PORT, PATH)  # those two have a value even where nobody tells
            told = self.trial.of(question.key, trying) if is_tried else None
            if told is not None:
                self.talk.say(f"{question.flag}: {told.text}", indent="! " if told.doubtful else "  ")
        if self.is_new:
            for line in left_out:
                self.talk.say(f"{line} (not given).", indent="  ")


def _is_missing(question: Question, suggested: Value | None) -> bool:
    return suggested in _NOTHING_YET and not question.nothing


def _prompt(question: Question, suggested: Value | None) -> str:
    if _is_missing(question, suggested):
        return "Your answer:"
    return f"{_FORMS.get(question.kind, '')}[{shown(question, suggested)}]:"


def example(question: Question) -> str:
    """What a flag takes, as help texts have it."""
    if question.kind is Kind.CHOICE:
        return "|".join(value for value, _ in question.choices)
    if question.kind is Kind.CHOICE_OR_TEXT:
        return "NAME"
    form = "NUMBER" if question.kind is Kind.NUMBER else "TEXT"
    return f"{form}|{question.nothing}" if question.nothing else form
