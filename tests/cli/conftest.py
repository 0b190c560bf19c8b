"""The command line with probes that give prepared evidence, and with none of this computer's own settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from emrnetcheck import probes
from emrnetcheck.__main__ import main
from emrnetcheck.evidence import EVIDENCE_NAMES, Seen
from emrnetcheck.model import Mode
from emrnetcheck.probes.context import Probe
from tests.checks.builders import HEALTHY, NAME, SERVER

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


@pytest.fixture(autouse=True)
def nothing_of_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "no-settings"
    empty.mkdir()
    for name in ("EMRNETCHECK_CONFIG", "EMRNETCHECK_DEBUG", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _name: empty)
    monkeypatch.setattr(platformdirs, "site_config_path", lambda _name: empty)


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
