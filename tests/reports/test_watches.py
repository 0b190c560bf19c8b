"""A watch that was kept is told as it ended; what is no such thing is refused in a sentence."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from emrnetcheck.evidence.watch import LegTotal, SegmentTotal, WatchEvent, WatchSummary
from emrnetcheck.model import Segment
from emrnetcheck.reports.terminal_lines import laid_out
from emrnetcheck.reports.watch_words import closing, iso
from emrnetcheck.reports.watches import NotAWatchError, past_watch, summary_of, watch_page, watches_page
from tests.reports.samples import HOSTILE

BEGAN_S = datetime(2026, 11, 24, 12, 0, tzinfo=UTC).timestamp()
SUMMARY = WatchSummary(
    from_unix_s=BEGAN_S,
    to_unix_s=BEGAN_S + 3600,
    watched_s=3600.0,
    slept_s=0.0,
    segment="line",
    measured=True,
    by_segment={"line": SegmentTotal(2, 63.0, 40.0, 812.0)},
    legs=(LegTotal("router", "192.168.1.1", "icmp", 3600, 2, 0, 0.4, 0.9, 1.2, 3.0, 0.0),),
    events_total=2,
    events=(WatchEvent("end", BEGAN_S + 60, "line", "sure", "loss", ("router",), lost=3, sent=10, duration_s=23.0),),
)


def kept(summary: WatchSummary = SUMMARY, **changes: Any) -> str:
    """As `watch` writes it."""
    made = asdict(summary)
    data = {
        "schema": "emrnetcheck/watch/1",
        "from": iso(summary.from_unix_s),
        "to": iso(summary.to_unix_s),
        "events": summary.events_total,
        "events_kept": [{"event": each["kind"], "at": "then", **each} for each in made["events"]],
        **{name: made[name] for name in ("segment", "by_segment", "watched_s", "slept_s", "measured", "legs")},
    }
    return json.dumps({**data, **changes})


def test_it_is_read_again_as_it_was() -> None:
    assert summary_of(kept()) == SUMMARY
    assert summary_of(kept(unknown="what a later version tells")) == SUMMARY


def test_it_is_told_as_it_ended() -> None:
    assert laid_out(watch_page(SUMMARY), width=100).splitlines() == list(closing(SUMMARY))


def test_its_line_of_the_history() -> None:
    found = past_watch("watch-1", "Elm", kept())
    assert (found.id, found.site, found.segment, found.troubles) == ("watch-1", "Elm", Segment.LINE, 2)
    assert found.started_at == datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "emrnetcheck/report/1"},
        {"from": "then"},
        {"segment": "moon"},
        {"by_segment": {"moon": {}}},
        {"by_segment": {"line": {"events": 1}}},
        {"legs": None},
        {"legs": [{"leg": "router", "sent": "many"}]},
        {"events_kept": [{"kind": "end"}]},
        {"watched_s": "long"},
    ],
)
def test_what_is_no_summary_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(NotAWatchError, match="not the summary of a watch"):
        summary_of(kept(**changes))


@pytest.mark.parametrize("text", ["", "[]", "3", "null", "{}", "[" * 100_000])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(NotAWatchError):
        summary_of(text)


def test_hostile_words_are_harmless() -> None:
    event = WatchEvent("public_address", BEGAN_S, old=HOSTILE, new=HOSTILE)
    text = kept(WatchSummary(**{**{n: getattr(SUMMARY, n) for n in SUMMARY.__slots__}, "events": (event,)}))
    lines = [
        *watch_page(summary_of(text)),
        *watches_page([past_watch("watch-1", HOSTILE, text)], more=False, command="x"),
    ]
    shown = laid_out(lines)
    assert not any(ord(character) < 32 and character != "\n" for character in shown)
    assert "\u202e" not in shown
