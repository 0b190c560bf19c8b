"""emrnetcheck explain: every code, without a measurement and without the network."""

from __future__ import annotations

import pytest

from emrnetcheck.checks import ALL
from tests.cli.conftest import Call

EVERY_CODE = [name for check in ALL for name in check.codes]


@pytest.mark.parametrize("code", EVERY_CODE)
def test_every_code_is_explained(call: Call, code: str) -> None:
    ended = call("explain", code)
    assert ended.status == 0
    assert ended.err == ""
    assert ended.out.startswith(f"{code} (")
    assert "What it says:" in ended.out
    assert "{" not in ended.out
    assert "None" not in ended.out.replace("None of", "")


def test_a_failure_says_why_what_and_who(call: Call) -> None:
    out = call("explain", "ddns.stale").out
    for heading in ("Why it matters:", "What to do:", "Who can mend it:", "Limits used:"):
        assert heading in out
    assert "<hostname>" in out


def test_a_misspelt_code_gets_the_nearest(call: Call) -> None:
    ended = call("explain", "ddns.stael")
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("There is no code ddns.stael. Did you mean ddns.stale")
    assert ended.err.count("\n") == 1


def test_a_code_unlike_any_gets_the_list(call: Call) -> None:
    ended = call("explain", "12345")
    assert ended.status == 2
    assert "`emrnetcheck checks` lists them all" in ended.err


def test_without_a_code_it_is_a_usage_error(call: Call) -> None:
    assert call("explain").status == 2


@pytest.mark.parametrize(
    ("word", "code"), [("badauth", "ddns.badauth"), ("!yours", "ddns.not_yours"), ("911", "ddns.911")]
)
def test_what_a_ddns_provider_answers_is_explained_too(call: Call, word: str, code: str) -> None:
    ended = call("explain", word)
    assert ended.status == 0
    assert ended.out.startswith(f"{code} (")
    assert "What to do:" in ended.out
