"""Whatever a name says, Markdown's reader sees the words and no markup; the page is in the physician's order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from emrnetcheck.model import Acknowledged, Status
from emrnetcheck.reports import markdown, wording
from emrnetcheck.reports.line import STATE_INDENT, Line, heading, state_line
from emrnetcheck.reports.markdown_lines import code, escaped, written
from tests.reports.samples import HOSTILE, HOSTILE_REPORT, NOT_READY, SAID, SAMPLES

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
OURS = {"heading", "paragraph", "inline", "bullet", "ordered", "list", "strong", "code", "table", "thead", "tbody"}
OURS |= {"tr", "th", "td", "text", "softbreak"}


def kinds(text: str) -> set[str]:
    found = {token.type for token in PARSER.parse(text)}
    found |= {child.type for token in PARSER.parse(text) for child in token.children or ()}
    return {re.sub(r"_(open|close|item|list|inline).*", "", kind) for kind in found}


def words(text: str) -> str:
    """What a reader sees of one inline text."""
    (inline,) = [token for token in PARSER.parse(text) if token.type == "inline"]
    return "".join(child.content for child in inline.children or ())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_is_headings_lists_tables_and_nothing_else(name: str) -> None:
    assert kinds(markdown.render(SAMPLES[name])) <= OURS


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "[click](http://evil.example)",
        "![x](http://evil.example/x.png)",
        "**bold** _it_ ~~gone~~ `code` $x$",
        "&lt;b&gt; &#60;",
        "a | b || c",
        "# title",
        "- item",
        "+ item",
        "1. item",
        "12) item",
        "> quote",
        "---",
        "===",
        "\\*",
        "__init__ and a_b_c",
        "\x1b[31mred",
        HOSTILE,
    ],
)
def test_foreign_text_is_read_as_it_is(evil: str) -> None:
    made = escaped(evil)
    assert words(made) == wording.clean(evil)
    assert kinds(made) <= {"paragraph", "inline", "text"}


@given(st.text(max_size=60).filter(wording.clean))
def test_any_text_is_read_as_it_is(text: str) -> None:
    assert words(escaped(text)) == wording.clean(text)
    assert words(f"Before {escaped(text)}") == f"Before {wording.clean(text)}"


@given(st.text(max_size=40, alphabet="`a b|") | st.text(max_size=40))
def test_code_is_read_as_it_is(text: str) -> None:
    said = wording.clean(text).replace("|", "/")
    if said:
        assert words(f"x{code(text)}") == f"x{said}"
    else:
        assert code(text) == ""


@pytest.mark.parametrize("text", ["http://evil.example", "HTTPS://evil.example", "www.evil.example", "a@evil.example"])
def test_no_address_of_a_stranger_becomes_a_link_by_itself(text: str) -> None:
    assert words(escaped(text)) == text
    assert re.search(r"(?i)https?://|www\.|[^\\]@", escaped(text)) is None


def test_the_order_is_the_physicians_then_the_evidence() -> None:
    text = markdown.render(NOT_READY)
    titles = re.findall(r"(?m)^#+ .*", text)
    assert titles[0] == f"# {wording.VERDICT_WORDS[NOT_READY.verdict]}"
    assert titles[1:] == [
        f"## {title}"
        for title in (
            "Why, and what to do",
            "What is fine",
            "What could not be told",
            "How sure this is",
            "What the words mean",
            "How it was measured",
            "Every check",
            "Main figures",
        )
    ]


def test_every_finding_stands_in_the_table_with_its_figures() -> None:
    text = markdown.render(NOT_READY)
    for check in NOT_READY.checks:
        for finding in check.findings:
            (row,) = [line for line in text.splitlines() if line.startswith("|") and f"`{finding.code}`" in line]
            assert row.count("|") == 7
            assert (finding.expected or "") in row
            assert (finding.actual or "") in row


def test_a_skipped_check_says_why() -> None:
    skipped = replace(NOT_READY.checks[0], status=Status.SKIPPED, skipped_because="offline", findings=())
    assert wording.SKIPPED_WORDS["offline"] in markdown.render(replace(NOT_READY, checks=(skipped,)))


def test_what_was_accepted_says_so_beside_its_sentence() -> None:
    known = replace(SAID, acknowledged=Acknowledged("ordered | *soon*", date(2027, 3, 3)))
    text = markdown.render(replace(NOT_READY, checks=(replace(NOT_READY.checks[0], findings=(known,)),)))
    assert "(accepted until 3 Mar 2027: ordered \\| \\*soon\\*)" in text


def test_hostile_names_break_no_row() -> None:
    rows = [line for line in markdown.render(HOSTILE_REPORT).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}


def test_items_hold_what_belongs_to_them() -> None:
    lines = [
        Line("Title"),
        heading("Part"),
        state_line(Status.PASS, "fine"),
        Line("do this", lead="Do:   ", indent=STATE_INDENT),
        Line("first", lead="1. ", style="strong"),
        Line("call them", lead="Call: ", indent=3),
        Line(),
        Line("prog explain x.y", lead="To read more: ", style="strong"),
    ]
    assert list(written(lines, command="prog")) == [
        "# Title",
        "",
        "## Part",
        "",
        "- **PASS** fine",
        "  - Do: do this",
        "1. **first**",
        "   - Call: call them",
        "",
        "To read more: `prog explain x.y`",
    ]
