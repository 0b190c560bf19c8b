"""How is a course of figures drawn in one line of text?"""

from __future__ import annotations

from collections.abc import Sequence

HEIGHTS = "▁▂▃▄▅▆▇█"  # where only ASCII can be written, wording.ascii_only has another for each
NO_DATA = "?"


def spark(values: Sequence[float | None]) -> str:
    """A mark for each: its height against the highest of them, from 0 on, so that a little more looks like little.

    "": none of them is known.
    """
    highest = max((value for value in values if value is not None), default=None)
    if highest is None:
        return ""
    return "".join(NO_DATA if value is None else _mark(value, highest) for value in values)


def _mark(value: float, highest: float) -> str:
    share = value / highest if highest > 0 else 0.0
    return HEIGHTS[min(int(max(share, 0.0) * len(HEIGHTS)), len(HEIGHTS) - 1)]
