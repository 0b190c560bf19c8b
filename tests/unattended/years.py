"""How do hundreds of weeks go, with everything that goes wrong in them? Seeded: the same seed, the same weeks.

The clock, the line, the mail server and the kills are made up; the history, the order of a run and the outbox are the
real ones. A kill is one: a copy of the process does the run, and is ended at a step by chance.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.model.mail import Delivery, DeliveryState, Outcome, Reply
from emrnetcheck.schedule.due import When
from emrnetcheck.store import file as store_file
from emrnetcheck.store import opening
from emrnetcheck.store.history import History
from emrnetcheck.store.outbox import Outbox
from emrnetcheck.unattended import attend
from tests.unattended.fates import Key, Weeks, count
from tests.unattended.office import INSTALLED, SITE, TO, ZONE, Office, killed_at

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_STEPS = 140  # of the longest run: a kill is at one of them
_REPLIES: tuple[tuple[str, int, Reply], ...] = (
    ("451 greylisted", 60, Reply(Outcome.DEFERRED, 451, "4.7.1 Greylisted", "to")),
    ("421 in the middle", 40, Reply(Outcome.DEFERRED, 421, "4.3.2 Shutting down", "data")),
    ("535 wrong password", 15, Reply(Outcome.REFUSED, 535, "5.7.8 Authentication failed", "auth")),
    ("552 too large", 6, Reply(Outcome.REFUSED, 552, "5.3.4 Too large", "data")),
    ("550 no such user", 4, Reply(Outcome.REFUSED, 550, "5.1.1 No such user", "to")),
    ("cut after DATA, taken", 25, Reply(Outcome.UNCONFIRMED, None, "taken", "end")),
    ("cut after DATA, lost", 25, Reply(Outcome.UNCONFIRMED, None, "", "end")),
    (
        "no connection",
        60,
        Reply(Outcome.DEFERRED, None, "", "connect", Failure(FailureKind.TIMEOUT, "connect", "m:587")),
    ),
)
_DOWN = _REPLIES[-1][2]
_TAKEN_WITHOUT_A_WORD = Reply(Outcome.UNCONFIRMED, None, "taken", "end")
_LOST_WITHOUT_A_WORD = Reply(Outcome.UNCONFIRMED, None, "", "end")
_PER_MILLE = 1000


class Life:
    """One clinic over many weeks."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.chance = random.Random(seed)
        self.office = Office(folder / "history.sqlite", folder / "accepted", answers=self._answer, keep_days=36_500)
        self.office.doubts = True
        self.told = Weeks(seed)
        self.asked_again_at: datetime | None = None  # the scheduler's next start, where one did not believe the clock
        self.down_until = self.locked_out_until = self.silent_until = INSTALLED
        self.awake: set[datetime] = set()  # due moments of reports after which, within the week, a run came to its end
        self.silence = _TAKEN_WITHOUT_A_WORD
        # How often a server took a mail, and what it said of that was not written down; and how often it had said
        # nothing besides.
        self.untold: Counter[Key] = Counter()
        self.untold_open_ends: Counter[Key] = Counter()

    def live(self, weeks: int) -> Weeks:
        self.office.file.parent.mkdir()
        # One for all runs: each of its own would compile every statement anew, which is most of the time of thousands.
        engine = opening._sqlite(self.office.file, write=True)
        with mock.patch.object(opening, "_sqlite", return_value=engine):
            return self._live(weeks)

    def _live(self, weeks: int) -> Weeks:
        now, end = INSTALLED, INSTALLED + weeks * WEEK
        self.told.weeks = weeks
        attend(self.office.parts())
        while now < end:
            self.wake(now)
            now = self._next(now)
        self.office.answers = lambda _delivery: None
        self.chance = random.Random(0)
        for _ in range(40):  # a month without faults, but nothing new: what waits is sent or given up
            now += 10 * HOUR
            self.office.at = now
            self.office.report = self.office.check = When(())
            attend(self.office.parts())
        self._count()
        return self.told

    def _next(self, now: datetime) -> datetime:
        """Often while something waits, and on the morning of the report; now and then it is off for long."""
        if self.asked_again_at is not None:
            again_at, self.asked_again_at = self.asked_again_at, None
            return again_at
        fate = self.chance.random()
        if fate < 0.003:
            self.told.faults["off for 3 to 30 days"] += 1
            return now + self.chance.randint(3, 30) * DAY
        if fate < 0.012:
            self.down_until = now + self.chance.randint(1, 9) * DAY
            self.told.faults["line down for days"] += 1
        if fate > 0.994:
            self.locked_out_until = now + self.chance.randint(1, 20) * DAY
            self.told.faults["password wrong for days"] += 1
        if 0.012 <= fate < 0.015:
            self.silent_until = now + self.chance.randint(1, 9) * DAY
            self.silence = self.chance.choice((_TAKEN_WITHOUT_A_WORD, _LOST_WITHOUT_A_WORD))
            self.told.faults[f"no word for days, {self.silence.text or 'lost'}"] += 1
        waits = bool(self.office.told) and "later" in self.office.told[-1]
        morning = now.weekday() == 0 and 6 <= now.hour < 9
        step = HOUR if morning else 3 * HOUR if waits else self.chance.randint(4, 16) * HOUR
        return now + step + timedelta(seconds=self.chance.randint(0, 900))

    def wake(self, now: datetime) -> None:
        before = self.office.log.stat().st_size if self.office.log.exists() else 0
        self.told.runs += 1
        if self._run(now):
            self._see_untold(before)

    def _run(self, now: datetime) -> bool:
        """Whether something befell it that may keep it from writing down what it sent."""
        office, fate = self.office, self.chance.random()
        office.bad = self.chance.random() < 0.1
        office.at = now
        if fate < 0.12:
            self.told.faults["killed"] += 1
            # By its own seed: the copy of the process that is killed takes its chance with it.
            self.chance = random.Random(self.chance.random())
            killed_at(self.chance.randint(0, _STEPS), office, lambda: attend(office.parts()))
            return True
        if fate < 0.15:
            self.told.faults["clock set back"] += 1
            office.at = now - timedelta(minutes=self.chance.randint(1, 600))
        elif fate < 0.165:
            self._far_off(now, fate)
            return False
        elif fate < 0.195:
            self.told.faults["history locked"] += 1
            with _locked(office.file):
                attend(office.parts())
            return True
        full = fate > 0.97
        office.full, office.padding = full, self.chance.randbytes(20_000).hex() if full else ""
        self.told.faults["disk full"] += full
        done = attend(office.parts())
        office.full, office.padding = False, ""
        self.asked_again_at = now + timedelta(minutes=15) if done.clock_doubted else None
        self.told.faults["clock doubted that was right"] += done.clock_doubted and office.at == now
        # A clock that is wrong is in another week; what that one wants is no promise.
        if office.at == now and not done.clock_doubted and all(each.of_mail for each in done.troubles):
            self.awake.add(_last_due(office.at))
        return full

    def _far_off(self, now: datetime, fate: float) -> None:
        """For one start. What is done by such a clock belongs to no day."""
        days = self.chance.randint(3, 60) * DAY
        name, shown = {
            0: ("clock days or weeks ahead", now + days),
            1: ("clock days or weeks behind", now - days),
            2: ("clock years ahead", now + self.chance.randint(1, 9) * 365 * DAY),
            3: ("clock begins in 2020", datetime(2020, 1, 1, 0, 5, tzinfo=ZONE)),
        }[int(fate * _PER_MILLE * 10) % 4]
        self.told.faults[f"{name}, one start"] += 1
        known = self._weeklies()
        self.office.at = shown
        attend(self.office.parts())
        self.office.at = now
        self.told.invented += len(self._weeklies() - known)

    def _weeklies(self) -> set[str]:
        with History.opened(self.office.file) as history:
            return {each.mail.key for each in Outbox(history, SITE).listed(most=100_000) if "weekly" in each.mail.key}

    def _see_untold(self, before_bytes: int) -> None:
        """Whether the server took one, and nobody wrote down what it said or that it said nothing."""
        taken = self.office.accepted(after_bytes=before_bytes)
        if not taken:
            return
        with History.opened(self.office.file, write=True) as history:
            sending = {
                (each.mail.key, each.recipient)
                for each in Outbox(history, SITE).listed(states=[DeliveryState.SENDING], most=1000)
            }
        for each in taken:
            key = each["key"], each["to"]
            if key in sending:
                self.untold[key] += 1
                self.untold_open_ends[key] += bool(each["unconfirmed"])
                self.told.faults["killed after it was taken"] += 1

    def _answer(self, _delivery: Delivery) -> Reply | None:
        if self.office.at < self.down_until:
            return _DOWN
        if self.office.at < self.locked_out_until:
            return _REPLIES[2][2]
        if self.office.at < self.silent_until:
            return self.silence
        draw = self.chance.randrange(_PER_MILLE)
        for name, share, reply in _REPLIES:
            if draw < share:
                self.told.faults[name] += 1
                return reply
            draw -= share
        return None

    def _count(self) -> None:
        with History.opened(self.office.file) as history:
            kept = {(each.mail.key, each.recipient): each for each in Outbox(history, SITE).listed(most=100_000)}
        expected = {
            (f"weekly:{SITE}:{due_at.astimezone(ZONE):%Y-%m-%d}", recipient)
            for due_at in self.awake
            if due_at > INSTALLED
            for recipient in TO
        }
        count(self.told, expected, kept, self.office.accepted(), self.untold, self.untold_open_ends)


def _last_due(now: datetime) -> datetime:
    """The report that is due last before now: written another way than the program's own."""
    local = now.astimezone(ZONE)
    monday = (local - timedelta(days=local.weekday())).replace(hour=7, minute=0, second=0, microsecond=0)
    return monday if monday <= local else monday - WEEK


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    usual = vars(store_file)["BUSY_S"]
    vars(store_file)["BUSY_S"] = 0.01
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
    finally:
        vars(store_file)["BUSY_S"] = usual
