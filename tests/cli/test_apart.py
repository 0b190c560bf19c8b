"""A run by hand and a scheduled one do not load the line together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from emrnetcheck import runner
from emrnetcheck.net.lock import FILE_NAME, Held, take
from tests.cli.conftest import Call, Clinic


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """As if something had been scheduled once."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / FILE_NAME).touch()
    return folder / FILE_NAME


def test_a_scheduled_run_waits_for_one_by_hand(
    call: Call, clinic: Clinic, settings: Path, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., object] = runner.run
    meanwhile = []

    def measured(*words: object, **named: object) -> object:
        got = take(lock, datetime.now(UTC))
        meanwhile.append(type(got).__name__)
        return real(*words, **named)

    monkeypatch.setattr(runner, "run", measured)
    ended = call("run", "--config", settings)
    assert (ended.status, meanwhile) == (0, ["Holder"])
    assert "Note" not in ended.err
    after = take(lock, datetime.now(UTC))
    assert isinstance(after, Held)
    after.release()


def test_who_asks_now_gets_a_run_and_is_told(call: Call, clinic: Clinic, settings: Path, lock: Path) -> None:
    held = take(lock, datetime.now(UTC))
    assert isinstance(held, Held)
    with held:
        ended = call("run", "--config", settings)
    assert ended.status == 0
    assert "Note: another run is at work since " in ended.err


def test_where_nothing_was_scheduled_nothing_is_written(
    call: Call, clinic: Clinic, settings: Path, tmp_path: Path
) -> None:
    assert call("run", "--no-save", "--config", settings).status == 0
    assert not (tmp_path / "data").exists()


def test_a_lock_that_cannot_be_had_costs_no_run(call: Call, clinic: Clinic, settings: Path, lock: Path) -> None:
    lock.unlink()
    lock.mkdir()
    assert call("run", "--no-save", "--config", settings).status == 0
