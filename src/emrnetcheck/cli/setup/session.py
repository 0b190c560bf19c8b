"""One `setup`, from the file that is there to the file that is written, or not."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import typer

from emrnetcheck.cli.setup.answers import changes, in_file, present_answers, understood, without_answers
from emrnetcheck.cli.setup.dialogue import Dialogue, NotAnswered
from emrnetcheck.cli.setup.mail_questions import MAIL, MAIL_QUESTIONS
from emrnetcheck.cli.setup.question import Answers
from emrnetcheck.cli.setup.questions import QUESTIONS
from emrnetcheck.cli.setup.talk import Talk, can_ask, safe_lines
from emrnetcheck.cli.setup.trying import Trial
from emrnetcheck.cli.setup.words import found_out, greeting, mail_steps
from emrnetcheck.config import ConfigError
from emrnetcheck.config.loading import read, site_of, tables
from emrnetcheck.config.saving import Place, place_to_write, put
from emrnetcheck.config.writing import Key, NotFaithful, Value, fresh, literal, merged
from emrnetcheck.model import Site

Given: TypeAlias = Mapping[str, str | None]
"""By option: what it says, as typed."""

_PASSWORD = re.compile(r"(://[^\s/@:]*):[^\s/@]*@")
_SECTIONS = ("site", "emr", "upload", "lan", "outside", "email")
_COMMENTS: Mapping[Key, str] = {question.key: question.comment for question in QUESTIONS}


class Refused(Exception):
    """It ends here, with these lines."""

    def __init__(self, *lines: str) -> None:
        super().__init__(*lines)
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the options say about the session itself."""

    config: Path | None
    no_input: bool = False
    yes: bool = False
    dry_run: bool = False
    offline: bool = False


