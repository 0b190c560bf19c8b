"""Where it is lost: by all legs together, and hardly ever another place by chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from emrnetcheck.model import Segment
from emrnetcheck.placing import Fault, Health, Leg, Placing, Sure
from emrnetcheck.placing.legs import legs_of
from emrnetcheck.placing.limits import USUAL
from emrnetcheck.placing.losses import Lost, likeliest
from emrnetcheck.placing.shared_loss import judged_together
from tests.checks.builders import PUBLIC
from tests.checks.client_builders import CLIENT_SEEN, HERE_ROUTER, ISP, WITNESS, last_routers, series, way
from tests.placing.lossy_ways import ASKERS, Asker

RATIOS = {
    Leg.PEER: 0.002,
    Leg.ROUTER: 0.002,
    Leg.ISP: 0.01,
    Leg.OUTSIDE: 0.01,
    Leg.PATH: 0.01,
    Leg.SERVER_TCP: 0.01,
}
EMR, BETWEEN = frozenset({Leg.SERVER_TCP}), frozenset({Leg.PATH, Leg.SERVER_TCP})
LINE = frozenset({Leg.ISP, Leg.OUTSIDE, *BETWEEN})
OFFICE = frozenset({Leg.ROUTER, Leg.ISP, Leg.OUTSIDE, Leg.SERVER_TCP})


def seen(*told: str) -> dict[Leg, Lost]:
    """Of peer, router, isp, outside, path and EMR: lost/sent, or "" for not asked."""
    counts = {leg: each.split("/") for leg, each in zip(RATIOS, told, strict=True) if each}
    return {leg: Lost(int(sent), int(lost)) for leg, (lost, sent) in counts.items()}


@pytest.mark.parametrize(
    ("what", "losing"),
    [
        (seen("0/400", "0/400", "0/160", "0/480", "20/200", "8/80"), BETWEEN),
        (seen("0/400", "0/400", "0/160", "0/480", "0/200", "8/80"), EMR),
        (seen("0/400", "0/400", "0/160", "0/480", "", "8/80"), EMR),
        (seen("0/400", "0/400", "0/160", "45/480", "20/200", "8/80"), BETWEEN | {Leg.OUTSIDE}),
        (seen("0/400", "0/400", "16/160", "45/480", "20/200", "8/80"), LINE),
        (seen("0/400", "39/400", "16/160", "45/480", "20/200", "8/80"), LINE | {Leg.ROUTER}),
    ],
)
def test_the_last_router_tells_the_clinics_side_from_the_way_there(
    what: Mapping[Leg, Lost], losing: frozenset[Leg]
) -> None:
    found = likeliest(what, RATIOS, inside=False)
    assert (found.losing, found.open) == (losing, False)


def test_an_emr_of_the_office_behind_the_router_feels_its_cable() -> None:
    ratios = RATIOS | {Leg.SERVER_TCP: 0.002}
    what = seen("0/400", "39/400", "16/160", "45/480", "", "38/400")
    assert likeliest(what, ratios, inside=True, by_router=True).losing == OFFICE
    own = seen("0/400", "0/400", "0/160", "0/480", "", "38/400")
    assert likeliest(own, ratios, inside=True, by_router=True).losing == EMR


def test_who_crossed_the_limit_loses_even_where_chance_is_as_likely() -> None:
    little = seen("0/400", "0/400", "0/160", "0/480", "", "4/80")
    assert likeliest(little, RATIOS, inside=False).losing == frozenset()
    found = likeliest(little, RATIOS, inside=False, by_chance=False)
    assert (found.losing, found.open) == (EMR, True)


def test_of_two_that_are_about_as_likely_it_is_the_nearer() -> None:
    what = seen("0/800", "0/800", "3/160", "21/480", "8/200", "3/80")
    assert likeliest(what, RATIOS, inside=False, by_chance=False).losing == BETWEEN | {Leg.OUTSIDE}
    assert likeliest(what, RATIOS, inside=False, by_chance=False, nearer=1.5).losing == LINE


def test_who_only_answers_badly_is_well_and_its_figures_stay() -> None:
    router = way(series(HERE_ROUTER, 0.4, lost=39))
    found = judged_together(legs_of(replace(CLIENT_SEEN, way=router), USUAL), replace(CLIENT_SEEN, way=router), USUAL)
    state = found.legs[Leg.ROUTER]
    assert (state.health, state.fault, state.lost) == (Health.GOOD, None, 39)
    late = way(series(HERE_ROUTER, 80.0, lost=39))
    found = judged_together(legs_of(replace(CLIENT_SEEN, way=late), USUAL), replace(CLIENT_SEEN, way=late), USUAL)
    assert found.legs[Leg.ROUTER].fault is Fault.LATENCY


def test_who_loses_with_others_is_bad_though_its_own_limit_is_not_crossed() -> None:
    lossy = way(
        isp=series(ISP, 10.0, sent=160, lost=3),
        outside=series(WITNESS, 20.0, sent=160, lost=9),
        server=series(PUBLIC, 40.0, sent=80, lost=5),
    )
    this = replace(CLIENT_SEEN, way=lossy, last_routers=last_routers(8, 9))
    alone = legs_of(this, USUAL)
    assert alone[Leg.ISP].health is Health.GOOD
    found = judged_together(alone, this, USUAL)
    assert {leg for leg, state in found.legs.items() if state.fault is Fault.LOSS} == set(LINE)
    assert found.legs[Leg.ROUTER].health is Health.GOOD


def test_where_nobody_loses_by_its_limit_nothing_is_changed() -> None:
    legs = legs_of(CLIENT_SEEN, USUAL)
    found = judged_together(legs, CLIENT_SEEN, USUAL)
    assert (found.legs, found.losing, found.open) == (legs, frozenset(), False)


@pytest.mark.parametrize(
    ("asker", "place"),
    [(asker, place) for asker in ASKERS for place in asker.places],
    ids=[f"{asker.name}: {place}" for asker in ASKERS for place in asker.places],
)
def test_five_percent_each_way_are_found_where_they_are_lost(asker: Asker, place: str) -> None:
    """The same chance each time. In a thousand looks 0.5 % at most are wrong: python -m tests.placing.lossy_ways."""
    found = asker.answers(place, 0.05, range(20))
    assert found["wrong"] == 0
    assert found["right"] >= 19


def test_doubt_makes_an_answer_likely_only_where_it_rests_on_the_loss() -> None:
    lossy = way(server=series(PUBLIC, 40.0, sent=80, lost=5))
    this = replace(CLIENT_SEEN, way=lossy)
    found = judged_together(legs_of(this, USUAL), this, USUAL)
    assert found.open
    assert found.doubted(Placing(Segment.FAR, Sure.CERTAIN, (Leg.SERVER_TCP,))).sure is Sure.LIKELY
    assert found.doubted(Placing(None, Sure.CERTAIN)).sure is Sure.LIKELY
    assert found.doubted(Placing(Segment.NAME, Sure.CERTAIN, (Leg.NAME,))).sure is Sure.CERTAIN
