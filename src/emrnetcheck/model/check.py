"""What is asked and how it is judged: codes, findings, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from emrnetcheck.model.failures import FailureKind
from emrnetcheck.model.words import Access, Contact, Segment, Severity, Urgency

Fact = str | int | float | bool | None | tuple[str, ...]
Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Code:
    """What a finding code means. `summary`, `advice` and `say` are templates filled with the finding's facts.

    segment: where the fault is; None: where the check's faults are. say: what to tell the contact on the telephone,
    in sentences that can be read out. when: how soon to act; None: as soon as the severity wants it (`due`).
    """

    severity: Severity
    summary: str
    advice: str = ""
    contact: Contact | None = None
    why: str = ""
    segment: Segment | None = None
    say: str = ""
    when: Urgency | None = None

    @property
    def due(self) -> Urgency | None:
        """How soon to act; None: there is nothing to do."""
        return self.when or _DUE.get(self.severity)


_DUE = {Severity.FAIL: Urgency.THIS_WEEK, Severity.UNKNOWN: Urgency.THIS_WEEK, Severity.WARN: Urgency.SOON}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge says: a code, its facts, what was expected and what was found."""

    code: str
    facts: Facts = field(default_factory=dict)
    expected: str | None = None
    actual: str | None = None


CaseT = TypeVar("CaseT")
LimitsT = TypeVar("LimitsT")


@dataclass(frozen=True, slots=True)
class Check(Generic[CaseT, LimitsT]):
    """One question and how it is judged.

    needs: names of the evidence without which the question cannot be answered. uses: evidence looked at if there.
    follows: which findings are only consequences. Key: a code of this check, or "*" for the whole check; value: codes
    of other checks. If one of those was found, this check (or this finding) is skipped and names the other check.
    lives_on: id of an earlier check with whose answer this one begins: skipped, for the same reason, when that is.
    unmeasured: the code to use when the needed evidence failed in a special way; else it is "<id>.unmeasured".
    needed_for: the ways of access for which the question matters at all.
    segment: where its faults are, if a code does not say otherwise; None: a fault of it makes nothing slow.
    """

    id: str
    title: str
    needs: tuple[str, ...]
    limits: LimitsT
    codes: Mapping[str, Code]
    judge: Callable[[CaseT, LimitsT], list[Finding]]
    required: bool = False
    uses: tuple[str, ...] = ()
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lives_on: str | None = None
    unmeasured: Mapping[FailureKind, str] = field(default_factory=dict)
    needed_for: frozenset[Access] = frozenset(Access)
    segment: Segment | None = None
