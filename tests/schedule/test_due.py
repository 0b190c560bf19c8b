"""Each due date comes once: whatever the zone, the season, the clock and the sleep of the computer."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emrnetcheck.schedule import due as reckoning
from emrnetcheck.schedule.due import CLOCK_WAS_WRONG, When, coming, due, next_due, offset_s, parse, parse_all

VANCOUVER = ZoneInfo("America/Vancouver")
# Half-hour steps, two-hour steps, southern seasons, quarter hours, a day left out, two changes around Ramadan.
ZONES = [
    ZoneInfo(name)
    for name in (
        "UTC",
        "America/Vancouver",
        "America/St_Johns",
        "Europe/London",
        "Australia/Lord_Howe",
        "Antarctica/Troll",
        "Pacific/Chatham",
        "Pacific/Apia",
        "Africa/Casablanca",
        "America/Havana",
    )
]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# No zone of today's rules moves its clock by more at once; Apia's left-out day is another test.
WIDEST_STEP = timedelta(hours=2)

zones = st.sampled_from(ZONES)
slots = st.tuples(st.integers(0, 6), st.integers(0, 24 * 60 - 1))
whens = st.lists(slots, min_size=1, max_size=6, unique=True).map(lambda found: When(tuple(sorted(found))))
moments = st.integers(0, 25 * 366 * 24 * 60).map(lambda minutes: datetime(2012, 1, 1, tzinfo=UTC) + minutes * MINUTE)


def at(text: str, zone: ZoneInfo = VANCOUVER) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "slots", "words"),
    [
        ("daily 06:30", [(day, 390) for day in range(7)], "every day at 06:30"),
        ("Monday 7:00", [(0, 420)], "Monday at 07:00"),
        ("mondays 07:00", [(0, 420)], "Monday at 07:00"),
        ("mon , thu 12:15 , 06:00", [(0, 360), (0, 735), (3, 360), (3, 735)], "Monday and Thursday at 06:00, 12:15"),
        ("fri-mon 00:00", [(0, 0), (4, 0), (5, 0), (6, 0)], "Monday, Friday, Saturday and Sunday at 00:00"),
        ("weekdays 23:59", [(day, 1439) for day in range(5)], "Monday to Friday at 23:59"),
        ("weekends 01:00", [(5, 60), (6, 60)], "Saturday and Sunday at 01:00"),
        ("  off ", [], "never"),
    ],
)
def test_what_is_written_is_understood(text: str, slots: list[tuple[int, int]], words: str) -> None:
    when = parse(text)
    assert list(when.slots) == slots
    assert when.in_words() == words


def test_several_are_taken_together_each_moment_once() -> None:
    when = parse_all(["mon 07:00", "monday 07:00, 06:00", "off", "tue 07:00"])
    assert when.slots == ((0, 360), (0, 420), (1, 420))
    assert when.in_words() == "Monday at 06:00, 07:00; Tuesday at 07:00"
    assert len(parse("hourly").slots) == 7 * 24
    assert parse("hourly").in_words() == "every 60 minutes"
    assert len(parse("Every 30 minutes").slots) == 7 * 48
    assert parse("every 15 minutes").slots[:3] == ((0, 0), (0, 15), (0, 30))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "daily",
        "06:30",
        "daily 6",
        "daily 24:00",
        "daily 06:60",
        "mo 06:30",
        "someday 06:30",
        "daily 06:30,",
        "mon-fri-sat 06:30",
        "daily ٠٦:٣٠",
        "-fri 06:30",
        "daily 06:30 12:00",
        "daily 006:30",
        "off 06:30",
        "every 7 minutes",
    ],
)
def test_what_is_not_understood_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r'^must be such as "daily 06:30"'):
        parse(text)


@given(st.text(max_size=40))
def test_nothing_that_is_written_is_a_bug(text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        refused = str(error)
    else:
        return
    assert refused.startswith("must be such as")


@pytest.mark.parametrize(
    ("text", "after", "expected"),
    [
        ("daily 06:30", "2026-11-26T06:29", "2026-11-26T06:30"),
        ("daily 06:30", "2026-11-26T06:30", "2026-11-27T06:30"),
        ("monday 07:00", "2026-11-30T07:00", "2026-12-07T07:00"),
        ("sunday 23:59", "2026-12-27T23:59", "2027-01-03T23:59"),
        ("daily 00:00", "2028-02-28T00:00", "2028-02-29T00:00"),
        ("daily 00:00", "2028-02-29T00:00", "2028-03-01T00:00"),
        ("daily 06:30", "2026-12-31T06:30", "2027-01-01T06:30"),
        # Spring: 02:30 is not shown, and comes an hour later; autumn: 01:30 is shown twice, and comes once.
        ("daily 02:30", "2026-03-07T02:30", "2026-03-08T03:30"),
        ("daily 01:30", "2026-10-31T01:30", "2026-11-01T01:30"),
        ("daily 01:30", "2026-11-01T01:30", "2026-11-02T01:30"),
    ],
)
def test_the_next_moment_by_the_clock_on_the_wall(text: str, after: str, expected: str) -> None:
    assert next_due(parse(text), VANCOUVER, at(after)) == at(expected)


def test_two_times_that_spring_makes_one_are_one() -> None:
    found = list(islice(coming(parse("daily 02:30, 03:30"), VANCOUVER, at("2026-03-08T00:00")), 3))
    assert found == [at("2026-03-08T03:30"), at("2026-03-09T02:30"), at("2026-03-09T03:30")]


def test_a_day_that_a_zone_leaves_out_is_caught_up() -> None:
    apia = ZoneInfo("Pacific/Apia")  # no 30 December in 2011
    found = list(islice(coming(parse("friday 06:30"), apia, datetime(2011, 12, 24, tzinfo=UTC)), 2))
    assert [each.astimezone(apia).date() for each in found] == [date(2011, 12, 31), date(2012, 1, 6)]
    early = datetime(2011, 12, 31, 5, 0, tzinfo=apia)  # before it is caught up
    assert next_due(parse("friday 06:30"), apia, early) == found[0]
    before = due(parse("friday 06:30"), apia, last_claimed=None, installed_at=None, now=early)
    assert before == datetime(2011, 12, 23, 6, 30, tzinfo=apia)


@given(zones, whens, moments)
def test_a_moment_is_what_the_wall_shows_for_the_first_time(zone: ZoneInfo, when: When, after: datetime) -> None:
    moment = next_due(when, zone, after)
    assert moment is not None
    assert after < moment <= after + timedelta(days=7) + WIDEST_STEP
    wall = moment.astimezone(zone)
    shown = {(wall.weekday(), wall.hour * 60 + wall.minute)} & set(when.slots)
    if shown:
        assert wall.fold == 0
    else:  # left out: the clock jumped over it shortly before
        assert wall.utcoffset() > (moment - WIDEST_STEP).astimezone(zone).utcoffset()  # type: ignore[operator]


@given(zones, whens, moments)
def test_no_moment_lies_between_two_that_follow_each_other(zone: ZoneInfo, when: When, after: datetime) -> None:
    """Against a walk through every minute on the wall."""
    found = list(islice(coming(when, zone, after), len(when.slots) + 1))
    assert found == sorted(set(found))
    walked = set()
    day = after.astimezone(zone).date() - DAY
    while day <= found[-1].astimezone(zone).date() + DAY:
        for weekday, minute in when.slots:
            if weekday == day.weekday():
                walked.add(datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone).astimezone(UTC))
        day += DAY
    assert found == sorted(each for each in walked if after < each <= found[-1])


class Computer:
    """Claims what is due whenever it is awake. Uniqueness is the claims table's: here a set."""

    def __init__(self, when: When, zone: ZoneInfo, start: datetime, offset: int = 0) -> None:
        self.when, self.zone, self.offset = when, zone, offset
        self.installed_at = self.now = start
        self.claims: list[datetime] = []
        self.refused = 0

    def wake(self, passed: timedelta) -> datetime | None:
        self.now += passed
        moment = due(
            self.when,
            self.zone,
            last_claimed=max(self.claims, default=None),
            installed_at=self.installed_at,
            now=self.now,
            offset_s=self.offset,
        )
        if moment is None or moment in self.claims:
            self.refused += moment is not None
            return None
        self.claims.append(moment)
        return moment


