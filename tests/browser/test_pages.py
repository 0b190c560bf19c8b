"""Each page, as Chromium shows and prints it: nothing is cut or hidden, everybody can use it, nothing is asked for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import A4_INCHES, DESK, LETTER_INCHES, PHONE, Page, browser
from tests.browser.reports import DRAWN, TESTED, WEEK, WORST, page_of
from tests.reports.samples import SAMPLES

# Needs what `.ci/run` installs; and a browser would take the processor from labs that measure.
pytestmark = [pytest.mark.lab, pytest.mark.alone]

AXE = (Path(__file__).parent / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
NARROWEST = 320
"""A desk screen of 1280 pixels, enlarged four times: what WCAG 1.4.10 asks for."""

OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
# What sticks out, but for tables that scroll by themselves.
STICKS_OUT = """
[...document.querySelectorAll('body *')].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)
    && !each.matches('.skip') && !each.closest('.wide-table');
}).map(each => each.tagName + ' ' + each.className + ' ' + each.textContent.slice(0, 60))
"""
VIOLATIONS = """
axe.run(document, {resultTypes: ['violations']RULES}).then(found => found.violations.flatMap(
  rule => rule.nodes.map(node => rule.id + ': ' + node.html.slice(0, 120) + ' ' + node.failureSummary)))
"""
EVERY_RULE = VIOLATIONS.replace("RULES", "")
CONTRAST = VIOLATIONS.replace("RULES", ", runOnly: ['color-contrast', 'target-size', 'scrollable-region-focusable']")
"""What depends on the theme and the width; the rest is the same page."""
# A letter that no font here has is printed as another one.
ANSWER = """
['h1', '.said', '.causes dd', '.states > li > span:nth-child(2)', '.states dd'].flatMap(
  each => [...document.querySelectorAll(each)].filter(found => !found.closest('.second'))
).map(found => found.lastChild.textContent.replace(/[^\\x20-\\x7e].*/, ''))
"""
SEEN_IMAGES = "[...document.images].filter(each => each.checkVisibility()).map(each => each.className)"
FOCUS = """
(() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  return {tag: each.tagName, outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    left: box.left, open: each.parentElement.open === true};
})()
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as tab:
        tab.ask("Page.addScriptToEvaluateOnNewDocument", source=AXE)
        yield tab


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def written(name: str, folder: Path) -> Path:
    file = folder / f"{name}.html"
    if not file.exists():
        file.write_text(page_of(name, drawn=name in DRAWN), encoding="utf-8")
    return file


def squeezed(text: str) -> str:
    return "".join(text.split())


def sheets(pdf: bytes) -> list[str]:
    """The text of each sheet of paper, without blanks: lines are broken anywhere."""
    ran = subprocess.run(["pdftotext", "-enc", "UTF-8", "-", "-"], input=pdf, capture_output=True, check=True)
    return [squeezed(sheet) for sheet in ran.stdout.decode("utf-8").split("\f")[:-1]]


