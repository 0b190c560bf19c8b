"""What `schedule` shows is what it writes, and what it wrote is what it takes away."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from emrnetcheck.cli.schedule import installing, record
from emrnetcheck.cli.schedule.record import read_record
from emrnetcheck.cli.setup.talk import Talk
from emrnetcheck.net import host_scheduler
from tests.cli.conftest import Call
from tests.cli.schedule.conftest import Host

BOTH = pytest.mark.parametrize("scheduler", ["systemd", "cron"])
OTHERS = "# mine\nMAILTO=me\n5 4 * * 0 backup --all 100\\%\n"


def answers(monkeypatch: pytest.MonkeyPatch, *said: bool) -> list[str]:
    """Somebody at a terminal, who says this. What was asked."""
    left, asked = list(said), []

    def agreed(_self: Talk, question: str) -> bool:
        asked.append(question)
        return left.pop(0)

    monkeypatch.setattr("emrnetcheck.cli.setup.talk.can_ask", lambda *_: True)
    monkeypatch.setattr(Talk, "agreed", agreed)
    return asked


@BOTH
def test_a_dry_run_shows_and_changes_nothing(scheduler: str, call: Call, host: Host, settings: Path) -> None:
    ended = call("schedule", "dry-run", "--scheduler", scheduler, "--config", settings, "--plain")
    assert ended.status == 0, ended.err
    assert host.everything() == {}
    assert host.crontab() is None
    assert not [told for told in host.told() if "show" not in told and "crontab -l" not in told]
    assert ended.out.isascii()
    works = (("check", r"every day at 06:30"), ("look", r"every 30 minutes"), ("report", r"Monday at 07:00"))
    for kind, times in works:
        assert re.search(rf"^{kind} +{times}", ended.out, re.MULTILINE)
    moments = re.findall(r"^ {9}\w{3} \d+ \w{3} \d{4}, \d\d:\d\d$", ended.out, re.MULTILINE)
    assert len(moments) == len(works) * 5


@BOTH
def test_what_is_shown_is_what_is_written(scheduler: str, call: Call, host: Host, settings: Path) -> None:
    shown = call("schedule", "dry-run", "--scheduler", scheduler, "--config", settings).out
    ended = call("schedule", "install", "--yes", "--scheduler", scheduler, "--config", settings)
    assert ended.status == 0, ended.err
    written = [file.read_text() for file in host.units()] if scheduler == "systemd" else [host.crontab() or ""]
    assert len(written) == (2 if scheduler == "systemd" else 1)
    for text in written:
        indented = "".join(f"    {line}".rstrip() + "\n" for line in text.splitlines())
        assert indented in shown
        assert indented in ended.out
    assert str(settings) in "".join(written)
    assert "The first check is due" in ended.out
    commands = re.findall(r"^ {4}(systemctl .*)$", shown, re.MULTILINE)
    assert [told for told in host.told() if "daemon-reload" in told or "enable" in told] == commands


@BOTH
def test_remove_leaves_everything_as_it_was(scheduler: str, call: Call, host: Host, settings: Path) -> None:
    (host.home / "other").write_text("mine")
    (host.here / "lines").write_text(OTHERS)
    before = host.everything()
    assert call("schedule", "install", "--yes", "--scheduler", scheduler, "--config", settings).status == 0
    host.data.joinpath("schedule.log").write_text("what cron's last start printed")
    assert host.everything() != before
    if scheduler == "cron":
        assert (host.crontab() or "").startswith(OTHERS)
    ended = call("schedule", "remove", "--yes")
    assert ended.status == 0, ended.err
    assert host.everything() == before
    assert host.crontab() == OTHERS
    assert not (host.here / "enabled").exists()
    again = call("schedule", "remove", "--yes")
    assert (again.status, again.out) == (0, "Nothing is installed: there is nothing to remove.\n")


def test_a_crontab_that_was_not_there_is_gone_again(call: Call, host: Host) -> None:
    assert call("schedule", "install", "--yes", "--scheduler", "cron").status == 0
    assert host.crontab() is not None
    assert call("schedule", "remove", "--yes").status == 0
    assert host.crontab() is None


def test_it_asks_and_no_means_no(call: Call, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, False)
    ended = call("schedule", "install")
    assert asked == ["Install this with systemd, for the user clinic?"]
    assert (ended.status, host.everything(), host.crontab()) == (0, {}, None)
    assert "Nothing was installed." in ended.out
    answers(monkeypatch, True)
    assert call("schedule", "install").status == 0
    made = host.everything()
    assert len(made) == 3
    answers(monkeypatch, False)
    assert "Nothing was removed." in call("schedule", "remove").out
    assert host.everything() == made
    answers(monkeypatch, True)
    assert call("schedule", "remove").status == 0
    assert host.everything() == {}


def test_nobody_to_ask_means_no(call: Call, host: Host) -> None:
    ended = call("schedule", "install")
    assert (ended.status, ended.err) == (2, "To install this without being asked, add --yes.\n")
    assert host.everything() == {}
    assert call("schedule", "install", "--yes").status == 0
    assert call("schedule", "remove").status == 2
    assert len(host.units()) == 2


def test_a_file_of_somebody_else_is_not_touched(call: Call, host: Host) -> None:
    unit = host.home / ".config/systemd/user/emrnetcheck.timer"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Timer]\nOnCalendar=daily\n")
    before = host.everything()
    ended = call("schedule", "install", "--yes")
    assert ended.status == 2
    assert str(unit) in ended.err
    assert host.everything() == before
    assert not [told for told in host.told() if "enable" in told]


def test_lines_of_somebody_else_in_the_crontab_are_not_touched(call: Call, host: Host) -> None:
    theirs = "# emrnetcheck: begin\n1 1 * * * mine\n# emrnetcheck: end\n"
    (host.here / "lines").write_text(theirs)
    ended = call("schedule", "install", "--yes", "--scheduler", "cron")
    assert ended.status == 2
    assert "changed since they were written" in ended.err
    (host.here / "lines").write_text("# emrnetcheck: begin\n1 1 * * * mine\n")
    ended = call("schedule", "install", "--yes", "--scheduler", "cron")
    assert ended.status == 2
    assert "not exactly once each" in ended.err
    assert host.everything() == {}


@BOTH
def test_installing_again_takes_new_settings_over(scheduler: str, call: Call, host: Host, settings: Path) -> None:
    assert call("schedule", "install", "--yes", "--scheduler", scheduler).status == 0
    first = read_record(host.data)
    assert call("schedule", "install", "--yes", "--scheduler", scheduler, "--config", settings).status == 0
    second = read_record(host.data)
    assert first is not None
    assert second is not None
    assert (second.installed_at, second.host_id) == (first.installed_at, first.host_id)
    assert second.argv[-2:] == ("--config", str(settings))
    assert (host.crontab() or "").count("schedule run") == (1 if scheduler == "cron" else 0)
    assert call("schedule", "remove", "--yes").status == 0
    assert host.everything() == {}


LAUNCHCTL = """#!/bin/sh
echo "launchctl $*" >>"{here}/told"
case "$1" in
  bootstrap) [ -e "{here}/loaded" ] && echo "Bootstrap failed: 5: Input/output error" >&2 && exit 5
    touch "{here}/loaded" ;;
  bootout) rm "{here}/loaded" ;;
