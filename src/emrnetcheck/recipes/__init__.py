"""How is a fault mended, step by step? Recipes as data, and which code has which. Offline; imports nothing of ours."""

from __future__ import annotations

from emrnetcheck.recipes import address, emr, inside, line, name, outside, self_help
from emrnetcheck.recipes.of_codes import NONE, OF_CODES
from emrnetcheck.recipes.recipe import MENUS_DIFFER, Recipe

RECIPES: dict[str, Recipe] = {
    recipe.id: recipe for room in (inside, line, address, outside, name, emr, self_help) for recipe in room.RECIPES
}
"""Every recipe, by its id."""


def recipes_of(code: str) -> tuple[Recipe, ...]:
    """The recipes for a finding's code, the likeliest first; none where there is nothing to mend."""
    return tuple(RECIPES[each] for each in OF_CODES.get(code, ()))


__all__ = ["MENUS_DIFFER", "NONE", "OF_CODES", "RECIPES", "Recipe", "recipes_of"]
