"""What was measured of the line, test by test, for the provider's own programs?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from emrnetcheck.evidence.upload import GOODPUT_PER_LINE_RATE, SecondServer, Upload
from emrnetcheck.reports.cells import csv_text
from emrnetcheck.reports.isp.facts import Look, Terms, counted, held_against, second_of

_REACHED = {"pass": "reached", "fail": "below", "borderline": "too close to say"}

_UPLOAD_COLUMNS: Mapping[str, Callable[[Look, Upload, Terms], object]] = {
    "start_utc": lambda look, _upload, _terms: _utc(look.tested_at),
    "goodput_mbps": lambda _look, upload, _terms: upload.goodput_mbps,
    "lower_mbps": lambda _look, upload, _terms: upload.lower_mbps,
    "upper_mbps": lambda _look, upload, _terms: upload.upper_mbps,
    "confidence": lambda _look, upload, _terms: upload.confidence,
    "line_rate_mbps": lambda _look, upload, _terms: round((upload.goodput_mbps or 0.0) / GOODPUT_PER_LINE_RATE, 3),
    "needed_line_rate_mbps": lambda _look, _upload, terms: terms.needed_mbps,
    "needed": lambda _look, upload, terms: _reached(upload, terms.needed_mbps),
    "sold_line_rate_mbps": lambda _look, _upload, terms: terms.sold_mbps,
    "sold": lambda _look, upload, terms: _reached(upload, terms.sold_mbps),
    "seconds": lambda _look, upload, _terms: upload.seconds,
    "sent_bytes": lambda _look, upload, _terms: upload.sent_bytes,
    "method": lambda _look, upload, _terms: upload.method,
    "server": lambda _look, upload, _terms: upload.server,
    "server_address": lambda _look, upload, _terms: upload.address,
    "back_end": lambda _look, upload, _terms: upload.back_end,
    "idle_rtt_ms": lambda _look, upload, _terms: upload.idle_rtt_ms,
    "loaded_rtt_ms": lambda _look, upload, _terms: upload.loaded_rtt_ms,
    "second_server": lambda _look, upload, _terms: _of_second(upload, lambda second: second.server),
    "second_goodput_mbps": lambda _look, upload, _terms: _of_second(upload, lambda second: second.goodput_mbps),
    "second_lower_mbps": lambda _look, upload, _terms: _of_second(upload, lambda second: second.lower_mbps),
    "second_upper_mbps": lambda _look, upload, _terms: _of_second(upload, lambda second: second.upper_mbps),
    "connection": lambda look, _upload, _terms: look.connection,
    "run": lambda look, _upload, _terms: look.id,
}


def uploads(looks: Sequence[Look], terms: Terms) -> str:
    """A row for each upload test that counts."""
    rows = [[value(look, upload, terms) for value in _UPLOAD_COLUMNS.values()] for look, upload in counted(looks)]
    return csv_text(list(_UPLOAD_COLUMNS), rows)


def _of_second(upload: Upload, value: Callable[[SecondServer], object]) -> object:
    second = second_of(upload)
    return value(second) if second is not None else None


def _reached(upload: Upload, line_mbps: float | None) -> str | None:
    return None if line_mbps is None else _REACHED[held_against(upload, line_mbps)]


def delays(looks: Sequence[Look]) -> str:
    """A row for each host on the Internet that was asked in a run that counts, while nothing loaded the line."""
    head = ("start_utc", "host", "method", "sent", "lost", "p50_ms", "p95_ms", "max_ms", "jitter_ms", "run")
    rows = [
        (
            _utc(look.started_at),
            end.address,
            end.method,
            end.sent,
            end.lost,
            end.p50_ms,
            end.p95_ms,
            end.max_ms,
            end.jitter_ms,
            look.id,
        )
        for look in looks
        if look.left_out is None
        for end in look.ends
    ]
    return csv_text(head, rows)


def addresses(looks: Sequence[Look]) -> str:
    """A row for each run that asked: the line's address, whether it has changed, whether anybody answered."""
    head = ("start_utc", "public_ipv4", "changed", "internet", "run")
    rows: list[tuple[object, ...]] = []
    before: str | None = None
    for look in looks:
        if look.left_out is not None or look.internet is None:
            continue
        changed = "" if before is None or look.public_v4 is None else "yes" if look.public_v4 != before else "no"
        rows.append(
            (
                _utc(look.started_at),
                look.public_v4,
                changed,
                "reached" if look.internet else "not reached",
                look.id,
            )
        )
        before = look.public_v4 or before
    return csv_text(head, rows)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
