"""What goes to the internet provider: a letter and tables of what was measured of its line, and nothing else?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emrnetcheck.reports.isp import tables
from emrnetcheck.reports.isp.facts import Look, Terms, looks_of
from emrnetcheck.reports.isp.letter import letter
from emrnetcheck.reports.markdown_lines import written
from emrnetcheck.reports.terminal_lines import laid_out

__all__ = ["FILES", "Look", "Terms", "looks_of", "pack"]

FILES = ("letter.txt", "letter.md", "uploads.csv", "delay_and_loss.csv", "addresses.csv")


def pack(looks: Sequence[Look], terms: Terms) -> Mapping[str, str]:
    """The files by their names. looks: at one site and one line, the oldest first."""
    lines = list(letter(looks, terms))
    made = (
        laid_out(lines),
        "\n".join(written(lines, command="")) + "\n",
        tables.uploads(looks, terms),
        tables.delays(looks),
        tables.addresses(looks),
    )
    return dict(zip(FILES, made, strict=True))
