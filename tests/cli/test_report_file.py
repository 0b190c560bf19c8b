"""A report that somebody sent is read however Windows wrote it, and refused where it does not say whose it is."""

from __future__ import annotations

import codecs
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.cli.report_file import read_report
from emrnetcheck.reports.json import NotAReportError, render
from tests.reports.samples import NOT_READY

TEXT = render(NOT_READY)


@pytest.mark.parametrize("made", [
    TEXT.encode(),
    TEXT.encode("utf-8-sig"),
    codecs.BOM_UTF16_LE + TEXT.replace("\n", "\r\n").encode("utf-16-le"),
    codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
], ids=["utf-8", "utf-8 with a mark", "utf-16 of PowerShell", "utf-16 the other way round"])  # fmt: skip
def test_every_way_that_a_shell_writes_it_is_read(tmp_path: Path, made: bytes) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(made)
    assert read_report(file).id == NOT_READY.id


@pytest.mark.parametrize("made", [codecs.BOM_UTF16_LE + b"{", codecs.BOM_UTF8 + b"\xff{}"])
def test_what_is_not_what_its_beginning_says_is_refused(tmp_path: Path, made: bytes) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(made)
    with pytest.raises(NotAReportError, match="begins as UTF"):
        read_report(file)


@pytest.mark.parametrize("vantage", ["", "moon", "Client"])
def test_one_that_does_not_say_whose_it_is_is_not_taken_for_the_clinics(tmp_path: Path, vantage: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(render(replace(NOT_READY, vantage=vantage)), encoding="utf-8")
    with pytest.raises(NotAReportError, match="neither host nor client"):
        read_report(file)
