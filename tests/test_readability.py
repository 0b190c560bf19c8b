"""What a physician reads is short and plain: no sentence over 25 words, and a grade that a tool states (textstat)."""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.checks import ALL, EVERY
from emrnetcheck.evidence import Case, ClinicReport
from emrnetcheck.judging import judge_all
from emrnetcheck.model import FAILURE_WORDS, Check, Code
from emrnetcheck.recipes import recipes_of
from emrnetcheck.reports import page, wording
from emrnetcheck.reports.client_page import CLIENT, client_page
from emrnetcheck.reports.code_words import with_names
from emrnetcheck.reports.glossary import GLOSSARY, MEANINGS
from emrnetcheck.reports.isp import looks_of, pack
from emrnetcheck.reports.line import HEADING
from emrnetcheck.reports.method import MEASURED
from emrnetcheck.reports.week.page import closing, for_mail, opening
from emrnetcheck.reports.wording import sentence
from emrnetcheck.runner.answer import answer_of
from tests.checks.builders import Row, judged
from tests.readability import grade, sentences, words_in
from tests.reports.samples import READY, SAMPLES
from tests.reports.stored import CASE_NAMES
from tests.reports.stored import report_of as report_of_case
from tests.reports.test_client_page import SAMPLES as CLIENTS
from tests.reports.test_isp import BEGAN, SOLD, TERMS
from tests.reports.week.test_week import WEEK
from tests.test_cases import FILES, SEEN, SITE, UNMEASURED

MOST_WORDS = 25
MOST_WORDS_OF_FIGURES = 30
"""In the letter to the provider, whose technicians read figures: a row of numbers is one sentence."""
MOST_GRADE = 8.0
"""The eighth year of school: what the makers of the measure, and guides for patients' papers, ask for."""

MOST_GRADE_OF_ONE = 12.0

BEHIND = (page.MORE, GLOSSARY, MEASURED)
"""What the headings behind page one are: the evidence begins there."""

VERDICT_ENDS = re.compile(r"(?<=the EMR): |(?<=hosted here): |(?<=with warnings): ")
"""In a headline the colon behind the verdict ends a sentence."""

TITLES = sorted({check.title for check in EVERY}, key=len, reverse=True)


def said(check: Check[Case, Any]) -> dict[tuple[str, str], set[str]]:
    """Every text of a check, filled with the facts of each row of its table."""
    found: dict[tuple[str, str], set[str]] = {}
    table: list[Row] = importlib.import_module(f"tests.checks.test_{check.id}").TABLE
    for row in table:
        for finding in judged(check, row.case):
            code = check.codes[finding.code]
            for part, template in _parts(code):
                found.setdefault((finding.code, part), set()).add(template.format_map(finding.facts))
    for name, code in check.codes.items():
        if (name, "summary") not in found:
            found |= {(name, part): {_with_long_words(template)} for part, template in _parts(code)}
    return found


def _parts(code: Code) -> tuple[tuple[str, str], ...]:
    return ("summary", code.summary), ("advice", code.advice), ("say", code.say)


def _with_long_words(template: str) -> str:
    """Of a code that no table has: the longest reason there is, and each other fact by its name."""
    return with_names(template.replace("{why}", max(FAILURE_WORDS.values(), key=words_in)))


