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
    for heading in ("Why it matters:", "What to do:", "Who can mend it:", "How:", "  1. ", "  Then: ", "Limits used"):
        assert heading in out
    assert "<hostname>" in out


def test_a_code_that_nobody_has_to_mend_says_why(call: Call) -> None:
    assert "No recipe:" in call("explain", "router.silent").out


@pytest.mark.parametrize("code", ["port.not_forwarded", "emr.slow", "segment.path"])
def test_an_explanation_fits_80_columns(call: Call, code: str) -> None:
    assert max(map(len, call("explain", code).out.splitlines())) <= 79


def test_a_misspelt_code_gets_the_nearest(call: Call) -> None:
    ended = call("explain", "ddns.stael")
    assert ended.status == 2
    assert ended.out == ""
    assert ended.err.startswith("There is no code ddns.stael. Did you mean ddns.stale")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize("word", ["DDNS.STALE", "Ddns.Stale", " ddns.stale "])
def test_a_code_is_found_however_it_is_written(call: Call, word: str) -> None:
    assert call("explain", word).out == call("explain", "ddns.stale").out


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("UPLOAD.MARGINL", "Did you mean upload.marginal?"),
        ("swich.slow", "Did you mean switch.slow"),
        ("router.slo", "Did you mean router.slow"),
        ("upload.low", "Those of upload are upload.marginal, upload.below_recommended, upload.near_recommended, "),
        ("upload.slow", "Those of upload are upload.marginal, "),
    ],
)
def test_what_is_suggested_is_of_the_same_check_or_near_and_no_good_news(call: Call, word: str, hint: str) -> None:
    err = call("explain", word).err
    assert err.startswith(f"There is no code {word}. {hint}")
    assert ".ok" not in err


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
