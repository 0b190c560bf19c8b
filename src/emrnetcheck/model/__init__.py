"""The words everything else is said in: failures, severities, findings, checks, reports. Imports nothing of ours."""

from __future__ import annotations

from emrnetcheck.model.check import Check, Code, Fact, Facts, Finding
from emrnetcheck.model.events import Ended, Event, Progressed, Started
from emrnetcheck.model.failures import FAILURE_WORDS, NO_SUCH_NAME, Failure, FailureKind
from emrnetcheck.model.report import (
    Acknowledged,
    Cause,
    CheckResult,
    Environment,
    Report,
    ReportFinding,
    ThirdParty,
    Tool,
    Traffic,
    first_sentence,
)
from emrnetcheck.model.site import Site
from emrnetcheck.model.words import Access, Contact, Mode, Segment, Severity, Status, Urgency, Verdict

__all__ = [
    "FAILURE_WORDS",
    "NO_SUCH_NAME",
    "Access",
    "Acknowledged",
    "Cause",
    "Check",
    "CheckResult",
    "Code",
    "Contact",
    "Ended",
    "Environment",
    "Event",
    "Fact",
    "Facts",
    "Failure",
    "FailureKind",
    "Finding",
    "Mode",
    "Progressed",
    "Report",
    "ReportFinding",
    "Segment",
    "Severity",
    "Site",
    "Started",
    "Status",
    "ThirdParty",
    "Tool",
    "Traffic",
    "Urgency",
    "Verdict",
    "first_sentence",
]
