"""Are the rows of traceroute and tracert read as they are documented, and is nothing else taken for one?"""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import route_programs
from emrnetcheck.net.programs import Finished
from emrnetcheck.net.route_programs import parse_traceroute, parse_tracert

MACOS = """\
traceroute to 1.1.1.1 (1.1.1.1), 20 hops max, 52 byte packets
 1  192.168.1.1  3.312 ms  1.895 ms  2.126 ms
 2  * * *
 3  10.0.0.1  9.104 ms
    10.0.0.5  8.711 ms  9.020 ms
 4  62.115.1.1  20.1 ms * 21.3 ms
 5  1.1.1.1  22.180 ms  21.914 ms  22.003 ms
"""
WINDOWS = """\

Tracing route to 1.1.1.1 over a maximum of 20 hops

  1    <1 ms    <1 ms     2 ms  192.168.1.1
  2     *        *        *     Request timed out.
  3     9 ms     *        9 ms  10.0.0.1
  4    21 ms    20 ms    22 ms  1.1.1.1

Trace complete.
"""
GERMAN = """\
Routenverfolgung zu 1.1.1.1 über maximal 20 Hops

  1    <1 ms    <1 ms    <1 ms  192.168.1.1
  2     *        *        *     Zeitüberschreitung der Anforderung.
  3    21 ms    20 ms    22 ms  1.1.1.1

Ablaufverfolgung beendet.
"""
RUSSIAN = "  1    <1 мс    <1 мс    <1 мс  192.168.1.1\n  2    21 мс    20 мс    22 мс  1.1.1.1\n"


def test_macos() -> None:
    route = parse_traceroute(MACOS, "1.1.1.1")
    assert route.reached
    assert route.method == "traceroute"
    assert [(hop.ttl, hop.addresses, hop.end) for hop in route.hops] == [
        (1, ("192.168.1.1",), False),
        (2, (), False),
        (3, ("10.0.0.1", "10.0.0.5"), False),
        (4, ("62.115.1.1",), False),
        (5, ("1.1.1.1",), True),
    ]
    assert route.hops[2].rtts_ms == (9.104, 8.711, 9.020)
    assert route.hops[3].rtts_ms == (20.1, None, 21.3)


@pytest.mark.parametrize(("text", "hops"), [(WINDOWS, 4), (GERMAN, 3), (RUSSIAN, 2)], ids=["en", "de", "ru"])
def test_windows_in_any_language(text: str, hops: int) -> None:
    route = parse_tracert(text, "1.1.1.1")
    assert route.reached
    assert len(route.hops) == hops
    assert route.hops[0].addresses == ("192.168.1.1",)
    assert route.hops[0].rtts_ms[0] == 0.5
    assert route.hops[-1].rtts_ms == (21.0, 20.0, 22.0)
    if hops > 2:
        assert route.hops[1].addresses == ()


def test_what_was_cut_off_counts_up_to_there() -> None:
    route = parse_traceroute("\n".join(MACOS.splitlines()[:4]), "1.1.1.1")
    assert not route.reached
    assert [hop.ttl for hop in route.hops] == [1, 2, 3]
    assert parse_traceroute("\n".join(MACOS.splitlines()[:3]), "1.1.1.1").hops[-1].ttl == 1


def test_rows_that_do_not_begin_at_one_are_not_believed() -> None:
    assert parse_traceroute(" 7  10.0.0.1  9.1 ms  9.1 ms  9.1 ms\n", "1.1.1.1").hops == ()
    assert parse_tracert("  7     9 ms     9 ms     9 ms  10.0.0.1\n", "1.1.1.1").hops == ()


@given(st.text(max_size=300))
def test_random_text_is_never_an_exception(text: str) -> None:
    parse_traceroute(text, "1.1.1.1")
    parse_tracert(text, "1.1.1.1")


@given(st.lists(st.sampled_from(["1", "2", " ", "*", "ms", "1.1.1.1", "10.0.0.1", "<1", "nan", "1e999", "\n", "!N"])))
def test_parts_in_any_order_are_never_an_exception(parts: list[str]) -> None:
    for route in (parse_traceroute(" ".join(parts), "1.1.1.1"), parse_tracert(" ".join(parts), "1.1.1.1")):
        assert [hop.ttl for hop in route.hops] == list(range(1, len(route.hops) + 1))
        assert all(len(hop.rtts_ms) == 3 for hop in route.hops)


@pytest.mark.parametrize(
    ("platform", "program", "text"), [("darwin", "traceroute", MACOS), ("win32", "tracert", WINDOWS)]
)
def test_each_system_has_its_program(monkeypatch: pytest.MonkeyPatch, platform: str, program: str, text: str) -> None:
    ran: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Finished:
        ran.append(argv)
        return Finished(0, text, "")

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(route_programs, "run_watched", run)
    route = route_programs.find("1.1.1.1")
    assert not isinstance(route, Failure)
    assert route.method == program
    assert ran[0][0] == program
    assert ran[0][-1] == "1.1.1.1"


def test_a_program_that_says_nothing_in_time_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    late = Failure(FailureKind.TIMEOUT, "run", "traceroute")
    monkeypatch.setattr(route_programs, "run_watched", lambda *_, **__: Finished(-2, "", "", late))
    assert route_programs.find("1.1.1.1") == late
    monkeypatch.setattr(route_programs, "run_watched", lambda *_, **__: late)
    assert route_programs.find("1.1.1.1") == late