def report_of(file: Path) -> ClinicReport:
    """What the stored evidence of a clinic says today."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    case = Case(SITE.validate_python(told["site"]), SEEN.validate_python(told["evidence"]))
    unmeasured = UNMEASURED.validate_python(told["unmeasured"])
    answer = answer_of(judge_all(ALL, case, unmeasured, {}, strict=True), ALL, "host")
    return replace(READY, site=case.site.name, evidence=case.seen, unmeasured=unmeasured, **answer)


REPORTS = {name: report for name, report in SAMPLES.items() if name != "hostile"} | {
    f"case_{file.stem}": report_of(file) for file in FILES
}
REPORTS |= {f"client_{name}": report for name, report in CLIENTS.items() if name != "hostile"}


def page_one(report: ClinicReport, *, short: bool = True) -> str:
    """Its sentences; a list of checks by their names is no sentence, so each name is taken out.

    short: as on a terminal. Else as in a browser and in Markdown, up to what is behind page one.
    """
    made = client_page if report.vantage == CLIENT else page.physician
    found = [line for line in made(report, short=short) if line.text]
    behind = next((n for n, line in enumerate(found) if line.style == HEADING and line.text in BEHIND), -2)
    lines = [line for line in found[1:behind] if line.style != HEADING]
    text = " ".join(sentence(line.text) for line in lines)
    for title in (*TITLES, *(check.title for check in report.checks)):
        text = re.sub(rf"{re.escape(title)}[,;] ", "", text)
    return text


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_no_sentence_of_the_catalogue_is_long(check: Check[Case, Any]) -> None:
    for (code, part), texts in said(check).items():
        for text in texts:
            for each in sentences(text):
                assert words_in(each) <= MOST_WORDS, f"{code}, {part}: {words_in(each)} words: {each}"


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_the_catalogue_is_plain(check: Check[Case, Any]) -> None:
    """One code may need hard words; what a check says as a whole may not."""
    texts = said(check).items()
    for (code, part), each in texts:
        for text in filter(None, each):
            assert grade(text) <= MOST_GRADE_OF_ONE, f"{code}, {part}: {grade(text):.1f}: {text}"
    for part in ("summary", "advice"):
        whole = " ".join(sentence(min(each, key=len)) for (_code, kind), each in texts if kind == part and min(each))
        assert grade(whole) <= MOST_GRADE, f"{check.id}, {part}: {grade(whole):.1f}"


@pytest.mark.parametrize("short", [True, False], ids=["short", "whole"])
@pytest.mark.parametrize("name", REPORTS)
def test_page_one_has_no_long_sentence(name: str, short: bool) -> None:
    for each in sentences(page_one(REPORTS[name], short=short)):
        assert words_in(each) <= MOST_WORDS, f"{words_in(each)} words: {each}"


@pytest.mark.parametrize("short", [True, False], ids=["short", "whole"])
@pytest.mark.parametrize("name", REPORTS)
def test_page_one_can_be_read_in_the_eighth_year_of_school(name: str, short: bool) -> None:
    """`pytest -rP -k eighth_year` states each grade."""
    text = page_one(REPORTS[name], short=short)
    print(f"grade {grade(text):.1f}: page one of {name}")
    assert grade(text) <= MOST_GRADE


@pytest.mark.parametrize("name", REPORTS)
def test_a_headline_is_short_behind_its_verdict(name: str) -> None:
    for part in VERDICT_ENDS.split(REPORTS[name].headline):
        assert words_in(part) <= MOST_WORDS, part


def test_the_week_and_what_a_mail_tells_of_it_have_no_long_sentence() -> None:
    for week in (WEEK, for_mail(WEEK)):
        lines = [*opening(week, UTC), *closing(week, command="emrnetcheck")]
        assert len(lines) > 10
        for each in (each for line in lines for text in VERDICT_ENDS.split(line.text) for each in sentences(text)):
            assert words_in(each) <= MOST_WORDS, f"{words_in(each)} words: {each}"
        assert grade(" ".join(sentence(line.text) for line in lines if line.text)) <= MOST_GRADE


def test_the_letter_to_the_provider_has_no_long_sentence() -> None:
    runs = [report_of_case(name, started_at=BEGAN + timedelta(hours=13 * n)) for n, name in enumerate(CASE_NAMES)]
    for terms in (TERMS, SOLD):
        for paragraph in re.split(r"\n\s*\n|\n- ", pack(looks_of(runs), terms)["letter.txt"]):
            for each in sentences(" ".join(paragraph.split())):
                assert words_in(each) <= MOST_WORDS_OF_FIGURES, f"{words_in(each)} words: {each}"


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_what_explain_tells_has_no_long_sentence(check: Check[Case, Any]) -> None:
    for name, code in check.codes.items():
        steps = [step for recipe in recipes_of(name) for step in recipe.steps]
        for each in (each for text in (code.why, *steps) for each in sentences(text)):
            assert words_in(each) <= MOST_WORDS, f"{name}: {words_in(each)} words: {each}"


def test_a_hard_text_is_told_from_an_easy_one() -> None:
    """Else the limit would hold nothing."""
    easy = "The line is slow. Call your provider. Ask for 10 Mbps."
    hard = "Insufficient upstream throughput necessitates contacting telecommunications representatives immediately."
    assert grade(easy) < MOST_GRADE / 2 < 2 * MOST_GRADE < grade(hard)
    assert sentences('Say: "It is 2.4 Mbps." Do it now. Why? See a.example.') == [
        'Say: "It is 2.4 Mbps.',
        "Do it now.",
        "Why?",
        "See a.example.",
    ]


def test_the_words_that_all_pages_share_are_short() -> None:
    shared = (wording.CONTACT_WORDS, wording.SKIPPED_WORDS, wording.VERDICT_WORDS, FAILURE_WORDS, MEANINGS)
    for text in (text for words in shared for text in words.values()):
        assert words_in(text) <= MOST_WORDS, text


def test_nothing_is_ever_said_to_comply() -> None:
    """A check of a network is no audit: it supports a clinic's own record, and certifies nothing."""
    texts = [text for check in EVERY for code in check.codes.values() for text in (code.summary, code.advice, code.why)]
    texts += [text for check in EVERY for code in check.codes.values() for text in (code.say,)]
    texts += [*wording.VERDICT_WORDS.values(), *MEANINGS.values(), *map(page_one, REPORTS.values())]
    for text in texts:
        assert not re.search(r"complian|complies|comply|hipaa|phipa|pipeda", text, re.IGNORECASE), text
