"""Seven days are what their runs say together, and no more."""

from __future__ import annotations

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.model import Status, Verdict
from emrnetcheck.model.past import THROUGH_A_TUNNEL, PastRun
from emrnetcheck.model.spells import Spell, spells
from emrnetcheck.reports.week.seven import NO_INTERNET, NO_WAY_OUT, WRONG_FOR_SOME, Question, Range, Seven, seven
from tests.checks.builders import OLD
from tests.reports.week.rows import FINE, NOW, ago, row

DAY_S = 86_400.0


def this_week(*around: PastRun) -> Seven:
    return seven(around, ago(7), NOW)


def test_a_week_without_a_run_has_no_figure_at_all() -> None:
    found = this_week(row(8), row(9))
    assert (found.runs, found.whole, found.days, found.verdicts) == (0, 0, 0, {})
    assert (found.upload_mbps, found.idle_rtt_ms, found.loaded_rtt_ms) == (None, None, None)
    assert found.emr == found.internet == found.name == Question(0, 0, ())
    assert (found.address_looks, found.moves, found.troubles) == (0, (), {})


def test_the_figures_are_of_the_runs_within() -> None:
    found = this_week(row(8, goodput_mbps=99.0), row(6, goodput_mbps=8.0), row(5.9, goodput_mbps=None), row(0))
    assert (found.runs, found.days) == (3, 2)
    assert found.upload_mbps == Range(2, 8.7, 8.0, 9.4)
    assert found.uploads_mbps == (None, 8.0, None, None, None, None, 9.4)
    assert found.idle_rtt_ms == Range(3, 20.0, 20.0, 20.0)


@pytest.mark.parametrize("code", sorted(THROUGH_A_TUNNEL))
def test_what_went_through_a_tunnel_is_of_another_line(code: str) -> None:
    tunnel = row(2, codes=(code,), goodput_mbps=1.1, idle_rtt_ms=200.0, loaded_rtt_ms=300.0, public_v4=OLD)
    found = this_week(row(3), tunnel, row(1))
    assert (found.runs, found.by_tunnel) == (3, 1)
    assert found.upload_mbps == Range(2, 9.4, 9.4, 9.4)
    assert (found.idle_rtt_ms, found.loaded_rtt_ms) == (Range(2, 20.0, 20.0, 20.0), Range(2, 40.0, 40.0, 40.0))
    assert found.uploads_mbps.count(9.4) == 2
    assert found.uploads_mbps.count(None) == 5
    assert (found.address_looks, found.moves) == (2, ())


def test_only_whole_runs_give_verdicts_and_troubles() -> None:
    part = row(2, failed=("upload",), whole=False)
    found = this_week(row(3), part, row(1, failed=("upload", "emr")))
    assert (found.runs, found.whole) == (3, 2)
    assert found.verdicts == {Verdict.READY: 1, Verdict.NOT_READY: 1}
    assert found.troubles == {"upload": 1, "emr": 1}


def test_an_outage_is_told_by_the_right_looks_on_both_sides() -> None:
    found = this_week(row(8), row(6, failed=("emr",)), row(5, failed=("emr",)), row(4)).emr
    assert (found.looks, found.right) == (3, 1)
    assert found.wrong == (Spell(ago(6).timestamp(), DAY_S, 3 * DAY_S, still=False),), "of these days, three at most"


def test_an_outage_that_was_over_before_is_none_of_this_week() -> None:
    assert this_week(row(9), row(8, failed=("emr",)), row(7.5), row(6)).emr.wrong == ()


def test_of_an_outage_over_the_border_each_week_has_its_part() -> None:
    around = (row(9), row(8, failed=("emr",)), row(6, failed=("emr",)), row(5))
    this, last = seven(around, ago(7), NOW).emr.wrong, seven(around, ago(14), ago(7)).emr.wrong
    assert this == (Spell(ago(7).timestamp(), DAY_S, 2 * DAY_S, still=False),)
    assert last == (Spell(ago(8).timestamp(), DAY_S, 2 * DAY_S, still=True),)


def test_an_outage_longer_than_the_week_is_all_of_it() -> None:
    around = (row(9), row(8, failed=("emr",)), row(3, failed=("emr",)))
    assert seven((*around, row(-1)), ago(7), ago(4)).emr.wrong == (
        Spell(ago(7).timestamp(), 3 * DAY_S, 3 * DAY_S, still=True),
    )
    assert seven(around, ago(7), NOW).emr.wrong == (Spell(ago(7).timestamp(), 4 * DAY_S, None, still=True),)


def test_when_an_outage_began_is_not_known_without_a_look_before() -> None:
    assert this_week(row(6, failed=("emr",)), row(5)).emr.wrong == (Spell(ago(6).timestamp(), 0.0, None, still=False),)


def test_what_could_not_be_told_is_neither_right_nor_wrong() -> None:
    unknown = {**FINE, "emr": Status.UNKNOWN, "ddns": Status.SKIPPED, "address": Status.UNKNOWN}
    found = this_week(row(2, statuses=unknown), row(1, statuses={}))
    assert found.emr == found.name == found.internet == Question(0, 0, ())


@pytest.mark.parametrize("code", sorted(NO_INTERNET | NO_WAY_OUT))
def test_without_a_way_out_there_was_no_internet(code: str) -> None:
    assert this_week(row(1, codes=(code,), statuses={"address": Status.SKIPPED})).internet.right == 0


def test_another_fault_of_the_address_is_no_outage() -> None:
    assert this_week(row(1, failed=("address",), codes=("address.cgnat",))).internet == Question(1, 1, ())


@pytest.mark.parametrize("code", sorted(WRONG_FOR_SOME))
def test_a_name_that_is_wrong_for_some_is_wrong(code: str) -> None:
    found = this_week(row(1, codes=(code,), statuses={**FINE, "ddns": Status.WARN})).name
    assert (found.looks, found.right) == (1, 0)


def test_the_codes_are_codes() -> None:
    known = {code for check in ALL for code in check.codes}
    assert known >= THROUGH_A_TUNNEL | NO_INTERNET | NO_WAY_OUT | WRONG_FOR_SOME


def test_the_address_moves_when_another_is_seen() -> None:
    found = this_week(row(8), row(6, public_v4=None), row(5, public_v4=OLD), row(4, public_v4=OLD), row(3))
    assert [(move.before_unix_s, move.after_unix_s) for move in found.moves] == [
        (ago(8).timestamp(), ago(5).timestamp()),
        (ago(4).timestamp(), ago(3).timestamp()),
    ]
    assert found.address_looks == 3


def test_spells_are_bounds() -> None:
    assert spells([]) == spells([(1.0, False)]) == ()
    assert spells([(1.0, True)]) == (Spell(1.0, 0.0, None, still=True),)
    looks = [(0.0, False), (10.0, True), (20.0, True), (50.0, False), (60.0, True)]
    assert spells(looks) == (Spell(10.0, 10.0, 50.0, still=False), Spell(60.0, 0.0, None, still=True))
