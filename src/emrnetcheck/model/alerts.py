"""What does an alarm go by, and what does it tell? The words between judging, the history and the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from emrnetcheck.model.mail import MailKind
from emrnetcheck.model.words import Contact, Severity, Urgency, Verdict


class AlertLevel(StrEnum):
    """From which severity on a finding is worth a mail."""

    FAIL = "fail"
    WARN = "warn"
    OFF = "off"  # nothing is mailed; what is wrong is still followed and shown


@dataclass(frozen=True, slots=True)
class Rule:
    """[alerts]: bad, of: a fault is confirmed when `bad` of the last `of` looks found it. per_day: mails about one
    fault in 24 hours."""

    bad: int = 2
    of: int = 3
    level: AlertLevel = AlertLevel.FAIL
    per_day: int = 1


USUAL = Rule()
"""Where the settings say nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding of one run that is not fine.

    cause: the report names it as something broken, and not as what follows from something else. accepted: somebody
    acknowledged it. confirmed: False where the run had a second method or server for it and got nothing from it.
    explains: ids of checks that the run could not judge because of it. when: how soon to act.
    """

    check: str
    code: str
    cause: bool
    severity: Severity
    accepted: bool
    confirmed: bool
    summary: str
    advice: str
    contact: Contact | None
    explains: tuple[str, ...] = ()
    say: str = ""
    when: Urgency | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What one run says, as far as an alarm goes by it.

    problems: in the order in which to act. answered: ids of the checks that this run answered, well or badly; what is
    neither there nor in `unknown` was not part of it. unknown: of those that it asked and could not answer.
    left_out: of those that it was not to ask, such as what loads the line while the clinic is open. blind: codes that
    this run could not have found, whatever was wrong. place: the router's hardware address, None where it is not known.
    here: something shows that this computer was in the clinic (it is the server, or the server answered on the office
    network).
    """

    run_id: str
    started_at: datetime
    whole: bool
    verdict: Verdict
    problems: tuple[Problem, ...]
    unknown: frozenset[str]
    answered: frozenset[str]
    blind: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    place: str | None = None
    here: bool = True


@dataclass(frozen=True, slots=True, order=True)
class Posted:
    """A mail that was composed. message_id: with its angle brackets."""

    at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to mail: a fault that is confirmed, or one that is over. All times with a time zone.

    kind: ALERT or RECOVERY. incident_id: unique; each has one alert, and one recovery unless it turned into another.
    since: the first look that found it. fine_at: the last look before that found nothing, None where there was none:
    it began between the two. until: of a recovery, the first look that found it gone. runs_bad, runs_seen: looks from
    `since` on that found it, and that could tell. follows: what is only its consequence: ids of checks, and codes of
    other checks. before: the code that was mailed when this same trouble had another cause, None: it is new. blips: how
    often in the last 7 days it came and was gone at the next look. held_until: mails about this fault rest until then.
    many: so much failed at once that the computer that measures should be looked at first. flapping: it comes and goes
    many times a day, each time for a short while. mails: what was mailed about this trouble before, under any cause,
    the oldest first.
    """

    kind: MailKind
    incident_id: str
    code: str
    check: str
    since: datetime
    until: datetime | None
    runs_bad: int
    runs_seen: int
    follows: tuple[str, ...]
    summary: str
    advice: str
    contact: Contact | None
    severity: Severity = Severity.FAIL
    fine_at: datetime | None = None
    before: str | None = None
    blips: int = 0
    held_until: datetime | None = None
    many: bool = False
    flapping: bool = False
    say: str = ""
    when: Urgency | None = None
    mails: tuple[Posted, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident as `status` and the week show it.

    until: None while it is open. mailed: an alert was made for it; else it is held because one was, within the day, or
    because nobody could be written to.
    accepted: somebody accepted it while it was open, so that it ended without a mail.
    """

    incident_id: str
    check: str
    code: str
    severity: Severity
    summary: str
    since: datetime
    until: datetime | None
    mailed: bool
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How the alarms stand.

    open, closed: the newest last; closed: of the time asked for. suspects: checks that were bad and are not confirmed,
    with the code. blips: how often each code came and was gone at the next look, of the time asked for. accepted:
    codes that would be open if nobody had accepted them. elsewhere_since: since then this computer measures on another
    network than the clinic's, and nothing counts.
    """

    open: tuple[Trouble, ...]
    closed: tuple[Trouble, ...]
    suspects: tuple[tuple[str, str], ...]
    blips: tuple[tuple[str, int], ...]
    accepted: tuple[str, ...]
    elsewhere_since: datetime | None = None
