"""The command line with probes that give prepared evidence, and with none of this computer's own settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from emrnetcheck import probes
from emrnetcheck.__main__ import main
from emrnetcheck.cli import keeping
from emrnetcheck.config import load
from emrnetcheck.evidence import EVIDENCE_NAMES, ClinicReport, Seen
from emrnetcheck.model import Mode
from emrnetcheck.net import host
from emrnetcheck.probes.context import Probe
from emrnetcheck.reports.json import render
from emrnetcheck.schedule.words import DAYS
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from emrnetcheck.unattended import clock
from tests.checks.builders import HEALTHY, NAME, SERVER
from tests.cli import scripted_watch

SETTINGS = f"""
[site]
name = "Elm Street Clinic"
[emr]
hostname = "{NAME}"
lan_address = "{SERVER}"
[outside]
consent = true
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call of the program ended."""

    status: int
    out: str
    err: str


Call = Callable[..., Ended]
Clinic = Callable[[Seen], None]
Keep = Callable[..., None]
NOW = datetime.now(UTC).replace(microsecond=0)


def all_due_before() -> str:
    """[schedule] for a test that starts runs one after the other: no moment of it comes while the test runs."""
    far = datetime.now().astimezone() + timedelta(hours=12)
    return f"""[schedule]
clinic_hours = "off"
check = "daily {far:%H:%M}"
look = "off"
report = "{DAYS[(far.weekday() + 3) % len(DAYS)]} 07:00"
"""


@pytest.fixture(autouse=True)
def nothing_of_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "no-settings"
    empty.mkdir()
    for name in ("EMRNETCHECK_CONFIG", "EMRNETCHECK_DEBUG", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMRNETCHECK_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _name: empty)
    monkeypatch.setattr(platformdirs, "site_config_path", lambda _name: empty)
    monkeypatch.setattr(host, "has_way_out", lambda: True)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the program as a shell would."""

    def in_process(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        code = end.value.code
        assert code is None or isinstance(code, int), code
        return Ended(int(code or 0), captured.out, captured.err)

    return in_process


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """Set the evidence that the probes give."""

    def with_evidence(seen: Seen) -> None:
        def giving(name: str) -> Probe:
            def measure(*_arguments: Any) -> Any:
                return getattr(seen, name)

            return Probe(name, f"the {name}", measure, dict.fromkeys(Mode, 10.0))

        probed = [name for name in EVIDENCE_NAMES if getattr(seen, name) is not None]
        monkeypatch.setattr(probes, "PROBES", tuple(giving(name) for name in probed))

    with_evidence(HEALTHY)
    return with_evidence


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "clinic.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    return file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the history is."""
    return tmp_path / "data" / "history.sqlite"


@pytest.fixture
def clock_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is due is done at the first start, with a history that has just begun."""
    long_ago = datetime.now(UTC) - timedelta(days=1000)
    monkeypatch.setattr(clock, "believed_since", lambda *_, **__: long_ago)


@pytest.fixture
def keep(file: Path) -> Keep:
    """Reports as if they had been made so many days ago, by their ids."""

    def save(**reports: tuple[ClinicReport, float]) -> None:
        with History.opened(file, write=True) as history:
            for name, (report, days) in reports.items():
                aged = replace(report, id=name, started_at=NOW - timedelta(days=days), site="this clinic")
                history.save(past_run(aged), render(aged), keeping.settings_text(load(None)))

    return save


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> scripted_watch.Scripted:
    """A watch by a script."""
    return scripted_watch.set_up(monkeypatch, tmp_path / "data")