esac
"""


def test_launchd_is_told_to_forget_the_job_before_it_gets_it_again(call: Call, host: Host, settings: Path) -> None:
    """What it has already, it refuses with status 5."""
    program = host.here / "launchctl"
    program.write_text(LAUNCHCTL.format(here=host.here))
    program.chmod(0o755)
    assert call("schedule", "install", "--yes", "--scheduler", "launchd").status == 0
    again = call("schedule", "install", "--yes", "--scheduler", "launchd", "--config", settings)
    assert (again.status, again.err) == (0, "")
    assert (host.here / "loaded").exists()
    [agent] = (host.home / "Library/LaunchAgents").iterdir()
    assert str(settings) in agent.read_text()


def test_two_schedulers_at_once_are_refused(call: Call, host: Host) -> None:
    assert call("schedule", "install", "--yes", "--scheduler", "cron").status == 0
    ended = call("schedule", "install", "--yes", "--scheduler", "systemd")
    assert ended.status == 2
    assert ended.err == (
        "It is installed already, with cron, for the user clinic. First: emrnetcheck schedule remove\n"
    )
    assert host.units() == []


@BOTH
def test_what_could_not_be_switched_on_is_taken_away(scheduler: str, call: Call, host: Host) -> None:
    (host.here / "refuses").touch()
    ended = call("schedule", "install", "--yes", "--scheduler", scheduler)
    assert ended.status == 2
    assert "It could not be installed." in ended.err
    assert ("Access denied" if scheduler == "systemd" else "not allowed to use this program") in ended.err
    assert "All that was written was taken away again." in ended.err
    assert host.everything() == {}
    assert host.crontab() is None


def flat(text: str) -> str:
    return " ".join(text.split())


@BOTH
def test_an_installation_that_fails_leaves_the_one_before_at_work(
    scheduler: str, call: Call, host: Host, settings: Path
) -> None:
    (host.here / "lines").write_text(OTHERS)
    assert call("schedule", "install", "--yes", "--scheduler", scheduler).status == 0
    before, lines = host.everything(), host.crontab()
    (host.here / "refuses_once").touch()
    ended = call("schedule", "install", "--yes", "--scheduler", scheduler, "--config", settings)
    assert ended.status == 2
    assert "It could not be installed." in ended.err
    assert "What was installed before is back, and goes on as before." in flat(ended.err)
    assert "taken away" not in ended.err
    assert not (host.here / "refuses_once").exists()
    assert (host.everything(), host.crontab()) == (before, lines)
    assert (host.here / "enabled").exists() is (scheduler == "systemd")
    assert call("schedule", "status").status == 0
    assert call("schedule", "install", "--yes", "--scheduler", scheduler, "--config", settings).status == 0
    assert host.everything() != before


def test_what_cannot_be_put_back_is_told(call: Call, host: Host, settings: Path) -> None:
    assert call("schedule", "install", "--yes").status == 0
    before = host.everything()
    (host.here / "refuses").touch()
    ended = call("schedule", "install", "--yes", "--config", settings)
    assert ended.status == 2
    assert "it may be that nothing is done by itself now. systemctl --user enable" in flat(ended.err)
    assert host.everything() == before
    assert call("schedule", "status").status == 1


def test_what_was_installed_is_taken_away_where_it_was_written(
    call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another folder for settings since, as in another kind of terminal."""
    assert call("schedule", "install", "--yes").status == 0
    units = host.units()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / "xdg"))
    ended = call("schedule", "remove", "--yes")
    assert ended.status == 0, ended.err
    for unit in units:
        assert f"  {unit}\n" in ended.out
    assert host.everything() == {}


