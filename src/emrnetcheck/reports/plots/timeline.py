"""When did the office's address change, and when did the name lead elsewhere?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING

from emrnetcheck.model.past import PastRun
from emrnetcheck.reports.plots.picture import Picture
from emrnetcheck.reports.plots.sheet import WIDTH_PX, Colours, Sheet, sheet
from emrnetcheck.reports.week.page import day as day_of
from emrnetcheck.reports.week.seven import name_is_right

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = "addresses"
TITLE = "The address, and where the name led"
SPAN = timedelta(days=14)
_HEIGHT_PX = 190
_LEAST_LOOKS = 2
_ROOM_FOR_A_LETTER = 0.032  # of the width
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Looks in a row that saw the same, from the first to the last (seconds since 1970)."""

    from_s: float
    to_s: float
    seen: str


def timeline_picture(
    rows: Sequence[PastRun], *, now: datetime, zone: tzinfo = UTC, dark: bool = False
) -> Picture | None:
    """Of the last two weeks; rows: of one site, the oldest first. The addresses are told as A, B, C.

    None: fewer than two runs knew the address or the name, which is no time line.
    """
    within = [row for row in rows if now - SPAN <= row.started_at <= now]
    addresses = _stretches((row.started_at.timestamp(), _address(row)) for row in within)
    names = _stretches((row.started_at.timestamp(), _name_word(row)) for row in within)
    if sum(_address(row) is not None or name_is_right(row) is not None for row in within) < _LEAST_LOOKS:
        return None
    letters = _lettered(addresses)
    with sheet(_HEIGHT_PX, dark=dark) as drawn:
        _draw(drawn, letters, names, now, zone)
        png = drawn.png()
    return Picture(NAME, TITLE, _in_words(letters, names, zone), png, WIDTH_PX, _HEIGHT_PX)


_WRONG = "wrong"


def _address(row: PastRun) -> str | None:
    """That of a VPN or a proxy is not the office's."""
    return None if row.by_tunnel else row.public_v4


def _name_word(row: PastRun) -> str | None:
    right = name_is_right(row)
    return None if right is None else "right" if right else _WRONG


def _stretches(looks: Iterable[tuple[float, str | None]]) -> list[Stretch]:
    """A look that could not tell ends none: what is seen after it may still be the same."""
    found: list[Stretch] = []
    for at_s, seen in looks:
        if seen is None:
            continue
        if found and found[-1].seen == seen:
            found[-1] = Stretch(found[-1].from_s, at_s, seen)
        else:
            found.append(Stretch(at_s, at_s, seen))
    return found


def _lettered(stretches: Sequence[Stretch]) -> list[Stretch]:
    """The same address gets the same letter each time; beyond 26 of them, the number."""
    known: dict[str, str] = {}
    for each in stretches:
        known.setdefault(each.seen, _LETTERS[len(known)] if len(known) < len(_LETTERS) else str(len(known) + 1))
    return [Stretch(each.from_s, each.to_s, known[each.seen]) for each in stretches]


def _draw(drawn: Sheet, letters: Sequence[Stretch], names: Sequence[Stretch], now: datetime, zone: tzinfo) -> None:
    axes, colours = drawn.axes(), drawn.colours
    drawn.share(100, 22, 8, 64)
    end_s = now.timestamp()
    axes.set_xlim(end_s - SPAN.total_seconds(), end_s)
    axes.set_ylim(1.6, -0.6)
    axes.set_yticks((0, 1), ("address", "name"))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    days = [now - timedelta(days=number) for number in (14, 7, 0)]
    axes.set_xticks([each.timestamp() for each in days], [day_of(each, zone) for each in days])
    axes.get_xticklabels()[-1].set_horizontalalignment("right")
    axes.set_xlabel("dots: it changed somewhere between two runs")
    _bars(axes, colours, 0, letters, alternate=True)
    _bars(axes, colours, 1, names, alternate=False)


def _bars(axes: Axes, colours: Colours, place: int, stretches: Sequence[Stretch], *, alternate: bool) -> None:
    left, right = axes.get_xlim()
    least = (right - left) / 100  # of a single look, so that it is seen
    for number, each in enumerate(stretches):
        bad = each.seen == _WRONG
        colour = colours.limit if bad else colours.measured
        width = max(each.to_s - each.from_s, least)
        start = each.from_s - (width - (each.to_s - each.from_s)) / 2
        pale = alternate and number % 2
        axes.barh(place, width, left=start, height=0.6, color=colour, alpha=0.45 if pale else 1.0, lw=0)
        ink = colours.ink if pale else colours.page
        fits = width > (right - left) * _ROOM_FOR_A_LETTER * len(each.seen)
        word = each.seen if fits else "!" if bad else ""
        axes.text(start + width / 2, place, word, ha="center", va="center", color=ink, fontweight="bold")
    for one, other in pairwise(stretches):
        # Somewhere between these two looks it changed.
        axes.plot([one.to_s, other.from_s], [place, place], color=colours.faint, lw=1.5, ls=":")


def _in_words(letters: Sequence[Stretch], names: Sequence[Stretch], zone: tzinfo) -> str:
    parts = ["A time line of two weeks."]
    if not letters:
        parts.append("The address was not known.")
    elif len(letters) == 1:
        parts.append("The address was the same at every look.")
    else:
        changes = ", ".join(_moment(other.from_s, zone) for _, other in pairwise(letters))
        often = "once" if len(letters) == 2 else f"{len(letters) - 1} times"  # noqa: PLR2004 (before, and after)
        parts.append(f"The address changed {often}, found on: {changes}.")
    wrong = [each for each in names if each.seen == _WRONG]
    if not names:
        parts.append("Where the name led was not known.")
    elif not wrong:
        parts.append("The name was right at every look.")
    for each in wrong:
        until = f" until {_moment(each.to_s, zone)}" if each.to_s != each.from_s else ""
        parts.append(f"The name was wrong when looked at on {_moment(each.from_s, zone)}{until}.")
    return " ".join(parts)


def _moment(at_s: float, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(at_s, zone)
    return f"{day_of(at, zone)}, {at:%H:%M}"
