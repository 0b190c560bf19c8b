"""The zone of this computer is the one of its name, in summer and in winter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from emrnetcheck.cli.zone import Here

NAMES = ["America/Vancouver", "Australia/Lord_Howe", "Europe/London", "Asia/Kathmandu", "UTC"]


@pytest.fixture(params=NAMES)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZoneInfo]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield ZoneInfo(request.param)
    monkeypatch.undo()
    time.tzset()


def around_changes(start: datetime) -> Iterator[datetime]:
    """Every half hour of the weeks in which zones change their clocks, and some of the others."""
    for half_hour in range(365 * 48):
        moment = start + timedelta(minutes=30 * half_hour)
        if (moment.month in (3, 4, 10, 11) and moment.day <= 8) or moment.day > 24 or half_hour % 37 == 0:
            yield moment


def test_it_shows_what_the_zone_of_that_name_shows(zone: ZoneInfo) -> None:
    here = Here()
    for moment in around_changes(datetime(2026, 1, 1, tzinfo=UTC)):
        expected, found = moment.astimezone(zone), moment.astimezone(here)
        assert found.replace(tzinfo=None) == expected.replace(tzinfo=None)
        assert (found.fold, found.tzname()) == (expected.fold, expected.tzname())
        assert found.astimezone(UTC) == moment


def test_what_the_wall_never_shows_is_taken_as_the_zone_of_that_name_takes_it(zone: ZoneInfo) -> None:
    for wall in around_changes(datetime(2026, 1, 1)):  # noqa: DTZ001 - a clock on a wall has no zone
        for fold in (0, 1):
            at = wall.replace(fold=fold)
            assert at.replace(tzinfo=Here()).astimezone(UTC) == at.replace(tzinfo=zone).astimezone(UTC), at
