"""The JSON report keeps its promise: DESIGN section 6, readable again, valid against its own schema."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import jsonschema
import pytest

from emrnetcheck import runner
from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.reports import json as json_report
from tests.reports.samples import HOSTILE_REPORT, READY, SAMPLES, UPLOAD

PROMISED = {
    "id", "schema", "site", "vantage", "mode", "started_at", "duration_s", "tool", "environment", "verdict", "headline",
    "causes", "checks", "evidence", "traffic", "third_parties", "unmeasured", "interrupted",
}  # fmt: skip


def no_constants(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_rendered_report_is_valid_against_the_schema(name: str) -> None:
    values = json.loads(json_report.render(SAMPLES[name]), parse_constant=no_constants)
    jsonschema.Draft202012Validator(
        json_report.schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(values)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "hostile"])
def test_reading_a_report_gives_the_same_report(name: str) -> None:
    text = json_report.render(SAMPLES[name])
    assert json_report.parse(text) == SAMPLES[name]
    assert json_report.render(json_report.parse(text)) == text


def test_whole_and_broken_numbers_keep_their_kind() -> None:
    facts = json_report.parse(json_report.render(READY)).checks[1].findings[0].facts
    assert type(facts["lost"]) is int
    assert type(facts["whole"]) is float
    assert facts["wifi"] is False


def test_the_field_names_are_the_promised_ones() -> None:
    assert set(json.loads(json_report.render(READY))) == PROMISED
    assert set(json_report.schema()["properties"]) == PROMISED


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(json_report.schema())


def test_another_kind_of_report_is_not_valid() -> None:
    values = json.loads(json_report.render(READY)) | {"schema": "emrnetcheck/report/2"}
    assert not jsonschema.Draft202012Validator(json_report.schema()).is_valid(values)


def test_times_are_written_in_utc() -> None:
    vancouver = timezone(timedelta(hours=-8))
    report = replace(READY, started_at=datetime(2026, 11, 24, 12, 20, tzinfo=vancouver))
    assert json.loads(json_report.render(report))["started_at"] == "2026-11-24T20:20:00Z"
    assert json_report.parse(json_report.render(report)).started_at.tzinfo is not None
    assert report.started_at.astimezone(UTC) == json_report.parse(json_report.render(report)).started_at


def test_a_newer_report_with_more_fields_can_be_read() -> None:
    values = json.loads(json_report.render(READY))
    values["weather"] = "fine"
    values["checks"][0]["mood"] = 1
    values["evidence"]["upload"]["colour"] = None
    jsonschema.Draft202012Validator(json_report.schema()).validate(values)
    assert json_report.parse(json.dumps(values)) == READY


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_null(number: float) -> None:
    text = json_report.render(replace(READY, evidence=Seen(upload=replace(UPLOAD, goodput_mbps=number))))
    assert json.loads(text, parse_constant=no_constants)["evidence"]["upload"]["goodput_mbps"] is None


def test_hostile_text_is_ascii_on_the_wire_and_readable() -> None:
    text = json_report.render(HOSTILE_REPORT)
    assert text.isascii()
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert json_report.parse(text).site.startswith("\x1b[31m[bold red]")


def test_failures_are_kept_as_values() -> None:
    failures = {"lan": Failure(FailureKind.PERMISSION, "icmp", "192.168.1.1", "not permitted")}
    report: ClinicReport = replace(READY, evidence=Seen(), unmeasured=failures)
    assert json_report.parse(json_report.render(report)).unmeasured == failures


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"id": 3}', '{"schema": "emrnetcheck/report/1"}'])
def test_what_is_no_report_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(json_report.NotAReportError, match="not a report of emrnetcheck") as caught:
        json_report.parse(text)
    assert "\n" not in str(caught.value)


def test_a_report_of_another_kind_is_refused_by_name() -> None:
    values = json.loads(json_report.render(READY)) | {"schema": "emrnetcheck/report/2"}
    with pytest.raises(json_report.NotAReportError, match="emrnetcheck/report/2"):
        json_report.parse(json.dumps(values))


def test_the_runner_writes_the_kind_of_report_that_is_read() -> None:
    assert json_report.SCHEMA == runner.SCHEMA
