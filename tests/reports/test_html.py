"""The page is whole in one file, lets nothing in and nothing out, and says what the terminal says, in its order."""

from __future__ import annotations

import base64
import hashlib
import html as entities
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from jinja2 import UndefinedError

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import Acknowledged, Failure, FailureKind, Status, ThirdParty
from emrnetcheck.reports import html
from emrnetcheck.reports.client_page import CLIENT, client_page
from emrnetcheck.reports.glossary import GLOSSARY
from emrnetcheck.reports.html.base import fill
from emrnetcheck.reports.html.blocks import Item, Kind, Note, Section, sections
from emrnetcheck.reports.html.tables import Table, evidence_of
from emrnetcheck.reports.line import Line, heading, state_line
from emrnetcheck.reports.method import MEASURED
from emrnetcheck.reports.page import physician
from emrnetcheck.reports.wording import STATE_WORDS, clean
from tests.reports import golden
from tests.reports.samples import HOSTILE, HOSTILE_REPORT, LINK, MARGINAL, NOT_READY, READY, SAMPLES, WARNINGS
from tests.reports.test_client_page import SAMPLES as CLIENTS

ALL_SAMPLES = {**SAMPLES, **CLIENTS}
READ = ("not_ready", "interrupted", "client_wifi")
VOID = {"meta", "img", "source", "link", "br", "hr", "input"}
LOADS = {"script", "link", "iframe", "object", "embed", "form", "base", "svg", "audio", "video", "input", "button"}


@dataclass(frozen=True)
class Drawn:
    """A picture, as the page knows it."""

    name: str = "upload"
    title: str = "Upload <over> time"
    alt: str = 'It carried "9.5" Mbps & no more'
    png: bytes = b"\x89PNG\r\n\x1a\n light"
    width_px: int = 640
    height_px: int = 300


