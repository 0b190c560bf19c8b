"""No abbreviation is left unexplained on a page, and none is explained that is not there."""

from __future__ import annotations

import re

import pytest

from emrnetcheck.checks import EVERY
from emrnetcheck.model import FAILURE_WORDS
from emrnetcheck.reports import terminal, wording
from emrnetcheck.reports.glossary import MEANINGS, words
from emrnetcheck.reports.line import Line, in_brief
from tests.reports.samples import SAMPLES

# Names: a program, and what stands in a program's own settings file.
KNOWN = {"WireGuard", "SSLEnabled", "RemoteIpValve"}
ABBREVIATION = re.compile(
    r"(?<![\w./-])(?:[A-Z]+-(?:Lite|PMP)|464XLAT|IPv\d|[A-Za-z]*[A-Z][a-z]*[A-Z]\w*|Mbps|ms)(?![\w/]|\.\w)"
)
TEXTS = [
    *(re.sub(r"\{[^}]*\}", "", text) for check in EVERY for code in check.codes.values()
      for text in (code.summary, code.advice, code.say)),
    *(check.title for check in EVERY),
    *FAILURE_WORDS.values(),
    *wording.CONTACT_WORDS.values(),
]  # fmt: skip


def abbreviations(text: str) -> set[str]:
    return set(ABBREVIATION.findall(text))


def test_every_abbreviation_of_the_catalogue_has_a_meaning() -> None:
    found = {term for text in TEXTS for term in abbreviations(text)}
    assert found - KNOWN <= set(MEANINGS)


def test_no_meaning_needs_another_abbreviation() -> None:
    for term, meaning in MEANINGS.items():
        assert abbreviations(meaning) - KNOWN - {"IPv4", "IPv6"} == set(), term


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("NAT-PMP is on", ["NAT-PMP"]),
        ("a NAT, and DDNS; a NAT", ["NAT", "DDNS"]),
        ("DS-Lite or 464XLAT", ["DS-Lite", "464XLAT"]),
        ("5 Mbps in 3 ms.", ["Mbps", "ms"]),
        ("forms, VPNs and https://VPN/ are none", []),
    ],
)
def test_what_is_met_is_explained_once(text: str, terms: list[str]) -> None:
    assert [line.lead for line in words([Line(text), Line(text, lead="- ")])] == [f"{term}: " for term in terms]


def test_one_paragraph_says_the_same() -> None:
    (line,) = in_brief("Words", words([Line("5 Mbps"), Line("a NAT")]))
    assert line.lead == "Words:    "
    assert line.text.startswith("Mbps: megabits per second, as")
    assert line.text.endswith("NAT: many computers share one address on the Internet.")
    assert list(in_brief("Words", words([Line("nothing")]))) == []


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "hostile"])
def test_page_one_of_the_samples_explains_what_it_uses(name: str) -> None:
    page, _, meanings = terminal.render(SAMPLES[name], width=4000).partition("\nWords: ")
    below = page.partition("\n")[2]
    capitals = {word for line in below.splitlines() if line.isupper() for word in abbreviations(line)}
    for term in abbreviations(below) - KNOWN - capitals - set(wording.STATE_WORDS.values()) - {"UTC"}:
        assert f"{term}: " in meanings, term