@given(zones, whens, moments, st.integers(0, 120), st.lists(st.timedeltas(MINUTE, 40 * DAY), max_size=25))
def test_every_wake_up_leaves_the_newest_moment_claimed_once(
    zone: ZoneInfo, when: When, start: datetime, offset_minutes: int, sleeps: list[timedelta]
) -> None:
    """Asleep for minutes or weeks: once for each due date, never two, none lost but those that were slept over."""
    computer = Computer(when, zone, start, offset_minutes * 60)
    for slept in sleeps:
        before = computer.now
        claimed = computer.wake(slept)
        passed = [
            each
            for each in islice(coming(when, zone, before - offset_minutes * MINUTE), 400)
            if each <= computer.now - offset_minutes * MINUTE and each > start
        ]
        assert claimed == (passed[-1] if passed else None)
        assert computer.wake(timedelta(0)) is None
    assert computer.claims == sorted(set(computer.claims))
    assert computer.refused == 0, "with a right clock nothing is tried twice"


@example(
    ZoneInfo("UTC"),
    When(((1, 0), (1, 1))),
    datetime(2012, 1, 1, tzinfo=UTC),
    [(MINUTE, 2 * DAY)],
)
@given(
    zones,
    whens,
    moments,
    st.lists(st.tuples(st.timedeltas(MINUTE, 10 * DAY), st.timedeltas(-3000 * DAY, 3000 * DAY)), max_size=12),
)
def test_a_clock_that_was_wrong_neither_doubles_nor_ends_anything(
    zone: ZoneInfo, when: When, start: datetime, steps: list[tuple[timedelta, timedelta]]
) -> None:
    """The clock is wrong for a while, by seconds or by years, and right again: from then on all goes on."""
    computer = Computer(when, zone, start)
    right = start
    for slept, wrong_by in steps:
        right += slept
        computer.now = right + wrong_by
        computer.wake(timedelta(0))
    computer.now = right
    computer.wake(timedelta(0))
    assert len(computer.claims) == len(set(computer.claims))
    # What was claimed at most a day too early holds for its own day ...
    computer.wake(CLOCK_WAS_WRONG + MINUTE)
    for moment in islice(coming(when, zone, computer.now), 4):
        # ... and for those just before it, as whatever is later does.
        early = moment in computer.claims or moment <= max(computer.claims, default=start) <= moment + CLOCK_WAS_WRONG
        assert computer.wake(moment - computer.now) == (None if early else moment)
        assert early or computer.claims[-1] == moment


