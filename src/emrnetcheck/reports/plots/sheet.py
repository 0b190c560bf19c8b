"""How is a picture begun, and made into bytes that depend on nothing but what is drawn?

matplotlib without pyplot: no window, no state that outlives the picture. Its own settings files are not heeded.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH_PX = 520
_SHARPNESS = 2
_CSS_PX_PER_INCH = 96
LETTERS_PT = 13.0
"""On a telephone, which has 358 px for a picture, what is left of it is 9 pt."""
_BETWEEN = 0.16
_TONES = 48  # a palette: a tenth of the bytes of full colour, and nobody sees the difference


@dataclass(frozen=True, slots=True)
class Colours:
    """Told apart by whoever confuses red and green too (Okabe and Ito's blue and vermillion, and orange on dark)."""

    page: str
    ink: str
    faint: str
    grid: str
    measured: str
    limit: str


LIGHT = Colours(page="#ffffff", ink="#1a1a1a", faint="#5c5c5c", grid="#d5d5d5", measured="#0072b2", limit="#c24a00")
DARK = Colours(page="#16181c", ink="#f0f0f0", faint="#b4b4b4", grid="#3c4046", measured="#56b4e9", limit="#e69f00")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A picture under way."""

    figure: Figure
    colours: Colours
    height_px: int

    def axes(self) -> Axes:
        """One graph on the whole of it."""
        [axes] = self.stack((1.0,))
        return axes

    def stack(self, heights: Sequence[float]) -> list[Axes]:
        """Graphs below each other, of such heights, with one scale from left to right."""
        made = self.figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
        stacked: list[Axes] = list(made[:, 0])
        for axes in stacked:
            axes.set_axisbelow(True)
        return stacked

    def share(self, left_px: float, right_px: float, top_px: float, bottom_px: float) -> None:
        """Leave such margins around the axes, as on the page."""
        self.figure.subplots_adjust(
            left=left_px / WIDTH_PX,
            right=1 - right_px / WIDTH_PX,
            top=1 - top_px / self.height_px,
            bottom=bottom_px / self.height_px,
            hspace=_BETWEEN,
        )

    def png(self) -> bytes:
        """The bytes: the same for the same picture."""
        from PIL import Image

        raw = io.BytesIO()
        self.figure.savefig(raw, format="rgba")
        size = (WIDTH_PX * _SHARPNESS, self.height_px * _SHARPNESS)
        drawn = Image.frombytes("RGBA", size, raw.getvalue()).convert("RGB")
        out = io.BytesIO()
        drawn.quantize(_TONES, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        return out.getvalue()


@contextmanager
def sheet(height_px: int, *, dark: bool) -> Iterator[Sheet]:
    """An empty picture; all that is drawn and read has to be inside."""
    # What it says of folders it may not write, and of building its list of fonts, is of no use to who reads a report.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib as mpl

    colours = DARK if dark else LIGHT
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_settings(colours))
        from matplotlib.figure import Figure

        inches = (WIDTH_PX / _CSS_PX_PER_INCH, height_px / _CSS_PX_PER_INCH)
        figure = Figure(figsize=inches, dpi=_CSS_PX_PER_INCH * _SHARPNESS)
        yield Sheet(figure, colours, height_px)


def _settings(colours: Colours) -> dict[Any, Any]:
    return {
        "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters everywhere
        "font.size": LETTERS_PT,
        "text.color": colours.ink,
        "text.parse_math": False,  # a dollar is a dollar
        "axes.edgecolor": colours.faint,
        "axes.facecolor": colours.page,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.labelcolor": colours.ink,
        "axes.labelsize": LETTERS_PT,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.facecolor": colours.page,
        "grid.color": colours.grid,
        "xtick.color": colours.faint,
        "xtick.labelcolor": colours.ink,
        "xtick.labelsize": LETTERS_PT,
        "ytick.color": colours.faint,
        "ytick.labelcolor": colours.ink,
        "ytick.labelsize": LETTERS_PT,
    }
