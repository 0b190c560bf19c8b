"""The files that hold what each report has to look like; written anew with $EMRNETCHECK_UPDATE_GOLDEN."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "golden"
_UPDATE = "EMRNETCHECK_UPDATE_GOLDEN"


def without_style(page: str) -> str:
    """A page for a browser without its style sheet, which is a file of its own and need not be read with each page."""
    text = re.sub(r"<style>.*?</style>", "<style>...</style>", page, flags=re.DOTALL)
    return re.sub(r"sha256-[\w+/=]+", "sha256-...", text)


def same(name: str, text: str) -> None:
    """Whether the text is that of the file, byte by byte."""
    path = FOLDER / name
    if os.environ.get(_UPDATE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    expected = path.read_bytes().decode("utf-8")
    assert text == expected, f"{name} differs; if the new text is meant: {_UPDATE}=1 pytest tests/reports, and read it"
