"""Every finding code is listed, sayable, told what to do about, and met in a check's table."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest

import emrnetcheck.checks
from emrnetcheck.checks import ALL, CLIENT, EVERY, code_named
from emrnetcheck.evidence import EVIDENCE_NAMES, Case
from emrnetcheck.model import Check, Code, Contact, Severity, Urgency
from tests.checks.builders import Row, holes, judged

LONGEST_SENTENCE_WORDS = 25
CODES = [(check, name, code) for check in EVERY for name, code in check.codes.items()]
EVERY_CODE = {name for _check, name, _code in CODES}
CALLED = (Contact.ISP, Contact.ROUTER, Contact.DNS_PROVIDER, Contact.EMR_HOST)
"""Who is never in the room: they are told on the telephone, also of what is not known."""
EACH_CODE = pytest.mark.parametrize(("check", "name", "code"), CODES, ids=[name for _check, name, _code in CODES])


def rows_of(check: Check[Case, Any]) -> list[Row]:
    table: list[Row] = importlib.import_module(f"tests.checks.test_{check.id}").TABLE
    return table


def test_every_module_is_listed() -> None:
    modules = {module.name for module in pkgutil.iter_modules(emrnetcheck.checks.__path__)}
    assert modules == {check.id for check in EVERY}


def test_each_check_has_its_own_id_and_each_code_is_in_one_check() -> None:
    for checks in (ALL, CLIENT, EVERY):
        assert len({check.id for check in checks}) == len(checks)
    assert len(EVERY_CODE) == len(CODES)


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_a_check_is_whole(check: Check[Case, Any]) -> None:
    assert check.title
    assert f"{check.id}.unmeasured" in check.codes
    assert check.codes[f"{check.id}.unmeasured"].severity is Severity.UNKNOWN
    assert check.needs, "a check without evidence asks nothing"
    assert {*check.needs, *check.uses} <= set(EVIDENCE_NAMES)
    assert not set(check.needs) & set(check.uses)
    assert all(name.startswith(f"{check.id}.") for name in check.codes)
    assert set(check.unmeasured.values()) <= set(check.codes)
    assert any(code.severity is Severity.OK for code in check.codes.values())


@pytest.mark.parametrize(
    ("checks", "check"),
    [(checks, check) for checks in (ALL, CLIENT) for check in checks],
    ids=[f"{vantage}-{check.id}" for vantage, checks in (("host", ALL), ("client", CLIENT)) for check in checks],
)
def test_what_a_check_follows_exists_and_is_judged_before_it(
    checks: tuple[Check[Case, Any], ...], check: Check[Case, Any]
) -> None:
    before = {name for other in checks[: checks.index(check)] for name in other.codes}
    for key, causes in check.follows.items():
        assert key == "*" or key in check.codes, key
        assert causes
        assert set(causes) <= before, f"{key}: {set(causes) - before}"


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_what_a_check_follows_is_no_good_news(check: Check[Case, Any]) -> None:
    for causes in check.follows.values():
        for name in causes:
            code = code_named(name)
            assert code is not None
            assert code.severity not in (Severity.OK, Severity.NOTICE), name


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_every_finding_of_the_table_can_be_said(check: Check[Case, Any]) -> None:
    for row in rows_of(check):
        for finding in judged(check, row.case):
            code = check.codes[finding.code]
            for template in (code.summary, code.advice, code.say):
                assert holes(template) <= set(finding.facts), f"{finding.code} in {row.what!r}"
                said = template.format_map(finding.facts)
                assert "None" not in said.replace("None of", ""), said
                assert said == " ".join(said.split()), said
            if finding.expected is not None:
                assert finding.expected, finding.code


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_every_code_is_met_in_the_table_of_its_check(check: Check[Case, Any]) -> None:
    met = {code for row in rows_of(check) for code in row.codes}
    given_by_judging = {f"{check.id}.unmeasured", *check.unmeasured.values()}
    assert set(check.codes) - met <= given_by_judging


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_every_row_of_a_table_has_its_own_name(check: Check[Case, Any]) -> None:
    named = [row.what for row in rows_of(check)]
    assert len(set(named)) == len(named)


@EACH_CODE
def test_what_is_not_fine_says_what_to_do_and_whom_to_ask(check: Check[Case, Any], name: str, code: Code) -> None:
    if code.severity in (Severity.WARN, Severity.FAIL, Severity.UNKNOWN):
        assert code.advice
        assert code.contact is not None
        assert code.due is not None
        assert code.say or (code.severity is Severity.UNKNOWN and code.contact not in CALLED)
    else:
        assert not code.say, "there is nobody to call"
    if code.severity in (Severity.WARN, Severity.FAIL):
        assert code.why


@pytest.mark.parametrize(
    ("name", "due"),
    [
        ("exposure.dangerous_open", Urgency.TODAY),  # safety
        ("port.exposed", Urgency.TODAY),
        ("tls.plain_http", Urgency.TODAY),
        ("address.no_internet", Urgency.TODAY),  # nobody can work
        ("address.cgnat", Urgency.TODAY),
        ("router.unreachable", Urgency.TODAY),
        ("ddns.badauth", Urgency.TODAY),
        ("emr.not_answering", Urgency.TODAY),
        ("path.mtu_black_hole", Urgency.TODAY),
        ("segment.line", Urgency.TODAY),  # somebody sits before it
        ("segment.computer", Urgency.TODAY),
        ("tls.expired_inside", Urgency.THIS_WEEK),
        ("tls.expiring", Urgency.THIS_WEEK),
        ("upload.below_minimum", Urgency.THIS_WEEK),
        ("port.unverified", Urgency.THIS_WEEK),
        ("upload.marginal", Urgency.THIS_WEEK),  # not for everybody planned
        ("capacity.short", Urgency.THIS_WEEK),
        ("upload.below_recommended", Urgency.SOON),
        ("bufferbloat.severe", Urgency.SOON),
        ("tls.untrusted_inside", None),
    ],
)
def test_what_is_unsafe_or_stops_everybody_is_for_today_and_speed_can_wait(name: str, due: Urgency | None) -> None:
    known = code_named(name)
    assert known is not None
    assert known.due is due


@EACH_CODE
def test_sentences_are_short_and_end(check: Check[Case, Any], name: str, code: Code) -> None:
    for text in (code.summary, code.advice, code.why, code.say):
        assert text == "" or text.rstrip('"').endswith((".", "?")), text
        for sentence in re.split(r"[.!?](?:\s|$)", text):
            assert len(sentence.split()) <= LONGEST_SENTENCE_WORDS, f"{len(sentence.split())} words: {sentence}"


@EACH_CODE
def test_sentences_are_plain_text(check: Check[Case, Any], name: str, code: Code) -> None:
    for text in (code.summary, code.advice, code.why, code.say):
        assert text.isascii()
        assert "  " not in text
        assert "\n" not in text


@EACH_CODE
def test_what_is_typed_into_a_program_is_a_recipes_to_say(check: Check[Case, Any], name: str, code: Code) -> None:
    """A physician reads this page; commands are for who reads `explain`."""
    for text in (code.summary, code.advice, code.say):
        assert not re.search(r"badauth, nohost|use=|PasswordAuthentication|127\.0\.0\.1[:.]|docker-proxy", text)


def test_a_code_is_found_by_name() -> None:
    known = code_named("upload.ok")
    assert known is not None
    assert known.severity is Severity.OK
    assert code_named("upload.nonsense") is None
