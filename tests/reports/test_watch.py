"""The live area at any width, with and without letters; event lines; the closing summary."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from emrnetcheck.evidence.watch import LegFigures, LegTotal, SegmentTotal, Watched, WatchEvent, WatchSummary
from emrnetcheck.reports import watch_words
from emrnetcheck.reports.watch import Shown, WatchArea, WatchLines, _Drawing, display

ROUTER = LegFigures(
    leg="router",
    target="192.168.1.1",
    method="icmp",
    health="good",
    fault="",
    sent=120,
    lost=0,
    now_ms=0.42,
    worst_ms=1.9,
    usual_ms=0.4,
    slow_ms=6.0,
    spark=(0.4,) * 30,
)
LINE = replace(
    ROUTER, leg="outside", target="1.1.1.1", health="bad", fault="latency", lost=3, now_ms=912.0, worst_ms=1_400.0,
    usual_ms=20.0, slow_ms=200.0, spark=(*(20.0,) * 20, *(-1.0,) * 2, None, None, *(900.0,) * 6),
)  # fmt: skip
ISP = replace(ROUTER, leg="isp", target="", method="none", health="absent", why="no router beyond answers")
SLOW_ICMP = replace(ROUTER, leg="router", health="bad", fault="latency", now_ms=80.0)
BEGIN = WatchEvent(
    kind="begin", at_unix_s=1_800_000_000.0, segment="line", sure="certain", fault="latency", legs=("outside",),
    normal=("own", "router"), before_ms=20.0, now_ms=900.0, lost=0, sent=12,
)  # fmt: skip


def drawn(width: int, height: int, *figures: LegFigures, now: tuple[str, ...] = (), ascii_only: bool = False) -> str:
    drawing = _Drawing("Watching emr.example.org", ascii_only=ascii_only)
    drawing.shown = Shown(figures, ("router",) if SLOW_ICMP in figures else (), now, 95.0)
    drawing.events.extend(watch_words.event_line(BEGIN) for _ in range(50))
    out = io.StringIO()
    Console(file=out, width=width, height=height, color_system=None).print(drawing)
    return out.getvalue()


@pytest.mark.parametrize(("width", "height"), [(20, 5), (40, 10), (50, 12), (80, 24), (120, 40), (250, 60)])
def test_it_fits_any_terminal(width: int, height: int) -> None:
    lines = drawn(width, height, ROUTER, ISP, LINE, now=("line bad",)).splitlines()
    assert max(map(len, lines)) <= width
    assert len(lines) <= max(height, 5)


def test_at_80_columns_all_figures_are_there_and_the_state_is_a_word() -> None:
    text = drawn(80, 24, ROUTER, ISP, LINE, now=("line bad",))
    head, _, router, isp, line, *events = text.splitlines()
    assert head.split() == ["Watching", "emr.example.org", "1", "min", "35", "s", "line", "bad"]
    assert router.split()[0] == "Router"
    assert router.split()[-6:] == ["0.4", "ms", "1.9", "ms", "0/120", "ok"]
    assert isp.split(None, 1) == ["Provider", "no router beyond answers"]
    assert line.split()[-6:] == ["912", "ms", "1.4", "s", "3/120", "slow"]
    assert "×" in line
    assert "█" in line
    assert all("line: latency 20 ms -> 900 ms; router normal" in event for event in events)


def test_a_slow_answer_that_is_no_fault_is_marked_so() -> None:
    assert drawn(80, 24, SLOW_ICMP).splitlines()[2].endswith("ok*")


def test_where_there_is_room_each_method_is_named() -> None:
    by_connecting = replace(LINE, method="tcp:443")
    assert "192.168.1.1 by ping" in drawn(120, 24, ROUTER, by_connecting)
    assert "1.1.1.1 by connecting" in drawn(120, 24, ROUTER, by_connecting)
    asked = [Watched("router", "10.0.0.1", "icmp_raw"), Watched("isp", "", "none"), Watched("server_tcp", "x", "tcp:1")]
    assert list(watch_words.methods(asked)) == ["By ping: Router.", "By connecting: EMR connects."]


def test_what_is_asked_seldom_says_so_instead_of_nothing() -> None:
    parts = replace(ROUTER, leg="server_bulk", health="unknown", sent=0, now_ms=None, worst_ms=None)
    assert drawn(80, 24, ROUTER, parts).splitlines()[3].endswith("asked seldom, not in the last minute")
    never = replace(parts, ever=False)
    assert drawn(80, 24, ROUTER, never).splitlines()[3].endswith("not measured yet")
    cut = replace(parts, sent=1, now_ms=8_000.0, worst_ms=8_000.0, cut=True)
    assert drawn(80, 24, ROUTER, cut).splitlines()[3].count(">8.0 s") == 2
    assert drawn(80, 24, ROUTER, replace(parts, health="bad", fault="rate")).splitlines()[3].endswith("slow")


def test_without_letters_the_bars_are_ascii() -> None:
    assert drawn(80, 24, ROUTER, LINE, ascii_only=True).isascii()


@pytest.mark.parametrize(("plain", "environ"), [(True, {}), (False, {}), (False, {"TERM": "dumb"})])
def test_no_terminal_gets_lines(plain: bool, environ: dict[str, str]) -> None:
    out = io.StringIO()
    with display(out, plain=plain, environ=environ, title="Watching") as shown:
        assert isinstance(shown, WatchLines)
        for second in range(130):
            shown.show(Shown((ROUTER, ISP, LINE), (), (), float(second)))
        shown.event(BEGIN)
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["0", "1", "2"]
    assert "router 0.4 ms, internet 912 ms (3/120 lost)" in lines[0]
    assert "line: latency 20 ms -> 900 ms; router normal" in lines[-1]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("environ", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_the_live_area_and_its_own_screen_back(environ: dict[str, str], coloured: bool) -> None:
    out = Terminal()
    shown = display(out, plain=False, environ=environ, title="Watching")
    assert isinstance(shown, WatchArea)
    shown.say("Watching [bold]emr[/bold].")
    with shown:
        shown.event(BEGIN)
        shown.show(Shown((ROUTER, LINE), (), ("line bad",), 5.0))
    text = out.getvalue()
    assert "Watching [bold]emr[/bold]." in text, "foreign text is no markup"
    assert "line: latency 20 ms -> 900 ms" in text
    assert text.rindex("\x1b[?1049l") > text.rindex("line bad"), "the old screen is back"
    assert ("\x1b[1;31m" in text) is coloured


OR_ROUTER = ", or the router does not lead back inside: try the EMR's address in the office"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "line: latency 20 ms -> 900 ms; router normal"),
        ({"sure": "likely", "before_ms": None}, "line (likely): latency 900 ms; router normal"),
        ({"fault": "loss", "lost": 7, "sent": 60}, "line: 7 of 60 lost; router normal"),
        ({"fault": "dead"}, "line: no answer; router normal"),
        ({"fault": "dead", "segment": "lan", "legs": ("router",)}, "office network: no answer"),
        (
            {"fault": "dead", "segment": "computer", "legs": ("own",), "normal": ()},
            "this computer: no connection (cable pulled, Wi-Fi off?)",
        ),
        ({"fault": "jitter"}, "line: uneven, up to 900 ms; router normal"),
        ({"fault": "wrong", "segment": "name"}, "name: the name leads elsewhere than for others; router normal"),
        ({"fault": "refused", "normal": ()}, "line: refuses (nothing listens)"),
        ({"fault": "refused", "normal": (), "segment": "server", "sure": "likely"},
         f"EMR server (likely): refuses (nothing listens{OR_ROUTER})"),
        ({"fault": "no_page", "normal": (), "segment": "server"},
         "EMR server: answers, and no page comes: it sends on to itself again and again"),
        ({"fault": "rate", "normal": ()}, "line: what belongs to the EMR's page comes slowly (up to 900 ms)"),
        (
            {"fault": "rate", "segment": "computer", "normal": ()},
            "this computer: its link is at 10 Mbps or half duplex",
        ),
        (
            {"fault": "size", "segment": "path", "normal": ()},
            "Internet beyond the line: packets of full size vanish without a word, so large pages never come",
        ),
        (
            {"fault": "wrong", "segment": "lan", "normal": ()},
            "office network: two computers take turns in having one address",
        ),
        ({"kind": "end", "duration_s": 40.0}, "line: well again after 40 s (latency 20 ms -> 900 ms)"),
        ({"kind": "end", "withdrawn": True}, "line: this was told too early, see the next line"),
        ({"kind": "gateway", "old": "", "new": "10.0.0.1\x07"}, "another router: none -> 10.0.0.1?"),
        ({"kind": "no_connection"}, "this computer: no connection (cable pulled, Wi-Fi off?)"),
    ],
)  # fmt: skip
def test_an_event_in_words(change: dict[str, object], words: str) -> None:
    assert watch_words.event_line(replace(BEGIN, **change)).partition("  ")[2] == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (59.6, "1 min 0 s"), (3_599.0, "59 min 59 s"), (90_000.0, "1 d 1 h")]
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert watch_words.duration(seconds) == words


@pytest.mark.parametrize(
    ("value", "words"), [(None, "-"), (0.04, "0.0 ms"), (9.96, "10.0 ms"), (999.4, "999 ms"), (1_240.0, "1.2 s")]
)
def test_milliseconds_in_words(value: float | None, words: str) -> None:
    assert watch_words.ms(value) == words


TOTAL = LegTotal("router", "192.168.1.1", "icmp", 7_200, 3, 0, 0.4, 0.9, 2.0, 31.0, 0.0)
SUMMARY = WatchSummary(
    from_unix_s=1_800_000_000.0, to_unix_s=1_800_003_600.0, watched_s=3_600.0, slept_s=120.0, segment="line",
    by_segment={"line": SegmentTotal(3, 190.0, 90.0, 1_400.0), "name": SegmentTotal(1, 20.0, 20.0, None)},
    measured=True, legs=(TOTAL,), events_total=4, events=(BEGIN, replace(BEGIN, kind="end", duration_s=40.0)),
)  # fmt: skip


def test_the_summary_says_what_was_bad_for_how_long_when_and_whom_to_call() -> None:
    lines = list(watch_words.closing(SUMMARY))
    assert lines[0] == "Watched for 1 h 0 min, slept 2 min 0 s."
    assert lines[1] == "  Router        0.4 ms (95 %: 0.9 ms, worst 31 ms), 3 of 7200 lost (below 0.2 %)"
    assert lines[2] == "By ping: Router."
    assert "line: latency 20 ms -> 900 ms for 40 s" in lines[3]
    assert lines[4:6] == [
        "Line: bad 3 times, 3 min 10 s in all, the longest 1 min 30 s.",
        "Name: bad once, 20 s in all.",
    ]
    assert lines[6].startswith("Whom to call: Your internet provider")
    assert max(map(len, lines)) <= 80


def test_what_was_not_waited_for_to_its_end_is_no_measurement() -> None:
    parts = replace(TOTAL, leg="server_bulk", sent=1, lost=0, p50_ms=8_000.0, p95_ms=8_000.0, max_ms=8_000.0, cut=1)
    lines = list(watch_words.closing(replace(SUMMARY, legs=(parts,))))
    assert lines[1] == "  EMR's parts   at least 8.0 s, not all of it, 0 of 1 lost"
    some = replace(parts, sent=5, p50_ms=900.0)
    lines = list(watch_words.closing(replace(SUMMARY, legs=(some,))))
    assert lines[1].endswith("worst at least 8.0 s), 0 of 5 lost")
    slow = replace(BEGIN, segment="server", fault="rate", legs=("server_bulk",), now_ms=8_000.0, cut=True)
    assert "what belongs to the EMR's page comes slowly (at least 8.0 s, not all of it)" in watch_words.event_line(slow)
    page = replace(slow, legs=("server_answer",), now_ms=5_000.0, cut=False)
    assert "the EMR's page begins, and the rest of it comes slowly (up to 5.0 s)" in watch_words.event_line(page)


def test_a_quiet_summary_and_an_empty_one() -> None:
    quiet = replace(SUMMARY, segment=None, by_segment={}, events=())
    assert list(watch_words.closing(quiet))[-1] == "Nothing was slow."
    assert list(watch_words.closing(replace(quiet, measured=False)))[-1] == "Nothing could be measured."


def test_a_watch_that_ended_before_the_emr_answered_does_not_call_it_quick() -> None:
    """Stopped after three seconds, one question on its way: too early for a fault, and no good news either."""
    silent = replace(TOTAL, leg="server_tcp", sent=1, lost=1, p50_ms=None, p95_ms=None, max_ms=None)
    quiet = replace(SUMMARY, segment=None, by_segment={}, events=(), legs=(TOTAL, silent))
    last = list(watch_words.closing(quiet))[-1]
    assert last == "The EMR had not answered yet (0 of 1): too early to tell. Nothing else was slow."
    assert len(last) <= 80
    once = replace(silent, sent=2)
    assert list(watch_words.closing(replace(quiet, legs=(TOTAL, once))))[-1] == "Nothing was slow."


def test_of_many_events_the_last_are_told() -> None:
    many = replace(SUMMARY, events=tuple(replace(BEGIN, kind="gateway", new=str(n)) for n in range(50)))
    lines = list(watch_words.closing(many))
    assert "The last 20 of 50 events:" in lines
    assert sum("another router" in line for line in lines) == 20


def test_a_page_that_is_an_error_is_told_as_one_and_the_emr_keeps_its_letters() -> None:
    event = replace(BEGIN, segment="server", fault="wrong")
    assert "answers with an error" in watch_words.event_line(event)
    assert watch_words.state_word(replace(LINE, leg="server_answer", fault="wrong"), excused=False) == "error"
    unsent = LegTotal("server_tcp", "192.0.2.7:443", "tcp:443", 0, 0, 9, None, None, None, None, 0.0)
    well = replace(unsent, leg="outside", sent=9, unsent=0, p50_ms=1.0, p95_ms=1.0, max_ms=1.0)
    total = SegmentTotal(1, 5.0, 5.0, None)
    lines = list(watch_words.closing(WatchSummary(0.0, 9.0, 9.0, 0.0, "far", True, {"far": total}, (unsent,), 1)))
    assert any("9 could not be sent" in line for line in lines)
    assert any(line.startswith("The EMR's side: bad once") for line in lines)
    quiet = list(watch_words.closing(WatchSummary(0.0, 9.0, 9.0, 0.0, None, False, {}, (well, unsent), 0)))
    assert "The EMR could not be asked" in quiet[-1]
