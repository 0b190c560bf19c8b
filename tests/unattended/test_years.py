"""Months with all that goes wrong in them: each report comes once, or it is told that it did not.

Five hundred weeks of it: python -m tests.bench_weeks
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.model.mail import Delivery, DeliveryState, MailKind, Outcome, Reply
from emrnetcheck.store import retrying
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.store.retrying import Next
from emrnetcheck.unattended import attend
from tests.unattended.fates import Weeks, count, why_failed
from tests.unattended.office import INSTALLED, Office, a_mail
from tests.unattended.years import Life

WEEKS = 10

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no copies of a process"),
    pytest.mark.timeout(300),  # hundreds of runs, each a process of its own where it is killed
]


@pytest.mark.parametrize("seed", [11, 12])
def test_each_report_arrives_or_is_reported(tmp_path: Path, seed: int) -> None:
    told = Life(seed, tmp_path / "data").live(WEEKS)
    assert told.sound, told
    assert told.reports >= WEEKS, "hardly a week passed without two recipients"
    assert told.once > told.reports / 2
    assert told.faults["killed"] > 5
    assert sum(told.faults.values()) > 20


def _settles_nothing(self: Outbox, *_: object) -> DeliveryState:
    return DeliveryState.WAITING


def _forgets_that_it_was_tried(real: Callable[..., None]) -> Callable[..., DeliveryState | None]:
    def settle(self: Outbox, delivery_id: int, reply: Reply, now: object) -> DeliveryState | None:
        if reply.outcome is Outcome.UNCONFIRMED:
            reply = Reply(Outcome.DEFERRED, 451, "later", "end")
        return real(self, delivery_id, reply, now)  # type: ignore[func-returns-value]  # that of Outbox returns one

    return settle


@pytest.mark.parametrize("broken", ["settles nothing", "loses the doubt", "composes nothing", "goes on and on"])
def test_what_is_broken_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """Else the weeks above would prove nothing."""
    if broken == "settles nothing":
        monkeypatch.setattr(Outbox, "settle", _settles_nothing)
    elif broken == "loses the doubt":
        monkeypatch.setattr(Outbox, "settle", _forgets_that_it_was_tried(Outbox.settle))  # type: ignore[arg-type]
    elif broken == "goes on and on":
        monkeypatch.setattr(retrying, "after", _forgets_the_time_before(retrying.after))
    else:
        monkeypatch.setattr(Outbox, "compose", lambda *_: True)
    if broken == "loses the doubt":
        told = _cut_off(tmp_path, tries=1)
    elif broken == "goes on and on":
        told = _cut_off(tmp_path, tries=9)
    else:
        told = Life(11, tmp_path / "data").live(3)
    assert not told.sound


def test_a_server_that_never_says_a_word_is_explained(tmp_path: Path) -> None:
    told = _cut_off(tmp_path, tries=9)
    assert told.sound, told
    assert told.reported_failed == told.reports


KEY = ("weekly:Elm Street Clinic:2026-01-05", "doctor@clinic.example")
WORDLESS = Reply(Outcome.UNCONFIRMED, None, "", "end")
NO_SUCH = Reply(Outcome.REFUSED, 550, "5.1.1 No such user", "to")
DOWN = Reply(Outcome.DEFERRED, None, "", "connect")
WRONG_PASSWORD = Reply(Outcome.REFUSED, 535, "5.7.8 Authentication failed", "auth")
DAY = timedelta(days=1)


def _delivery(
    state: DeliveryState, reply: Reply | None, *, double: bool = False, days: int = 0, key: str = KEY[0]
) -> Delivery:
    return Delivery(
        id=1,
        mail=a_mail(key, MailKind.WEEKLY, INSTALLED),
        recipient=KEY[1],
        state=state,
        attempts=5,
        next_try_at=INSTALLED,
        first_try_at=INSTALLED,
        settled_at=INSTALLED + days * DAY,
        last_reply=reply,
        may_be_double=double,
    )


def _counted(
    delivery: Delivery | None, copies: int, *, open_ends: int = 0, untold: int = 0, untold_open_ends: int = 0
) -> Weeks:
    taken = [
        {"key": KEY[0], "to": KEY[1], "late": "", "unconfirmed": "yes" if number < open_ends else ""}
        for number in range(copies)
    ]
    told, kept = Weeks(seed=1), {} if delivery is None else {KEY: delivery}
    count(told, [KEY], kept, taken, {KEY: untold}, {KEY: untold_open_ends})
    return told


SENT, FAILED = DeliveryState.SENT, DeliveryState.FAILED


def test_each_copy_needs_a_moment_of_its_own() -> None:
    """By mail: a moment that befell one excuses no other."""
    twice = _delivery(SENT, None, double=True)
    assert _counted(_delivery(SENT, None), 1).sound
    assert _counted(twice, 2, untold=1).sound
    assert _counted(twice, 2, open_ends=1).sound
    assert not _counted(twice, 2).sound, "nothing befell it"
    assert not _counted(twice, 3, untold=1).sound, "one moment, and two copies too many"
    assert not _counted(replace(twice, may_be_double=False), 2, untold=1).sound, "it is not marked"
    assert not _counted(_delivery(FAILED, NO_SUCH), 1).sound, "nobody is told that it may have arrived"


def test_a_word_that_did_not_come_counts_twice_at_the_most_unless_a_kill_hid_that() -> None:
    """A run is killed while the server says nothing: the program cannot count that as one without a word."""
    failed = _delivery(FAILED, WORDLESS, double=True)
    assert _counted(failed, 2, open_ends=2).sound
    assert not _counted(failed, 3, open_ends=3).sound
    assert _counted(failed, 3, open_ends=3, untold=1, untold_open_ends=1).sound
    assert not _counted(failed, 4, open_ends=4, untold=1, untold_open_ends=1).sound


@pytest.mark.parametrize(
    ("delivery", "copies"), [(None, 0), (_delivery(SENT, None), 0), (_delivery(DeliveryState.WAITING, DOWN), 0)]
)
def test_what_is_neither_there_nor_reported_is_lost(delivery: Delivery | None, copies: int) -> None:
    assert _counted(delivery, copies).lost == 1


@pytest.mark.parametrize(
    ("reply", "days", "why"),
    [
        (NO_SUCH, 0, "refused for good, 550 5.1.1 No such user"),
        (WORDLESS, 1, "no word after it, twice"),
        (DOWN, 14, "not for 14 days, no connection"),
        (WRONG_PASSWORD, 14, "not for 14 days, 535 5.7.8 Authentication failed"),
        (DOWN, 13, "before 14 days were over, no connection"),
        (None, 0, "cut off each time"),
    ],
)
def test_why_one_was_given_up(reply: Reply | None, days: int, why: str) -> None:
    assert why_failed(_delivery(FAILED, reply, days=days)) == why


def test_a_kill_while_the_server_says_nothing_is_no_third_word(tmp_path: Path) -> None:
    """As of 500 weeks one did: without a word, killed after the server had it, without a word."""
    life = Life(11, tmp_path / "data")
    office = life.office
    office.doubts = False
    office.file.parent.mkdir()
    attend(office.parts())
    monday = INSTALLED.replace(day=5, hour=7, minute=1)
    for start, killed in ((monday, False), (monday + DAY, True), (monday + 2 * DAY, False)):
        office.at, office.answers = start, lambda _delivery: replace(WORDLESS, text="taken")
        before = office.log.stat().st_size if office.log.exists() else 0
        if killed:
            _killed_once_it_was_taken(office)
            life._see_untold(before)
        else:
            attend(office.parts())
    life.awake.add(monday.replace(minute=0))
    life._count()
    assert [*life.untold_open_ends.values()] == [1]
    assert life.told.sound, life.told
    assert life.told.reported_failed == 2


def _killed_once_it_was_taken(office: Office) -> None:
    pid = os.fork()
    if pid == 0:
        office.before = lambda step: os.kill(os.getpid(), 9) if step == "sent" else None
        try:
            attend(office.parts())
        finally:
            os._exit(9)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("doubts", [True, False])
def test_a_report_of_a_week_that_only_a_wrong_clock_showed_is_seen(tmp_path: Path, *, doubts: bool) -> None:
    life = Life(11, tmp_path / "data")
    life.office.file.parent.mkdir()
    life.office.doubts = doubts
    for days in (0, 7, 8, 14):
        life.office.at = INSTALLED + timedelta(days=days)
        attend(life.office.parts())
    for fate in (0.15005, 0.15015, 0.15025, 0.15035):
        life._far_off(INSTALLED + timedelta(days=14, hours=1), fate)
    assert len([each for each in life.told.faults if "one start" in each]) == 4
    assert bool(life.told.invented) is not doubts


def _forgets_the_time_before(real: Callable[..., Next]) -> Callable[..., Next]:
    return lambda *given, **_: real(*given)


def _cut_off(folder: Path, *, tries: int) -> Weeks:
    """The server takes each mail at the first tries, and says so to nobody."""
    life = Life(11, folder / "data")

    def answer(delivery: Delivery) -> Reply | None:
        return Reply(Outcome.UNCONFIRMED, None, "taken", "end") if delivery.attempts < tries else None

    life.office.answers = answer
    return life.live(3)


def test_what_is_not_sound() -> None:
    good = Weeks(seed=1, reports=3, once=1, reported_failed=1, doubled=1)
    assert good.sound
    for bad in (
        replace(good, reports=4),
        replace(good, unexplained=1),
        replace(good, lost=1),
        replace(good, invented=1),
    ):
        assert not bad.sound
