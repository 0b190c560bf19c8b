"""The commands about past runs: what was kept is found, told, compared, judged again, and forgotten when asked."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.checks import ALL
from emrnetcheck.model import Verdict
from emrnetcheck.model.past import PastWatch
from emrnetcheck.reports.json import render
from emrnetcheck.runner.answer import judged_again
from emrnetcheck.store import StoreError
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import Document, History
from tests.checks.builders import HEALTHY, SITE
from tests.cli.conftest import NOW, Call, Clinic, Keep
from tests.reports.samples import HOSTILE, NOT_READY, READY, SAMPLES

COMMANDS = [
    ["history"],
    ["history", "show"],
    ["history", "compare", "a"],
    ["history", "trend"],
    ["history", "export"],
    ["history", "prune", "--yes"],
    ["history", "rejudge"],
    ["status"],
    ["report"],
    ["report", "--for", "isp", "--output", "pack"],
]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["history"], 0, "Nothing is kept yet: each run is, from the next one on.\n"),
        (["history", "--format", "json"], 0, '{\n  "schema": "emrnetcheck/history/1",\n  "runs": []\n}\n'),
        (["history", "trend"], 0, "No data: no run is kept for that time. That is neither good nor bad.\n"),
        (["history", "prune", "--yes"], 0, "No run is older than 800 days: nothing is forgotten.\n"),
        (["history", "show"], 3, ""),
        (["history", "compare", "a"], 3, ""),
        (["history", "export"], 3, ""),
        (["history", "rejudge"], 3, ""),
        (["status"], 3, "COULD NOT TELL: no whole run is kept.\n"),
        (["report"], 3, ""),
        (["report", "--for", "isp", "--output", "pack"], 3, ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_where_nothing_is_kept_it_is_said_and_nothing_is_made(
    call: Call, file: Path, arguments: list[str], status: int, said: str
) -> None:
    ended = call(*arguments)
    assert (ended.status, ended.out) == (status, said)
    assert bool(ended.err) is not bool(said)
    assert not file.parent.exists()


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_damaged_history_is_one_sentence_and_could_not_tell(call: Call, file: Path, arguments: list[str]) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database")
    ended = call(*arguments)
    assert (ended.status, ended.out) == (3, "")
    assert ended.err == (
        f"The history {file} is damaged: move that file elsewhere, with what belongs to it (the same name with -wal "
        "and -shm), and the next run begins a new one.\n"
    )


MISTAKES = {
    "--format xml": ["history", "--format", "xml"],
    "--format pdf": ["history", "show", "--format", "pdf"],
    "--verdict splendid": ["history", "--verdict", "splendid"],
    "--vantage moon": ["history", "--vantage", "moon"],
    "--since yesterday": ["history", "--since", "yesterday"],
    "--since 2026-13-45": ["history", "--since", "2026-13-45"],
    "--since 0d": ["history", "--since", "0d"],
    "--by month": ["history", "trend", "--by", "month"],
    "--format json is not": ["history", "export", "--format", "json"],
    "There is no run nobody": ["history", "show", "nobody"],
    "There is no run ?[31m": ["history", "show", "\x1b[31m"],
    "More than one run begins with r": ["history", "compare", "r"],
    "--max-age": ["status", "--max-age", "soon"],
    "--keep-days": ["history", "prune", "--keep-days", "0"],
    "--output": ["history", "show", "--output", "/dev/null/x"],
}


@pytest.mark.parametrize(("said", "arguments"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_a_usage_error_in_a_sentence(call: Call, keep: Keep, said: str, arguments: list[str]) -> None:
    keep(r1=(READY, 1), r2=(READY, 2))
    ended = call(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert "\x1b" not in ended.err
    assert "Traceback" not in ended.err


def listed(ended_out: str) -> list[str]:
    return [run["id"] for run in json.loads(ended_out)["runs"]]


def test_the_list_has_the_newest_first_and_obeys_its_filters(call: Call, keep: Keep) -> None:
    keep(old=(NOT_READY, 40), newer=(READY, 10), newest=(replace(READY, vantage="client"), 1))
    json_form = ("--format", "json")
    assert listed(call("history", *json_form).out) == ["newest", "newer", "old"]
    assert listed(call("history", *json_form, "--limit", "2").out) == ["newest", "newer"]
    assert listed(call("history", *json_form, "--vantage", "host").out) == ["newer", "old"]
    assert listed(call("history", *json_form, "--verdict", "not_ready").out) == ["old"]
    assert listed(call("history", *json_form, "--since", "20d").out) == ["newest", "newer"]
    day = (NOW - timedelta(days=20)).date().isoformat()
    assert listed(call("history", *json_form, "--since", day).out) == ["newest", "newer"]
    assert listed(call("history", *json_form, "--site", "Elsewhere").out) == []
    assert "There are more" in call("history", "--limit", "2").out
    assert "There are more" not in call("history", "--limit", "3").out
    assert call("history", "--site", "Elsewhere").out == "No run is like that.\n"


def test_a_run_is_shown_as_it_was_printed(call: Call, clinic: Clinic, settings: Path) -> None:
    as_json = call("run", "--config", settings, "--format", "json", "-q").out
    id_ = json.loads(as_json)["id"]
    assert call("history", "show", id_, "--format", "json").out == as_json
    assert call("history", "show", id_[:-2], "--format", "json").out == as_json
    shown = call("history", "show")
    assert shown.status == 0
    for verbose in ((), ("-v",)):
        text = call("history", "show", *verbose).out
        assert "Elm Street Clinic." in text
        assert text.endswith("READY to host the EMR\n")


def test_a_shown_run_ends_with_0_whatever_it_says(call: Call, keep: Keep) -> None:
    keep(bad=(NOT_READY, 1))
    ended = call("history", "show", "bad")
    assert ended.status == 0
    assert "NOT READY" in ended.out


def test_a_run_can_be_shown_into_a_folder(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(r1=(READY, 1))
    target = tmp_path / "out"
    assert call("history", "show", "--format", "json", "--format", "text", "--output", target).status == 0
    assert {each.name for each in target.iterdir()} == {"emrnetcheck.json", "emrnetcheck.txt"}


def test_what_is_shown_of_a_run_that_is_not_there_leaves_the_file_alone(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(r1=(READY, 1))
    target = tmp_path / "report.txt"
    assert call("history", "show", "nobody", "--output", target).status == 2
    assert not target.exists()


def test_two_runs_are_compared_by_code(call: Call, keep: Keep) -> None:
    keep(before=(READY, 8), after=(NOT_READY, 1))
    ended = call("history", "compare", "before", "--plain")
    assert ended.status == 0
    assert "- Upload: PASS -> FAIL; new: upload.below_minimum." in ended.out
    made = json.loads(call("history", "compare", "before", "after", "--format", "json").out)
    assert (made["before"], made["after"], made["verdict_after"]) == ("before", "after", "not_ready")


def test_the_trend_tells_weeks_without_a_run(call: Call, keep: Keep) -> None:
    keep(a=(READY, 21), b=(NOT_READY, 1))
    rows = json.loads(call("history", "trend", "--format", "json").out)["rows"]
    assert [row["runs"] for row in rows[:1]] == [1]
    assert any(row["runs"] == 0 and row["goodput_mbps"] is None for row in rows)
    text = call("history", "trend").out
    assert "no data: no run in this week" in text
    assert "1 NOT READY" in text
    by_run = json.loads(call("history", "trend", "--by", "run", "--since", "7d", "--format", "json").out)["rows"]
    assert [row["verdicts"] for row in by_run] == [{"NOT READY": 1}]


def test_the_trend_is_of_one_site(call: Call, keep: Keep, file: Path) -> None:
    keep(a=(READY, 2))
    other = replace(READY, id="other", site="Oak", started_at=NOW)
    with History.opened(file, write=True) as history:
        history.save(past_run(other), render(other), "{}")
    assert "this clinic, by week" in call("history", "trend").out
    assert "Not in it: Oak." in call("history", "trend").out
    assert call("history", "trend", "--site", "Oak").out.startswith("Oak, by week")


def test_the_table_holds_every_column_and_no_formula(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(a=(replace(READY, headline="=1+1\n\x1b[2J"), 2), b=(replace(NOT_READY, headline=HOSTILE), 1))
    target = tmp_path / "table.csv"
    assert call("history", "export", "--output", target).status == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert [(row["id"], row["verdict"], row["goodput_mbps"]) for row in rows] == [
        ("a", "ready", "9.53"),
        ("b", "not_ready", "2.4"),
    ]
    assert rows[0]["headline"] == "'=1+1 ?[2J"
    assert "upload.below_minimum" in rows[1]["codes"].split()
    assert [row["whole"] for row in rows] == ["1", "1"]
    assert dict(pair.split("=") for pair in rows[1]["statuses"].split()) == {
        check.id: check.status.value for check in NOT_READY.checks
    }
    header = call("history", "export", "--since", "1h").out
    assert header.split(",")[0] == "id"
    assert header.count("\n") == 1


def test_lines_of_json_are_the_whole_reports(call: Call, keep: Keep) -> None:
    keep(a=(READY, 2), b=(NOT_READY, 1))
    lines = call("history", "export", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]
    assert json.loads(lines[0])["evidence"]["upload"]["goodput_mbps"] == 9.53


def test_what_is_exported_is_for_this_user_and_is_there_whole_or_not_at_all(
    call: Call, keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(a=(READY, 2))
    target = tmp_path / "out" / "table.csv"
    target.parent.mkdir()
    target.write_text("of last week")
    target.chmod(0o644)
    with monkeypatch.context() as patched:
        patched.setattr(History, "documents", breaking)
        assert call("history", "export", "--format", "jsonl", "--output", target).status == 3
    assert target.read_text() == "of last week"
    assert call("history", "export", "--output", target).status == 0
    assert target.read_text().startswith("id,")
    if os.name != "nt":
        assert target.stat().st_mode & 0o777 == 0o600
    assert list(target.parent.iterdir()) == [target]


def test_a_damaged_report_costs_the_export_no_other(call: Call, keep: Keep, file: Path, tmp_path: Path) -> None:
    keep(**{name: (READY, days) for days, name in enumerate("edcba")})
    with closing(sqlite3.connect(file)) as plain, plain:
        for name, report in (("b", b"damage"), ("d", zlib.compress(b"no JSON"))):
            plain.execute("UPDATE emrnetcheck_documents SET report = ? WHERE run_id = ?", (report, name))
    target = tmp_path / "all.jsonl"
    ended = call("history", "export", "--format", "jsonl", "--output", target)
    assert (ended.status, ended.out) == (3, "")
    assert ended.err == (
        f"Note: 2 runs cannot be read and are left out. The run b in the history {file} is damaged. "
        "The report of the run d is damaged.\n"
    )
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == ["a", "c", "e"]


def test_a_strange_row_is_left_out_and_named(call: Call, keep: Keep, file: Path) -> None:
    keep(a=(READY, 3), b=(READY, 2), c=(READY, 1))

    def make(column: str, value: object) -> None:
        with closing(sqlite3.connect(file)) as plain, plain:
            plain.execute(f"UPDATE emrnetcheck_runs SET {column} = ? WHERE id = 'b'", (value,))

    make("verdict", "splendid\x1b")
    note = "Note: 1 run cannot be read and is left out. Of the run b: 'splendid\\x1b' is no verdict.\n"
    ended = call("history", "--format", "json", "--limit", "2")
    assert (ended.status, listed(ended.out), ended.err) == (0, ["c", "a"], note)
    assert "There are more" in call("history", "--limit", "1").out
    for form in ("csv", "jsonl"):
        exported = call("history", "export", "--format", form)
        assert (exported.status, exported.out.count("\n")) == (3, 3 if form == "csv" else 2)
        assert "the run b: 'splendid\\x1b' is no verdict" in exported.err
    trend = call("history", "trend", "--by", "run", "--format", "json")
    assert (trend.status, len(json.loads(trend.out)["rows"])) == (0, 2)
    assert "Of the run that began" in trend.err
    week = call("report", "week", "--format", "json")
    assert (week.status, week.err) == (0, note)
    for column, value in (("goodput_mbps", "fast"), ("started_unix_s", "soon"), ("headline", b"\xff"), ("codes", b"7")):
        make("verdict", "ready")
        make(column, value)
        ended = call("history", "--format", "json")
        assert (ended.status, listed(ended.out)) == (0, ["c", "a"])
        assert "Of the run b: " in ended.err
        assert call("history", "trend").status == 0
        make(
            column, {"goodput_mbps": 9.5, "started_unix_s": int(NOW.timestamp()), "headline": "x", "codes": ""}[column]
        )


def test_a_strange_watch_is_left_out_and_named(call: Call, file: Path) -> None:
    with History.opened(file, write=True) as history:
        for number in range(3):
            history.save_watch(PastWatch(f"watch-{number}", "Elm", NOW, 60.0 + number, True, None, 0), "{}")
    with closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("UPDATE emrnetcheck_watches SET segment = ? WHERE id = 'watch-1'", ("moon\x1b",))
    note = "Note: 1 watch cannot be read and is left out. Of the watch watch-1: 'moon\\x1b' is no segment.\n"
    ended = call("history", "watches")
    assert (ended.status, ended.err) == (0, note)
    assert "watch-0" in ended.out
    assert "watch-2" in ended.out
    assert "There are more" in call("history", "watches", "--limit", "2").out
    ended = call("history", "watches", "--format", "json")
    assert ([each["id"] for each in json.loads(ended.out)["watches"]], ended.err) == (["watch-2", "watch-0"], note)
    with closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("DELETE FROM emrnetcheck_watches WHERE id != 'watch-1'")
    assert call("history", "watches").out == "No watch is like that.\n"


def test_a_status_that_cannot_be_read_is_not_that_of_an_older_run(call: Call, keep: Keep, file: Path) -> None:
    keep(old=(READY, 2), new=(NOT_READY, 1))
    with closing(sqlite3.connect(file)) as plain, plain:
        plain.execute("UPDATE emrnetcheck_runs SET verdict = 'splendid' WHERE id = 'new'")
    ended = call("status")
    assert (ended.status, ended.out) == (3, "")
    assert "holds what this version cannot read: the run new: 'splendid' is no verdict." in ended.err


def breaking(_: History, *__: object, **___: object) -> Iterator[Document]:
    """A history that ends in the middle."""
    yield Document(past_run(READY), render(READY), "{}")
    raise StoreError("The history x is damaged.")


def test_nothing_is_forgotten_without_being_asked(call: Call, keep: Keep, file: Path) -> None:
    keep(a=(READY, 20), b=(READY, 1))
    asked = call("history", "prune", "--keep-days", "10")
    assert asked.status == 2
    assert asked.err == "To forget 1 run older than 10 days without being asked, add --yes.\n"
    assert listed(call("history", "--format", "json").out) == ["b", "a"]
    assert call("history", "prune", "--keep-days", "10", "--yes").out == "Forgotten: 1 run.\n"
    assert listed(call("history", "--format", "json").out) == ["b"]


def test_a_file_gives_its_room_back(call: Call, keep: Keep, file: Path) -> None:
    keep(**{f"r{number}": (READY, 100 + number) for number in range(60)}, b=(READY, 1))
    before = file.stat().st_size
    assert call("history", "prune", "--keep-days", "10", "--yes").status == 0
    assert file.stat().st_size < before / 3


def test_room_that_cannot_be_given_back_is_a_note(call: Call, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: History) -> None:
        raise StoreError("The history x cannot grow: the disk is full.")

    keep(a=(READY, 20), b=(READY, 1))
    monkeypatch.setattr(History, "give_room_back", full)
    ended = call("history", "prune", "--keep-days", "10", "--yes")
    assert (ended.status, ended.out) == (0, "Forgotten: 1 run.\n")
    assert ended.err == "Note: the file is as large as before. The history x cannot grow: the disk is full.\n"


def test_evidence_is_judged_again_by_the_limits_of_today(
    call: Call, clinic: Clinic, settings: Path, file: Path
) -> None:
    assert call("run", "--config", settings, "-q").status == 0
    [kept] = json.loads(call("history", "--format", "json").out)["runs"]
    same = call("history", "rejudge", "--config", settings, "--format", "json")
    assert same.status == 0
    assert same.err == "Today's limits say the same as those of then.\n"
    assert same.out == call("history", "show", "--format", "json").out
    with settings.open("a", encoding="utf-8") as more:
        more.write("[upload]\nminimum_mbps = 400\nrecommended_mbps = 500\n")
    stricter = call("history", "rejudge", kept["id"], "--config", settings, "--format", "json")
    assert stricter.status == 1
    report = json.loads(stricter.out)
    assert (report["id"], report["verdict"]) == (kept["id"], "not_ready")
    assert "upload.below_minimum" in [cause["code"] for cause in report["causes"]]
    assert stricter.err.startswith("It was: READY")
    assert stricter.err.endswith("By today's limits: NOT READY to host the EMR.\n")
    [after] = json.loads(call("history", "--format", "json").out)["runs"]
    assert after == kept, "what is stored stays as it is"


def test_what_was_left_out_then_stays_left_out(call: Call, clinic: Clinic, settings: Path) -> None:
    call("run", "--config", settings, "-q", "--only", "router")
    again = json.loads(call("history", "rejudge", "--config", settings, "--format", "json").out)
    stored = json.loads(call("history", "show", "--format", "json").out)
    assert again == stored
    assert {check["skipped_because"] for check in again["checks"] if check["id"] != "router"} == {"not asked for"}


def test_a_check_that_did_not_exist_then_is_skipped_and_calls_nobody(call: Call, keep: Keep) -> None:
    evidence = replace(HEALTHY, exposure=None)
    then = judged_again(replace(READY, evidence=evidence), SITE, [check for check in ALL if check.id != "exposure"])
    keep(old=(replace(then, unmeasured={}), 3))
    ended = call("history", "rejudge", "old", "--format", "json")
    report = json.loads(ended.out)
    [exposure] = [check for check in report["checks"] if check["id"] == "exposure"]
    assert (exposure["status"], exposure["skipped_because"], exposure["findings"]) == ("skipped", "not then", [])
    assert not [cause for cause in report["causes"] if cause["code"].startswith("exposure.")]
    assert "Checks that did not exist then: " in ended.err
    assert "did not exist when the run was made" in call("history", "rejudge", "old").out


def test_the_clinic_is_judged_as_it_was_then(call: Call, clinic: Clinic, settings: Path, tmp_path: Path) -> None:
    """How people reached the EMR belongs to the evidence, not to the limits."""
    call("run", "--config", settings, "-q")
    other = tmp_path / "other.toml"
    other.write_text('[emr]\naccess = "lan_only"\n', encoding="utf-8")
    again = json.loads(call("history", "rejudge", "--config", other, "--format", "json").out)
    stored = json.loads(call("history", "show", "--format", "json").out)
    assert [check["status"] for check in again["checks"]] == [check["status"] for check in stored["checks"]]


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize(
    ("verdict", "expected", "expected_strict"),
    [
        (Verdict.READY, 0, 0),
        (Verdict.READY_WITH_WARNINGS, 0, 1),
        (Verdict.NOT_READY, 1, 1),
        (Verdict.INCONCLUSIVE, 3, 3),
    ],
)
def test_the_status_ends_as_the_run_did(
    call: Call, keep: Keep, verdict: Verdict, expected: int, expected_strict: int, strict: bool
) -> None:
    keep(a=(replace(READY, verdict=verdict), 1))
    assert call("status", *(["--strict"] if strict else [])).status == (expected_strict if strict else expected)


@pytest.mark.parametrize(
    ("days", "max_age", "status"),
    [
        (7.99, "8d", 0),
        (8.01, "8d", 3),
        (0.49, "12h", 0),
        (0.51, "12h", 3),
        (13, "2w", 0),
        (-0.001, "8d", 0),
        (-1, "8d", 3),
    ],
)
def test_a_stale_status_is_could_not_tell(call: Call, keep: Keep, days: float, max_age: str, status: int) -> None:
    keep(a=(READY, days))
    ended = call("status", "--max-age", max_age)
    assert ended.status == status
    assert ended.out.startswith("COULD NOT TELL" if status else "READY: ")
    assert json.loads(call("status", "--max-age", max_age, "--format", "json").out)["stale"] is bool(status)


def test_only_a_whole_run_of_this_clinic_is_a_status(call: Call, keep: Keep, file: Path) -> None:
    keep(whole=(NOT_READY, 3), part=(SAMPLES["interrupted"], 1), client=(replace(READY, vantage="client"), 1))
    other = replace(READY, id="other", site="Oak", started_at=NOW)
    with History.opened(file, write=True) as history:
        history.save(past_run(other), render(other), "{}")
    found = json.loads(call("status", "--format", "json").out)
    assert found["run"]["id"] == "whole"
    assert json.loads(call("status", "--format", "json", "--site", "Oak").out)["run"]["id"] == "other"
    assert json.loads(call("status", "--format", "json", "--vantage", "client").out)["run"]["id"] == "client"


def test_the_status_says_of_which_sites_there_are_runs(call: Call, keep: Keep, file: Path) -> None:
    keep(part=(SAMPLES["interrupted"], 1))
    assert call("status").out == "COULD NOT TELL: no whole run is kept.\n"
    with History.opened(file, write=True) as history:
        for number, site in enumerate(("Oak", "Ash\x1b[2J", "Oak", "Elm", "Fir")):
            other = replace(READY, id=f"other{number}", site=site, started_at=NOW - timedelta(days=number))
            history.save(past_run(other), render(other), "{}")
    ended = call("status")
    assert ended.status == 3
    assert ended.out.splitlines() == [
        'COULD NOT TELL: no whole run of "this clinic" is kept.',
        'There are runs of "Oak", "Ash?[2J", "Elm" and 1 more: --site NAME asks for one.',
    ]
    assert call("status", "--site", "Yew").out.startswith('COULD NOT TELL: no whole run of "Yew" is kept.')
    assert call("status", "--site", "Elm").status == 0


def test_the_status_is_light(call: Call, keep: Keep) -> None:
    """It, the lists and the week load neither the checks nor what measures."""
    import subprocess
    import sys

    keep(a=(READY, 1))
    code = (
        "import sys\nfrom emrnetcheck.__main__ import main\ntry:\n    main(sys.argv[1:])\nexcept SystemExit as end:\n"
        "    assert end.code == 0, end.code\n"
        "loaded = {'alembic', 'sqlalchemy'}\n"
        "loaded.update(f'emrnetcheck.{name}' for name in ('checks', 'evidence', 'net', 'config.sections'))\n"
        "sys.exit(str(loaded & set(sys.modules)) if loaded & set(sys.modules) else 0)"
    )
    for arguments in (["status"], ["history"], ["history", "trend"], ["report", "week"]):
        ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
