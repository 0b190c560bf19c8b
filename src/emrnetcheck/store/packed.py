"""How is a run written down: its columns, and its report packed? Every statement that keeps one, for every database."""

from __future__ import annotations

import zlib

from emrnetcheck.model.past import PastRun
from emrnetcheck.store.asked import COLUMNS
from emrnetcheck.store.faults import DamagedRunError

KNOWN = "SELECT 1 FROM emrnetcheck_runs WHERE id = :id"
INSERT_RUN = (
    f"INSERT INTO emrnetcheck_runs ({COLUMNS}) VALUES ({', '.join(f':{name}' for name in COLUMNS.split(', '))})"
)
INSERT_DOCUMENT = "INSERT INTO emrnetcheck_documents (run_id, report, settings) VALUES (:run_id, :report, :settings)"
REPORT_OF = "SELECT report FROM emrnetcheck_documents WHERE run_id = :id"
_MOST_BYTES = 100_000_000  # of one report unpacked: what claims to be larger is damage


def columns(run: PastRun) -> dict[str, object]:
    """By their names."""
    return {
        "id": run.id,
        "site": storable(run.site),
        "vantage": run.vantage,
        "mode": run.mode.value,
        "started_unix_s": int(run.started_at.timestamp()),
        "verdict": run.verdict.value,
        "headline": storable(run.headline),
        "segment": run.segment.value if run.segment is not None else None,
        "whole": run.whole,
        "goodput_mbps": run.goodput_mbps,
        "idle_rtt_ms": run.idle_rtt_ms,
        "loaded_rtt_ms": run.loaded_rtt_ms,
        "codes": " ".join(run.codes),
        "public_v4": run.public_v4,
        "statuses": " ".join(f"{check}={status.value}" for check, status in run.statuses.items()),
    }


def storable(text: str) -> str:
    """Without what no database takes as text: half characters, and NUL for PostgreSQL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def document(run: PastRun, report: str, settings: str) -> dict[str, object]:
    """What belongs to a run and is long."""
    return {"run_id": run.id, "report": packed(report), "settings": packed(settings)}


def packed(text: str) -> bytes:
    """By zlib: a fifth or less."""
    return zlib.compress(text.encode("utf-8", "replace"))


def unpacked(content: bytes) -> str:
    """ValueError or zlib.error for what is damaged."""
    unpacking = zlib.decompressobj()
    text = unpacking.decompress(content, _MOST_BYTES)
    if not unpacking.eof:
        raise ValueError("cut off, or too large")
    return text.decode("utf-8")


def unpacked_whole(content: bytes, id_: str, history: str) -> str:
    """DamagedRunError where it cannot be."""
    try:
        return unpacked(content)
    except (ValueError, TypeError, zlib.error) as error:
        raise DamagedRunError(f"The run {id_[:60]} in the history {history} is damaged.") from error