@given(zones, whens, moments, st.timedeltas(timedelta(seconds=1), CLOCK_WAS_WRONG - 3 * HOUR))
def test_a_clock_that_is_set_back_makes_nothing_due_again(
    zone: ZoneInfo, when: When, start: datetime, back: timedelta
) -> None:
    computer = Computer(when, zone, start)
    first = computer.wake(21 * DAY)
    assert first is not None
    computer.now = first
    assert computer.wake(-back) is None
    assert computer.wake(back) is None


def test_what_was_slept_over_is_not_made_up_for_when_the_clock_is_set_back() -> None:
    """Woken on Thursday after three weeks: one run. Then the clock is corrected by five minutes."""
    computer = Computer(parse("daily 06:30"), VANCOUVER, at("2026-11-05T12:00"))
    computer.now = at("2026-11-26T06:31")
    assert computer.wake(timedelta(0)) == at("2026-11-26T06:30")
    assert computer.wake(-5 * MINUTE) is None
    assert computer.wake(6 * MINUTE) is None
    assert computer.wake(DAY) == at("2026-11-27T06:30")


def test_nothing_before_the_installation_is_due_and_the_offset_is_waited_for() -> None:
    when, installed = parse("daily 06:30"), at("2026-11-26T06:35")
    for early in ("2026-11-26T06:51", "2026-11-26T23:59", "2026-11-27T06:44"):
        found = due(when, VANCOUVER, last_claimed=None, installed_at=installed, now=at(early), offset_s=900)
        assert found is None, early
    now = at("2026-11-27T06:45")
    found = due(when, VANCOUVER, last_claimed=None, installed_at=installed, now=now, offset_s=900)
    assert found == at("2026-11-27T06:30")


def test_a_clock_that_shows_a_time_long_before_the_installation_makes_nothing_due() -> None:
    installed, now = at("2026-11-26T06:35"), at("2020-01-01T00:05")
    assert due(parse("monday 07:00"), VANCOUVER, last_claimed=None, installed_at=installed, now=now) is None


def test_never_is_never_due() -> None:
    assert due(parse("off"), VANCOUVER, last_claimed=None, installed_at=None, now=at("2026-11-26T06:35")) is None
    assert next_due(parse("off"), VANCOUVER, at("2026-11-26T06:35")) is None
    assert list(coming(parse("off"), VANCOUVER, at("2026-11-26T06:35"))) == []


@given(st.text(max_size=20), st.text(max_size=20), st.integers(-5, 20_000))
def test_the_offset_is_whole_minutes_within_the_spread(site: str, host: str, spread: int) -> None:
    found = offset_s(site, host, spread)
    assert found == offset_s(site, host, spread)
    assert found % 60 == 0
    assert 0 <= found < max(spread, 1)


def test_many_clinics_are_spread_evenly() -> None:
    """500 of them over 20 minutes: 25 for each minute, and nowhere a crowd."""
    found = [offset_s(f"clinic {number}", "host", 1200) // 60 for number in range(500)]
    counts = [found.count(minute) for minute in range(20)]
    assert sum(counts) == 500
    assert max(counts) <= 45
    assert min(counts) >= 10
    assert offset_s("a", "b", 36_000) != offset_s("a", "c", 36_000) != offset_s("b", "c", 36_000)


@given(when=whens, zone=st.sampled_from(ZONES), days=st.integers(0, 20))
def test_as_many_moments_as_come(when: When, zone: ZoneInfo, days: int) -> None:
    since = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    until = since + days * DAY
    come = [each for each in islice(coming(when, zone, since), 200) if each <= until]
    assert reckoning.moments([when], zone, since, until) == len(come)


def test_what_comes_at_the_same_moment_is_one_run() -> None:
    since = datetime(2026, 3, 2, tzinfo=VANCOUVER)
    check, look = parse("daily 06:30"), parse("every 30 minutes")
    assert reckoning.moments([check, look], VANCOUVER, since - MINUTE, since + 7 * DAY - MINUTE) == 7 * 48 - 2, (
        "one hour less"
    )
    assert reckoning.moments([parse("daily 06:31"), look], VANCOUVER, since - MINUTE, since + DAY - MINUTE) == 49
