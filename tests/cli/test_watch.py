"""emrnetcheck watch: lines for people and for programs, its end, its summary file, and what is refused."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from emrnetcheck.cli import watch_history
from emrnetcheck.evidence.watch import Happening, Sample, Watched
from emrnetcheck.probes.watching.errands import Errand
from emrnetcheck.probes.watching.sampler import Found, Moved, Sampler
from tests.cli.conftest import SETTINGS, Call
from tests.cli.scripted_watch import URL, WALL_S, Scripted, kept_watches, line_down, usual


def test_a_trouble_is_told_when_it_begins_and_ends_and_in_the_summary(
    call: Call, scripted: Scripted, tmp_path: Path
) -> None:
    scripted.script = line_down
    ended = call("watch", URL, "--for", "2m")
    lines = ended.out.splitlines()
    assert ended.status == 1, ended.err
    assert any("  line: no answer" in line and "router normal" in line for line in lines)
    assert any("  line: well again after 3" in line or "  line: well again after 4" in line for line in lines)
    assert any(line.startswith("Line: bad once, ") for line in lines)
    assert any(line.startswith("Whom to call: Your internet provider") for line in lines)
    assert lines[-1].startswith("Saved. To read it again: emrnetcheck history show watch-")
    (kept,) = kept_watches(tmp_path / "data")
    assert (kept["schema"], kept["segment"], kept["events"]) == ("emrnetcheck/watch/1", "line", 1)
    assert [each["kind"] for each in kept["events_kept"]] == ["begin", "end"]


def test_it_is_listed_and_shown_again_as_it_ended(call: Call, scripted: Scripted) -> None:
    scripted.script = line_down
    first = call("watch", URL, "--for", "2m").out.splitlines()
    (id_,) = (line.rpartition(" ")[2] for line in first if line.startswith("Saved. "))
    listed = call("history", "watches").out
    assert "SLOW " in listed
    assert "line longest; something was bad once" in " ".join(listed.split())
    assert id_ in listed
    shown = call("history", "show", id_)
    assert (shown.status, shown.err) == (0, "")
    assert (
        shown.out.splitlines() == first[next(n for n, line in enumerate(first) if line.startswith("Watched for ")) : -1]
    )
    (data,) = json.loads(call("history", "watches", "--format", "json").out)["watches"]
    assert (data["id"], data["segment"], data["troubles"]) == (id_, "line", 1)
    assert json.loads(call("history", "show", id_, "--format", "json").out)["event"] == "summary"


def test_where_the_history_cannot_be_used_the_summary_is_a_file(call: Call, scripted: Scripted, tmp_path: Path) -> None:
    scripted.script = usual
    broken = tmp_path / "data" / "history.sqlite"
    broken.parent.mkdir()
    broken.write_bytes(b"no database at all, but a text that is longer than the head of one would be" * 3)
    ended = call("watch", URL, "--for", "30s")
    assert ended.status == 0, ended.err
    [file] = (tmp_path / "data" / "watch").iterdir()
    assert f"Saved: {file}. The history {broken} is damaged" in ended.out
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    broken.unlink()
    call("watch", URL, "--for", "31s")
    assert len(kept_watches(tmp_path / "data")) == 2, "the one that was set aside is taken in"


def test_what_is_no_summary_is_left_where_it_is(call: Call, scripted: Scripted, tmp_path: Path) -> None:
    scripted.script = usual
    folder = tmp_path / "data" / "watch"
    folder.mkdir(parents=True)
    names = {"watch-1.json": "{}", "watch-2.json": "cut o", "watch-3.json": '{"schema": "emrnetcheck/watch/1"}'}
    for name, text in names.items():
        (folder / name).write_text(text)
    assert call("watch", URL, "--for", "30s").status == 0
    assert {file.name: file.read_text() for file in folder.iterdir()} == names


def test_no_watch_at_all_is_told(call: Call) -> None:
    assert call("history", "watches").out == "No watch is kept.\n"
    unknown = call("history", "show", "watch-1")
    assert (unknown.status, unknown.out) == (3, "")


def test_a_quiet_time_ends_with_0(call: Call, scripted: Scripted) -> None:
    ended = call("watch", URL, "--for", "90s", "--no-save", "--plain")
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert "Nothing was slow." in lines
    assert sum("router 0.4 ms" in line for line in lines) == 2, "at first, and after a minute"
    assert ended.out.isascii()


def test_the_same_as_data_on_standard_output_and_in_a_file(call: Call, scripted: Scripted, tmp_path: Path) -> None:
    scripted.script = line_down
    file = tmp_path / "watch.jsonl"
    file.write_text('{"event": "of an earlier watch"}\n')
    ended = call("watch", URL, "--for", "2m", "--json-lines", "--output", file)
    events = [json.loads(line) for line in ended.out.splitlines()]
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds[-1]) == ("start", "summary")
    assert [kind for kind in kinds if kind in ("begin", "end")] == ["begin", "end"]
    assert 10 <= kinds.count("sample") <= 13
    assert file.read_text().splitlines()[1:] == ended.out.splitlines(), "what was there is kept"
    summary = events[-1]
    assert (summary["segment"], summary["events"], list(summary["by_segment"])) == ("line", 1, ["line"])
    assert {"from", "to", "watched_s", "legs", "third_parties"} <= set(summary)
    assert summary["legs"][0]["sent"] == 120
    begin = next(event for event in events if event["event"] == "begin")
    assert (begin["segment"], begin["fault"], "router" in begin["normal"]) == ("line", "dead", True)
    assert "Watching" in ended.err, "all talk goes to the other stream"


def test_ctrl_c_ends_it_with_the_summary(call: Call, scripted: Scripted, tmp_path: Path) -> None:
    def script(at_s: float) -> list[Found]:
        if at_s >= 20.0:
            raise KeyboardInterrupt
        return usual(at_s)

    scripted.script = script
    ended = call("watch", URL)
    assert ended.status == 130
    assert "Watched for 20 s." in ended.out
    assert len(kept_watches(tmp_path / "data")) == 1


def test_ctrl_c_before_anything_is_known(call: Call, scripted: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_self: Sampler) -> tuple[Watched, ...]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Sampler, "start", interrupted)
    ended = call("watch", URL)
    assert ended.status == 130
    assert "Nothing was measured." in ended.out


def test_nothing_answered_is_could_not_tell(call: Call, scripted: Scripted) -> None:
    scripted.script = lambda _at_s: []
    ended = call("watch", URL, "--for", "20s", "--no-save")
    assert ended.status == 3
    assert "Nothing could be measured." in ended.out


def test_the_limits_of_the_settings_hold(call: Call, scripted: Scripted, tmp_path: Path) -> None:
    settings = tmp_path / "emrnetcheck.toml"
    settings.write_text(SETTINGS + "[limits]\nsegment.wired_ms = 88\nsegment.isp_ms = 5\nsegment.answer_ms = 9000\n")
    ended = call("watch", "--config", settings, "--for", "40s", "--no-save", "--json-lines")
    samples = [line for line in map(json.loads, ended.out.splitlines()) if line["event"] == "sample"]
    slow_ms = {each["leg"]: each["slow_ms"] for each in samples[-1]["legs"]}
    assert (slow_ms["router"], slow_ms["isp"], slow_ms["server_answer"], slow_ms["outside"]) == (88, 5, 9000, 200)
    assert ended.status == 1, "the provider's 12 ms are too slow by these"


def test_no_connection_from_the_beginning_is_known_and_no_could_not_tell(call: Call, scripted: Scripted) -> None:
    unplugged = Sample("own", 0.0, None, fault="dead")
    scripted.script = lambda _at_s: [unplugged]
    ended = call("watch", URL, "--for", "20s", "--no-save")
    assert ended.status == 1
    assert "Whom to call: Look at this computer's own cable or Wi-Fi." in ended.out


def test_what_happens_to_this_computer_is_told_and_is_no_trouble(call: Call, scripted: Scripted) -> None:
    happenings = {
        20.0: Happening("slept", 0.0, seconds=3_700.0),
        21.0: Happening("clock_set", 0.0, seconds=-7_200.0),
        22.0: Happening("own_address", 0.0, "192.168.1.20", "10.0.0.2\x1b[2J"),
        23.0: Happening("server_address", 0.0, "1.2.3.4", "1.2.3.5"),
    }

    def script(at_s: float) -> list[Found]:
        moved: list[Found] = [Watched("router", "10.0.0.1", "icmp"), Moved(inside=None, wireless=True)]
        happening = happenings.get(at_s)
        return [*usual(at_s), *([happening] if happening else []), *(moved if at_s == 24.0 else [])]

    scripted.script = script
    ended = call("watch", URL, "--for", "60s", "--no-save")
    assert ended.status == 0, ended.out
    assert "this computer slept for 1 h 1 min; that time counts for nothing" in ended.out
    assert "clock was set back by 2 h 0 min" in ended.out
    assert "192.168.1.20 -> 10.0.0.2" in ended.out
    assert "the EMR's name leads to another address: 1.2.3.4 -> 1.2.3.5" in ended.out
    assert "\x1b" not in ended.out


def test_a_full_disk_ends_the_log_and_not_the_watch(
    call: Call, scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    monkeypatch.setenv("EMRNETCHECK_DATA", str(tmp_path / "file"))
    (tmp_path / "file").write_text("no folder")
    ended = call("watch", URL, "--for", "30s", "--output", "/dev/full")
    assert ended.status == 0
    assert "The JSON lines cannot be written any more: No space left on device." in ended.out
    assert "The summary could not be saved: " in ended.out
    assert "Watched for 30 s." in ended.out


def test_without_an_address_the_settings_tell_it_or_only_the_way_out_is_watched(
    call: Call, scripted: Scripted, tmp_path: Path
) -> None:
    settings = tmp_path / "emrnetcheck.toml"
    settings.write_text(SETTINGS)
    call("watch", "--config", settings, "--for", "10s", "--no-save")
    call("watch", "--for", "10s", "--no-save")
    first, second = scripted.targets
    assert (first.host, first.port, first.tls) == ("emr.example.org", 8443, True)  # type: ignore[attr-defined]
    assert (second.host, second.name) == (None, "stun.cloudflare.com")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "arguments",
    [
        ["ftp://emr.example.org/"],
        ["https://user:secret@emr.example.org/"],
        ["https://emr.example.org:99999/"],
        [URL, "--for", "soon"],
        [URL, "--every", "0"],
        [URL, "--every", "0.5s"],
        [URL, "--every", "2h"],
        [URL, "--output", "/no/such/folder/file"],
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(call: Call, scripted: Scripted, arguments: list[str]) -> None:
    ended = call("watch", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert len(ended.err.strip().splitlines()) == 1
    assert "secret" not in ended.err


@pytest.mark.parametrize("text", ["0", "0.1s", "500ms", "61s", "2h", "often"])
def test_a_pace_that_is_not_possible_is_refused_with_what_is(call: Call, scripted: Scripted, text: str) -> None:
    ended = call("watch", URL, "--every", text)
    assert (ended.status, ended.out) == (2, "")
    assert text in ended.err
    assert "from 1s to 60s" in ended.err


def test_a_pace_may_have_a_part_of_a_second(call: Call, scripted: Scripted) -> None:
    assert call("watch", URL, "--every", "1.5s", "--for", "5s", "--no-save").status == 0


def test_only_the_last_hundred_are_kept(tmp_path: Path) -> None:
    files = [watch_history.save({"n": n}, WALL_S + n, tmp_path / "watch") for n in range(watch_history.KEPT + 3)]
    assert all(isinstance(each, Path) for each in files)
    kept = sorted((tmp_path / "watch").iterdir())
    assert len(kept) == watch_history.KEPT
    assert json.loads(kept[0].read_text()) == {"n": 3}


def test_other_files_of_that_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.json").write_text("mine")
    for number in range(watch_history.KEPT + 1):
        watch_history.save({}, WALL_S + number, tmp_path)
    assert (tmp_path / "notes.json").read_text() == "mine"


def test_where_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watch_history.folder({"EMRNETCHECK_DATA": "/somewhere"}) == Path("/somewhere/watch")
    monkeypatch.setattr("platformdirs.user_data_dir", lambda *_, **__: "/somewhere/data")
    assert watch_history.folder({}) == Path("/somewhere/data/watch")


def test_the_errands_of_a_watch_are_done_one_by_one_and_a_bug_is_raised() -> None:
    errand: Errand[int] = Errand("test")
    assert errand.send(lambda: 1, 0.0)
    assert not errand.send(lambda: 2, 1.0), "he is not back yet"
    assert _wait_for(errand) == 1
    errand.send(lambda: 1 // 0, 2.0)
    with pytest.raises(ZeroDivisionError):
        _wait_for(errand)
    assert errand.send(lambda: 3, 3.0)


def _wait_for(errand: Errand[int]) -> int:
    return next(found for found in iter(errand.back, object()) if found is not None)


def test_a_bug_ends_in_one_sentence_and_status_70(call: Call, scripted: Scripted) -> None:
    def script(_at_s: float) -> list[Found]:
        raise OverflowError("date")

    scripted.script = script
    ended = call("watch", URL, "--for", "20s", "--no-save")
    assert ended.status == 70
    assert "emrnetcheck has an error of its own (OverflowError)" in ended.err
