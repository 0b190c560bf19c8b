"""Does the page about mail say what the program does?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emrnetcheck.config import load
from emrnetcheck.mailing import PROVIDERS, Provider
from emrnetcheck.mailing.meaning import RULES
from emrnetcheck.model.mail import DeliveryState
from emrnetcheck.reports.posting import _STATES
from emrnetcheck.store import retrying

PAGE = (Path(__file__).parent.parent / "docs" / "mail.md").read_text(encoding="utf-8")


def test_the_table_of_providers_is_the_programs() -> None:
    rows = re.findall(r"^\| ([^|]+) \| `(\S+)` \| (\d+) \| `(\w+)` \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert rows == [(each.name, each.host, str(each.port), each.security.value, each.password) for each in PROVIDERS]
    for each in PROVIDERS:
        assert f"- **{each.name}**: {each.how}" in PAGE


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda each: each.id)
def test_what_it_says_of_a_provider_is_accepted_in_the_settings(provider: Provider, tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text(
        f'[email]\nhost = "{provider.host}"\nport = {provider.port}\nsecurity = "{provider.security}"\n'
        'username = "a@example.org"\nsender = "a@example.org"\nto = ["b@example.org"]\n'
    )
    mail = load(file).mail
    assert mail is not None
    assert (mail.server.host, mail.server.port) == (provider.host, provider.port)


def test_the_settings_on_the_page_are_accepted(tmp_path: Path) -> None:
    (shown,) = re.findall(r"((?:^ {8}\S.*\n)+)", PAGE[: PAGE.index("2. Put the password")], re.MULTILINE)
    file = tmp_path / "clinic.toml"
    file.write_text("\n".join(line[8:] for line in shown.splitlines()))
    assert load(file).mail is not None


def test_the_states_and_times_are_the_programs() -> None:
    rows = re.findall(r"^\| ([A-Z ]+) \|", PAGE, re.MULTILINE)
    assert rows == [_STATES[state][0] for state in DeliveryState]
    assert retrying.FIRST_PAUSE.total_seconds() == 5 * 60
    assert retrying.LONGEST_PAUSE.total_seconds() == 4 * 3600
    assert retrying.GIVEN_UP_AFTER.days == 14
    assert retrying.KILLED_AFTER.total_seconds() == 15 * 60


def test_the_words_to_look_for_are_those_that_are_said() -> None:
    said = " ".join(rule.what.replace("{host}", "it").replace("{port}", "...") for rule in RULES)
    part = PAGE[PAGE.index("## When it does not work") :]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", part, re.MULTILINE)[2:]
    assert len(rows) > 5
    for row in rows:
        words = row.removesuffix(" ...").replace("{sender}", "")
        assert words.lower() in said.lower().replace("the domain of {sender}", "the domain"), row
