"""One whole run, exactly as it is written as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from emrnetcheck.model.check import Facts
from emrnetcheck.model.failures import Failure
from emrnetcheck.model.words import Contact, Mode, Segment, Severity, Status, Urgency, Verdict


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody accepted a finding, for a reason, up to and with a day: kept and shown, and no alarm meanwhile."""

    why: str
    until: date

    def holds_on(self, day: date) -> bool:
        """Whether it still counts on this day."""
        return day <= self.until


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """A finding with its sentence: severity, summary and advice looked up by code.

    acknowledged: it was accepted when the report was made; its severity is still what it is.
    """

    code: str
    severity: Severity
    summary: str
    advice: str
    expected: str | None
    actual: str | None
    facts: Facts
    acknowledged: Acknowledged | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The outcome of one check in one run."""

    id: str
    title: str
    status: Status
    required: bool
    skipped_because: str | None
    findings: tuple[ReportFinding, ...]
    duration_s: float


@dataclass(frozen=True, slots=True)
class Cause:
    """One broken thing: what it is, what to do, who can mend it, which checks it explains, where on the way it is.

    say: words to read out to the contact on the telephone; "": nobody has to be told anything. when: how soon.
    signs: codes of further findings by which the same thing shows itself, and which are no causes of their own.
    """

    code: str
    summary: str
    advice: str
    contact: Contact | None
    explains: tuple[str, ...]
    segment: Segment | None = None
    say: str = ""
    when: Urgency | None = None
    signs: tuple[str, ...] = ()


SENTENCE_END = re.compile(r"(?<=[.?!]) +(?=[A-Z])")


def first_sentence(text: str) -> str:
    """What a headline takes of a cause."""
    return SENTENCE_END.split(text, maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Traffic:
    """Bytes of payload that this run put on the line, as far as the probes count them: requests and answers, loads,
    and pings and connections with 56 bytes each. Not what TCP, IP and TLS add, such as acknowledgements.
    """

    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """Somebody outside the office who was contacted, and what they learned by it."""

    who: str
    told: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Which program made the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the run was made, as far as it matters for trusting it."""

    system: str
    python: str
    privileged: bool
    proxy: bool


EvidenceT = TypeVar("EvidenceT")


@dataclass(frozen=True, slots=True)
class Report(Generic[EvidenceT]):
    """One whole run, exactly as it is written as JSON (DESIGN section 6).

    vantage: "host" at the clinic, "client" on any computer that uses the EMR. segment: where on the way the first
    thing is that is broken or slow; None: nothing is, or it is nowhere on the way.
    """

    id: str
    schema: str
    site: str
    vantage: str
    mode: Mode
    started_at: datetime
    duration_s: float
    tool: Tool
    environment: Environment
    verdict: Verdict
    headline: str
    causes: tuple[Cause, ...]
    checks: tuple[CheckResult, ...]
    evidence: EvidenceT
    unmeasured: Mapping[str, Failure]
    traffic: Traffic
    third_parties: tuple[ThirdParty, ...]
    interrupted: bool = False
    segment: Segment | None = None

    @property
    def whole(self) -> bool:
        """Nothing was left out by an option or by Ctrl-C, so that its verdict answers the whole question."""
        return not self.interrupted and not any(check.skipped_because in _LEFT_OUT for check in self.checks)

    @property
    def codes(self) -> frozenset[str]:
        """Of everything that was found."""
        return frozenset(finding.code for check in self.checks for finding in check.findings)


_LEFT_OUT = frozenset({"not asked for", "offline", "interrupted"})
"""Why a check was skipped that the whole question would have needed (CheckResult.skipped_because)."""
