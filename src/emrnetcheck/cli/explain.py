"""emrnetcheck explain CODE: what a finding means, why it matters for an EMR, and how to mend it. Works offline."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from emrnetcheck.cli.nearest import no_such_code
from emrnetcheck.exit_status import ExitStatus

if TYPE_CHECKING:
    from emrnetcheck.recipes import Recipe

_LEAD_COLUMNS = 17
_COLUMNS = 79


def explain(code: Annotated[str, typer.Argument(help="A code such as ddns.stale, as the report prints it.")]) -> None:
    """Explain a finding's code."""
    from emrnetcheck.checks import EVERY, code_named, code_of_word
    from emrnetcheck.reports.code_words import SEVERITY_WORDS, with_names
    from emrnetcheck.reports.wording import whom_and_when

    typed, code = code, code_of_word(code.strip().lower())
    known = code_named(code)
    if known is None:
        every = [name for check in EVERY for name in check.codes]
        typer.echo(no_such_code(typed, every), err=True)
        raise typer.Exit(ExitStatus.USAGE)
    check = next(check for check in EVERY if code in check.codes)
    typer.echo(f"{code} ({SEVERITY_WORDS[known.severity]}; check: {check.title})\n")
    rows = (
        ("What it says:", with_names(known.summary)),
        ("Why it matters:", known.why),
        ("What to do:", with_names(known.advice)),
        ("Who can mend it:", whom_and_when(known.contact, known.due)),
        ("What to say:", f'"{with_names(known.say)}"' if known.say else ""),
    )
    for lead, text in rows:
        if text:
            typer.echo(_folded(lead, text))
    for line in (*_recipes(code), *_limits(check.id, check.limits)):
        typer.echo(line)


def _recipes(code: str) -> Iterator[str]:
    from emrnetcheck.recipes import NONE, recipes_of

    if code in NONE:
        yield _folded("No recipe:", f"{NONE[code]}.")
    for recipe in recipes_of(code):
        yield ""
        yield f"How: {recipe.title}"
        yield from _steps(recipe)


def _steps(recipe: Recipe) -> Iterator[str]:
    from emrnetcheck.recipes import MENUS_DIFFER

    for number, step in enumerate(recipe.steps, start=1):
        yield _hanging(f"  {number}. ", step)
    yield _hanging("  Then: ", recipe.seen)
    if recipe.menus:
        yield f"  Where. {MENUS_DIFFER}"
    for family, menu in recipe.menus.items():
        yield _hanging(f"     {family}: ", menu)


def _limits(check_id: str, limits: object) -> Iterator[str]:
    from emrnetcheck.model.limits import limits_in

    yield "\nLimits used (settable under [limits]):"
    for limit in limits_in(limits):
        yield _hanging(f"  {check_id}.{limit.name} = {limit.value:g}: ", f"{limit.meaning} Source: {limit.source}.", 6)


def _folded(lead: str, text: str) -> str:
    """A lead and its text, whole at 80 columns, with a hanging indent."""
    return _hanging(lead.ljust(_LEAD_COLUMNS), text)


def _hanging(lead: str, text: str, columns: int | None = None) -> str:
    indent = " " * (len(lead) if columns is None else columns)
    return textwrap.fill(text, _COLUMNS, initial_indent=lead, subsequent_indent=indent, break_on_hyphens=False)
