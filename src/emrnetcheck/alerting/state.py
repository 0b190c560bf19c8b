"""What is remembered from one run to the next, so that an alarm means something?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from emrnetcheck.model.alerts import Posted, Problem, Trouble
from emrnetcheck.model.words import Contact, Severity, Urgency

RETEST_AFTER = timedelta(minutes=13)
"""A timer of 15 minutes, up to a minute and a half late each time, does not just miss it. Longer than a router or an
EMR takes to start again, and than a new address takes to get around; so short that two looks half an hour apart and two
retests fit into an hour."""

BLIP_WITHIN = timedelta(minutes=45)
"""What is gone at a look so soon after was a blip: it does not count towards `confirm`. Shorter than an hour, so that
of looks each hour two of three still are two of three."""

NERVOUS_DAYS = 60
NERVOUS_BLIPS = 2
"""A fault that came and went so often in so many days has to be there at one more look. What is found by chance at one
of 400 looks is found twice in a row about once a year; three times it is not."""

VARYING = ("upload", "capacity")
"""Somebody who sends something large makes a good line slow for minutes, and nobody has to act within the hour."""

FLAPS = 6
FLAPS_WITHIN = timedelta(hours=24)
FLAPS_CALM = timedelta(hours=2)
"""What comes and goes so often in a day is no accident: a fault that is over when it has not come for so long. Restarts
at night and new addresses come to two or three."""

MANY_AT_ONCE = 4
"""So many causes that begin at one look are rather one of the computer that measures: one more look."""

LOOK_DAYS_EACH = timedelta(hours=28)
"""A look counts for as many of these as `confirm` has looks: three daily runs are three days, and some hours."""

KEPT_CLOSED = 100
KEPT_ELSEWHERE = 100
ELSEWHERE_DAYS = 15
"""So long a week's report looks back: two weeks, the first of them from midnight on."""
KEPT_BLIPS = 200
KEPT_MAILS = 10
TEXT_CHARS = 600


@dataclass(frozen=True, slots=True)
class Look:
    """What one run saw of one check. code: of its cause, None: it was fine. sure: see Problem.confirmed. blip: it was
    gone at the next look, so it no longer counts. many: it began together with much else. follows: what is only its
    consequence, by this look and by those before that asked more than this one."""

    at: datetime
    code: str | None
    sure: bool = True
    blip: bool = False
    many: bool = False
    follows: tuple[str, ...] = ()

    @property
    def counts_as_bad(self) -> bool:
        return self.code is not None and not self.blip


@dataclass(frozen=True, slots=True)
class Blip:
    """Something that was bad and gone at the next look. number: of the look, among all that answered the check."""

    code: str
    at: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Words:
    """What is told of a cause. follows: see Notice."""

    code: str
    severity: Severity
    summary: str
    advice: str
    contact: Contact | None
    say: str
    when: Urgency | None
    follows: tuple[str, ...]


def words_of(problem: Problem, follows: tuple[str, ...]) -> Words:
    """As it is kept: no longer than anybody reads."""
    return Words(
        code=problem.code,
        severity=problem.severity,
        summary=problem.summary[:TEXT_CHARS],
        advice=problem.advice[:TEXT_CHARS],
        contact=problem.contact,
        say=problem.say[:TEXT_CHARS],
        when=problem.when,
        follows=follows,
    )


@dataclass(frozen=True, slots=True)
class Incident:
    """A confirmed fault of one check that is not over.

    first: as it was mailed, or was to be. now: as the newest bad look told it. bad, seen: looks since it began.
    mailed: an alert was given out. mails, before, many, flapping: see Notice.
    """

    id: str
    first: Words
    now: Words
    since: datetime
    fine_at: datetime | None
    bad: int
    seen: int
    mailed: bool = False
    mails: tuple[Posted, ...] = ()
    before: str | None = None
    many: bool = False
    flapping: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """One check. looks: the newest last. answered: how many there ever were. untold: runs in a row that asked it and
    got no answer. asked_at: when a run asked it last, None: an older version did not keep it. accepted: its codes that
    somebody accepted, as of the newest answer."""

    looks: tuple[Look, ...] = ()
    incident: Incident | None = None
    blips: tuple[Blip, ...] = ()
    answered: int = 0
    untold: int = 0
    asked_at: datetime | None = None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Away:
    """Runs in a row on a network that is not the clinic's. place: of its router, None: on no network at all."""

    place: str | None
    since: datetime
    runs: int


@dataclass(frozen=True, slots=True)
class AlertState:
    """All that is remembered of one clinic.

    mailed: (fault, when) of alerts given out in the last day. closed: incidents that are over. homes: routers of the
    clinic, the newest last. unproven: those of them that are the clinic's only because this computer stayed there.
    away: None where the newest run counted. elsewhere: from which run to which this computer was on another network, of
    the last two weeks. came_back: when it last came back to the clinic from another network, None: it never did.
    last_run: its id; the same run counts once.
    """

    checks: Mapping[str, Watched] = field(default_factory=dict)
    mailed: tuple[tuple[str, datetime], ...] = ()
    closed: tuple[Trouble, ...] = ()
    homes: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    away: Away | None = None
    elsewhere: tuple[tuple[datetime, datetime], ...] = ()
    came_back: datetime | None = None
    last_run: str | None = None
    last_at: datetime | None = None
