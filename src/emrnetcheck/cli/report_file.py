"""How is a report that somebody sent read, without trusting it?"""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emrnetcheck.reports.json import NotAReportError, parse

if TYPE_CHECKING:
    from emrnetcheck.evidence import ClinicReport
    from emrnetcheck.evidence.clinic import ClinicSays

REPORT_MAX_BYTES = 20_000_000
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_VANTAGES = ("host", "client")


def read_report(file: Path) -> ClinicReport:
    """The report in a file; NotAReportError with one sentence where it is none, or cannot be read."""
    try:
        if not file.is_file():
            raise NotAReportError(_no_file(file))
        with file.open("rb") as opened:
            text = opened.read(REPORT_MAX_BYTES + 1)
    except OSError as error:
        message = f"it cannot be read: {error.strerror}."
        raise NotAReportError(message) from error
    if len(text) > REPORT_MAX_BYTES:
        raise NotAReportError("it is too large to be a report.")
    report = parse(_as_utf8(text))
    if report.vantage not in _VANTAGES:
        raise NotAReportError("This is not a report of emrnetcheck: vantage: it is neither host nor client.")
    return report


def _as_utf8(text: bytes) -> bytes:
    """PowerShell's `>` writes UTF-16, other programs of Windows a mark before UTF-8: both begin with saying so."""
    coding = next((coding for mark, coding in _MARKS if text.startswith(mark)), None)
    if coding is None:
        return text
    try:
        return text.decode(coding).encode()
    except UnicodeError as error:
        message = f"This is not a report of emrnetcheck: it begins as {coding.upper()}, and is not."
        raise NotAReportError(message) from error


def _no_file(file: Path) -> str:
    """Why nothing is read there: a pipe would be waited for, without an end."""
    if not file.exists():
        return "there is no such file."
    return "it is a folder, not a report." if file.is_dir() else "it is no ordinary file: save the report in one."


def clinic_says(report: ClinicReport, now: datetime) -> ClinicSays:
    """What can be compared of the clinic's own report: of one made through a VPN or a proxy neither the address nor the
    upload, which are not those of the clinic's line."""
    from emrnetcheck.evidence.clinic import ClinicSays
    from emrnetcheck.model.past import through_a_tunnel

    seen, by_tunnel = report.evidence, through_a_tunnel(report.codes)
    address, upload = (None, None) if by_tunnel else (seen.address, seen.upload)
    made_at = report.started_at if report.started_at.tzinfo is not None else report.started_at.replace(tzinfo=UTC)
    shown = (
        seen.tls.fingerprint_sha256 if seen.tls is not None else None,
        *(seen.port.spoken_lan.fingerprints if seen.port is not None and seen.port.spoken_lan is not None else ()),
    )
    return ClinicSays(
        report_id=report.id,
        site=report.site,
        made_at=made_at.astimezone(UTC).isoformat(timespec="seconds"),
        age_s=(now - made_at).total_seconds(),
        hostname=seen.names.hostname if seen.names is not None else None,
        public_v4=address.public_v4 if address is not None else None,
        fingerprints=tuple(dict.fromkeys(each for each in shown if each)),
        upload_mbps=upload.goodput_mbps if upload is not None else None,
        by_tunnel=by_tunnel,
    )
