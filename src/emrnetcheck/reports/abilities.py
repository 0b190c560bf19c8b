"""What can this process measure, and what could another user, on this system and on others?"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from emrnetcheck.abilities import ABILITIES, Ability, Allowed, System, User, Way, users, way_now

_WIDTH = 79
_TITLE_COLUMNS = 10
MARK = "<!-- written by: emrnetcheck privileges --format markdown -->"


def as_text(allowed: Allowed) -> Iterator[str]:
    """Lines for a terminal: first what goes here and now, then the whole table."""
    yield f"THIS PROCESS ({allowed.system}, {_user(allowed.user, allowed.system)})"
    for ability in ABILITIES:
        way = way_now(ability, allowed)
        state, how = ("yes", _way(way)) if way.methods else ("NO", way.note)
        yield from _folded(f"  {state:<5}", f"{ability.title}: {how}" if how else ability.title)
        if not way.methods and ability.without:
            yield from _folded(" " * 7, f"Without it {ability.without}.")
    yield ""
    yield "EVERYWHERE"
    for ability in ABILITIES:
        yield ability.title
        for system in System:
            for number, (who, way) in enumerate(_by_user(ability, system)):
                lead = f"  {'' if number else system:<{_TITLE_COLUMNS}}"
                yield from _folded(lead, f"{who}: {_way(way)}")
    yield ""
    yield from _folded("", "On macOS and Windows this is by their documentation; it has been tried on stand-ins only.")


def as_markdown() -> Iterator[str]:
    """The table of docs/privileges.md."""
    yield MARK
    yield ""
    yield f"| measurement | {' | '.join(System)} |"
    yield "|---|" + "---|" * len(System)
    for ability in ABILITIES:
        cells = ("<br>".join(f"{who}: {_way(way)}" for who, way in _by_user(ability, system)) for system in System)
        yield f"| {ability.title} | {' | '.join(cells)} |"
    yield ""
    for ability in ABILITIES:
        if ability.without:
            yield f"- {ability.title}: without it {ability.without}."


def _by_user(ability: Ability, system: System) -> Iterator[tuple[str, Way]]:
    """Users with the same way are one entry."""
    ways = ability.ways(system)
    together: dict[Way, list[User]] = {}
    for user in users(system):
        together.setdefault(ways[user], []).append(user)
    for way, who in together.items():
        everybody = len(who) == len(users(system))
        yield "everybody" if everybody else " and ".join(_user(user, system) for user in who), way


def _user(user: User, system: System) -> str:
    return "administrator" if user is User.ROOT and system is System.WINDOWS else str(user)


def _way(way: Way) -> str:
    if not way.methods:
        return f"no ({way.note})" if way.note else "no"
    return " or ".join(way.methods) + (f" ({way.note})" if way.note else "")


def _folded(lead: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead))
