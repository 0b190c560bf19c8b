"""How is a letter a page that mail clients show, and browsers too?

Mail clients take away what they do not know: style sheets, scripts, positions, even the head of the page. So the style
stands on each element, put there by css-inline out of `mail.css`, the layout is made of tables, and what is lost
beyond that costs only looks. The sheet that stays in the head is for dark screens.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from emrnetcheck.reports.html.base import fill, pictures_for, template_text
from emrnetcheck.reports.html.blocks import sections
from emrnetcheck.reports.letter import BESIDE, Letter
from emrnetcheck.reports.week.table import HEAD, NO_DATA, NOT_MEASURED

if TYPE_CHECKING:
    from css_inline import CSSInliner


def as_html(letter: Letter, addresses: Mapping[str, str] | None = None) -> str:
    """One page without script. addresses: where a mail has its pictures, as "cid:upload@example", by their names;
    a picture that is not among them is put into the page."""
    elsewhere = addresses or {}
    shown = [
        {**each, "address": elsewhere.get(picture.name, each["address"])}
        for picture, each in zip(letter.pictures, pictures_for(letter.pictures, ()), strict=True)
    ]
    page = fill(
        "mail.html",
        letter=letter,
        opening=sections(letter.opening),
        beside=BESIDE,
        head=HEAD,
        empty=(NO_DATA, NOT_MEASURED),
        pictures=shown,
        closing=sections(letter.closing),
        footer=sections(letter.footer),
        dark=template_text("mail_dark.css"),
    )
    return _inliner().inline(page).rstrip("\n") + "\n"


@cache
def _inliner() -> CSSInliner:
    # Imported on use: what measures must not wait for it.
    from css_inline import CSSInliner

    return CSSInliner(
        inline_style_tags=False,  # that of dark screens cannot stand on an element, and stays where it is
        keep_style_tags=True,
        load_remote_stylesheets=False,
        extra_css=template_text("mail.css"),
    )
