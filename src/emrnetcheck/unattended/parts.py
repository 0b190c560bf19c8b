"""Whom does an unattended run ask for what, and what does it tell in the end?"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from emrnetcheck.model.claims import Claim, Work
from emrnetcheck.model.mail import Composed, Delivery, DeliveryState, Reply
from emrnetcheck.model.past import PastRun
from emrnetcheck.store.history import History


class Pinged(StrEnum):
    """What somebody outside is told, who waits to hear of this computer: a dead one cannot mail."""

    START = "start"
    SUCCESS = "success"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Measured:
    """A run that was made. report, settings: as they are kept beside it (JSON). doubted: one that was made just before
    with the same question, and does not count: it is kept, too."""

    run: PastRun
    report: str
    settings: str
    doubted: Measured | None = None


@dataclass(frozen=True, slots=True)
class Alarmed:
    """What a run changed in the alarms. state: what they remember, as text. mails: to be sent because of it.

    told: the same in a sentence each, for who reads what the run printed.
    """

    state: str
    mails: tuple[Composed, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong with the run itself. bug: an error of the program, whose words may show data.

    of_mail: mail could not be sent; all the rest is done.
    """

    what: str
    why: str
    bug: bool = False
    of_mail: bool = False

    def in_words(self) -> str:
        """One sentence."""
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What an unattended run needs of others. Every time has a time zone.

    now: the clock. opened: the history, to be written to; StoreError where it cannot be used.
    believed_since: (the history, now) -> since when something is due, None: the clock is not believed yet.
    due: (work, the due moment claimed last, now) -> the moment to claim, None: nothing is due.
    owes_load: (the last check, now) -> whether it was made too late to load the line, and that may be done now.
    retest_at: (what the alarms remember, now) -> when to look again, None: the schedule will do.
    measure: (work, what the alarms remember) -> the run. aside: where the history takes nothing: keep it elsewhere, and
    say how that went. alarm: (what the alarms remember, the report, now) -> what changes.
    weekly: (the history, the due moment, now) -> the mail, None: no mail is set up.
    send: None: no mail is set up. A Reply for everything that a network can do.
    connected: whether this computer has a network connection now; True also where nobody is to wait for one.
    tidy: forget what is old, and what else is to be done when there is time. ping, tell: never raise.
    """

    site: str
    zone: tzinfo
    now: Callable[[], datetime]
    opened: Callable[[], AbstractContextManager[History]]
    believed_since: Callable[[History, datetime], datetime | None]
    due: Callable[[Work, datetime | None, datetime], datetime | None]
    retest_at: Callable[[str | None, datetime], datetime | None]
    measure: Callable[[Work, str | None], Measured]
    aside: Callable[[Measured], str]
    alarm: Callable[[str | None, str, datetime], Alarmed]
    weekly: Callable[[History, datetime, datetime], Composed | None]
    send: Callable[[Delivery, bytes], Reply] | None
    owes_load: Callable[[Claim, datetime], bool] = lambda _check, _now: False
    connected: Callable[[], bool] = lambda: True
    tidy: Callable[[History], None] = lambda _history: None
    ping: Callable[[Pinged], None] = lambda _what: None
    tell: Callable[[str], None] = lambda _sentence: None
    wait_s: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Done:
    """What the run did. worked: which scheduled work it took on. sent: what became of each delivery that was tried.

    clock_doubted: nothing was done, because the clock may be wrong.
    """

    worked: list[Work] = field(default_factory=list)
    composed: list[str] = field(default_factory=list)
    sent: list[tuple[int, DeliveryState | None]] = field(default_factory=list)
    clock_doubted: bool = False
    troubles: list[Trouble] = field(default_factory=list)