class Reader(HTMLParser):
    """Every element must be closed in its turn; what is told on the way is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), f"twice the same in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def words(text: str) -> str:
    return " ".join(text.split())


def said_by(report: ClinicReport) -> str:
    return words(" ".join(read(html.render(report)).text))


@pytest.mark.parametrize("name", READ)
def test_golden(name: str) -> None:
    text = html.render(ALL_SAMPLES[name])
    golden.same(f"html_{name}.html", golden.without_style(text))


@pytest.mark.parametrize("name", ALL_SAMPLES)
def test_the_page_is_well_formed_and_its_headings_are_in_order(name: str) -> None:
    reader = read(html.render(ALL_SAMPLES[name], pictures=[Drawn()]))
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    led_to = {(attrs["href"] or "")[1:] for tag, attrs in reader.tags if tag == "a"}
    named = {attrs["aria-labelledby"] for _, attrs in reader.tags if "aria-labelledby" in attrs}
    assert led_to | named <= set(ids)
    landmarks = [tag for tag, _ in reader.tags if tag in ("header", "main", "nav", "footer")]
    assert landmarks == ["header", "main", "nav", "footer"]
    assert ("html", {"lang": "en"}) in reader.tags
    assert all(attrs.get("scope") in ("col", "row") for tag, attrs in reader.tags if tag == "th")


@pytest.mark.parametrize("name", ALL_SAMPLES)
def test_the_page_loads_runs_and_sends_nothing(name: str) -> None:
    text = html.render(ALL_SAMPLES[name], pictures=[Drawn()], dark=[Drawn()])
    reader = read(text)
    assert not LOADS & {tag for tag, _ in reader.tags}
    for tag, attrs in reader.tags:
        assert "style" not in attrs, "an inline style is against the page's own policy"
        assert not [key for key in attrs if key.startswith("on")]
        for key in ("src", "srcset", "href", "poster", "data", "action"):
            assert (attrs.get(key) or "#").startswith(("#", "data:image/png;base64,")), (tag, attrs)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    assert not re.search(r"url\(|@import|expression|</", style[0])


def test_the_policy_allows_this_style_and_pictures_inside_the_page_only() -> None:
    text = html.render(READY)
    policy = entities.unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', text)[0])
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert dict(part.strip().split(" ", 1) for part in policy.split(";")) == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digest}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert text.index("Content-Security-Policy") < text.index("<style>")


@pytest.mark.parametrize("name", ALL_SAMPLES)
def test_every_line_of_the_terminal_is_on_the_page_in_its_order(name: str) -> None:
    report = ALL_SAMPLES[name]
    page = client_page if report.vantage == CLIENT else physician
    said = said_by(report)
    *lines, _, following, _, _ = page(report)
    measured = next((number for number, line in enumerate(lines) if line.text in (GLOSSARY, MEASURED)), len(lines))
    # What to type next ends the first sheet of paper; what was measured begins the second.
    at = 0
    for line in (*lines[:measured], following, *lines[measured:]):
        lead = (
            "" if re.fullmatch(r"\d+\. |- ", line.lead) else line.lead.strip(" :")
        )  # as lists have them by themselves
        for part in (lead, line.text):
            at = said.index(words(clean(part)), at)


@pytest.mark.parametrize("name", ALL_SAMPLES)
def test_every_check_finding_and_value_is_on_the_page(name: str) -> None:
    report = ALL_SAMPLES[name]
    said = said_by(report)
    for check in report.checks:
        assert words(clean(check.title)) in said
        assert STATE_WORDS[check.status] in said
        for finding in check.findings:
            for text in (finding.code, finding.summary, finding.expected, finding.actual, *finding.facts):
                assert words(clean(text or "")) in said
    for kind, failure in report.unmeasured.items():
        assert kind in said
        assert words(clean(failure.in_words())) in said
    assert words(clean(report.id)) in said
    assert str(report.traffic.sent_bytes) in said


def test_nothing_hostile_is_markup_or_moves_the_text() -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7*7 }}{% x %}"
    finding = replace(NOT_READY.checks[6].findings[0], summary=hostile, code=hostile, expected=hostile, actual=hostile)
    finding = replace(finding, facts={hostile: hostile, "list": (hostile, hostile)})
    check = replace(NOT_READY.checks[6], id=hostile, title=hostile, findings=(finding,))
    report = replace(
        NOT_READY,
        id=hostile,
        site=hostile,
        headline=hostile,
        causes=(replace(NOT_READY.causes[0], summary=hostile, advice=hostile),),
        checks=(check,),
        evidence=Seen(link=replace(LINK, interface=hostile)),
        unmeasured={hostile: Failure(FailureKind.OTHER, hostile, hostile, hostile)},
        third_parties=(ThirdParty(hostile, hostile),),
    )
    text = html.render(report, pictures=[Drawn(name=hostile, title=hostile, alt=hostile)])
    assert "<script" not in text
    assert {tag for tag, _ in read(text).tags if tag == "img"} == {"img"}
    assert not [key for _, attrs in read(text).tags for key in attrs if key.startswith("on")]
    assert hostile in entities.unescape(text)
    for each in (HOSTILE_REPORT, CLIENTS["client_hostile"]):
        shown = html.render(each)
        assert not [c for c in shown if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
        assert words(clean(HOSTILE)) in words(entities.unescape(shown))


def test_what_somebody_accepted_is_shown_as_it_is_with_the_reason() -> None:
    accepted = replace(MARGINAL, acknowledged=Acknowledged("the new line is <ordered>", date(2027, 3, 3)))
    checks = tuple(replace(check, findings=(accepted,)) if check.id == "upload" else check for check in WARNINGS.checks)
    text = html.render(replace(WARNINGS, checks=checks, causes=()))
    said = words(" ".join(read(text).text))
    assert said.count("ccepted until 3 Mar 2027: the new line is <ordered>.") == 2
    assert f"WARN {MARGINAL.summary} Accepted until" in said
    assert "<ordered>" not in text


def test_a_picture_is_inside_the_page_with_its_words_and_its_dark_twin() -> None:
    dark = Drawn(png=b"dark")
    text = html.render(READY, pictures=[Drawn()], dark=[dark])
    images = [attrs for tag, attrs in read(text).tags if tag == "img"]
    assert [image["class"] for image in images] == ["for-light", "for-dark"]
    assert {image["alt"] for image in images} == {Drawn.alt}
    assert {(image["width"], image["height"]) for image in images} == {("640", "300")}
    assert [base64.b64decode((image["src"] or "").partition(",")[2]) for image in images] == [Drawn.png, b"dark"]
    assert "Upload <over> time" in read(text).text
    assert "class" not in next(
        attrs for tag, attrs in read(html.render(READY, pictures=[Drawn()])).tags if tag == "img"
    )
    assert 'href="#pictures"' not in html.render(READY)


def test_a_large_picture_is_not_cut_as_foreign_text_is() -> None:
    large = Drawn(png=bytes(range(256)) * 100)
    image = next(attrs for tag, attrs in read(html.render(READY, pictures=[large])).tags if tag == "img")
    assert base64.b64decode((image["src"] or "").partition(",")[2]) == large.png


def test_a_value_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        fill("report.html", report=READY)


def test_lines_become_sections_lists_and_notes() -> None:
    lines = [
        Line("Opening."),
        Line(),
        heading("Why"),
        Line("The line is slow.", lead="1. ", style="strong"),
        Line("Order another.", lead="Do:   ", indent=3),
        Line(),
        Line("The name is old.", lead="2. ", style="strong"),
        heading("Fine"),
        state_line(Status.PASS, "The router answers."),
        state_line(Status.NOTICE, "It is Wi-Fi."),
        Line("Use a cable.", lead="Do:   ", indent=9),
        Line("this", lead="- "),
        Line("And that.", lead="Also: "),
        heading("Empty"),
    ]
    found = sections(lines)
    assert found == (
        Section("", (Item(Kind.TEXT, "Opening."),)),
        Section(
            "Why",
            (
                Item(Kind.NUMBER, "The line is slow.", style="strong", notes=(Note("Do", "Order another."),)),
                Item(Kind.NUMBER, "The name is old.", style="strong"),
            ),
        ),
        Section(
            "Fine",
            (
                Item(Kind.STATE, "The router answers.", "PASS", "good"),
                Item(Kind.STATE, "It is Wi-Fi.", "NOTE", notes=(Note("Do", "Use a cable."),)),
                Item(Kind.BULLET, "this"),
                Item(Kind.TERM, "And that.", "Also"),
            ),
        ),
    )
    assert [(kind, len(items)) for kind, items in found[2].lists] == [
        (Kind.STATE, 2),
        (Kind.BULLET, 1),
        (Kind.TERM, 1),
    ]


def tables_by_caption(report: ClinicReport) -> dict[str, Table]:
    return {table.caption: table for kind in evidence_of(report) for table in kind.tables}


def test_evidence_becomes_tables_with_every_value() -> None:
    tables = tables_by_caption(READY)
    upload = dict((row[0][0], row[1]) for row in tables["upload"].rows)
    assert upload["goodput_mbps"] == ("9.53",)
    assert upload["settled"] == ("yes",)
    assert upload["tester_limited"] == ()
    assert READY.evidence.upload is not None
    assert len(upload["samples"]) == len(READY.evidence.upload.samples) > 40
    assert upload["window_start_unix_s"] == (f"{READY.evidence.upload.window_start_unix_s}",), "to the fraction"
    skipped = tables["upload: skipped_servers"]
    assert skipped.columns == ("no.", "back_end", "server", "failure")
    assert skipped.rows[0][3] == ("no answer in time (connect speed.example.net:8080)",)
    targets = tables["lan: targets"]
    assert "failure" not in targets.columns, "nothing is known in that column"
    assert len(targets.rows) == 2
    assert dict((row[0][0], row[1]) for row in tables["port"].rows)["lan.address"] == ("192.168.1.10",)
    assert tables["third_parties"].columns == ("no.", "who", "told")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (float("nan"), ()),
        (float("inf"), ()),
        (0.0, ("0",)),
        (0.00012, ("0.00012",)),
        (-71.5, ("-71.5",)),
        (12.0, ("12",)),
    ],
)
def test_a_figure_keeps_its_digits_and_no_sample_is_no_value(value: float, shown: tuple[str, ...]) -> None:
    assert READY.evidence.upload is not None
    evidence = replace(READY.evidence, upload=replace(READY.evidence.upload, rpm=value))
    rows = tables_by_caption(replace(READY, evidence=evidence))["upload"].rows
    assert dict((row[0][0], row[1]) for row in rows)["rpm"] == shown
