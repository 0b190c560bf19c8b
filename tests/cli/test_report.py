"""emrnetcheck report: a stored run in any format, and the provider's evidence as files."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from emrnetcheck.reports.formats import FORMATS, WEEK_FORMATS
from emrnetcheck.store.history import History
from tests.cli.conftest import Call, Keep
from tests.reports.samples import NOT_READY, READY
from tests.reports.stored import report_of

SLOW, WIFI = report_of("upload_2_5"), report_of("laptop_on_wifi")


def test_the_latest_run_is_written_in_any_format(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(old=(NOT_READY, 3.0), new=(READY, 1.0))
    folder = tmp_path / "out"
    ended = call("report", *(word for name in FORMATS for word in ("--format", name)), "--output", folder)
    assert (ended.status, ended.out, ended.err) == (0, "", "")
    assert {file.name for file in folder.iterdir()} == {f"emrnetcheck.{each.ending}" for each in FORMATS.values()}
    assert json.loads((folder / "emrnetcheck.json").read_text(encoding="utf-8"))["id"] == "new"


def test_a_run_is_chosen_by_its_id_and_ends_with_0(call: Call, keep: Keep) -> None:
    keep(old=(NOT_READY, 3.0), new=(READY, 1.0))
    ended = call("report", "old", "--format", "markdown")
    assert ended.status == 0
    assert ended.out.startswith("# NOT READY to host the EMR\n")


def test_the_evidence_is_files_and_what_to_do_with_them(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(a=(SLOW, 3.0), b=(WIFI, 2.0), c=(SLOW, 20.0))
    folder = tmp_path / "pack"
    ended = call("report", "--for", "isp", "--sold-mbps", "10", "--output", folder)
    assert (ended.status, ended.err) == (0, "")
    assert "Read letter.txt before you send it" in ended.out
    assert sorted(file.name for file in folder.iterdir()) == [
        "addresses.csv",
        "delay_and_loss.csv",
        "letter.md",
        "letter.txt",
        "uploads.csv",
    ]
    text = " ".join((folder / "letter.txt").read_text(encoding="utf-8").split())
    assert "1 upload test on 1 day" in text, "the one of 20 days ago is too old"
    assert "1 run: this computer was on Wi-Fi." in text
    assert "By our contract it is 10 Mbps." in text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[emr]\nusers = 4\n", "We need an upload of at least 3 Mbps; 5 is better."),
        ("[emr]\nusers = 40\n", "We need an upload of at least 43 Mbps. "),
        ("[emr]\nusers = 2\nworkload = 'hd_video'\n", "We need an upload of at least 22 Mbps. "),
    ],
)
def test_the_letter_asks_for_what_page_one_asks_for(
    call: Call, keep: Keep, tmp_path: Path, settings: str, said: str
) -> None:
    keep(a=(SLOW, 3.0))
    (tmp_path / "clinic.toml").write_text(settings, encoding="utf-8")
    assert call("report", "--for", "isp", "--output", tmp_path, "--config", tmp_path / "clinic.toml").status == 0
    assert said in " ".join((tmp_path / "letter.txt").read_text(encoding="utf-8").split())


def test_an_older_run_counts_where_it_is_asked_for(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(a=(SLOW, 3.0), c=(SLOW, 20.0))
    assert call("report", "--for", "isp", "--since", "30d", "--output", tmp_path).status == 0
    assert "2 upload tests on 2 days" in " ".join((tmp_path / "letter.txt").read_text(encoding="utf-8").split())


def test_a_site_without_runs_is_no_evidence_and_the_others_are_named(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(a=(SLOW, 3.0))
    ended = call("report", "--for", "isp", "--site", "Oak Clinic", "--output", tmp_path / "pack")
    assert ended.status == 3
    assert "No run of Oak Clinic is kept since" in ended.err
    assert "There are runs of this clinic" in ended.err
    assert not (tmp_path / "pack").exists()


def test_what_a_client_found_is_not_of_this_line(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(a=(replace(SLOW, vantage="client"), 3.0))
    assert call("report", "--for", "isp", "--output", tmp_path / "pack").status == 3


def test_a_run_that_cannot_be_read_costs_no_other(call: Call, keep: Keep, file: Path, tmp_path: Path) -> None:
    keep(a=(SLOW, 3.0), b=(SLOW, 2.0))
    with History.opened(file, write=True) as history:
        run = history.document("a").run
        history.save(replace(run, id="strange"), '{"schema": "emrnetcheck/report/9"}', "{}")
    ended = call("report", "--for", "isp", "--output", tmp_path)
    assert ended.status == 0
    assert ended.err.startswith("Note: left out: The stored run strange cannot be read")
    assert "2 upload tests" in (tmp_path / "letter.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--for", "lawyer"], "--for lawyer is not known here: choose isp."),
        (["--for", "isp"], "--for isp writes several files: say with --output into which folder."),
        (["latest", "--for", "isp"], "leave the ID out"),
        (["--for", "isp", "--format", "json"], "leave out --format"),
        (["--for", "isp", "--output", "x", "--sold-mbps", "-1"], "--sold-mbps is a rate in Mbps, such as 10."),
        (["--for", "isp", "--output", "x", "--sold-mbps", "nan"], "--sold-mbps is a rate in Mbps, such as 10."),
        (["--for", "isp", "--output", "x", "--since", "soon"], "--since soon is no time"),
        (["--since", "3d"], "--since and --sold-mbps go with --for isp."),
        (["--site", "Oak Clinic"], "--site goes with --for isp and with week"),
        (
            ["week", "--format", "junit"],
            "--format junit is not known in this version: choose from text, json, html, markdown",
        ),
        (["week", "--for", "isp"], "leave the ID out"),
        (["--format", "pdf"], "--format pdf is not known in this version"),
        (["nothing-like-it"], "There is no run nothing-like-it in the history"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_a_usage_error_in_a_sentence(call: Call, keep: Keep, arguments: list[str], said: str) -> None:
    keep(a=(SLOW, 3.0))
    ended = call("report", *arguments)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_file_where_a_folder_is_needed_is_said(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(a=(SLOW, 3.0))
    taken = tmp_path / "taken"
    taken.write_text("mine", encoding="utf-8")
    ended = call("report", "--for", "isp", "--output", taken)
    assert ended.status == 2
    assert "cannot be written" in ended.err
    assert taken.read_text(encoding="utf-8") == "mine"


def test_the_week_is_told_beside_the_one_before(call: Call, keep: Keep) -> None:
    keep(old=(SLOW, 9.0), new=(READY, 1.0))
    ended = call("report", "week")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines()[0].startswith("READY")
    made = json.loads(call("report", "week", "--format", "json").out)
    assert (made["schema"], made["site"], made["latest"]["id"]) == ("emrnetcheck/week/1", "this clinic", "new")
    assert [each["code"] for each in made["changed"]["gone"]] == ["upload.below_minimum"]


def test_a_week_is_written_in_each_of_its_formats(call: Call, keep: Keep, tmp_path: Path) -> None:
    keep(new=(READY, 1.0))
    options = [word for name in WEEK_FORMATS for word in ("--format", name)]
    assert call("report", "week", *options, "--output", tmp_path / "out").status == 0
    names = {file.name for file in (tmp_path / "out").iterdir()}
    assert names == {f"emrnetcheck-week.{each.ending}" for each in WEEK_FORMATS.values()}


def test_a_week_without_a_run_says_so(call: Call, keep: Keep) -> None:
    assert "COULD NOT TELL: no whole run in this week" in call("report", "week").out
    keep(a=(SLOW, 3.0))
    ended = call("report", "week", "--site", "Oak Clinic")
    assert ended.status == 0
    assert "COULD NOT TELL: no whole run in this week" in ended.out


def test_a_week_with_a_damaged_report_is_still_told(call: Call, keep: Keep, file: Path) -> None:
    keep(a=(SLOW, 3.0))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE emrnetcheck_documents SET report = x'00'")
    ended = call("report", "week")
    assert ended.status == 0
    assert ended.out.splitlines()[0].startswith("NOT READY")
