"""A history of its own for each test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model.mail import Composed, MailKind
from emrnetcheck.reports.json import render
from emrnetcheck.store.extract import past_run
from emrnetcheck.store.history import History
from emrnetcheck.store.saving import saved_in_file
from tests.reports.samples import READY

BEGAN = datetime(2026, 11, 2, 6, 30, tzinfo=UTC)

Save = Callable[[ClinicReport], bool]


def numbered(number: int) -> ClinicReport:
    """The report of that day."""
    return replace(READY, id=f"run-{number:04}", started_at=BEGAN + timedelta(days=number))


def save(history: History, report: ClinicReport) -> bool:
    """As `run` does."""
    return history.save(past_run(report), render(report), '{"users": 4}')


def keep(file: Path, report: ClinicReport) -> None:
    """As `run` does: without SQLAlchemy where that will do."""
    if not saved_in_file(file, past_run(report), render(report), '{"users": 4}'):
        with History.opened(file, write=True) as history:
            save(history, report)


def mail(number: int, *recipients: str, site: str = "Elm Street Clinic", at: datetime = BEGAN) -> Composed:
    """The weekly mail of that number."""
    message_id = f"<weekly-{number}@clinic.example>"
    return Composed(
        key=f"weekly:{site}:{number}",
        kind=MailKind.WEEKLY,
        site=site,
        message_id=message_id,
        subject=f"{site}: week {number}",
        sender="emr@clinic.example",
        recipients=recipients or ("doctor@clinic.example", "helper@it.example"),
        message=f"Message-ID: {message_id}\r\nSubject: week {number}\r\n\r\nAll is well.\r\n".encode(),
        composed_at=at,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite"
