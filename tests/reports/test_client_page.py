"""What is read at a computer that uses the EMR: the answer first and last, each part in a row, at any width."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.model import Segment, Verdict
from emrnetcheck.reports import json as report_json
from emrnetcheck.reports import terminal
from emrnetcheck.reports.client_page import SEGMENT_WORDS, verdict_words
from tests.checks.builders import PUBLIC
from tests.checks.client_builders import (
    CLIENT_LINK,
    CLINIC,
    HERE_ROUTER,
    ISP,
    NOT_FOUND,
    STALE,
    WITNESS,
    bulk,
    pages,
    series,
    way,
)
from tests.placing.reports import from_elsewhere
from tests.reports import golden
from tests.reports.samples import HOSTILE

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LATE = way(series(HERE_ROUTER, 60.0), series(ISP, 70.0), series(WITNESS, 80.0), series(PUBLIC, 100.0))
SAMPLES = {
    "client_fine": from_elsewhere(),
    "client_wifi": from_elsewhere(link=replace(CLIENT_LINK, medium="wifi", signal_dbm=-71), way=LATE),
    "client_far": from_elsewhere(pages=pages(bulk=bulk(4.8, loaded=series(PUBLIC, 500.0)))),
    "client_stale": from_elsewhere(lookups=STALE, clinic=CLINIC, way=way(server=series(PUBLIC, None)), pages=None),
    "client_no_network": from_elsewhere(
        Seen(
            link=replace(CLIENT_LINK, interface=None, address=None, gateway=None),
            lookups=NOT_FOUND,
            way=way(None, None, None, None, emr_address=None),
        )
    ),
    "client_nothing": from_elsewhere(Seen(way=way(None, None, None, None))),
    "client_hostile": from_elsewhere(
        pages=pages(title=HOSTILE, host=HOSTILE), lookups=replace(STALE, system=(HOSTILE,), tried=())
    ),
}
SAMPLES = {name: replace(report, id="20261126T120000Z-client") for name, report in SAMPLES.items()}


@pytest.mark.parametrize("verbose", [False, True], ids=["short", "verbose"])
@pytest.mark.parametrize("name", SAMPLES)
def test_golden(name: str, verbose: bool) -> None:
    # Each report has a number of its own, by the order in which the tests are read.
    text = terminal.render(replace(SAMPLES[name], id="20261126T120000Z-client"), verbose=verbose)
    golden.same(f"{name}{'_verbose' if verbose else ''}.txt", text)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_answer_is_the_first_and_the_last_line(name: str) -> None:
    for verbose in (False, True):
        lines = terminal.render(SAMPLES[name], verbose=verbose, width=120).splitlines()
        assert lines[0] == lines[-1] == verdict_words(SAMPLES[name])


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for line in terminal.render(SAMPLES[name], width=width, verbose=True).splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("name", SAMPLES)
def test_colour_changes_no_word_and_plain_is_ascii(name: str) -> None:
    coloured = terminal.render(SAMPLES[name], colour=True, verbose=True)
    assert COLOUR.sub("", coloured) == terminal.render(SAMPLES[name], verbose=True)
    assert terminal.render(SAMPLES[name], plain=True, verbose=True).isascii()


def test_nothing_of_a_hostile_page_reaches_the_terminal() -> None:
    text = terminal.render(SAMPLES["client_hostile"], verbose=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


@pytest.mark.parametrize("segment", Segment)
def test_each_segment_has_an_answer(segment: Segment) -> None:
    report: ClinicReport = replace(SAMPLES["client_fine"], segment=segment, verdict=Verdict.NOT_READY)
    assert verdict_words(report) == f"SLOW: {SEGMENT_WORDS[segment]}"


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict.READY, "NOTHING SLOW on the way to the EMR"),
        (Verdict.READY_WITH_WARNINGS, "NOTHING SLOW on the way to the EMR"),
        (Verdict.NOT_READY, "SOMETHING IS BROKEN on the way to the EMR"),
        (Verdict.INCONCLUSIVE, "COULD NOT TELL which part of the way to the EMR is slow"),
    ],
)
def test_each_verdict_has_an_answer(verdict: Verdict, words: str) -> None:
    assert verdict_words(replace(SAMPLES["client_fine"], verdict=verdict)) == words


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "client_hostile"])
def test_the_json_is_read_back_as_it_was(name: str) -> None:
    assert report_json.parse(report_json.render(SAMPLES[name])) == SAMPLES[name]


def test_what_is_bad_is_told_from_what_follows() -> None:
    text = terminal.render(SAMPLES["client_wifi"])
    rows = [line.split()[0] for line in text.splitlines() if line.startswith(("GOOD", "BAD", "bad", "UNSURE", "-"))]
    assert rows.count("BAD") == 1


def test_what_fails_is_not_called_slow() -> None:
    assert verdict_words(SAMPLES["client_no_network"]) == "FAILS: this computer's own connection"
    assert verdict_words(SAMPLES["client_far"]) == "SLOW: the clinic's side"
    page = terminal.render(SAMPLES["client_no_network"], width=120)
    assert "BAD      This computer: no network connection" in page
    by_v6 = from_elsewhere(link=replace(CLIENT_LINK, interface=None, address=None))
    assert "This computer: no way out by IPv4" in terminal.render(by_v6, width=120)
