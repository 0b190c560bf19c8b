"""The progress display tells what is measured now, on stderr only, and never gets in the way of the measurement."""

from __future__ import annotations

import threading
from io import StringIO

import pytest
from rich.console import Console

from emrnetcheck.model import Ended, Failure, FailureKind, Progressed, Started
from emrnetcheck.reports.progress import OPENING, Area, Lines, Rows, Silent, display
from tests.reports.test_terminal import Tty

STARTED = Started("lan", "the router's answer times", 6.0)
ENDED = Ended("lan", "the router's answer times", None, 2.14)
LOST = Ended("upload", "the [bold]upload", Failure(FailureKind.TIMEOUT, "connect", "a\x1b[2J", "[red]"), 9.0)


def test_lines_tell_beginning_and_end() -> None:
    out = StringIO()
    with display(out, quiet=False, plain=False, environ={}) as tell:
        for event in (STARTED, Progressed("lan", "20 of 50", 3.0, None), ENDED, LOST):
            tell(event)
    assert out.getvalue().splitlines() == [
        OPENING,
        "measuring the router's answer times ...",
        "  the router's answer times: done (2.1 s)",
        "  the [bold]upload: failed: no answer in time: [red] (connect a?[2J)",
    ]


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (FailureKind.OFFLINE, "not measured"),
        (FailureKind.NO_CONSENT, "not measured"),
        (FailureKind.INTERRUPTED, "interrupted"),
        (FailureKind.REFUSED, "failed"),
    ],
)
def test_the_end_is_a_word(kind: FailureKind, word: str) -> None:
    out = StringIO()
    Lines(out, ascii_only=False)(Ended("port", "the port", Failure(kind), 0.0))
    assert out.getvalue().startswith(f"  the port: {word}: ")


def test_quiet_says_nothing() -> None:
    out = Tty()
    with display(out, quiet=True, plain=False, environ={}) as tell:
        tell(STARTED)
    assert out.getvalue() == ""


def test_the_display_suits_the_stream() -> None:
    term = {"TERM": "xterm"}
    assert isinstance(display(Tty(), quiet=False, plain=False, environ=term), Area)
    assert isinstance(display(Tty(), quiet=False, plain=True, environ=term), Lines)
    assert isinstance(display(Tty(), quiet=False, plain=False, environ={"TERM": "dumb"}), Lines)
    assert isinstance(display(StringIO(), quiet=False, plain=False, environ=term), Lines)
    assert type(display(StringIO(), quiet=True, plain=False, environ=term)) is Silent


def drawn(rows: Rows, width: int = 80) -> list[str]:
    console = Console(file=StringIO(), width=width, height=20, color_system=None)
    with console.capture() as capture:
        console.print(rows)
    return capture.get().splitlines()


def test_the_area_counts_down_by_itself_and_shows_the_speed() -> None:
    now = 100.0
    rows = Rows(clock=lambda: now)
    rows.take(STARTED)
    rows.take(Started("upload", "the upload", 15.0))
    rows.take(Progressed("upload", "second 3", 12.0, 4.83))
    rows.take(ENDED)
    now = 102.0
    assert drawn(rows) == [
        "done         the router's answer times",
        "measuring    the upload, 4.8 Mbps, at most 10 s left, second 3",
    ]


def test_the_area_never_goes_below_zero_seconds() -> None:
    now = 0.0
    rows = Rows(clock=lambda: now)
    rows.take(STARTED)
    now = 60.0
    assert drawn(rows) == ["measuring    the router's answer times, at most 0 s left"]


def test_the_area_keeps_to_one_line_each_and_reads_no_markup() -> None:
    rows = Rows(clock=lambda: 0.0)
    rows.take(Started("x", "[red]\x1b[2J" + "long " * 40, 5.0))
    (line,) = drawn(rows, width=40)
    assert line.startswith("measuring    [red]?[2Jlong")
    assert len(line) < 40


def test_the_area_is_gone_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    out = Tty()
    with display(out, quiet=False, plain=False, environ={"TERM": "xterm", "NO_COLOR": "1"}) as tell:
        tell(STARTED)
        print("the report")
        tell(ENDED)
    # What goes to stdout meanwhile stays on stdout.
    assert capsys.readouterr().out == "the report\n"
    assert "the report" not in out.getvalue()


def test_events_may_come_from_many_threads() -> None:
    out = StringIO()
    with display(out, quiet=False, plain=True, environ={}) as tell:
        threads = [threading.Thread(target=tell, args=(Started(str(n), f"thing {n}", 1.0),)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    lines = out.getvalue().splitlines()[1:]
    assert sorted(lines) == sorted(f"measuring thing {n} ..." for n in range(20))


class NobodyReads(StringIO):
    """A stderr whose reader has gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(text)


def test_a_stderr_that_nobody_reads_does_not_end_the_measurement() -> None:
    with display(NobodyReads(), quiet=False, plain=False, environ={}) as tell:
        tell(STARTED)
