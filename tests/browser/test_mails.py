"""Each mail, as mail programs show it: with and without its pictures, on dark screens, without the head of the page."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from emrnetcheck.model.mail import Composed
from tests.browser.chromium import DESK, PHONE, Page, browser
from tests.browser.mails import CLIENTS
from tests.browser.test_pages import AXE, CONTRAST, EVERY_RULE, NARROWEST
from tests.reports.mail.samples import SAMPLES

pytestmark = [pytest.mark.lab, pytest.mark.alone]

WIDEST = 640
OF_WEB_MAIL = ("document-title", "html-has-lang", "landmark-one-main", "region", "page-has-heading-one")
LOOK = """
[...document.querySelectorAll('body, body *')].filter(each => each.tagName !== 'BR').map(each => {
  const style = getComputedStyle(each), box = each.getBoundingClientRect();
  return [each.tagName, style.color, style.backgroundColor, style.fontSize, style.fontFamily, style.fontWeight,
    style.padding, style.margin, style.borderColor, Math.round(box.width), Math.round(box.left)].join(' ');
})
"""
SHEET = "document.querySelector('[role=main]').getBoundingClientRect().width"
GROUND = "getComputedStyle(document.body).backgroundColor"
READABLE_ALTS = """
[...document.images].map(each => {
  const box = each.getBoundingClientRect(), lines = box.height / parseFloat(getComputedStyle(each).lineHeight);
  return box.width * lines > each.alt.length * 5;
})
"""
"""There is room for all letters of what stands in a picture's place, at 5 pixels each at least."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser() as tab:
        tab.ask("Page.addScriptToEvaluateOnNewDocument", source=AXE)
        yield tab


@cache
def composed(name: str) -> Composed:
    return SAMPLES[name]()


def opened(page: Page, folder: Path, name: str, client: str, *, width: int = DESK, dark: bool = False) -> None:
    file = folder / f"{name}-{client}.html"
    file.write_text(CLIENTS[client](composed(name)), encoding="utf-8")
    page.open(file, width=width, dark=dark)
    assert [url for url in page.requests if not url.startswith(("data:image/png", "data:,"))] == [
        file.resolve().as_uri()
    ]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", SAMPLES)
def test_everybody_can_read_it_on_a_desk_and_on_a_telephone(name: str, client: str, page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, name, client)
    assert page.run(SHEET) == WIDEST
    for width in (DESK, PHONE, NARROWEST):
        page.resize(width)
        assert page.run("document.documentElement.scrollWidth") <= width
    page.resize(PHONE)
    # What web mail takes away, such as the language, is its own page's.
    found = [each for each in page.run(EVERY_RULE) if client != "stripped" or not each.startswith(OF_WEB_MAIL)]
    assert found == []


@pytest.mark.parametrize("client", ["shown", "without_pictures", "late"])
@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_dark_on_a_dark_screen_and_can_be_read(name: str, client: str, page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, name, client, width=PHONE, dark=True)
    assert page.run(GROUND) == "rgb(20, 24, 29)"
    assert page.run(CONTRAST) == []
    page.theme(dark=True, media="print")
    assert page.run(GROUND) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("name", SAMPLES)
def test_without_head_and_classes_it_looks_the_same(name: str, page: Page, tmp_path: Path) -> None:
    for width in (DESK, PHONE):
        opened(page, tmp_path, name, "shown", width=width)
        whole = page.run(LOOK)
        opened(page, tmp_path, name, "stripped", width=width)
        assert page.run(LOOK) == whole


def test_what_pictures_show_is_read_where_they_are_not_shown(page: Page, tmp_path: Path) -> None:
    for width in (DESK, PHONE):
        opened(page, tmp_path, "weekly", "without_pictures", width=width)
        assert page.run("[...document.images].every(each => each.naturalWidth === 0)")
        assert page.run(READABLE_ALTS) == [True, True]
        opened(page, tmp_path, "weekly", "shown", width=width)
        assert page.run("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
