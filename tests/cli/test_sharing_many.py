"""report week --share and report --for isp --share: what is told of many runs, without anything of the clinic."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from emrnetcheck.cli import keeping
from emrnetcheck.config import load
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Site
from emrnetcheck.reports.formats import WEEK_FORMATS
from emrnetcheck.reports.isp import FILES
from emrnetcheck.reports.json import render
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from tests.checks.builders import HEALTHY
from tests.cli.conftest import NOW, Call
from tests.reports.samples import NOT_READY, READY
from tests.reports.sharing.planting import Planter
from tests.reports.stored import report_of

SITE = "Featherstone Clinic"
SECRETS = ("featherstone", "192.168.1.", "203.0.113.", "emr.example", "93.184.216.", "00ff00", "00ff01", "00ff02")
STALE, SLOW = report_of("ddns_stale"), report_of("upload_2_5")
Keep = Callable[..., None]


@pytest.fixture
def keep(file: Path, tmp_path: Path) -> Keep:
    """Reports of one clinic of some days ago; the settings name it."""
    settings = f'[site]\nname = "{SITE}"\n[emr]\nhostname = "emr.featherstone.example"\nlan_address = "192.168.1.10"\n'
    (tmp_path / "clinic.toml").write_text(settings, encoding="utf-8")

    def save(*reports: tuple[ClinicReport, float]) -> None:
        with History.opened(file, write=True) as history:
            for number, (report, days) in enumerate(reports):
                at = NOW - timedelta(days=days)
                aged = replace(report, id=f"{at:%Y%m%dT%H%M%SZ}-00ff0{number}", started_at=at, site=SITE)
                history.save(past_run(aged), render(aged), keeping.settings_text(load(None)))

    return save


@pytest.fixture
def out(tmp_path: Path) -> Path:
    where = tmp_path / "out"
    where.mkdir()
    return where


def told(out: Path) -> str:
    """All that was written, each file for this user only."""
    files = sorted(out.iterdir())
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} <= {0o600}
    return "\n".join(each.read_text(encoding="utf-8") for each in files)


def moved(report: ClinicReport, address: str) -> ClinicReport:
    """The same, at another address."""
    seen = report.evidence
    assert seen.address is not None
    return replace(report, evidence=replace(seen, address=replace(seen.address, public_v4=address)))


@pytest.mark.parametrize("name", WEEK_FORMATS)
def test_a_shared_week_holds_nothing_of_the_clinic(
    call: Call, keep: Keep, out: Path, tmp_path: Path, name: str
) -> None:
    keep((STALE, 0.1), (moved(report_of("healthy"), "93.184.216.99"), 1.0), (replace(NOT_READY, evidence=HEALTHY), 8.0))
    ended = call("report", "week", "--share", "--format", name, "--output", out, "--config", tmp_path / "clinic.toml")
    assert (ended.status, ended.err) == (0, ""), ended.err
    assert "Look at it before you send it" in ended.out
    [file] = out.iterdir()
    assert file.name == f"emrnetcheck-week-shared.{WEEK_FORMATS[name].ending}"
    text = told(out)
    assert [each for each in SECRETS if each in text.casefold()] == []
    assert "site-1" in text.casefold()
    assert "history show" not in text, "who has the copy has not got the history"


def test_a_shared_week_says_the_same_with_pseudonyms(call: Call, keep: Keep, out: Path, tmp_path: Path) -> None:
    keep((STALE, 0.1), (READY, 1.0), (NOT_READY, 8.0))
    settings = ("--config", tmp_path / "clinic.toml")
    assert call("report", "week", "--share", "--format", "json", "--output", out / "w.json", *settings).status == 0
    copy = json.loads((out / "w.json").read_text(encoding="utf-8"))
    own = json.loads(call("report", "week", "--format", "json", *settings).out)
    assert copy["latest"]["verdict"] == own["latest"]["verdict"]
    assert [each["code"] for each in copy["latest"]["causes"]] == [each["code"] for each in own["latest"]["causes"]]
    assert copy["changed"] != own["changed"]
    assert [each["code"] for each in copy["changed"]["new"]] == [each["code"] for each in own["changed"]["new"]]
    said = copy["latest"]["causes"][0]["summary"]
    assert re.search(r"ip-[A-Z]-public", said), "the address has a pseudonym, as in the copy of a report"
    assert "***" not in said, "the sentence is said anew, whole"


@pytest.mark.parametrize("name", WEEK_FORMATS)
def test_secrets_planted_in_every_field_are_in_no_week(
    call: Call, keep: Keep, out: Path, tmp_path: Path, name: str
) -> None:
    planters = Planter(raw=False), Planter(raw=False)
    planters[1].start = 5000
    reports = [replace(each.report(), schema=READY.schema, vantage="host", interrupted=False) for each in planters]
    keep((reports[0], 0.1), (reports[1], 8.0), (READY, 2.0))
    ended = call("report", "week", "--share", "--format", name, "--output", out, "--config", tmp_path / "clinic.toml")
    assert ended.status == 0, ended.err
    text = (told(out) + ended.out + ended.err).casefold()
    planted = {secret: field for each in planters for secret, field in each.planted.items()}
    assert {secret: field for secret, field in planted.items() if secret.casefold() in text} == {}


def test_a_shared_pack_holds_nothing_of_the_clinic(call: Call, keep: Keep, out: Path, tmp_path: Path) -> None:
    keep((SLOW, 0.1), (moved(SLOW, "93.184.216.99"), 1.0), (SLOW, 2.0), (report_of("laptop_on_wifi"), 3.0))
    arguments = ("report", "--for", "isp", "--sold-mbps", "10", "--config", tmp_path / "clinic.toml")
    ended = call(*arguments, "--share", "--output", out)
    assert (ended.status, ended.err) == (0, ""), ended.err
    assert sorted(each.name for each in out.iterdir()) == sorted(FILES)
    text = told(out)
    assert [each for each in SECRETS if each in text.casefold()] == []
    letter = " ".join((out / "letter.txt").read_text(encoding="utf-8").split())
    assert "site-1. " in letter
    assert "Changed from ip-" in letter, "that the address changes is what the provider has to answer for"
    own = tmp_path / "own"
    assert call(*arguments, "--output", own).status == 0
    for file in ("uploads.csv", "delay_and_loss.csv", "addresses.csv"):
        rows, own_rows = (
            list(csv.DictReader(io.StringIO((where / file).read_text(encoding="utf-8")))) for where in (out, own)
        )
        hidden = {"run", "server", "server_address", "public_ipv4"}
        assert [{k: v for k, v in row.items() if k not in hidden} for row in rows] == [
            {k: v for k, v in row.items() if k not in hidden} for row in own_rows
        ]
    assert "Below our contract (10 Mbps): 3 of 3 tests" in letter


def test_secrets_planted_in_every_field_are_in_no_pack(call: Call, keep: Keep, out: Path, tmp_path: Path) -> None:
    planter = Planter(raw=False)
    planted = replace(planter.report(), schema=READY.schema, vantage="host")
    keep((planted, 0.1), (SLOW, 1.0))
    settings = ("--config", tmp_path / "clinic.toml")
    ended = call("report", "--for", "isp", "--share", "--output", out, *settings)
    assert ended.status == 0, ended.err
    text = (told(out) + ended.out + ended.err).casefold()
    assert {secret: field for secret, field in planter.planted.items() if secret.casefold() in text} == {}


KINDS = (("week", "--format", "text"), ("--for", "isp"))


@pytest.mark.parametrize("arguments", KINDS, ids=["week", "isp"])
def test_another_clinics_name_is_masked_too(
    call: Call, keep: Keep, out: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "other.toml").write_text('[site]\nname = "Elm Street"\n', encoding="utf-8")
    keep((SLOW, 0.1), (SLOW, 1.0))
    ended = call("report", *arguments, "--share", "--output", out, "--site", SITE, "--config", tmp_path / "other.toml")
    assert ended.status == 0, ended.err
    assert "featherstone" not in told(out).casefold()
    assert "site-1" in told(out).casefold()


@pytest.mark.parametrize("arguments", KINDS, ids=["week", "isp"])
def test_what_is_there_is_never_written_over(
    call: Call, keep: Keep, out: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    keep((SLOW, 0.1))
    name = "emrnetcheck-week-shared.txt" if arguments[0] == "week" else "uploads.csv"
    (out / name).write_text("mine", encoding="utf-8")
    ended = call("report", *arguments, "--share", "--output", out, "--config", tmp_path / "clinic.toml")
    assert (ended.status, ended.out) == (2, "")
    assert "is there already" in ended.err
    assert [(each.name, each.read_text()) for each in out.iterdir()] == [(name, "mine")]


@pytest.mark.parametrize("arguments", KINDS, ids=["week", "isp"])
def test_a_field_that_nobody_listed_lets_nothing_be_written(
    call: Call, keep: Keep, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    from emrnetcheck.reports.sharing import fields

    gone = {"PastRun.site", "Look.id"}
    monkeypatch.setattr(fields, "KINDS", {name: kind for name, kind in fields.KINDS.items() if name not in gone})
    keep((SLOW, 0.1))
    ended = call("report", *arguments, "--share", "--output", out, "--config", tmp_path / "clinic.toml")
    assert (ended.status, ended.out) == (2, "")
    assert "Nothing was written" in ended.err
    assert list(out.iterdir()) == []


@pytest.mark.parametrize("arguments", KINDS, ids=["week", "isp"])
def test_what_brings_a_name_back_lets_nothing_be_written(
    call: Call, keep: Keep, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    of_week = replace(WEEK_FORMATS["text"], render=lambda _week, _how: f"The line of {SITE}.")
    monkeypatch.setattr("emrnetcheck.cli.sharing.WEEK_FORMATS", {**WEEK_FORMATS, "text": of_week})
    monkeypatch.setattr("emrnetcheck.reports.isp.tables.delays", lambda _looks: f"The line of {SITE}.")
    keep((SLOW, 0.1))
    ended = call("report", *arguments, "--share", "--output", out, "--config", tmp_path / "clinic.toml")
    assert (ended.status, ended.out) == (2, "")
    assert "Nothing was written" in ended.err
    assert "featherstone" not in ended.err.casefold()
    assert list(out.iterdir()) == []


def test_a_week_with_a_report_that_cannot_be_read_is_shared_all_the_same(
    call: Call, keep: Keep, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep((STALE, 0.1), (READY, 8.0))

    def unreadable(_text: str) -> ClinicReport:
        from emrnetcheck.reports.json import NotAReportError

        raise NotAReportError("it is of a newer version.")

    monkeypatch.setattr("emrnetcheck.reports.json.parse", unreadable)
    ended = call("report", "week", "--share", "--output", out, "--config", tmp_path / "clinic.toml")
    assert ended.status == 0, ended.err
    assert [each for each in SECRETS if each in told(out).casefold()] == []


def test_a_week_of_nobody_is_shared_too(call: Call, out: Path, tmp_path: Path) -> None:
    (tmp_path / "clinic.toml").write_text(f'[site]\nname = "{SITE}"\n', encoding="utf-8")
    ended = call("report", "week", "--share", "--output", out, "--config", tmp_path / "clinic.toml")
    assert ended.status == 0, ended.err
    assert "no whole run in this week" in told(out)
    assert Site().name not in told(out)
