"""Lists of past runs: safe on a terminal, and no more certain than the runs were."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from emrnetcheck.model import Segment, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports import history as page
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.terminal_lines import laid_out
from emrnetcheck.store.extract import past_run
from tests.reports.samples import HOSTILE, NOT_READY, READY

RUN = past_run(READY)
FIVE_WEST = timezone(timedelta(hours=-5))


def shown(runs: list[PastRun], *, more: bool = False, all_wanted: bool = True) -> str:
    lines = page.history_page(runs, more=more, all_wanted=all_wanted, zone=FIVE_WEST, command="emrnetcheck")
    return laid_out(lines)


def test_a_run_is_told_in_its_own_time_with_its_headline_and_id() -> None:
    text = shown([past_run(NOT_READY), RUN], more=True)
    assert text.splitlines() == [
        "NOT READY  2026-11-24 15:20, Elm Street Clinic",
        "           Three things have to be mended first.",
        "           20261124T202000Z-7f3a",
        "READY      2026-11-24 15:20, Elm Street Clinic",
        "           This network can host the EMR for 4 people outside the office.",
        "           20261124T202000Z-7f3a",
        "",
        "There are more: --limit 100 shows more of them.",
        "To read one: emrnetcheck history show 20261124T202000Z-7f3a",
    ]


def test_a_part_and_a_place_elsewhere_are_told_as_such() -> None:
    assert "Elm Street Clinic (only a part was asked)" in shown([replace(RUN, whole=False)])
    slow = shown([replace(RUN, vantage="client", verdict=Verdict.NOT_READY)])
    assert slow.startswith("SLOW ")
    assert "seen from elsewhere" in slow


def test_nothing_kept_is_told_apart_from_nothing_like_that() -> None:
    assert shown([]) == "Nothing is kept yet: each run is, from the next one on.\n"
    assert shown([], all_wanted=False) == "No run is like that.\n"


def test_stored_words_cannot_command_the_terminal() -> None:
    text = shown([replace(RUN, site=HOSTILE, headline=HOSTILE, id=HOSTILE)])
    assert all(character.isprintable() or character == "\n" for character in text)


def test_json_has_every_column() -> None:
    found = json.loads(page.render_json([replace(RUN, segment=Segment.LINE)]))
    assert found["schema"] == "emrnetcheck/history/1"
    [run] = found["runs"]
    assert (run["started_at"], run["segment"], run["goodput_mbps"]) == ("2026-11-24T20:20:00Z", "line", 9.53)
    assert "upload.ok" in run["codes"]


def told(run: PastRun | None, age: timedelta | None, *, stale: bool) -> list[str]:
    lines: list[Line] = list(page.status_page(run, age, stale=stale, max_age="8d", zone=UTC))
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("age", "ago"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=8), "8 days ago"),
        (timedelta(seconds=-5), "the clock was or is wrong"),
    ],
)
def test_the_status_tells_how_old_it_is(age: timedelta, ago: str) -> None:
    first, second = told(RUN, age, stale=False)
    assert first == f"READY: Elm Street Clinic, 24 Nov 2026, 20:20 UTC ({ago})."
    assert second == "This network can host the EMR for 4 people outside the office."


def test_a_stale_status_begins_with_could_not_tell() -> None:
    assert told(None, None, stale=True) == ["COULD NOT TELL: no whole run is kept."]
    first, second = told(RUN, timedelta(days=9), stale=True)
    assert first == ("COULD NOT TELL: the last whole run is older than 8d: 24 Nov 2026, 20:20 UTC (9 days ago).")
    assert second.startswith("Then: READY. ")
    first, _ = told(RUN, timedelta(days=-2), stale=True)
    assert "is from a time to come" in first


def test_the_samples_are_of_the_day_that_these_tests_name() -> None:
    assert RUN.started_at == datetime(2026, 11, 24, 20, 20, tzinfo=UTC)
