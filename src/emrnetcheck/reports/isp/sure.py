"""How much do so many tests at such times show?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from emrnetcheck.reports.isp.facts import Look, counted
from emrnetcheck.reports.line import Line

# A provider can call a bad hour or a bad day chance; a week of several tests a day it cannot. A judgement, no standard.
_FEW_TESTS = 5
_FEW_DAYS = 3
_FEW_HOURS = 3


def how_sure(looks: Sequence[Look], zone: tzinfo) -> Iterator[Line]:
    """What these tests cannot show is said first."""
    tests = [(look, look.tested_at.astimezone(zone)) for look, _ in counted(looks)]
    if not tests:
        yield _item("Nothing is shown about the upload: no test of it counts.")
        return
    days, hours = {at.date() for _, at in tests}, {at.hour for _, at in tests}
    n, on = _count(len(tests), "test"), _count(len(days), "day")
    if len(tests) < _FEW_TESTS or len(days) < _FEW_DAYS:
        shows = "shows" if len(tests) == 1 else "show"
        yield _item(f"{n} on {on} {shows} little: a provider may call that chance. More tests on more days show more.")
    else:
        yield _item(f"{n} on {on}.")
    if len(hours) < _FEW_HOURS:
        at = " and ".join(f"{hour:02d}:00 to {(hour + 1) % 24:02d}:00" for hour in sorted(hours))
        yield _item(f"They were all made from {at}: of other hours nothing is known.")
    unknown = sum(look.connection == "not known" for look, _ in tests)
    if unknown:
        yield _item(f"In {unknown} of them it is not known whether this computer was connected by cable.")
    else:
        yield _item("All were made from a computer on a cable, with no VPN.")
    unseen = sum(not look.looked_inside for look, _ in tests)
    if unseen:
        yield _item(f"In {unseen} of them the office's own network was not looked at: the fault may be there.")
    else:
        yield _item("Each time our own network was looked at, and nothing wrong was found in it.")
    yield _item("Other computers of the office may have used the line meanwhile: this computer cannot see that.")


def _item(text: str) -> Line:
    return Line(text, lead="- ")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
