"""emrnetcheck ddns watch: lines for people and for programs, the end of it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.cli import ddns_watch
from emrnetcheck.cli.watch_log import sightings
from emrnetcheck.net import routes
from emrnetcheck.probes import ddns_watch as probe
from emrnetcheck.probes.ddns_watch import Answered, Asked, Round, Watcher
from tests.cli.conftest import Call

NAME = "emr.example.org"
OLD, NEW = "93.184.216.99", "93.184.216.34"
SOURCE = Asked("source", "93.184.1.53", "a-name-server-with-a-very-long-name.ddns.example", NAME)
PUBLIC = Asked("resolver", "1.1.1.1", "", NAME)


def a_round(at_s: float, public: str | None, source: str | None, resolver: str | None) -> Round:
    said = [None if each is None else Answered((each,), 60) for each in (source, resolver)]
    return Round(1_800_000_000 + at_s, public, ((SOURCE, said[0]), (PUBLIC, said[1])))


CHANGE = [
    a_round(0, OLD, OLD, OLD),
    a_round(5, NEW, OLD, OLD),
    a_round(10, NEW, NEW, OLD),
    a_round(47, NEW, NEW, NEW),
]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Round | type[BaseException]]:
    """What the looks give, one after the other."""
    script: list[Round | type[BaseException]] = []

    def look(_self: Watcher) -> Round:
        found = script.pop(0)
        if isinstance(found, Round):
            return found
        raise found

    monkeypatch.setattr(Watcher, "look", look)
    monkeypatch.setattr(routes, "source_address", lambda: "192.168.1.50")
    monkeypatch.setattr(probe, "INTERVAL_MIN_S", 0.0)
    monkeypatch.setattr(ddns_watch, "seconds", lambda text, option: 0.001 if option == "--interval" else 60.0)
    return script


def test_a_change_is_told_and_ends_the_watch(call: Call, looks: list[Round]) -> None:
    looks += CHANGE
    ended = call("ddns", "watch", "--name", NAME)
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert any(line.endswith(f"THE OFFICE'S ADDRESS: {OLD} -> {NEW}") for line in lines)
    assert any(line.endswith(f"resolver 1.1.1.1: {OLD} -> {NEW} (+42 s)") for line in lines)
    assert lines[-1] == "All agree."
    assert max(map(len, lines)) <= 80


def test_the_same_as_data_on_standard_output_and_in_a_file(call: Call, looks: list[Round], tmp_path: Path) -> None:
    looks += CHANGE
    file = tmp_path / "watch.jsonl"
    file.write_text('{"event": "of an earlier watch"}\n')
    ended = call("ddns", "watch", "--name", NAME, "--json-lines", "--output", file)
    events = [json.loads(line) for line in ended.out.splitlines()]
    assert [event["event"] for event in events] == [
        *("start", "address", "answer", "answer", "agreed", "address", "answer", "answer", "agreed", "summary")
    ]
    assert file.read_text().splitlines()[1:] == ended.out.splitlines(), "what was there is kept"
    summary = events[-1]
    assert (summary["public"], summary["agreed"], summary["within_s"]) == (NEW, True, 5)
    assert [each["after_s"] for each in summary["right_after_s"]] == [5, 42]


def test_ctrl_c_ends_it_with_a_summary(call: Call, looks: list[Round | type[BaseException]]) -> None:
    looks += [*CHANGE[:3], KeyboardInterrupt]
    ended = call("ddns", "watch", "--name", NAME)
    assert ended.status == 130
    assert "Still otherwise: resolver 1.1.1.1" in ended.out
    assert ended.out.splitlines()[-1] == "Not all agree."


@pytest.mark.parametrize(
    ("last", "status"),
    [
        (a_round(0, NEW, NEW, NEW), 0),
        (a_round(0, NEW, OLD, NEW), 1),
        (a_round(0, None, NEW, NEW), 3),
        (a_round(0, NEW, None, NEW), 3),
    ],
)
def test_when_the_time_is_over_the_status_says_how_it_stands(
    call: Call, looks: list[Round], last: Round, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ddns_watch, "seconds", lambda _text, option: 5.0 if option == "--interval" else 1.0)
    looks.append(last)
    assert call("ddns", "watch", "--name", NAME, "--for", "1s").status == status


@pytest.mark.parametrize("text", ["", "0", "-5", "5x", "1.5h", "99999999999999999999", "٣"])
def test_what_is_no_time_is_refused_in_a_sentence(call: Call, text: str) -> None:
    ended = call("ddns", "watch", "--name", NAME, "--for", "1s", "--interval", text)
    assert (ended.status, ended.out) == (2, "")
    assert "write 90s, 30m, 2h or 1d" in ended.err


def test_without_a_name_it_says_how_to_give_one(call: Call) -> None:
    ended = call("ddns", "watch")
    assert ended.status == 2
    assert "--name" in ended.err


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    call: Call, looks: list[Round], tmp_path: Path
) -> None:
    ended = call("ddns", "watch", "--name", NAME, "--output", tmp_path / "no" / "such" / "folder.jsonl")
    assert ended.status == 2
    assert "cannot be written" in ended.err


def every_control_character(lines: Iterable[str]) -> set[str]:
    return {letter for line in lines for letter in line if ord(letter) < 32 or letter == "\x7f"}


def test_what_a_name_server_is_called_cannot_steer_the_terminal(call: Call, looks: list[Round]) -> None:
    evil = Asked("source", "93.184.1.53", "ns\x1b[31m\x07.example", NAME)
    looks.append(Round(0.0, NEW, ((evil, Answered((NEW,), 60)),)))
    looks.append(Round(5.0, NEW, ((evil, Answered((OLD,), 60)),)))
    looks.append(Round(9.0, NEW, ((evil, Answered((NEW,), 60)),)))
    ended = call("ddns", "watch", "--name", NAME)
    assert ended.status == 0
    assert every_control_character(ended.out.splitlines()) == set()


def test_history_reads_the_log_of_a_watch(call: Call, looks: list[Round], tmp_path: Path) -> None:
    looks += CHANGE
    assert call("ddns", "watch", "--name", NAME, "--output", tmp_path / "watch.jsonl").status == 0
    with (tmp_path / "watch.jsonl").open("a") as log:
        log.write('{"event": "answer", "at": "2027-01-')  # the computer was switched off
    ended = call("ddns", "history", tmp_path, "--format", "json")
    found = json.loads(ended.out)
    assert ended.status == 0
    assert [(change["old"], change["new"]) for change in found["changes"]] == [(OLD, NEW)]
    assert [wrong["still"] for wrong in found["wrong"]] == [False]
    assert found["wrong"][0]["at_most_s"] == 10


LINES = st.lists(
    st.text(max_size=60)
    | st.dictionaries(
        st.sampled_from(["event", "at", "place", "new", "old"]),
        st.sampled_from(["start", "address", "answer", "2027-01-01T00:00:00+00:00", "9999-99-99"])
        | st.lists(st.text(max_size=10) | st.none(), max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "server"]), st.just("source") | st.integers() | st.none())
        | st.floats(),
    ).map(json.dumps),
    max_size=12,
)


@given(LINES)
def test_any_lines_are_read_without_an_exception(lines: list[str]) -> None:
    assert len(sightings(lines)) <= len(lines)
