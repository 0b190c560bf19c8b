"""The pictures of two weeks show gaps as gaps, tell all in words, and name no address."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from emrnetcheck.model import Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports.plots import Picture, pictures_of_week
from emrnetcheck.store.extract import past_run
from tests.checks.builders import OLD, PUBLIC
from tests.reports.week.rows import FINE, NOW, TWO_WEEKS, row

ROWS = tuple(past_run(each) for each in TWO_WEEKS)
MOST_BYTES = 40_000


def named(*rows: PastRun, dark: bool = False) -> dict[str, Picture]:
    return {picture.name: picture for picture in pictures_of_week(rows, now=NOW, dark=dark)}


@pytest.mark.parametrize("dark", [False, True])
def test_they_are_small_and_the_same_each_time(dark: bool) -> None:
    found = named(*ROWS, dark=dark)
    assert list(found) == ["weeks", "addresses"]
    assert found == named(*ROWS, dark=dark)
    for picture in found.values():
        assert len(picture.png) < MOST_BYTES
        assert Image.open(io.BytesIO(picture.png)).size == (2 * picture.width_px, 2 * picture.height_px)


def test_days_and_gaps_are_told_in_words() -> None:
    alt = named(*ROWS)["weeks"].alt
    assert "This week, upload in Mbps: 9.4, 9.4, 2.2, 9.4, no data, 9.4, 2.4." in alt
    assert "This week, verdicts: Fri not ready, Sat ready, Sun not ready" in alt
    assert "The week before, upload in Mbps: 9.4, 9.4, no data, 9.4, 9.4, 9.4, no data." in alt


def test_a_week_without_data_is_told_as_such() -> None:
    assert "This week: no data." in named(*ROWS[:5])["weeks"].alt
    assert named() == {}


def test_a_day_is_as_bad_as_its_worst_whole_run() -> None:
    part = row(1.2, verdict=Verdict.NOT_READY, whole=False)
    alt = named(row(1.1), row(1.3, verdict=Verdict.INCONCLUSIVE), part)["weeks"].alt
    assert "Tue could not tell" in alt


def test_what_nobody_measured_has_no_graph() -> None:
    found = named(row(2, goodput_mbps=None, idle_rtt_ms=None), row(1, goodput_mbps=None, idle_rtt_ms=None))
    assert "upload" not in found["weeks"].alt
    assert "verdicts" in found["weeks"].alt
    assert found["weeks"].height_px < named(row(2))["weeks"].height_px


def test_the_address_and_the_name_over_time_in_words() -> None:
    alt = named(*ROWS)["addresses"].alt
    assert "The address changed 2 times, found on: Wed 18 Nov, 06:30, Sat 21 Nov, 06:30." in alt
    assert "The name was wrong when looked at on Wed 18 Nov, 06:30 until Fri 20 Nov, 06:30." in alt


def test_no_address_is_in_the_words() -> None:
    for picture in named(*ROWS).values():
        assert PUBLIC not in picture.alt
        assert OLD not in picture.alt


def test_nothing_moved_is_said() -> None:
    alt = named(row(3), row(2))["addresses"].alt
    assert "The address was the same at every look. The name was right at every look." in alt


@pytest.mark.parametrize("few", [[row(1)], [row(2, public_v4=None, statuses={**FINE, "ddns": Status.UNKNOWN}), row(1)]])
def test_one_look_is_no_time_line(few: list[PastRun]) -> None:
    assert "addresses" not in named(*few)


def test_more_addresses_than_letters_are_told_too() -> None:
    many = [row(13 - number / 3, public_v4=f"93.184.0.{number}") for number in range(30)]
    assert "The address changed 29 times" in named(*many)["addresses"].alt


def test_what_went_through_a_vpn_is_not_drawn_as_this_line() -> None:
    around = (row(3), row(2.5))
    tunnel = row(2, codes=("link.vpn",), goodput_mbps=1.1, idle_rtt_ms=200.0, public_v4=OLD)
    found, without = named(*around, tunnel), named(*around)
    assert "1.1" not in found["weeks"].alt
    assert "200" not in found["weeks"].alt
    assert "What was measured through a VPN or a proxy is not in the graphs." in found["weeks"].alt
    assert "VPN" not in without["weeks"].alt
    assert "The address was the same at every look." in found["addresses"].alt
