"""Rows of a history as a clinic has them, to be changed in one place per test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from emrnetcheck.checks import ALL
from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Mode, Status, Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports.json import render
from emrnetcheck.reports.week import Told, told
from emrnetcheck.runner.answer import judged_again
from tests.checks.builders import HEALTHY, OLD, PUBLIC, SITE, address
from tests.checks.builders import witness as by
from tests.reports.samples import READY

NOW = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
"""A Thursday."""

FINE = {"router": Status.PASS, "address": Status.PASS, "ddns": Status.PASS, "upload": Status.PASS, "emr": Status.PASS}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def row(days: float, *, failed: tuple[str, ...] = (), **changes: Any) -> PastRun:
    """A run so many days before now in which all was well, but for the checks in `failed`."""
    statuses = {**FINE, "port": Status.PASS, **dict.fromkeys(failed, Status.FAIL)}
    base = PastRun(
        id=f"run-{days}",
        site="Elm Street Clinic",
        vantage="host",
        mode=Mode.STANDARD,
        started_at=ago(days),
        verdict=Verdict.NOT_READY if failed else Verdict.READY,
        headline="Not ready to host the EMR: something" if failed else "Ready to host the EMR.",
        segment=None,
        whole=True,
        goodput_mbps=9.4,
        idle_rtt_ms=20.0,
        loaded_rtt_ms=40.0,
        codes=(),
        public_v4=PUBLIC,
        statuses=statuses,
    )
    return replace(base, **changes)


def report(days: float, *, upload_mbps: float = 9.4, public: str = PUBLIC) -> ClinicReport:
    """A judged report of then."""
    assert HEALTHY.upload is not None
    rate = upload_mbps
    upload = replace(
        HEALTHY.upload,
        goodput_mbps=rate,
        line_rate_mbps=rate / 0.94,
        lower_mbps=rate * 0.98,
        upper_mbps=rate * 1.02,
        samples=(rate,) * 40,
    )
    seen = replace(HEALTHY, upload=upload)
    if public != PUBLIC:
        moved = replace(address(by(public), by(public), by(public, "stun")), wan_v4=public)
        seen = replace(seen, address=moved)
    base = replace(
        READY, id=f"run-{days}", started_at=ago(days) - timedelta(minutes=30), evidence=seen, site="Elm Street Clinic"
    )
    return judged_again(base, SITE, ALL)


def heard(report: ClinicReport) -> Told:
    """What the kept report tells a week."""
    found = told(render(report))
    assert found is not None
    return found


TWO_WEEKS = (
    report(13),
    report(12),
    report(10),
    report(9),
    report(8, public=OLD),
    report(6, public=OLD),
    report(5),
    report(4, upload_mbps=2.2),
    report(3),
    report(1),
    report(0, upload_mbps=2.4),
)
"""Address changes, a name that was wrong meanwhile, and an upload that is too low since this morning."""
