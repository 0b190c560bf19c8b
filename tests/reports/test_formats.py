"""Every format of stored evidence is, byte for byte, what somebody has read and found right; none lets anything in."""

from __future__ import annotations

import re
from datetime import UTC

import pytest

from emrnetcheck.reports.formats import FORMATS, How
from emrnetcheck.reports.json import parse
from tests.reports import golden
from tests.reports.samples import HOSTILE_REPORT, SAMPLES
from tests.reports.stored import report_of

# One of each kind of answer: ready, a slow line, a door that is open, not set up, no Internet, a tunnel in between.
STORED = ("healthy", "upload_2_5", "database_open", "no_settings", "internet_cut", "vpn_on")
ONLY = {"json": ("upload_2_5",), "html": ("upload_2_5", "database_open", "vpn_on")}
"""What has all the evidence in it is long, and says the same words again: few of it are read. All of it is rendered."""
HOW = How(zone=UTC, pictures=False)


@pytest.mark.parametrize("format_", sorted(FORMATS))
@pytest.mark.parametrize("name", STORED)
def test_golden(name: str, format_: str) -> None:
    report = report_of(name)
    text = FORMATS[format_].render(report, HOW)
    if format_ == "json":
        assert parse(text) == report
    text = golden.without_style(text) if format_ == "html" else text
    if name in ONLY.get(format_, STORED):
        golden.same(f"stored/{name}.{FORMATS[format_].ending}", text)


def test_files_of_two_formats_do_not_have_the_same_name() -> None:
    assert len({each.ending for each in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("format_", sorted(FORMATS))
def test_no_format_lets_control_characters_through(format_: str) -> None:
    text = FORMATS[format_].render(HOSTILE_REPORT, HOW)
    assert re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text) is None
    text.encode("utf-8")


@pytest.mark.parametrize("format_", sorted(FORMATS))
@pytest.mark.parametrize("name", SAMPLES)
def test_the_same_report_is_the_same_bytes(name: str, format_: str) -> None:
    assert FORMATS[format_].render(SAMPLES[name], HOW) == FORMATS[format_].render(SAMPLES[name], HOW)
