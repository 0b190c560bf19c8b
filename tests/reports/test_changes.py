"""Two reports beside each other: what says something else, by its codes, and nothing that says the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC

import pytest

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Mode
from emrnetcheck.reports import changes
from emrnetcheck.reports.terminal_lines import laid_out
from tests.reports.samples import HOSTILE, NOT_READY, READY, SAMPLES
from tests.reports.stored import report_of


def told(before: ClinicReport, after: ClinicReport) -> list[str]:
    found = changes.changes(before, after)
    return [line.lead + line.text for line in changes.changes_page(found, before, after, zone=UTC)]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_beside_itself_has_no_change(name: str) -> None:
    found = changes.changes(SAMPLES[name], SAMPLES[name])
    assert (found.checks, found.doubts) == ((), ())
    assert "Nothing: every check says the same." in told(SAMPLES[name], SAMPLES[name])


def test_what_broke_is_told_by_its_code() -> None:
    lines = told(READY, NOT_READY)
    assert (
        lines[0] == "Before: READY to host the EMR. Elm Street Clinic, 24 Nov 2026, 20:20 UTC (20261124T202000Z-7f3a)"
    )
    assert lines[1].startswith("After:  NOT READY to host the EMR.")
    assert "- The EMR's name: PASS -> FAIL; new: ddns.stale." in lines
    assert "- Users: PASS -> SKIPPED." in lines
    assert "- Download speed: PASS -> not there." in lines
    assert "The other checks (5) say the same." in lines


def test_what_could_not_be_told_is_said_in_the_words_of_the_page() -> None:
    lines = told(SAMPLES["inconclusive"], READY)
    assert lines[0].startswith("Before: COULD NOT TELL whether this network can host the EMR. ")
    assert any(": UNSURE -> " in line for line in lines)
    assert not any(word in line for line in lines for word in ("INCONCLUSIVE", "unknown", "pass"))


def test_what_was_mended_is_told_by_the_code_that_went() -> None:
    assert "- Upload: FAIL -> PASS; no longer: upload.below_minimum." in told(NOT_READY, READY)


def test_another_fault_of_the_same_check_is_a_change() -> None:
    upload = next(check for check in NOT_READY.checks if check.id == "upload")
    other = replace(upload, findings=(replace(upload.findings[0], code="upload.unstable"),))
    after = replace(NOT_READY, checks=tuple(other if check is upload else check for check in NOT_READY.checks))
    assert "- Upload: still FAIL; new: upload.unstable; no longer: upload.below_minimum." in told(NOT_READY, after)


@pytest.mark.parametrize("case", ["vpn_on", "proxy_in_between"])
def test_figures_through_a_tunnel_are_not_held_against_the_offices_line(case: str) -> None:
    fine, tunnel = report_of("healthy"), report_of(case)
    for before, after, which in ((fine, tunnel, "second"), (tunnel, fine, "first")):
        lines = told(before, after)
        assert any(line.startswith(f"The {which} was made through a VPN or a proxy: ") for line in lines)
        assert not any(line.startswith(("Upload:", "Download:", "Round trip", "Public address")) for line in lines)
        assert any(line.startswith("Router answers in:") for line in lines)


def test_figures_are_told_of_both() -> None:
    assert READY.evidence.upload is not None
    slower = replace(READY.evidence, upload=replace(READY.evidence.upload, goodput_mbps=4.765), download=None)
    lines = told(READY, replace(READY, evidence=slower))
    assert "Upload: 9.5 Mbps -> 4.8 Mbps (-50 %)" in lines
    assert "Download: 47.1 Mbps -> not measured" in lines
    assert "Router answers in: 0.6 ms, as before" in lines
    assert not any(line.startswith("Public address") for line in lines), "neither report has one"


@pytest.mark.parametrize(
    ("other", "doubt"),
    [
        (replace(READY, site="Oak"), "They are of two sites: Elm Street Clinic, and Oak."),
        (replace(READY, vantage="client"), "One is of the clinic, the other was made elsewhere"),
        (replace(READY, mode=Mode.QUICK), "One is a standard check, the other a quick check."),
    ],
)
def test_what_makes_the_two_differ_by_itself_is_told(other: ClinicReport, doubt: str) -> None:
    assert any(line.startswith(doubt) for line in told(READY, other))


def test_the_order_in_time_is_told_where_it_is_the_other_way_round() -> None:
    later = replace(READY, started_at=READY.started_at.replace(day=25))
    assert "The first is the later one." in told(later, READY)
    assert "The first is the later one." not in told(READY, later)


def test_stored_words_cannot_command_the_terminal() -> None:
    hostile = replace(READY, site=HOSTILE, id=HOSTILE)
    found = changes.changes(hostile, READY)
    text = laid_out(changes.changes_page(found, hostile, READY))
    assert all(character.isprintable() or character == "\n" for character in text)
    assert json.loads(changes.render_json(found, hostile, READY))["after"] == READY.id


def test_json_says_the_same_as_the_page() -> None:
    made = json.loads(changes.render_json(changes.changes(READY, NOT_READY), READY, NOT_READY))
    assert (made["schema"], made["verdict_after"]) == ("emrnetcheck/changes/1", "not_ready")
    assert {"ddns": ["ddns.stale"]}.items() <= {each["id"]: each["new_codes"] for each in made["checks"]}.items()
