"""python -m tests.browser.for_docs: makes the pictures of three reports and a mail in docs/pictures anew."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.browser.chromium import PHONE, browser
from tests.browser.reports import page_of

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
COLOURS = 64
DESK_FOR_DOCS = 860
MAIL_FOR_DOCS = 700
SHOWN = {
    "not-ready": ("upload_2_5", DESK_FOR_DOCS, False, "#words"),
    "ready-dark": ("ready", DESK_FOR_DOCS, True, "#method"),
    "slow-on-a-phone": ("client_wifi", PHONE, False, "#evidence"),
    "weekly-mail": ("mail_weekly", MAIL_FOR_DOCS, False, ".foot"),
}
"""Of which report, how wide, dark or not, and down to where."""


def small(png: bytes) -> bytes:
    """The same with few colours, which a page has anyway."""
    out = io.BytesIO()
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> None:
    """Draws all of them."""
    FOLDER.mkdir(exist_ok=True)
    with browser() as page, tempfile.TemporaryDirectory() as folder:
        for name, (report, width, dark, end) in SHOWN.items():
            file = Path(folder) / "page.html"
            file.write_text(page_of(report), encoding="utf-8")
            page.open(file, width=width, dark=dark)
            page.resize(width, round(page.run(f"document.querySelector('{end}').getBoundingClientRect().top")))
            picture = small(page.picture(whole=False))
            (FOLDER / f"{name}.png").write_bytes(picture)
            print(f"{name}.png: {len(picture)} bytes")


if __name__ == "__main__":
    main()
