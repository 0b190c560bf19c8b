"""Stored evidence (tests/cases), judged with today's checks: reports as a run would have made them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import Case, ClinicReport, Seen
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Environment, Failure, Mode, Report, Site, Tool, Traffic
from emrnetcheck.reports.json import SCHEMA
from emrnetcheck.runner.answer import answer_of

_UPLOAD_AFTER_S, _DOWNLOAD_AFTER_S = 61.0, 75.0

CASES = Path(__file__).parent.parent / "cases"
CASE_NAMES = tuple(sorted(file.stem for file in CASES.glob("*.json")))
_SITE, _SEEN, _UNMEASURED = TypeAdapter(Site), TypeAdapter(Seen), TypeAdapter(dict[str, Failure])


def told(name: str) -> dict[str, Any]:
    """The case as its file has it."""
    found = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def _at(started_at: datetime, seen: Seen) -> Seen:
    """As measured in that run."""
    upload, download, began = seen.upload, seen.download, started_at.timestamp()
    if upload is not None and upload.window_start_unix_s is not None:
        start = began + _UPLOAD_AFTER_S
        upload = replace(upload, window_start_unix_s=start, window_end_unix_s=start + upload.seconds)
    if download is not None:
        start = began + _DOWNLOAD_AFTER_S
        download = replace(download, window_start_unix_s=start, window_end_unix_s=start + download.seconds)
    return replace(seen, upload=upload, download=download)


def case_of(name: str) -> tuple[Site, Seen, dict[str, Failure]]:
    """What the clinic's settings say, what was seen there, and what could not be measured."""
    case = told(name)
    return (
        _SITE.validate_python(case["site"]),
        _SEEN.validate_python(case["evidence"]),
        _UNMEASURED.validate_python(case["unmeasured"]),
    )


def report_of(name: str, *, started_at: datetime = datetime(2026, 11, 24, 20, 20, tzinfo=UTC)) -> ClinicReport:
    """Only the evidence is the case's: when it was made, by whom and with how many bytes is always the same."""
    site, seen, unmeasured = case_of(name)
    seen = _at(started_at, seen)
    results = judge_all(ALL, Case(site, seen), unmeasured, {}, strict=True)
    return Report(
        id=f"{started_at:%Y%m%dT%H%M%SZ}-{name}",
        schema=SCHEMA,
        site=site.name,
        vantage="host",
        mode=Mode.STANDARD,
        started_at=started_at,
        duration_s=24.0,
        tool=Tool("emrnetcheck", "0.1.0"),
        environment=Environment("Linux 6.12", "3.11.7", privileged=False, proxy=False),
        evidence=seen,
        unmeasured=unmeasured,
        traffic=Traffic(13_100_000, 1_200_000),
        third_parties=(),
        **answer_of(results, ALL, "host"),
    )
