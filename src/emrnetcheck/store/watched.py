"""How is a watch written down in the history, and what does its row mean?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emrnetcheck.model import Segment
from emrnetcheck.model.past import PastWatch
from emrnetcheck.store.faults import UnreadableError
from emrnetcheck.store.packed import packed, storable
from emrnetcheck.store.rows import moment_of, number_of, shown, text_of, word_of


def watch_columns(watch: PastWatch, summary: str) -> dict[str, object]:
    """By their names."""
    return {
        "id": watch.id,
        "site": storable(watch.site),
        "started_unix_s": int(watch.started_at.timestamp()),
        "watched_s": watch.watched_s,
        "measured": watch.measured,
        "segment": watch.segment.value if watch.segment is not None else None,
        "troubles": watch.troubles,
        "summary": packed(summary),
    }


def past_watch(row: Mapping[str, Any]) -> PastWatch:
    """UnreadableError for what this version does not know."""
    try:
        return _past_watch(row)
    except UnreadableError as error:
        raise UnreadableError(f"the watch {str(row['id'])[:60]}: {error}") from error


def _past_watch(row: Mapping[str, Any]) -> PastWatch:
    watched_s, troubles = number_of(row, "watched_s"), row["troubles"]
    if watched_s is None or watched_s < 0:
        raise UnreadableError(f"{shown(watched_s)} is no length of time")
    if not isinstance(troubles, int) or troubles < 0:
        raise UnreadableError(f"{shown(troubles)} is no number of troubles")
    return PastWatch(
        id=text_of(row, "id"),
        site=text_of(row, "site"),
        started_at=moment_of(row["started_unix_s"]),
        watched_s=watched_s,
        measured=bool(row["measured"]),
        segment=word_of(Segment, "segment", row["segment"]) if row["segment"] is not None else None,
        troubles=troubles,
    )
