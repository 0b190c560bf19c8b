"""Whoever reads of a fault can read how it is mended, step by step, and what is not mended says why."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from emrnetcheck.checks import EVERY
from emrnetcheck.model import Severity
from emrnetcheck.recipes import NONE, OF_CODES, RECIPES, Recipe, recipes_of
from emrnetcheck.recipes import recipe as families

CODES = {name: code for check in EVERY for name, code in check.codes.items()}
BAD = {name for name, code in CODES.items() if code.severity in (Severity.WARN, Severity.FAIL, Severity.UNKNOWN)}
FAMILIES = {value for name, value in vars(families).items() if name.isupper() and name != "MENUS_DIFFER"}
EACH = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
LONGEST_WORDS = 25


def test_everything_that_can_be_mended_has_a_recipe_or_says_why_not() -> None:
    assert BAD - set(OF_CODES) - set(NONE) == set()
    assert set(OF_CODES) & set(NONE) == set()
    assert (set(OF_CODES) | set(NONE)) - set(CODES) == set()


def test_no_code_is_listed_twice() -> None:
    from emrnetcheck.recipes.of_codes import _BY_RECIPES

    listed = Counter(code for codes in _BY_RECIPES.values() for code in codes.split())
    assert [code for code, times in listed.items() if times > 1] == []


def test_every_recipe_is_there_and_in_use() -> None:
    used = {each for recipes in OF_CODES.values() for each in recipes}
    assert used == set(RECIPES)
    assert recipes_of("port.not_forwarded")[0].id == "forward_port"
    assert recipes_of("upload.ok") == ()


@EACH
def test_a_recipe_has_steps_that_are_short_plain_sentences(recipe: Recipe) -> None:
    assert 3 <= len(recipe.steps) <= 7
    for text in (*recipe.steps, recipe.seen):
        assert text.isascii()
        assert text.endswith((".", "?", '"')), text
        for sentence in re.split(r"[.!?:;](?:\s|$)", text):
            assert len(sentence.split()) <= LONGEST_WORDS, sentence
    assert not recipe.title.endswith(".")


@EACH
def test_menus_are_of_known_families(recipe: Recipe) -> None:
    assert set(recipe.menus) <= FAMILIES
    assert all(menu and menu.isascii() for menu in recipe.menus.values())


def test_what_is_done_at_the_router_tells_where_on_common_routers() -> None:
    for needed in ("forward_port", "reserve_address", "ddns_client"):
        assert set(RECIPES[needed].menus) >= FAMILIES - {families.PROVIDER}
