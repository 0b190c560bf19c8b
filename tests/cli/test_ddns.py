"""emrnetcheck ddns history: stored reports in, changes and wrong times out; what is no report is named and counted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emrnetcheck.checks.ddns.over_time import Sighting
from emrnetcheck.cli.ddns import _read
from emrnetcheck.reports.json import render
from tests.checks.builders import HEALTHY, OLD, PUBLIC, address, names, source, witness
from tests.cli.conftest import Call
from tests.reports import samples

BEFORE = replace(HEALTHY, address=address(witness(OLD)), names=names(source(OLD)))
WRONG = replace(HEALTHY, names=names(source(OLD)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three reports, ten minutes apart: right, wrong after a change, right again; and one file that is none."""
    base = samples.READY
    for number, seen in enumerate((BEFORE, WRONG, HEALTHY)):
        report = replace(base, evidence=seen, started_at=base.started_at + number * timedelta(minutes=10))
        (tmp_path / f"{number}.json").write_text(render(report), encoding="utf-8")
    (tmp_path / "9\x07\x1b[31m.json").write_text("{}")
    return tmp_path


def test_the_change_and_the_wrong_time_are_told(call: Call, folder: Path) -> None:
    ended = call("ddns", "history", folder)
    assert ended.status == 0
    assert "3 reports" in ended.out
    assert "changed once" in ended.out
    assert f"{OLD} to {PUBLIC}" in ended.out
    assert "at least 0 min and at most 20 min" in ended.out


def test_what_is_no_report_is_named_and_counted_without_control_characters(call: Call, folder: Path) -> None:
    ended = call("ddns", "history", folder)
    assert "1 skipped" in ended.out
    assert "This is not a report of emrnetcheck" in ended.err
    assert not {"\x1b", "\x07"} & set(ended.out + ended.err)


def test_the_same_as_data(call: Call, folder: Path) -> None:
    told = json.loads(call("ddns", "history", folder, "--format", "json").out)
    assert (told["schema"], told["reports"], told["skipped"]) == ("emrnetcheck/ddns-history/1", 3, 1)
    assert told["wrong"][0]["at_most_s"] == 1200


def test_without_any_report_it_is_a_usage_error(call: Call, tmp_path: Path) -> None:
    assert call("ddns", "history", tmp_path / "nothing.json").status == 2
    assert call("ddns", "history", tmp_path, "--format", "xml").status == 2


@given(st.binary(max_size=500), st.integers(0, 3000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_a_look_or_a_sentence(tmp_path: Path, junk: bytes, at: int) -> None:
    good = render(samples.READY).encode()
    file = tmp_path / "report.json"
    for data in (junk, good[:at] + junk + good[at + len(junk) :]):
        file.write_bytes(data)
        assert isinstance(_read(file), (Sighting, str))
