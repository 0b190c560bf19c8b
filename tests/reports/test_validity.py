"""How sure a run is, is told by what was seen: never more than that."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.upload import SecondServer
from emrnetcheck.reports.validity import validity
from tests.reports.samples import DOWNLOAD, LINK, READY, UPLOAD
from tests.reports.stored import report_of

SECOND = SecondServer("librespeed.example.net", 9.1, 8.9, 9.3)
QUIET = "Nothing else on this computer used the line; other computers cannot be seen from here."


def said(report: ClinicReport) -> str:
    return " ".join(line.text for line in validity(report))


def of_upload(**changes: Any) -> str:
    return said(replace(READY, evidence=replace(READY.evidence, upload=replace(UPLOAD, **changes))))


def of_link(**changes: Any) -> str:
    return said(replace(READY, evidence=Seen(link=replace(LINK, **changes))))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Measured by cable; no VPN was on."),
        ({"medium": "wifi"}, "Measured over Wi-Fi, which may be the slow part; no VPN was on."),
        ({"medium": "unknown"}, "Whether by cable or Wi-Fi is not known; no VPN was on."),
        ({"vpn": True}, "A VPN was on, so this was not the office's own line."),
        ({"interface": None}, ""),
    ],
)
def test_the_connection_that_was_measured_over(changes: dict[str, Any], words: str) -> None:
    assert of_link(**changes) == words


def test_what_stood_in_between_is_not_denied() -> None:
    """The cause says so of the same run."""
    text = said(report_of("proxy_in_between"))
    assert "; this computer shows no VPN, but one or a proxy was in between." in text
    assert "no VPN was on" not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Tests: 1 upload (upload.example.org, 20:20), 1 download (upload.example.org)."),
        ({"second": SECOND}, "Tests: 2 uploads (upload.example.org and librespeed.example.net, 20:20), 1 download"),
        ({"second": replace(SECOND, goodput_mbps=None)}, "Tests: 1 upload (upload.example.org, 20:20), "),
        ({"window_start_unix_s": None}, "Tests: 1 upload (upload.example.org), "),
        ({"goodput_mbps": None}, "no VPN was on. Tests: 1 download (upload.example.org)."),
        ({"server": "https://x.example/__up"}, "Tests: 1 upload (x.example, 20:20), "),
        ({"server": "iperf3://x.example:5201"}, "Tests: 1 upload (x.example:5201, 20:20), "),
        ({"server": "https://[x"}, "Tests: 1 upload ([x, 20:20), "),
        ({"server": "://"}, "Tests: 1 upload (://, 20:20), "),
        ({"window_start_unix_s": 1e30}, "Tests: 1 upload (upload.example.org), "),
        ({"window_start_unix_s": -1.0}, "Tests: 1 upload (upload.example.org), "),
        ({"window_start_unix_s": math.nan}, "Tests: 1 upload (upload.example.org), "),
    ],
)
def test_how_many_tests_with_whom_and_when(changes: dict[str, Any], words: str) -> None:
    assert words in of_upload(**changes)


def test_the_hour_is_that_of_the_reader() -> None:
    (line,) = validity(READY, timezone(timedelta(hours=-8)))
    assert "upload.example.org, 12:20" in line.text


@pytest.mark.parametrize(
    ("before_mbps", "during_mbps", "words"),
    [
        (0.0, 0.0, QUIET),
        (0.099, None, QUIET),
        (None, 0.1, "Something else on this computer was sending 0.10 Mbps meanwhile."),
        (2.5, 0.0, "Something else on this computer was sending 2.50 Mbps meanwhile."),
        (None, None, "Whether anything else used the line meanwhile is not known."),
    ],
)
def test_whether_the_line_was_busy(before_mbps: float | None, during_mbps: float | None, words: str) -> None:
    text = of_upload(other_sent_mbps=before_mbps, other_during_mbps=during_mbps)
    assert words in text
    assert text.endswith("measure again in a busy hour and in the evening.")


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert said(replace(READY, evidence=Seen())) == ""
    assert said(replace(READY, evidence=Seen(download=DOWNLOAD))) == "Tests: 1 download (upload.example.org)."
