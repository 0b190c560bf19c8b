"""When is it said that something did not go as it should, and when is it not?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from emrnetcheck.model.claims import Claim, Ended
from emrnetcheck.schedule.due import parse
from emrnetcheck.schedule.health import Work, clock_troubles, in_words, troubles, work

VANCOUVER = ZoneInfo("America/Vancouver")
OFFSET_S = 420


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VANCOUVER).astimezone(UTC)


INSTALLED = at("2026-11-20T12:00")


def claim(due: str, outcome: Ended | None = Ended.DONE) -> Claim:
    begun = at(due) + timedelta(seconds=OFFSET_S)
    ended = None if outcome is None else begun + timedelta(minutes=2)
    return Claim("check", "Elm", at(due), begun, ended, outcome, "run" if outcome is not None else None)


def checked(now: str, last: Claim | None, *, when: str = "daily 06:30", installed: datetime | None = INSTALLED) -> Work:
    return work("check", parse(when), VANCOUVER, last=last, installed_at=installed, now=at(now), offset_s=OFFSET_S)


def told(found: Work, now: str) -> list[str]:
    return troubles((found,), at(now), lambda moment: moment.astimezone(VANCOUVER).strftime("%d %H:%M"))


@pytest.mark.parametrize(
    ("now", "last", "next_at", "trouble"),
    [
        ("2026-11-20T12:30", None, "2026-11-21T06:37", None),
        ("2026-11-26T06:36", claim("2026-11-25T06:30"), "2026-11-26T06:37", None),
        # It is due, and the scheduler has not looked yet.
        ("2026-11-26T06:40", claim("2026-11-25T06:30"), "2026-11-26T06:37", None),
        ("2026-11-26T07:37", claim("2026-11-25T06:30"), "2026-11-26T06:37", None),
        ("2026-11-26T07:38", claim("2026-11-25T06:30"), "2026-11-26T06:37", "The check of 26 06:37 has not been done"),
        ("2026-11-26T06:40", claim("2026-11-26T06:30"), "2026-11-27T06:37", None),
        # Never since the installation: the first one that is missing.
        ("2026-11-26T06:40", None, "2026-11-26T06:37", "The check of 21 06:37 has not been done"),
        ("2026-11-26T06:40", claim("2026-11-26T06:30", None), "2026-11-27T06:37", None),
        ("2026-11-26T07:38", claim("2026-11-26T06:30", None), "2026-11-27T06:37", "begun and never ended"),
        ("2026-11-26T07:38", claim("2026-11-26T06:30", Ended.FAILED), "2026-11-27T06:37", "failed by an error"),
        ("2026-11-26T07:38", claim("2026-11-26T06:30", Ended.STOPPED), "2026-11-27T06:37", "stopped by somebody"),
        ("2026-11-26T07:38", claim("2026-11-26T06:30", Ended.KEPT), "2026-11-27T06:37", None),
    ],
)
def test_what_is_told(now: str, last: Claim | None, next_at: str, trouble: str | None) -> None:
    found = checked(now, last)
    assert found.next_at == at(next_at)
    said = told(found, now)
    assert len(said) == (0 if trouble is None else 1)
    assert (trouble or "") in "".join(said)


def test_what_is_off_is_never_next_and_never_late() -> None:
    found = checked("2026-11-26T07:38", None, when="off")
    assert (found.next_at, found.overdue_since, told(found, "2026-11-26T07:38")) == (None, None, [])


def test_what_is_due_all_the_time_is_missed_as_well() -> None:
    """The newest half hour is never old: it goes by the first one that is missing."""
    late = checked("2026-11-26T09:10", claim("2026-11-26T07:30"), when="every 30 minutes")
    assert late.overdue_since == at("2026-11-26T08:07")
    for now in ("2026-11-26T08:40", "2026-11-26T09:06"):
        assert checked(now, claim("2026-11-26T07:30"), when="every 30 minutes").overdue_since is None


def test_a_check_stands_for_the_look_of_its_time() -> None:
    found = work(
        "look",
        parse("every 30 minutes"),
        VANCOUVER,
        last=claim("2026-11-26T06:00"),
        covered=claim("2026-11-26T06:30"),
        installed_at=INSTALLED,
        now=at("2026-11-26T06:50"),
        offset_s=OFFSET_S,
    )
    assert (found.next_at, found.overdue_since) == (at("2026-11-26T07:07"), None)


def test_a_check_that_was_caught_up_stands_for_the_looks_before_it() -> None:
    """The computer woke at 09:12, and did the check of 06:30: no look of the morning is missing."""
    late = replace(claim("2026-11-26T06:30"), claimed_at=at("2026-11-26T09:12"))
    found = work(
        "look",
        parse("every 30 minutes"),
        VANCOUVER,
        last=claim("2026-11-25T17:30"),
        covered=late,
        installed_at=INSTALLED,
        now=at("2026-11-26T09:14"),
        offset_s=OFFSET_S,
    )
    assert (found.next_at, found.overdue_since) == (at("2026-11-26T09:37"), None)


def test_what_was_claimed_while_the_clock_was_ahead_is_not_next_again() -> None:
    """The clock was wrong by half a day: what was done then is not done a second time."""
    found = work(
        "check",
        parse("daily 06:30"),
        VANCOUVER,
        last=claim("2026-11-25T06:30"),
        taken={at("2026-11-26T06:30")},
        installed_at=INSTALLED,
        now=at("2026-11-26T05:00"),
        offset_s=OFFSET_S,
    )
    assert (found.next_at, found.overdue_since) == (at("2026-11-27T06:37"), None)


def test_a_check_that_a_clock_that_was_ahead_caught_up_stands_for_no_look() -> None:
    ahead = replace(claim("2026-11-26T06:30"), claimed_at=at("2026-11-26T20:00"))
    found = work(
        "look",
        parse("every 30 minutes"),
        VANCOUVER,
        last=claim("2026-11-26T06:00"),
        covered=ahead,
        installed_at=INSTALLED,
        now=at("2026-11-26T09:14"),
        offset_s=OFFSET_S,
    )
    assert (found.next_at, found.overdue_since) == (at("2026-11-26T09:07"), at("2026-11-26T06:37"))


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (None, "not yet"),
        (claim("2026-11-26T06:30"), "done"),
        (claim("2026-11-26T06:30", None), "at work"),
        (claim("2026-11-25T06:30", None), "begun, never ended"),
        (claim("2026-11-26T06:30", Ended.KEPT), "measured, alerts not told yet"),
        (claim("2026-11-26T06:30", Ended.FAILED), "failed"),
        (claim("2026-11-26T06:30", Ended.STOPPED), "stopped"),
    ],
)
def test_the_last_one_in_a_word(last: Claim | None, words: str) -> None:
    assert in_words(last, at("2026-11-26T06:40")) == words


@pytest.mark.parametrize(
    ("now", "worked", "trouble"),
    [
        ("2026-11-26T06:40", "2026-11-26T06:37", None),
        ("2026-11-26T06:40", None, None),
        ("2026-11-26T06:28", "2026-11-26T06:37", None),
        ("2026-11-26T06:20", "2026-11-26T06:37", "it was ahead then, or is behind now. Looks go on"),
        ("2026-11-25T07:00", "2026-11-26T06:37", "it was ahead then, or is behind now. Looks go on"),
        ("2026-11-24T06:00", "2026-11-26T06:37", "it was ahead then, or is behind now"),
        ("2020-01-01T00:05", None, "before the schedule was installed: nothing is done"),
    ],
)
def test_a_clock_that_does_not_fit_is_told(now: str, worked: str | None, trouble: str | None) -> None:
    found = clock_troubles(INSTALLED, None if worked is None else at(worked), at(now), str)
    assert (trouble is None) is (found == [])
    assert trouble is None or trouble in found[0]
