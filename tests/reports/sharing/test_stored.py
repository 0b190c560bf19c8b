"""A real clinic's report can be shared, in every format, with nothing of the clinic in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC

import pytest

from emrnetcheck.reports.formats import FORMATS, How
from emrnetcheck.reports.json import render
from emrnetcheck.reports.sharing import Secrets, leaks, shared
from emrnetcheck.reports.sharing.copying import all_text
from emrnetcheck.reports.sharing.leaking import visible
from emrnetcheck.reports.sharing.rendered import rendered_words
from emrnetcheck.reports.sharing.words import OWN_WORDS, words_in
from tests.reports.samples import SAMPLES
from tests.reports.sharing.planting import SPEECH
from tests.reports.stored import CASES, report_of

HOW = How(verbose=True, zone=UTC, pictures=False)
STREETS = ("Main Street Clinic", "Main", "First Avenue Clinic", "Green Valley Family Practice", "Port Hope Clinic")
NAMES = sorted(file.stem for file in CASES.glob("*.json"))
# Not 192.168.1.10: that is an example in the program's own advice.
TELLING = ("93.184.216.34", "192.168.1.20", "192.168.1.1 ", "Elm Street", "echo.example", "upload.example")


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_clinic_is_shared_in_every_format(name: str) -> None:
    made = shared(report_of(name), SPEECH)
    for format_ in FORMATS.values():
        text = format_.render(made.report, HOW)
        assert leaks(text, made.secrets) == frozenset()
        assert not [each for each in TELLING if each in text]


@pytest.mark.parametrize("site", STREETS)
@pytest.mark.parametrize("name", ["ready", "not_ready"])
def test_a_clinic_is_shared_though_the_renderers_say_a_word_of_its_name(name: str, site: str) -> None:
    report = SAMPLES[name]
    made = shared(replace(report, site=site, headline=f"{site}: {report.headline}"), SPEECH)
    assert made.report.site == "site-1"
    for format_ in FORMATS.values():
        text = format_.render(made.report, HOW)
        assert leaks(text, made.secrets) == frozenset()
        assert len(site.split()) == 1 or site not in text
        assert not leaks(text, Secrets(frozenset(), frozenset({"avenue", "valley", "hope"})))


COMMON = ("Linux", "Scan", "Ethernet", "Cloudflare", "Let's Encrypt", "Upload speed", "Public address", "Link.none")


@pytest.mark.parametrize("site", COMMON)
def test_a_name_that_anybodys_report_holds_is_masked_where_it_stands_for_the_clinic(site: str) -> None:
    report = replace(report_of("healthy"), site=site)
    made = shared(report, SPEECH)
    assert made.report.site in ("site-1", "host-1")
    page = FORMATS["text"].render(made.report, HOW)
    first = FORMATS["text"].render(report, HOW).splitlines()
    [line] = [number for number, text in enumerate(first[:4]) if site in text]
    assert made.report.site.casefold() in page.splitlines()[line].casefold()
    assert site not in page.splitlines()[line]
    assert made.report.environment == report.environment


def test_no_word_of_a_copy_keeps_a_clinic_of_that_name_from_sharing() -> None:
    report = report_of("healthy")
    said = sorted({word.casefold() for word in re.findall(r"[^\W\d_]{3,}", render(shared(report, SPEECH).report))})
    assert len(said) > 300
    for word in said[::20]:
        made = shared(replace(report, site=word.capitalize()), SPEECH)
        assert made.report.site == "site-1", word
        assert not leaks(render(made.report), made.secrets), word


def test_a_name_made_of_common_words_is_still_looked_for_as_a_whole() -> None:
    check = SAMPLES["ready"].checks[0]
    finding = replace(check.findings[0], actual="seen at Linux Family Office")
    report = replace(SAMPLES["ready"], site="Linux Family Office", checks=(replace(check, findings=(finding,)),))
    made = shared(report, SPEECH)
    assert made.report.checks[0].findings[0].actual == "seen at site-1"
    assert leaks("It is in the Linux Family Office.", made.secrets)


@pytest.mark.parametrize("name", NAMES)
def test_every_word_that_a_renderer_adds_is_known_as_its_own(name: str) -> None:
    """So that no clinic is refused for a word of ours: the name of one could hold any of them."""
    made = shared(report_of(name), SPEECH).report
    texts = {each.ending: each.render(made, HOW) for each in FORMATS.values()}
    known = rendered_words() | OWN_WORDS | words_in(all_text(made), *re.findall(r'"(\w+)":', texts["json"]))
    for ending, text in texts.items():
        said = words_in(re.sub(r"'sha256-[^']*'", "", visible(text)))
        assert [word for word in said - known if word.isalpha()] == [], ending
