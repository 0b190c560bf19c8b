"""Whatever [email] says: setup with Enter alone keeps it, and what setup writes it understands again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from emrnetcheck.cli.setup.answers import changes, in_file, present_answers, without_answers
from emrnetcheck.cli.setup.dialogue import Dialogue
from emrnetcheck.cli.setup.mail_questions import MAIL
from emrnetcheck.cli.setup.question import Answers
from emrnetcheck.cli.setup.talk import Talk
from emrnetcheck.cli.setup.trying import Told, Trial
from emrnetcheck.cli.setup.words import mail_steps
from emrnetcheck.config import ConfigError
from emrnetcheck.config.loading import site_of
from emrnetcheck.config.writing import Key, Value, fresh, merged
from emrnetcheck.probes.surroundings import Surroundings

FILE = Path("clinic.toml")
ADDRESSES = ("doctor@elm.example", "office@gmail.com", "office@icloud.com", "office@hotmail.com")
HOSTS = ("smtp.gmail.com", "smtp.mail.yahoo.com", "mail.elm.example", "localhost", "127.0.0.1")
SECTION = st.fixed_dictionaries(
    {
        "host": st.sampled_from(HOSTS),
        "sender": st.sampled_from(ADDRESSES),
        "to": st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3, unique=True),
    },
    optional={
        "port": st.sampled_from([25, 465, 587, 2525]),
        "security": st.sampled_from(["tls", "starttls", "none"]),
        "username": st.sampled_from(["me", *ADDRESSES]),
        "password_source": st.sampled_from(["keyring", "env:SECRET", "file:secret"]),
        "auth": st.sampled_from(["password", "xoauth2"]),
        "helo": st.just("pc.elm.example"),
        "show_addresses": st.booleans(),
    },
)
LEAST: Mapping[str, object] = {"host": "mail.elm.example", "sender": ADDRESSES[0], "to": [ADDRESSES[1]]}
REST: Mapping[str, object] = {"emr": {"access": "lan_only"}}


@dataclass(frozen=True, slots=True)
class Silent(Talk):
    """Somebody who types these lines, then presses Enter alone."""

    lines: list[str] = field(default_factory=list)

    def line(self, _prompt: str) -> str:
        return self.lines.pop(0) if self.lines else ""

    def _put(self, _text: str) -> None:
        pass


class OfMail(Trial):
    """Tries nothing but what is about mail, which asks nobody."""

    def of(self, key: Key, answers: Answers) -> Told | None:
        return super().of(key, answers) if key[0] in ("", "email") else None

    def asks_somebody(self, _key: Key, _answers: Answers) -> bool:
        return False


def asked(raw: Mapping[str, object], *lines: str, asks: bool = True) -> dict[Key, Value | None]:
    """What changes in a file that says this."""
    before, wrong = present_answers(raw)
    site = site_of(without_answers(raw), FILE)
    trial = OfMail(Surroundings(address="192.168.1.30"), site, offline=True)
    talk = Silent(plain=True, lines=[*([""] * 8), *lines] if lines else [])
    dialogue = Dialogue(talk, trial, site, before, wrong, {}, is_new=not raw)
    answers = dialogue.ask_all() if asks else dialogue.take_all()
    return changes(answers, raw, before, wrong)


def is_valid(raw: dict[str, object]) -> bool:
    try:
        site_of(raw, FILE)
    except ConfigError:
        return False
    return True


@settings(max_examples=40, deadline=None)
@given(section=SECTION, asks=st.booleans())
@example(section={**LEAST, "security": "tls"}, asks=False)
@example(section={**LEAST, "host": "localhost", "port": 25}, asks=True)
@example(section={**LEAST, "host": "smtp.gmail.com", "port": 465, "security": "tls"}, asks=True)
def test_enter_alone_changes_nothing(section: dict[str, object], *, asks: bool) -> None:
    raw = {**REST, "email": section}
    if is_valid(raw):
        assert asked(raw, asks=asks) == {}


TYPED = st.tuples(
    st.sampled_from(["doctor@elm.example", ", ".join(ADDRESSES)]),
    st.sampled_from(ADDRESSES),
    st.sampled_from(["1", "3", *HOSTS]),
)


@settings(max_examples=40, deadline=None)
@given(SECTION, TYPED)
def test_whatever_is_answered_the_file_is_whole_and_understood_again(
    section: dict[str, object], typed: tuple[str, ...]
) -> None:
    """Whatever server it was before, and whatever it is now."""
    raw = {**REST, "email": section}
    if not is_valid(raw):
        return
    text = fresh({(name, key): value for name, table in raw.items() for key, value in table.items()}, {})  # type: ignore[attr-defined]
    new = tomllib.loads(merged(text, asked(raw, "y", *typed), {}))
    assert site_of(new, FILE).mail is not None
    assert asked(new) == {}


@settings(max_examples=25, deadline=None)
@given(SECTION)
def test_no_takes_all_of_it_out(section: dict[str, object]) -> None:
    raw = {**REST, "email": section}
    if is_valid(raw):
        assert asked(raw, "n") == {("email", key): None for key in section}


def test_whether_mail_is_wanted_is_no_key_of_the_file() -> None:
    assert in_file({MAIL: True, ("site", "name"): "Elm"}) == {("site", "name"): "Elm"}


def steps(section: Mapping[str, object], *changed: Key) -> list[str]:
    mail = site_of({"email": dict(section)}, FILE).mail
    assert mail is not None
    return [words for words, _ in mail_steps(mail, changed)]


def test_the_password_is_asked_for_where_it_is_a_new_one() -> None:
    section = {"host": "m.elm.example", "sender": "a@elm.example", "to": ["b@elm.example"], "username": "me"}
    rest = ["email test", "schedule install"]
    assert steps(section, ("email", "host")) == ["email password", *rest]
    assert steps(section, ("email", "username")) == ["email password", *rest]
    assert steps(section, ("email", "to")) == rest
    assert steps(section | {"password_source": "env:SECRET"}, ("email", "host")) == rest
    del section["username"]
    assert steps(section, ("email", "host")) == rest
