"""python -m tests.browser FOLDER [NAME ..]: pictures of reports to look at: desk and phone, light, dark, printed."""

from __future__ import annotations

import argparse
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.browser.chromium import DESK, PHONE, Page, browser
from tests.browser.reports import NAMES, page_of

DOTS_PER_INCH = "70"


def look(page: Page, name: str, text: str, folder: Path) -> None:
    """All pictures of one page."""
    file = folder / f"{name}.html"
    file.write_text(text, encoding="utf-8")
    for width, dark in ((DESK, False), (DESK, True), (PHONE, False), (PHONE, True)):
        page.open(file, width=width, dark=dark)
        (folder / f"{name}-{width}-{'dark' if dark else 'light'}.png").write_bytes(page.picture())
    printed = folder / f"{name}.pdf"
    printed.write_bytes(page.printed())
    subprocess.run(["pdftoppm", "-png", "-r", DOTS_PER_INCH, str(printed), str(folder / f"{name}-page")], check=True)


def asked(arguments: Sequence[str] | None = None) -> tuple[Path, list[str]]:
    """The folder, and which pages; ends with help, or with what is wrong, before anything is made."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser",
        description="Pictures of sample pages, to look at: desk and phone, light, dark, printed.",
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="Where they go. It is made if it is not there.")
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help=f"Which pages; all, if none is named: {', '.join(NAMES)}."
    )
    told = parser.parse_args(arguments)
    for name in told.names:
        if name not in NAMES:
            parser.error(f"there is no page {name}: {', '.join(NAMES)}")
    return told.folder, told.names or list(NAMES)


def main(folder: Path, names: Sequence[str]) -> None:
    """Draws those."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as page:
        for name in names:
            look(page, name, page_of(name), folder)
            print(name)


if __name__ == "__main__":
    main(*asked())
