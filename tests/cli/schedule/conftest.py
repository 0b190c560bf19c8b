"""A computer of its own for each test: its schedulers are scripts that write down what they are told."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from emrnetcheck.cli.schedule import machine
from emrnetcheck.net import host_scheduler

# Answers as systemd would for what was enabled; a file "refuses" makes it refuse, "refuses_once" just once.
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >>"{here}/told"
[ -e "{here}/refuses" ] && [ "$2" = enable ] && echo "Failed to enable unit: Access denied" >&2 && exit 1
[ "$2" = enable ] && rm "{here}/refuses_once" 2>/dev/null && echo "Failed to enable unit: Access denied" >&2 && exit 1
case "$*" in
  *enable*--now*) touch "{here}/enabled" ;;
  *disable*) rm -f "{here}/enabled" ;;
  *show*--property=Id*)
    [ -e "{here}/enabled" ] && state=active || state=inactive
    printf 'Id=emrnetcheck.timer\\nLoadState=loaded\\nUnitFileState=enabled\\nActiveState=%s\\n\\n' $state
    printf 'Id=emrnetcheck.service\\nLoadState=loaded\\nResult=success\\n' ;;
esac
"""
CRONTAB = """#!/bin/sh
echo "crontab $*" >>"{here}/told"
[ -e "{here}/refuses" ] && [ "$1" != -l ] && echo "you are not allowed to use this program" >&2 && exit 1
[ "$1" != -l ] && rm "{here}/refuses_once" 2>/dev/null && echo "you are not allowed to use this program" >&2 && exit 1
case "$1" in
  -l) [ -e "{here}/lines" ] && cat "{here}/lines" || {{ echo "no crontab for clinic" >&2; exit 1; }} ;;
  -r) rm "{here}/lines" ;;
  *) cp "$1" "{here}/lines" ;;
esac
"""
LOGINCTL = """#!/bin/sh
echo "loginctl $*" >>"{here}/told"
[ -e "{here}/lingers" ] && echo Linger=yes || echo Linger=no
"""


@dataclass(frozen=True, slots=True)
class Host:
    """here: where its programs keep what they were told."""

    here: Path
    home: Path
    data: Path

    def told(self) -> list[str]:
        file = self.here / "told"
        return file.read_text().splitlines() if file.exists() else []

    def crontab(self) -> str | None:
        file = self.here / "lines"
        return file.read_text() if file.exists() else None

    def units(self) -> list[Path]:
        return sorted((self.home / ".config/systemd/user").glob("*"))

    def everything(self) -> dict[str, bytes]:
        """Every file of the user, by its path."""
        return {str(each): each.read_bytes() for each in sorted(self.home.rglob("*")) if each.is_file()}


@pytest.fixture(autouse=True)
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    here, home = tmp_path / "programs", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    for name, text in {"systemctl": SYSTEMCTL, "crontab": CRONTAB, "loginctl": LOGINCTL}.items():
        program = here / name
        program.write_text(text.format(here=here))
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{here}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("EMRNETCHECK_DATA", str(home / "data"))
    for name in ("XDG_CONFIG_HOME", "SUDO_USER", "EMRNETCHECK_COMMAND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "clinic")
    monkeypatch.setattr(machine, "sys", type("Linux", (), {"platform": "linux"}))
    monkeypatch.setattr(host_scheduler, "_BOOTED", here)  # as if systemd had started this computer
    monkeypatch.setattr(host_scheduler, "cron_runs", lambda: True)
    assert sys.platform != "win32"
    assert os.environ["PATH"].startswith(str(here))
    return Host(here, home, home / "data")
