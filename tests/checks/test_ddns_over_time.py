"""The name over time, from looks at it: changes, and bounds for how long it was wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.checks.ddns.over_time import Sighting, over_time, sighting
from emrnetcheck.evidence import Seen
from emrnetcheck.model.spells import Spell
from tests.checks.builders import HEALTHY, OLD, PUBLIC, names, source


def look(at_s: float, public: str | None, *named: str) -> Sighting:
    return Sighting(at_s, public, named, 60)


def test_a_change_that_was_followed_has_bounds() -> None:
    found = over_time([look(0, OLD, OLD), look(100, PUBLIC, OLD), look(160, PUBLIC, OLD), look(300, PUBLIC, PUBLIC)])
    (change,) = found.changes
    assert (change.old, change.new, change.before_unix_s, change.after_unix_s) == (OLD, PUBLIC, 0, 100)
    assert found.wrong == (Spell(100, 60, 300, still=False),)


@pytest.mark.parametrize(
    ("looks", "wrong"),
    [
        ([], ()),
        ([look(0, PUBLIC, PUBLIC)], ()),
        ([look(0, PUBLIC, OLD)], (Spell(0, 0, None, still=True),)),
        ([look(0, PUBLIC, OLD), look(9, PUBLIC, PUBLIC)], (Spell(0, 0, None, still=False),)),
        ([look(0, PUBLIC, PUBLIC), look(9, PUBLIC, OLD)], (Spell(9, 0, None, still=True),)),
        (
            [look(0, PUBLIC, PUBLIC), look(9, PUBLIC, PUBLIC, OLD), look(20, PUBLIC, PUBLIC)],
            (Spell(9, 0, 20, False),),
        ),
        # A look that does not tell is no proof of either.
        ([look(0, PUBLIC, PUBLIC), look(9, None, OLD), look(20, PUBLIC)], ()),
    ],
)
def test_how_long_the_name_was_wrong(looks: list[Sighting], wrong: tuple[Spell, ...]) -> None:
    assert over_time(looks).wrong == wrong


def test_the_order_of_the_reports_does_not_matter() -> None:
    looks = [look(0, OLD, OLD), look(100, PUBLIC, OLD), look(300, PUBLIC, PUBLIC)]
    assert over_time(reversed(looks)) == over_time(looks)


def test_a_run_is_a_look() -> None:
    assert sighting(5.0, HEALTHY) == Sighting(5.0, PUBLIC, (PUBLIC,), 300)
    assert sighting(5.0, Seen()) == Sighting(5.0, None, (), None)
    assert sighting(5.0, replace(HEALTHY, names=names(source(OLD), source(PUBLIC)))).named == (PUBLIC, OLD)


LOOKS = st.builds(look, st.floats(0, 1e9), st.sampled_from([None, OLD, PUBLIC]), st.sampled_from([OLD, PUBLIC]))


@given(st.lists(LOOKS, max_size=30))
def test_the_bounds_are_bounds(looks: list[Sighting]) -> None:
    for wrong in over_time(looks).wrong:
        assert wrong.at_least_s >= 0
        assert wrong.at_most_s is None or wrong.at_most_s >= wrong.at_least_s
