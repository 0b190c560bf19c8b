"""The JSON report keeps its promise: DESIGN section 6, readable again, valid against its own schema."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import jsonschema
import pytest
from pydantic import TypeAdapter

from emrnetcheck import runner
from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import Acknowledged, Failure, FailureKind
from emrnetcheck.reports import json as json_report
from tests.checks.builders import HEALTHY
from tests.checks.client_builders import CLIENT_SEEN
from tests.reports.samples import HOSTILE_REPORT, READY, SAMPLES, UPLOAD

PROMISED = {
    "id", "schema", "site", "vantage", "mode", "started_at", "duration_s", "tool", "environment", "verdict", "headline",
    "causes", "checks", "evidence", "traffic", "third_parties", "unmeasured", "interrupted", "segment",
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


CASES = {
    **{name: report.evidence for name, report in SAMPLES.items()},
    "healthy": HEALTHY,
    "client": CLIENT_SEEN,
    **{
        file.stem: TypeAdapter(Seen).validate_python(json.loads(file.read_text(encoding="utf-8"))["evidence"])
        for file in sorted((Path(__file__).parent.parent / "cases").glob("*.json"))
    },
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_written_is_what_the_types_say(name: str) -> None:
    """`render` does not use the adapter that reads, so the two have to agree."""
    report = replace(SAMPLES.get(name, READY), evidence=CASES[name])
    written = json.loads(json_report.render(report))
    by_types = json_report._adapter().dump_python(report, mode="json")
    assert written == json.loads(json.dumps(by_types).replace("\\ud800", "?"))


def test_what_no_report_can_hold_is_a_bug_and_not_a_guess() -> None:
    with pytest.raises(TypeError, match="a report cannot hold a set"):
        json_report.render(replace(READY, site={"a"}))  # type: ignore[arg-type]  # that is the mistake


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


def test_an_older_report_without_words_to_say_can_be_read() -> None:
    values = json.loads(json_report.render(SAMPLES["not_ready"]))
    for cause in values["causes"]:
        del cause["say"], cause["when"], cause["segment"]
    read = json_report.parse(json.dumps(values))
    assert [(cause.say, cause.when) for cause in read.causes] == [("", None)] * len(values["causes"])
    assert read.headline == SAMPLES["not_ready"].headline


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


@pytest.mark.parametrize(
    ("told", "utc"),
    [
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2999-12-31T23:59:59Z", datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-11-26T12:00:00", datetime(2026, 11, 26, 12, tzinfo=UTC)),
        ("2026-11-26T12:00:00-08:00", datetime(2026, 11, 26, 20, tzinfo=UTC)),
        ("1969-12-31T23:59:59Z", None),
        ("1970-01-01T00:00:00+14:00", None),
        ("2999-12-31T23:59:59-14:00", None),
        ("3000-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_time_that_no_zone_can_show_is_refused(told: str, utc: datetime | None) -> None:
    text = json.dumps({**json.loads(json_report.render(READY)), "started_at": told})
    if utc is None:
        with pytest.raises(json_report.NotAReportError, match="no run was made in the year"):
            json_report.parse(text)
        return
    read = json_report.parse(text).started_at
    assert (read, read.utcoffset()) == (utc, timedelta(0))


ACCEPTED = Acknowledged("The new line is ordered.", date(2027, 3, 3))


def with_accepted() -> ClinicReport:
    first = READY.checks[0]
    finding = replace(first.findings[0], acknowledged=ACCEPTED)
    return replace(READY, checks=(replace(first, findings=(finding,)), *READY.checks[1:]))


def test_an_accepted_finding_keeps_its_reason_and_its_end() -> None:
    values = json.loads(json_report.render(with_accepted()))
    assert values["checks"][0]["findings"][0]["acknowledged"] == {"why": ACCEPTED.why, "until": "2027-03-03"}
    jsonschema.Draft202012Validator(
        json_report.schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(values)
    assert json_report.parse(json.dumps(values)) == with_accepted()


def test_a_report_from_before_findings_could_be_accepted_is_read() -> None:
    values = json.loads(json_report.render(READY))
    for check in values["checks"]:
        for finding in check["findings"]:
            del finding["acknowledged"]
    assert json_report.parse(json.dumps(values)) == READY