@dataclass(slots=True)
class Session:
    """One session. wanted: the text that is being written."""

    talk: Talk
    wishes: Wishes
    place: Place | None = None
    wanted: str | None = field(default=None)

    def run(self, given: Given) -> None:
        """Raises Refused, NoInput."""
        if not self.wishes.no_input and not can_ask(sys.stdin, sys.stderr):
            raise Refused(
                "setup asks questions, and there is no terminal to answer them at. Run it in a terminal, or give the "
                "answers as options with --no-input: `emrnetcheck setup --help` lists them."
            )
        answered = _given(given)
        try:
            self.place = place = place_to_write(self.wishes.config)
            raw = {} if place.text is None else tables(place.text, place.file)
            site = site_of(without_answers(raw), place.file)
        except ConfigError as error:
            raise Refused(str(error), "Mend that first. Nothing was written.") from error
        before, wrong = present_answers(raw)
        answers = self._answers(answered, site, before, wrong)
        changed = changes(answers, raw, before, wrong)
        if place.text is not None and not changed:
            self.talk.say()
            self.talk.say(f"Nothing has changed: {place.file} stays as it is.")
            if self.wishes.dry_run:
                _print(place.text)
            return
        self._finish(place, self._text(place, answers, changed), changed)

    def _answers(
        self, given: Mapping[Key, Value | None], site: Site, before: Mapping[Key, Value], wrong: Mapping[Key, str]
    ) -> dict[Key, Value | None]:
        from emrnetcheck.probes.surroundings import look_around

        assert self.place is not None
        is_new = self.place.text is None
        if not self.wishes.no_input:
            self.talk.say("This asks a few questions about the clinic, and writes the settings file:")
            self.talk.show(f"  {self.place.file}")
            for line in greeting(is_new=is_new):
                self.talk.say(line)
            self.talk.say()
            self.talk.say("Looking around ...")
        around = look_around()
        trial = Trial(around, site, self.wishes.offline, mails=MAIL in before)
        dialogue = Dialogue(self.talk, trial, site, before, wrong, given, is_new=is_new)
        if self.wishes.no_input:
            try:
                return dialogue.take_all()
            except NotAnswered as error:
                raise Refused(
                    "With --no-input these answers are missing:",
                    *(f"  {line}" for line in error.lines),
                    "Nothing was written.",
                ) from error
        for line in found_out(around):
            self.talk.say(line, indent="  ")
        return dialogue.ask_all()

    def _text(self, place: Place, answers: Answers, changed: Mapping[Key, Value | None]) -> str:
        if place.text is None:
            in_order = sorted(in_file(answers).items(), key=lambda item: _SECTIONS.index(item[0][0]))
            told = {key: value for key, value in in_order if value is not None}
            return fresh({key: value for key, value in told.items() if value != [] or key in changed}, _COMMENTS)
        try:
            return merged(place.text, changed, _COMMENTS)
        except NotFaithful as error:
            raise Refused(
                f"{place.file} cannot be changed by this command: {error}. Nothing was written. Change it by hand:",
                *(f"  {line}" for line in by_hand(changed)),
            ) from error

    def _finish(self, place: Place, text: str, changed: Mapping[Key, Value | None]) -> None:
        """Shown, agreed to, written."""
        try:
            meant = site_of(tables(text, place.file), place.file)
        except ConfigError as error:
            raise Refused(str(error), "Nothing was written.") from error
        self._show(place, text)
        if self.wishes.dry_run:
            _print(text)
            return
        if not self._is_agreed(place):
            self.talk.say("Nothing was written.")
            return
        self.wanted = text
        try:
            put(place, text, meant)
        except ConfigError as error:
            raise Refused(str(error)) from error
        self._say_what_is_next(place, meant, changed)

    def _show(self, place: Place, text: str) -> None:
        self.talk.say()
        if place.text is not None:
            self.talk.say(f"What changes in {place.file}:")
            self.talk.say()
            self.talk.show(difference(place, text))
        elif not self.wishes.no_input and not self.wishes.dry_run:
            self.talk.say(f"This is {place.file}:")
            self.talk.say()
            self.talk.show(text)
        else:
            return
        self.talk.say()

    def _is_agreed(self, place: Place) -> bool:
        if self.wishes.yes or (self.wishes.no_input and place.text is None):
            return True
        if self.wishes.no_input:
            raise Refused("The file says something else already. Nothing was written: add --yes to have it changed.")
        return self.talk.agreed("Write these changes?" if place.text is not None else "Write this file?")

    def _say_what_is_next(self, place: Place, meant: Site, changed: Mapping[Key, Value | None]) -> None:
        command = os.environ.get("EMRNETCHECK_COMMAND") or "emrnetcheck"
        own = "" if self.wishes.config is None else f" --config {shlex.quote(str(self.wishes.config))}"
        # Not folded: they are for copying.
        self.talk.show(f"Written: {place.file}")
        if meant.mail is not None and any(section == "email" for section, _ in changed):
            self.talk.say()
            self.talk.show("For the mails, do these in this order:")
            for number, (words, what) in enumerate(mail_steps(meant.mail, changed), 1):
                self.talk.show(f"  {number}. {command} {words}{own}")
                self.talk.say(what, indent="     ")
            self.talk.say()
        self.talk.show(f"Now run the check: {command}{own}")

    def is_written(self) -> bool:
        """Whether the file has come to say what was wanted."""
        if self.place is None or self.wanted is None:
            return False
        try:
            return read(self.place.file) == self.wanted
        except ConfigError:
            return False


def _given(given: Given) -> dict[Key, Value | None]:
    """The options' answers, judged. Raises Refused with every one that is wrong."""
    found: dict[Key, Value | None] = {}
    wrong = []
    for question in QUESTIONS:
        typed = given.get(question.flag)
        if typed is not None:
            try:
                found[question.key] = understood(question, typed)
            except ConfigError as error:
                wrong.append(f"{question.flag}: {error}.")
    if wrong:
        raise Refused(*wrong, "Nothing was written.")
    if MAIL not in found and any(question.key in found for question in MAIL_QUESTIONS):
        found[MAIL] = True
    return found


def difference(place: Place, text: str) -> str:
    """As a unified diff. A database's password, which an address can hold, is not shown: this may go into a log."""
    import difflib

    old, new = (_PASSWORD.sub(r"\1:...@", safe_lines(each)).splitlines() for each in (place.text or "", text))
    return "\n".join(
        difflib.unified_diff(old, new, f"{place.file.name} (now)", f"{place.file.name} (new)", lineterm="")
    )


def by_hand(changed: Mapping[Key, Value | None]) -> list[str]:
    """What somebody has to write into the file, as one line each."""
    return [
        f"[{section}] {key}: take this line out" if value is None else f"[{section}] {key} = {literal(value)}"
        for (section, key), value in changed.items()
    ]


def _print(text: str) -> None:
    """The file itself on standard output, in UTF-8; what a terminal would obey only where it is no terminal."""
    typer.echo((safe_lines(text) if sys.stdout.isatty() else text).encode("utf-8"), nl=False)