@pytest.mark.parametrize("fails", [False, True])
def test_installing_again_with_another_folder_for_settings_leaves_nothing_in_the_first(
    fails: bool, call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("schedule", "install", "--yes").status == 0
    before = host.everything()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / "xdg"))
    if fails:
        (host.here / "refuses_once").touch()
    ended = call("schedule", "install", "--yes")
    assert ended.status == (2 if fails else 0), ended.err
    if fails:
        assert host.everything() == before
    else:
        assert host.units() == []
        assert len(list((host.home / "xdg/systemd/user").iterdir())) == 2
    assert call("schedule", "status").status == 0
    assert call("schedule", "remove", "--yes").status == 0
    assert host.everything() == {}


@BOTH
@pytest.mark.parametrize("known", [True, False], ids=["its record is there", "its record is lost"])
def test_what_was_installed_with_another_data_folder_is_found_and_taken_away(
    scheduler: str, known: bool, call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    (host.here / "lines").write_text(OTHERS)
    first = host.home / "it's 50% here"
    monkeypatch.setenv("EMRNETCHECK_DATA", str(first))
    assert call("schedule", "install", "--yes", "--scheduler", scheduler).status == 0
    if not known:
        (first / "schedule.json").unlink()
    monkeypatch.setenv("EMRNETCHECK_DATA", str(host.data))
    ended = call("schedule", "status")
    assert ended.status == 1
    assert f"installed with another data folder, {first}" in flat(ended.out)
    ended = call("schedule", "remove", "--yes")
    assert ended.status == 0, ended.err
    assert f"It was installed with another data folder, {first}." in flat(ended.out)
    assert host.everything() == {}
    assert host.crontab() == OTHERS
    assert call("schedule", "status").status == 3
    assert call("schedule", "install", "--yes", "--scheduler", scheduler).status == 0


def test_what_this_program_did_not_make_is_not_taken_for_its_own(call: Call, host: Host) -> None:
    unit = host.home / ".config/systemd/user/emrnetcheck.timer"
    unit.parent.mkdir(parents=True)
    unit.write_text("[Timer]\nOnCalendar=daily\n")
    (host.here / "lines").write_text("# emrnetcheck: begin\n1 1 * * * mine\n# emrnetcheck: end\n")
    assert call("schedule", "remove", "--yes").out == "Nothing is installed: there is nothing to remove.\n"
    assert unit.exists()
    assert "mine" in (host.crontab() or "")


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("point", ["replace_file", "run"])
def test_whatever_ends_installing_again_in_the_middle_remove_takes_all_of_it_away(
    point: str, moves: bool, call: Call, host: Host, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("schedule", "install", "--yes").status == 0
    if moves:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(host.home / "xdg"))

    class KilledError(BaseException):
        pass

    def killed(*arguments: Any, **named: Any) -> Any:
        if ("enable" if point == "run" else "emrnetcheck.timer") not in str(arguments[0]):
            return real(*arguments, **named)
        raise KilledError

    where: Any = host_scheduler if point == "run" else record
    real = getattr(where, point)
    with monkeypatch.context() as patch:
        patch.setattr(where, point, killed)
        with pytest.raises(KilledError):
            installing.install(scheduler="systemd", system=False, yes=True, plain=True, config=settings)
    assert call("schedule", "remove", "--yes").status == 0
    assert host.everything() == {}


def test_a_file_that_was_changed_since_is_left_unless_somebody_says_so(
    call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("schedule", "install", "--yes").status == 0
    timer = host.home / ".config/systemd/user/emrnetcheck.timer"
    timer.write_text(timer.read_text() + "# mine\n")
    assert "was changed since it was written." in " ".join(call("schedule", "status").out.split())
    ended = call("schedule", "remove", "--yes")
    assert ended.status == 2
    assert host.units() == [timer]
    assert f"{timer} was changed" in ended.err
    asked = answers(monkeypatch, True, True)
    assert call("schedule", "remove").status == 0
    assert asked == ["Remove it?", "Delete also what was changed since it was written?"]
    assert host.everything() == {}


def test_a_record_that_names_other_files_deletes_none_of_them(call: Call, host: Host) -> None:
    assert call("schedule", "install", "--yes").status == 0
    victim = host.home / "victim"
    victim.write_text("")
    told = json.loads((host.data / "schedule.json").read_text())
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    told["files"].append({"path": str(victim), "sha256": empty})
    (host.data / "schedule.json").write_text(json.dumps(told))
    assert call("schedule", "remove", "--yes").status == 0
    assert victim.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": "emrnetcheck/schedule/9"}'])
def test_a_damaged_record_is_told_and_not_guessed_at(text: str, call: Call, host: Host) -> None:
    host.data.mkdir()
    (host.data / "schedule.json").write_text(text)
    for command in (["install", "--yes"], ["remove", "--yes"], ["status"]):
        ended = call("schedule", *command)
        assert (ended.status, ended.out) == (2, "")
        assert "is damaged: delete that file" in ended.err


@pytest.mark.parametrize("point", ["write_record", "replace_file", "run"])
def test_whatever_ends_an_installation_in_the_middle_remove_takes_all_of_it_away(
    point: str, call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `kill -9` would: nothing after that point is done, no clearing up either."""

    class KilledError(BaseException):
        pass

    def killed(*arguments: Any, **named: Any) -> Any:
        if point != "run" or "enable" in arguments[0]:
            raise KilledError
        return real(*arguments, **named)

    where: Any = host_scheduler if point == "run" else __import__("emrnetcheck.cli.schedule.record", fromlist=[point])
    real = getattr(where, point)
    with monkeypatch.context() as patch:
        patch.setattr(where, point, killed)
        with pytest.raises(KilledError):
            installing.install(scheduler="systemd", system=False, yes=True, plain=True, config=None)
    assert len(host.units()) == (2 if point == "run" else 0)
    assert call("schedule", "remove", "--yes").status == 0
    assert host.everything() == {}


def test_the_mails_of_a_scheduled_run_name_the_command_of_this_computer(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMRNETCHECK_COMMAND", "python3 start.py")
    assert 'Environment="EMRNETCHECK_COMMAND=python3 start.py"' in call("schedule", "dry-run").out
    assert "EMRNETCHECK_COMMAND='python3 start.py'" in call("schedule", "dry-run", "--scheduler", "cron").out


def test_nothing_that_is_ever_due_is_refused(call: Call, host: Host, tmp_path: Path) -> None:
    file = tmp_path / "off.toml"
    file.write_text('[schedule]\ncheck = "off"\nlook = "off"\nreport = "off"\n')
    ended = call("schedule", "install", "--yes", "--config", file)
    assert ended.status == 2
    assert "nothing would ever be due" in ended.err
    assert host.everything() == {}


def test_a_computer_without_a_scheduler_is_told_what_to_start(
    call: Call, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_scheduler, "_BOOTED", host.here / "nowhere")
    (host.here / "crontab").rename(host.here / "crontab.away")
    monkeypatch.setenv("PATH", str(host.here))
    ended = call("schedule", "install", "--yes")
    assert ended.status == 2
    assert "schedule run" in ended.err
    assert "every 15 minutes" in ended.err


def test_without_systemd_it_is_cron_and_that_is_said(call: Call, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_scheduler, "_BOOTED", host.here / "nowhere")
    ended = call("schedule", "dry-run")
    assert "Started by: cron, for the user clinic." in ended.out
    assert "systemd cannot be used here: this computer was not started by it." in ended.out


def test_who_is_not_always_signed_in_is_told_how_it_runs_all_the_same(call: Call, host: Host) -> None:
    shown = " ".join(call("schedule", "dry-run").out.split())
    assert "sudo loginctl enable-linger clinic" in shown
    (host.here / "lingers").touch()
    assert "enable-linger" not in call("schedule", "dry-run").out


def test_sudo_without_system_would_be_for_root(call: Call, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("SUDO_USER", "daemon")
    ended = call("schedule", "dry-run")
    assert (ended.status, "add --system" in ended.err) == (2, True)
    ended = call("schedule", "dry-run", "--system", "--scheduler", "systemd")
    assert ended.status == 0
    assert "User=daemon" in ended.out
    assert f"ReadWritePaths={host.data}" in ended.out
    assert "/etc/systemd/system/emrnetcheck.timer" in ended.out
    monkeypatch.setenv("SUDO_USER", "nobody-of-that-name")
    assert "is not known on this computer" in call("schedule", "dry-run", "--system").err


def test_system_needs_the_rights_for_it(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    ended = call("schedule", "install", "--system", "--yes")
    assert (ended.status, "sudo" in ended.err) == (2, True)


def test_load_tests_and_clinic_hours_are_told(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "hours.toml"
    for text, told in (
        ('check = "daily 06:30"', "no check loads the line."),
        ('check = "daily 12:15"\nspread_minutes = 0', "that is 5 of the 7 each week"),
        ('check = "mon-fri 12:15"\nspread_minutes = 0', "that is all of those above"),
        ('load_tests = "never"', "No check loads the line"),
        ('load_tests = "always"', "in the clinic's hours, too."),
        ('clinic_hours = "off"', "has no hours of its own"),
    ):
        file.write_text(f"[schedule]\n{text}\n")
        shown = " ".join(call("schedule", "dry-run", "--config", file).out.split())
        assert told in shown, text


def test_what_the_settings_ask_of_a_run_that_nobody_starts_and_it_cannot_do_is_told(
    call: Call, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (host.here / "lingers").touch()
    monkeypatch.setenv("PING", "https://ping.example/s3cret")
    file = tmp_path / "secrets.toml"
    mail = '[email]\nhost = "smtp.example"\nusername = "u"\nsender = "a@b.example"\nto = ["c@d.example"]\n'
    file.write_text(f'[schedule]\nping_url = "env:PING"\n{mail}')
    for scheduler, keyring in (("systemd", False), ("cron", True)):
        shown = " ".join(call("schedule", "dry-run", "--scheduler", scheduler, "--config", file).out.split())
        assert "[schedule] ping_url is in the environment variable PING, which a run that nobody starts" in shown
        assert ("cron cannot open the keyring" in shown) is keyring
        assert "s3cret" not in shown
        assert "No mail server is set" not in shown
    file.write_text('[schedule]\nping_url = "file:ping"\n')
    shown = " ".join(call("schedule", "dry-run", "--config", file).out.split())
    assert '[schedule] ping_url = "file:ping": write the whole path' in shown
    assert "No mail server is set, so reports and alarms reach nobody." in shown
