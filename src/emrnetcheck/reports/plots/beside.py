"""Where do the words beside lines go, so that they do not lie on each other?"""

from __future__ import annotations

from collections.abc import Sequence


def spread(wanted: Sequence[float], gap: float, lowest: float, highest: float) -> list[float]:
    """Places as near to the wanted ones as `gap` between them allows, in the same order as given, within the bounds.

    Where there is no room for all, the gap shrinks.
    """
    if not wanted:
        return []
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    if len(wanted) > 1:
        gap = min(gap, (highest - lowest) / (len(wanted) - 1))
    places = [0.0] * len(wanted)
    floor = lowest
    for number in order:
        places[number] = max(floor, min(wanted[number], highest))
        floor = places[number] + gap
    ceiling = highest
    for number in reversed(order):
        places[number] = min(places[number], ceiling)
        ceiling = places[number] - gap
    return places
