"""emrnetcheck acknowledge: a known finding is kept and shown, and is no alarm for a time that is stated."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from emrnetcheck.alerting import AlertState, standing, step
from emrnetcheck.alerting.report import judged
from emrnetcheck.checks import ALL, SAFETY, code_named
from emrnetcheck.config import load, read_accepted, write_accepted
from emrnetcheck.diagnosis import _FIRST
from emrnetcheck.model import Acknowledged, Severity, Site
from emrnetcheck.reports.json import parse
from tests.checks import builders as b
from tests.checks.builders import HEALTHY
from tests.cli.conftest import SETTINGS, Call, Clinic

TODAY = datetime.now().astimezone().date()
NEXT_WEEK = str(TODAY + timedelta(days=7))
SLOW_OFFICE = replace(HEALTHY, lan=b.lan(b.target(), b.target("peer", b.PEER, p95_ms=50.0)))
DOOR_OPEN = replace(HEALTHY, exposure=b.exposure(*b.doors(3306)))


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "clinic.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    return file


def accept(call: Call, settings: Path, code: str, until: str = NEXT_WEEK, why: str = "It is known.") -> tuple[int, str]:
    ended = call("acknowledge", code, "--until", until, "--why", why, "--config", settings)
    return ended.status, ended.out + ended.err


def test_it_is_kept_beside_the_settings_shown_and_removed(call: Call, settings: Path) -> None:
    status, said = accept(call, settings, "switch.slow", why='The "old" switch [is] replaced.')
    file = settings.with_name("clinic.accepted.toml")
    assert status == 0
    assert said.startswith("switch.slow is accepted until ")
    assert str(file) in said
    assert load(settings).accepted == {
        "switch.slow": Acknowledged('The "old" switch [is] replaced.', TODAY + timedelta(days=7))
    }
    assert settings.read_text(encoding="utf-8") == SETTINGS
    listed = call("acknowledge", "--list", "--config", settings)
    assert listed.out.startswith("switch.slow: accepted until ")
    assert call("acknowledge", "--remove", "switch.slow", "--config", settings).status == 0
    assert read_accepted(file) == {}
    assert call("acknowledge", "--list", "--config", settings).out.startswith("Nothing is accepted")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name one code"),
        (("switch.slow", "--list"), "Name one code"),
        (("--list", "--why", "because"), "--until and --why belong to a code"),
        (("switch.slow", "--why", "because"), "Say until when"),
        (("switch.slow", "--until", NEXT_WEEK), "Say why"),
        (("switch.slow", "--until", NEXT_WEEK, "--why", " \x1b\t"), "Say why"),
        (("switch.slow", "--until", NEXT_WEEK, "--why", "x" * 301), "longer than 300"),
        (("switch.slow", "--until", "tomorrow", "--why", "x"), "is no day"),
        (("switch.slow", "--until", "2027-02-30", "--why", "x"), "is no day"),
        (("switch.slow", "--until", str(TODAY - timedelta(days=1)), "--why", "x"), "in the past"),
        (("switch.slow", "--until", str(TODAY + timedelta(days=367)), "--why", "x"), "more than a year away"),
        (("port.exposed", "--until", str(TODAY + timedelta(days=31)), "--why", "x"), "30 days at most"),
        (("swich.slow", "--until", NEXT_WEEK, "--why", "x"), "Did you mean switch.slow"),
        (("upload.ok", "--until", NEXT_WEEK, "--why", "x"), "nothing to accept"),
        (("segment.line", "--until", NEXT_WEEK, "--why", "x"), "by `client` only"),
        (("--remove", "switch.slow"), "nothing to remove"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_written(
    call: Call, settings: Path, arguments: tuple[str, ...], said: str
) -> None:
    if said == "Say why" and "\x1b" in arguments[-1]:
        arguments = (*arguments[:-1], "\u202e \t")
    ended = call("acknowledge", *arguments, "--config", settings)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert not list(settings.parent.glob("*.accepted.toml*"))


def test_the_longest_times_are_taken(call: Call, settings: Path) -> None:
    assert accept(call, settings, "switch.slow", str(TODAY + timedelta(days=366)))[0] == 0
    assert accept(call, settings, "port.exposed", str(TODAY + timedelta(days=30)))[0] == 0
    assert accept(call, settings, "upload.burst_then_drop", str(TODAY))[0] == 0


def test_capitals_and_blanks_make_no_other_code(call: Call, clinic: Clinic, settings: Path) -> None:
    clinic(SLOW_OFFICE)
    status, said = accept(call, settings, " Switch.SLOW ")
    assert (status, said.partition(" is ")[0]) == (0, "switch.slow")
    assert ran(call, settings, "--strict")[0] == 0
    assert accept(call, settings, "SWITCH.slow", why="Still known.")[0] == 0
    assert [*load(settings).accepted] == ["switch.slow"]
    removed = call("acknowledge", "--remove", "switch.Slow", "--config", settings)
    assert (removed.status, removed.out.partition(" counts")[0]) == (0, "switch.slow")
    assert load(settings).accepted == {}


def test_who_writes_capitals_into_the_file_means_the_code(call: Call, clinic: Clinic, settings: Path) -> None:
    clinic(SLOW_OFFICE)
    file = settings.with_name("clinic.accepted.toml")
    file.write_text(f'["Switch.Slow "]\nuntil = {NEXT_WEEK}\nwhy = "known"\n', encoding="utf-8")
    assert ran(call, settings, "--strict")[0] == 0
    assert call("acknowledge", "--remove", "switch.slow", "--config", settings).status == 0
    assert read_accepted(file) == {}


def ran(call: Call, settings: Path, *options: str) -> tuple[int, str]:
    ended = call("run", "--config", settings, "--quiet", "--no-save", "--plain", *options)
    return ended.status, ended.out


def test_an_accepted_fault_is_a_warning_and_is_told_with_its_reason(call: Call, clinic: Clinic, settings: Path) -> None:
    clinic(DOOR_OPEN)
    assert ran(call, settings)[0] == 1
    accept(call, settings, "exposure.dangerous_open", why="The firewall comes on Monday.")
    status, page = ran(call, settings)
    assert status == 0
    assert page.startswith("READY, with warnings\n")
    assert "ACCEPTED FOR NOW" in page
    assert "The firewall comes on Monday." in page
    assert page.index("3306") < page.index("WHAT IS FINE")
    assert ran(call, settings, "--strict")[0] == 1
    report = json.loads(ran(call, settings, "--format", "json")[1])
    [finding] = [f for check in report["checks"] for f in check["findings"] if f["acknowledged"]]
    assert (finding["code"], finding["severity"]) == ("exposure.dangerous_open", "fail")
    assert all(cause["code"] != "exposure.dangerous_open" for cause in report["causes"])


def test_what_is_accepted_while_its_alarm_is_open_ends_it_without_a_word(
    call: Call, clinic: Clinic, settings: Path
) -> None:
    clinic(DOOR_OPEN)
    state, told = AlertState(), []

    def look(hour: int) -> None:
        nonlocal state
        report = replace(parse(ran(call, settings, "--format", "json")[1]), id=f"run{hour}")
        at = datetime(2026, 3, 2, hour, tzinfo=UTC)
        state, notices = step(state, replace(judged(report), started_at=at), Site().alerts, at)
        told.append([each.code for each in notices])

    look(0)
    look(1)
    accept(call, settings, "EXPOSURE.dangerous_open", why="The firewall comes on Monday.")
    look(2)
    look(3)
    assert told == [[], ["exposure.dangerous_open"], [], []]
    shown = standing(state, datetime(2026, 3, 1, tzinfo=UTC))
    assert (shown.open, shown.accepted) == ((), ("exposure.dangerous_open",))
    assert [each.accepted for each in shown.closed] == [True]


def test_an_accepted_warning_leaves_the_verdict_ready(call: Call, clinic: Clinic, settings: Path) -> None:
    clinic(SLOW_OFFICE)
    assert ran(call, settings, "--strict")[0] == 1
    accept(call, settings, "switch.slow")
    status, page = ran(call, settings, "--strict")
    assert status == 0
    assert page.startswith("READY to host the EMR\n")
    assert "ACCEPTED FOR NOW" in page
    assert "accepted until" in ran(call, settings, "-v")[1]


def test_what_is_over_counts_again(call: Call, clinic: Clinic, settings: Path) -> None:
    clinic(DOOR_OPEN)
    over = Acknowledged("It was to be shut.", TODAY - timedelta(days=1))
    write_accepted(settings.with_name("clinic.accepted.toml"), {"exposure.dangerous_open": over})
    status, page = ran(call, settings)
    assert status == 1
    assert "ACCEPTED" not in page
    assert "over: it counts again" in call("acknowledge", "--list", "--config", settings).out


def test_a_stored_run_is_judged_again_with_what_is_accepted_today(call: Call, clinic: Clinic, settings: Path) -> None:
    clinic(DOOR_OPEN)
    assert call("run", "--config", settings, "--quiet").status == 1
    accept(call, settings, "exposure.dangerous_open")
    again = call("history", "rejudge", "--config", settings, "--plain")
    assert again.status == 0
    assert "ACCEPTED FOR NOW" in again.out
    assert call("history", "show", "--config", settings, "--plain").out.startswith("NOT READY")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("switch = 3", "something else than a table"),
        ("[[", "not valid TOML"),
        ('["switch.slow"]\nuntil = "2027-03-03"\nwhy = "x"', "no day as `until`"),
        ('["switch.slow"]\nuntil = 2027-03-03T10:00:00\nwhy = "x"', "no day as `until`"),
        ('["switch.slow"]\nuntil = 2027-03-03\nwhy = " "', "no reason as `why`"),
        ('["switch.slow"]\nuntil = 2027-03-03', "no reason as `why`"),
    ],
)
def test_a_file_that_somebody_spoiled_is_refused_by_name(
    call: Call, clinic: Clinic, settings: Path, text: str, said: str
) -> None:
    clinic(HEALTHY)
    file = settings.with_name("clinic.accepted.toml")
    file.write_text(text, encoding="utf-8")
    ended = call("run", "--config", settings, "--no-save")
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert str(file) in ended.err


def test_any_reason_survives_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.accepted.toml"
    reasons = ['"quoted" \\ back', "Zoë's \U0001f600 switch", "# no comment", "'''"]
    kept = {f"code.{n}": Acknowledged(why, date(2027, 3, 3)) for n, why in enumerate(reasons)}
    write_accepted(file, kept)
    assert read_accepted(file) == kept
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_about_safety_is_there_and_is_no_good_news() -> None:
    assert set(_FIRST) <= SAFETY
    for code in SAFETY:
        known = code_named(code)
        assert known is not None, code
        assert known.severity in (Severity.WARN, Severity.FAIL), code
        assert any(code in check.codes for check in ALL)
