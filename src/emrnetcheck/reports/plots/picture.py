"""What is a picture, before anybody shows it?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and what it says in words.

    name: of a file, without its ending. alt: all figures of it, for who cannot see it. Neither holds foreign text.
    width_px, height_px: as it is to be shown on a page; the PNG itself has twice as many, for sharp screens.
    """

    name: str
    title: str
    alt: str
    png: bytes
    width_px: int
    height_px: int
