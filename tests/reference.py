"""The pages of docs/ that are made from the code. Write them again: python -m tests.reference"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from emrnetcheck.checks import ALL, EVERY
from emrnetcheck.model.limits import limits_in
from emrnetcheck.recipes import MENUS_DIFFER, NONE, OF_CODES, RECIPES
from emrnetcheck.reports.code_words import SEVERITY_WORDS, with_names
from emrnetcheck.reports.wording import CONTACT_WORDS

DOCS = Path(__file__).parent.parent / "docs"
_MADE = "<!-- Made from the code: python -m tests.reference -->"


def pages() -> Mapping[str, str]:
    """By the name of the file."""
    made = {"limits.md": _limits(), "codes.md": _codes(), "recipes.md": _recipes()}
    return {name: "\n".join(lines) + "\n" for name, lines in made.items()}


def _limits() -> Iterator[str]:
    yield "# The limits"
    yield ""
    yield _MADE
    yield ""
    yield (
        "Every number that a check goes by, with its source. Each can be set in the [settings](settings.md) below "
        "`[limits]`, by the name in the first column. The two limits of the upload, `minimum_mbps` and "
        "`recommended_mbps`, are set below `[upload]`."
    )
    for check in EVERY:
        rows = list(limits_in(check.limits))
        if check not in ALL and check.id != "segment":
            continue  # they are those of `segment`
        yield f"\n## {check.id}: {check.title}\n"
        yield "| limit | default | unit | meaning | source |"
        yield "|---|---|---|---|---|"
        for each in rows:
            cells = (f"`{check.id}.{each.name}`", f"{each.value:g}", each.unit, each.meaning, each.source)
            yield f"| {' | '.join(map(_cell, cells))} |"
    others = [f"`{check.id}`" for check in EVERY if check not in ALL and check.id != "segment"]
    yield ""
    yield f"{', '.join(others)} have the limits of `segment`, each below its own name; those of `segment` hold for all."


def _codes() -> Iterator[str]:
    yield "# The codes"
    yield ""
    yield _MADE
    yield ""
    yield (
        "What a report can say. A code is never renamed. `emrnetcheck explain CODE` tells more: why it matters, and "
        "how it is mended, step by step ([all recipes](recipes.md)). The report fills in the words in angle brackets."
    )
    for check in EVERY:
        who = "`client` only" if check not in ALL else "required" if check.required else "not required"
        yield f"\n## {check.id}: {check.title}\n"
        yield f"{who[0].upper()}{who[1:]}.\n" if not who.startswith("`") else f"Of {who}.\n"
        yield "| code | is | says | what to do | who | how |"
        yield "|---|---|---|---|---|---|"
        for name, code in check.codes.items():
            how = ", ".join(
                f"[{RECIPES[each].title}](recipes.md#{_anchor(RECIPES[each].title)})" for each in OF_CODES.get(name, ())
            )
            cells = (
                f"`{name}`",
                SEVERITY_WORDS[code.severity],
                with_names(code.summary),
                with_names(code.advice),
                CONTACT_WORDS[code.contact] if code.contact is not None else "",
                how or NONE.get(name, ""),
            )
            yield f"| {' | '.join(map(_cell, cells))} |"


def _recipes() -> Iterator[str]:
    yield "# The recipes"
    yield ""
    yield _MADE
    yield ""
    yield f"How what the check finds is mended, step by step. {MENUS_DIFFER}"
    for recipe in RECIPES.values():
        codes = [f"`{code}`" for code, recipes in OF_CODES.items() if recipe.id in recipes]
        yield f"\n## {recipe.title}\n"
        yield f"For {', '.join(codes)}.\n"
        for number, step in enumerate(recipe.steps, start=1):
            yield f"{number}. {_text(step)}"
        yield f"\nThen: {_text(recipe.seen)}"
        if recipe.menus:
            yield "\n| router | where |\n|---|---|"
            for family, menu in recipe.menus.items():
                yield f"| {family} | {_cell(menu)} |"


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


def _cell(text: str) -> str:
    return text if text.startswith(("`", "[")) else _text(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Angle brackets would be taken for HTML."""
    return text.replace("<", "&lt;").replace(">", "&gt;")


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
        print(f"docs/{name}: {len(text.splitlines())} lines")