@pytest.mark.parametrize("name", TESTED)
def test_nothing_sticks_out_and_an_accessibility_engine_finds_nothing(name: str, page: Page, folder: Path) -> None:
    file = written(name, folder)
    page.open(file)
    assert [url for url in page.requests if not url.startswith("data:image/png")] == [file.resolve().as_uri()]
    assert page.run("getComputedStyle(document.querySelector('h1')).borderLeftWidth") == "10px"
    assert page.run("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
    page.run(OPEN_ALL)
    for width in (NARROWEST, PHONE, DESK):
        page.resize(width)
        assert page.run(STICKS_OUT) == []
        assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run(EVERY_RULE) == []
    page.theme(dark=True)
    page.resize(PHONE)
    assert page.run(CONTRAST) == []
    # The page's own policy held all the time, and nothing was against it.
    assert page.said == []


@pytest.mark.parametrize(
    ("name", "paper"),
    [
        *(pytest.param(name, A4_INCHES, id=f"{name}-A4") for name in TESTED),
        *(pytest.param(name, LETTER_INCHES, id=f"{name}-Letter") for name in SAMPLES),
    ],
)
def test_the_first_sheet_of_paper_has_verdict_reasons_and_actions(
    name: str, paper: tuple[float, float], page: Page, folder: Path
) -> None:
    page.open(written(name, folder))
    first, second, *others = sheets(page.printed(paper))
    answer = page.run(ANSWER)
    assert len(answer) > 1
    for said in answer:
        assert squeezed(said) in first
    assert "explain" in first or "checks" in first or "compare" in first, "what to type next ends the sheet"
    assert second.startswith(squeezed(page.run("document.querySelector('.second h2').textContent")))
    assert "Everycheck" not in first
    assert "Everycheck" in "".join((second, *others))
    assert len(others) <= 5


def test_even_the_worst_clinic_has_three_reasons_and_one_sheet_of_paper_for_page_one(page: Page, folder: Path) -> None:
    page.open(written(WORST, folder))
    reasons = page.run("[...document.querySelectorAll('.causes .said, .causes dd')].map(each => each.textContent)")
    assert page.run("document.querySelectorAll('.causes > li').length") == 3
    assert len(reasons) >= 3 * 2
    headings = page.run("[...document.querySelectorAll('main > h2')].map(each => each.textContent)")
    assert {"Why, and what to do", "What is fine", "Worth knowing", "How sure this is"} <= set(headings)
    for paper in (A4_INCHES, LETTER_INCHES):
        first, second, *_ = sheets(page.printed(paper))
        for said in (*reasons, *headings, *page.run(ANSWER)):
            assert squeezed(said) in first
        assert "explainexposure.dangerous_open" in first, "what to type next ends the sheet"
        assert second.startswith("Whatelsethereis"), "the other reasons, with what to do, come next"
        assert second.count("Call") >= 3
    for width in (NARROWEST, PHONE, DESK):
        page.resize(width)
        assert page.run(STICKS_OUT) == []


def test_the_way_by_keyboard_is_seen_and_opens_what_is_closed(page: Page, folder: Path) -> None:
    page.open(written("not_ready", folder))

    def press(key: str, code: int) -> None:
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            page.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **text)

    press("Tab", 9)
    first = page.run(FOCUS)
    assert (first["tag"], first["left"] >= 0, first["outline"] >= 2) == ("A", True, True)
    press("Enter", 13)
    assert page.run("location.hash") == "#evidence"
    for _ in range(20):
        press("Tab", 9)
        now = page.run(FOCUS)
        assert now["outline"] >= 2, now
        if now["tag"] == "SUMMARY":
            break
    assert now["tag"] == "SUMMARY"
    assert not now["open"]
    press("Enter", 13)
    assert page.run(FOCUS)["open"]


def test_the_page_of_a_week_keeps_nobody_out_and_is_one_sheet_or_two(page: Page, folder: Path) -> None:
    file = written(WEEK, folder)
    for dark in (False, True):
        page.open(file, width=PHONE if dark else DESK, dark=dark)
        assert [url for url in page.requests if not url.startswith("data:image/png")] == [file.resolve().as_uri()]
        assert page.run(EVERY_RULE) == []
        for width in (DESK, PHONE, NARROWEST):
            page.resize(width)
            assert page.run("document.documentElement.scrollWidth") <= width
        assert page.said == []
    first, *others = sheets(page.printed())
    assert "NOTREADYtohosttheEMR" in first
    assert len(others) <= 2


def test_a_dark_screen_still_prints_on_white(page: Page, folder: Path) -> None:
    page.open(written("not_ready", folder), dark=True)
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.run(ground) != "rgb(255, 255, 255)"
    assert page.run(SEEN_IMAGES) == ["for-dark", "for-dark"]
    page.theme(dark=True, media="print")
    assert page.run(ground) == "rgb(255, 255, 255)"
    assert page.run(SEEN_IMAGES) == ["for-light", "for-light"]


def test_the_engine_does_find_what_is_wrong(page: Page, tmp_path: Path) -> None:
    bad = page_of("not_ready").replace('<html lang="en">', "<html>").replace('alt="', 'data-alt="')
    file = tmp_path / "bad.html"
    file.write_text(bad.replace('class="quiet"', 'class="state"'), encoding="utf-8")
    page.open(file)
    found = page.run(EVERY_RULE)
    assert [each for each in found if each.startswith("html-has-lang")]
    assert [each for each in found if each.startswith("image-alt")]
