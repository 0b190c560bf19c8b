"""The terminal report reads the same in a pipe, on a dumb terminal and without colour, and says the verdict twice."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import IO

import pytest
from rich.cells import cell_len

from emrnetcheck.model import Cause, Contact, Severity, Status, Verdict
from emrnetcheck.reports import terminal, wording
from emrnetcheck.reports.formats import FORMATS, How, for_stream
from emrnetcheck.reports.reasons import deciding
from emrnetcheck.reports.to_do import MOST_CAUSES
from emrnetcheck.reports.wording import first_few
from tests.reports import golden
from tests.reports.samples import HOSTILE_REPORT, INCONCLUSIVE, NOT_READY, READY, SAID, SAMPLES, check, finding
from tests.reports.stored import CASES, report_of

STORED = sorted(file.stem for file in CASES.glob("*.json"))
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Tty(StringIO):
    """A terminal, as far as a program can tell."""

    def isatty(self) -> bool:
        return True


def shown(stream: IO[str], **environ: str) -> str:
    """The report as it is for this stream."""
    return FORMATS["text"].render(NOT_READY, for_stream(How(), stream, environ=environ))


@pytest.mark.parametrize("verbose", [False, True], ids=["short", "verbose"])
@pytest.mark.parametrize("name", SAMPLES)
def test_golden(name: str, verbose: bool) -> None:
    text = terminal.render(SAMPLES[name], width=80, colour=False, verbose=verbose)
    golden.same(f"terminal_{name}{'_verbose' if verbose else ''}.txt", text)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_verdict_is_the_first_and_the_last_line(name: str) -> None:
    words = wording.VERDICT_WORDS[SAMPLES[name].verdict]
    for verbose in (False, True):
        lines = terminal.render(SAMPLES[name], verbose=verbose).splitlines()
        assert lines[0] == words
        assert lines[-1] == words


@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    for line in terminal.render(SAMPLES[name], width=width, verbose=True).splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_is_cut_when_it_is_folded(name: str) -> None:
    def squeezed(width: int) -> str:
        return "".join(terminal.render(SAMPLES[name], width=width, verbose=True).split())

    assert squeezed(40) == squeezed(400)


@pytest.mark.parametrize("name", SAMPLES)
def test_colour_changes_no_word(name: str) -> None:
    coloured = terminal.render(SAMPLES[name], colour=True)
    assert COLOUR.search(coloured)
    assert COLOUR.sub("", coloured) == terminal.render(SAMPLES[name])


@pytest.mark.parametrize("environ", [{}, {"TERM": "dumb"}, {"COLUMNS": "200"}, {"FORCE_COLOR": "1"}, {"NO_COLOR": "1"}])
def test_a_pipe_gets_the_same_bytes_whatever_the_environment(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in environ.items():
        monkeypatch.setenv(key, value)
    assert shown(StringIO(), **environ) == shown(StringIO())
    assert "\x1b" not in shown(StringIO(), **environ)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_colour_is_left_out_where_it_is_refused(environ: dict[str, str]) -> None:
    assert "\x1b" not in shown(Tty(), **environ)


@pytest.mark.parametrize("environ", [{"TERM": "xterm"}, {"NO_COLOR": "", "TERM": "xterm"}])
def test_a_terminal_gets_colour_and_an_empty_no_color_keeps_it(environ: dict[str, str]) -> None:
    assert COLOUR.search(shown(Tty(), **environ))


@pytest.mark.parametrize("name", SAMPLES)
def test_plain_is_ascii_without_colour(name: str) -> None:
    text = terminal.render(SAMPLES[name], colour=True, verbose=True, plain=True)
    assert text.isascii()
    assert "\x1b" not in text


def test_a_stream_of_an_old_code_page_gets_ascii(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with path.open("w", encoding="cp1252") as stream:
        assert isinstance(stream, TextIOWrapper)
        stream.write(FORMATS["text"].render(HOSTILE_REPORT, for_stream(How(), stream, environ={})))
    assert path.read_bytes().isascii()


def test_foreign_text_is_never_markup_and_never_moves_the_cursor() -> None:
    for colour in (False, True):
        text = COLOUR.sub("", terminal.render(HOSTILE_REPORT, colour=colour, verbose=True))
        assert "[bold red]Elm" in text
        assert "[blink]nothing[/blink]" in text
        assert ":smile:" in text
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


MOST_LINES, MOST_LINES_OF_ONE_MORE = 32, 8  # 25 are aimed at: most have fewer


@pytest.mark.parametrize("name", STORED)
def test_page_one_fits_a_screen(name: str) -> None:
    report = report_of(name)
    reasons = min(len(deciding(report)), MOST_CAUSES)
    lines = terminal.render(report).splitlines()
    if reasons:
        assert len(lines) <= MOST_LINES + MOST_LINES_OF_ONE_MORE * (reasons - 1)


def test_most_bad_pages_are_short() -> None:
    bad = [report_of(name) for name in STORED if report_of(name).verdict is not Verdict.READY]
    lengths = sorted(len(terminal.render(report).splitlines()) for report in bad)
    assert lengths[len(lengths) // 2] <= 25


def test_on_a_screen_the_words_to_say_are_whole_and_the_advice_is_two_lines() -> None:
    said, advice = "Please mend it. " * 12 + "Thank you", "Do this. " * 20 + "And that"
    cause = replace(NOT_READY.causes[0], say=said, advice=advice)
    report = replace(NOT_READY, causes=(cause,))
    text = " ".join(terminal.render(report).split())
    assert f'"{said}."' in text
    assert "And that" not in text
    assert f"Do: {'Do this. ' * 16}Call:" in text
    assert "And that." in terminal.render(report, verbose=True)
    long = "One very long sentence " * 12 + "ends here. Another"
    text = " ".join(terminal.render(replace(report, causes=(replace(cause, advice=long),))).split())
    assert "ends here. Call:" in text, "the first sentence is there in any case"


def test_names_that_have_no_room_are_counted() -> None:
    assert first_few(list("abcdef"), 5) == "a, b, c, d, e, f"
    assert first_few(list("abcdefg"), 5, "; ") == "a; b; c; d; e; and 2 more"
    assert first_few([], 5) == ""


def test_every_state_is_a_word() -> None:
    text = terminal.render(SAMPLES["not_ready"], verbose=True) + terminal.render(SAMPLES["warnings"], verbose=True)
    text += terminal.render(SAMPLES["inconclusive"], verbose=True)
    for word in ("PASS", "NOTE", "WARN", "FAIL", "UNSURE", "SKIPPED"):
        assert f"\n{word} " in text


def test_causes_beyond_three_are_still_said() -> None:
    fourth = Cause("emr.error", "The EMR answers with an error", "Start it again", Contact.EMR_HOST, ())
    report = replace(NOT_READY, causes=(*NOT_READY.causes, fourth))
    text = terminal.render(report)
    assert "4. " not in text
    assert "WHAT ELSE\n- The EMR answers with an error.\n\n" in text
    at_length = terminal.render(report, verbose=True)
    assert "4. " not in at_length
    assert 'And 1 more, with what to do: "What else there is", below.' in at_length
    assert "WHAT ELSE THERE IS\n- The EMR answers with an error.\n  Do:   Start it again." in at_length


def test_a_failure_without_a_cause_is_still_said() -> None:
    lost = check(
        "tls", "Certificate", Status.FAIL, finding("tls.expired", Severity.FAIL, "It has expired.", "Renew it.")
    )
    text = terminal.render(replace(NOT_READY, checks=(*NOT_READY.checks, lost)))
    assert "FAIL     It has expired.\n         Do:   Renew it." in text


def test_a_consequence_is_named_under_its_cause_only() -> None:
    gone = finding("address.no_internet", Severity.FAIL, "There is no Internet.", "Restart the modem.")
    late = finding("ddns.stale", Severity.FAIL, "The name is stale.", "Mend it.")
    cause = Cause(gone.code, gone.summary, gone.advice, Contact.ISP, ("address", "ddns", "upload"))
    report = replace(
        NOT_READY,
        causes=(cause,),
        checks=(
            check("address", "Internet", Status.FAIL, gone),
            check("ddns", "The EMR's name", Status.FAIL, late),
            check("upload", "Upload", Status.SKIPPED, because="address"),
            check("capacity", "Users", Status.SKIPPED, because="address"),
        ),
    )
    text = terminal.render(report)
    assert "Also affected: The EMR's name." in text
    assert "The name is stale." not in text
    assert 'Not told: Not checked, because of "Internet": Upload, Users.' in text
    assert 'SKIPPED  Not checked, because of "Internet": Upload, Users.' in terminal.render(report, verbose=True)


def test_only_what_decides_is_a_reason() -> None:
    unsure = finding("port.not_tested", Severity.UNKNOWN, "Nobody outside was asked.", "Ask somebody.")
    causes = (*NOT_READY.causes[:1], Cause(unsure.code, unsure.summary, unsure.advice, Contact.IT_HELPER, ("port",)))
    checks = (*NOT_READY.checks[:7], check("port", "The EMR's port", Status.UNKNOWN, unsure))
    text = terminal.render(replace(NOT_READY, causes=causes, checks=checks))
    assert "2. " not in text
    assert (
        "UNSURE   Nobody outside was asked.\n         To find out: Ask somebody.\n         Call: your IT helper."
        in text
    )


def test_a_headline_that_repeats_is_left_out() -> None:
    said = f"Not ready to host the EMR: {NOT_READY.causes[0].summary}"
    text = terminal.render(replace(NOT_READY, headline=said))
    assert "Not ready" not in text
    assert text.count("READY") == 2
    assert "Ready" not in terminal.render(replace(READY, headline="Ready to host the EMR."))


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("not asked for", "Not asked for in this run: Users."),
        ("access", "Not needed for the way people reach this EMR: Users."),
        ("the moon", "Not checked (the moon): Users."),
        (None, "Not checked: Users."),
    ],
)
def test_what_was_left_out_says_why(because: str | None, said: str) -> None:
    report = replace(READY, checks=(check("capacity", "Users", Status.SKIPPED, because=because),))
    assert f"SKIPPED  {said}\n" in terminal.render(report)


def test_the_next_command_is_the_one_that_was_typed() -> None:
    assert "python3 start.py explain upload.below_minimum" in terminal.render(NOT_READY, command="python3 start.py")


def test_what_could_not_be_told_is_read_before_a_notice() -> None:
    notice = check("ddns", "The name", Status.NOTICE, replace(SAID, code="ddns.expected_outage"))
    unknown = replace(SAID, code="emr.guarded", severity=Severity.UNKNOWN)
    report = replace(INCONCLUSIVE, causes=(), checks=(notice, check("emr", "The page", Status.UNKNOWN, unknown)))
    assert "explain emr.guarded\n" in terminal.render(replace(report, verdict=Verdict.READY))


def test_third_parties_are_told() -> None:
    assert "- This office's address and the EMR's port: globalping." in terminal.render(READY, verbose=True)
    nobody = replace(READY, third_parties=())
    assert "Nobody outside the office was asked." in terminal.render(nobody, verbose=True)
    assert "who outside was asked: the same command with -v" in terminal.render(READY)


def test_a_warning_because_of_which_something_was_left_out_is_a_reason_for_not_knowing() -> None:
    only = finding("address.ipv6_only", Severity.WARN, "The office has an IPv6 address only")
    report = replace(
        INCONCLUSIVE,
        causes=(Cause(only.code, only.summary, "Ask for IPv4", Contact.ISP, ("address", "ddns")),),
        checks=(
            check("address", "Internet", Status.WARN, only),
            replace(check("ddns", "The name", Status.SKIPPED, because="address"), required=True),
        ),
    )
    assert "WHY, AND WHAT TO DO\n1. The office has an IPv6 address only." in terminal.render(report)
    ready = replace(report, checks=report.checks[:1])
    assert "WHY, AND WHAT TO DO" not in terminal.render(ready)
