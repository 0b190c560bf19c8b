"""Whole clinics: evidence as a report's JSON holds it, and what must be said of it, check by check.

A real clinic's report becomes a case by taking its `evidence` and `unmeasured` (with the addresses changed).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from emrnetcheck.checks import ALL
from emrnetcheck.diagnosis import causes_of, headline_of, meanings_of, verdict_of
from emrnetcheck.evidence import Case, Seen
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Failure, Site, Status

FILES = sorted((Path(__file__).parent / "cases").glob("*.json"))
SITE, SEEN, UNMEASURED = TypeAdapter(Site), TypeAdapter(Seen), TypeAdapter(dict[str, Failure])


def test_there_are_cases() -> None:
    assert len(FILES) >= 12


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_clinic_gets_exactly_this_answer(file: Path) -> None:
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    case = Case(SITE.validate_python(told["site"]), SEEN.validate_python(told["evidence"]))
    results = judge_all(ALL, case, UNMEASURED.validate_python(told["unmeasured"]), {}, strict=True)
    causes = causes_of(results, meanings_of(ALL))
    assert {
        "verdict": verdict_of(results),
        "causes": [cause.code for cause in causes],
        "checks": {result.id: [finding.code for finding in result.findings] for result in results},
        "skipped": {result.id: result.skipped_because for result in results if result.status is Status.SKIPPED},
    } == told["expected"]
    headline = headline_of(verdict_of(results), causes)
    assert headline.endswith((".", "?"))
    assert "{" not in headline
