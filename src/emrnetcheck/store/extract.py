"""What of a report stands in the history's columns, so that lists need not open the report?"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from emrnetcheck.model.past import PastRun

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport


def past_run(report: ClinicReport) -> PastRun:
    """The line of the history for this report."""
    upload, address = report.evidence.upload, report.evidence.address
    return PastRun(
        id=report.id,
        site=report.site,
        vantage=report.vantage,
        mode=report.mode,
        started_at=report.started_at.astimezone(UTC),
        verdict=report.verdict,
        headline=report.headline,
        segment=report.segment,
        whole=report.whole,
        goodput_mbps=upload.goodput_mbps if upload is not None else None,
        idle_rtt_ms=upload.idle_rtt_ms if upload is not None else None,
        loaded_rtt_ms=upload.loaded_rtt_ms if upload is not None else None,
        public_v4=address.public_v4 if address is not None else None,
        statuses={check.id: check.status for check in report.checks},
        codes=tuple(dict.fromkeys(finding.code for check in report.checks for finding in check.findings)),
    )
