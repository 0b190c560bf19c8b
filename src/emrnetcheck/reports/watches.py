"""How are past watches listed, and how is one read again that was kept?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar

from emrnetcheck.evidence.watch import SCHEMA as WATCH
from emrnetcheck.evidence.watch import LegTotal, SegmentTotal, WatchEvent, WatchSummary
from emrnetcheck.model import Segment
from emrnetcheck.model.past import PastWatch
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.watch_words import SEGMENT_WORDS, closing, duration

SCHEMA = "emrnetcheck/watches/1"
_WORD_WIDTH = 11
_COLUMNS = re.compile(r"( *)(\S+(?: \S+)* {2,})(.*)")  # a name, filled up to its column, and what is said of it


class NotAWatchError(ValueError):
    """The text is no summary of a watch; the message is one sentence for people."""


def past_watch(id_: str, site: str, text: str) -> PastWatch:
    """The line of the history for a summary; NotAWatchError."""
    summary = summary_of(text)
    return PastWatch(
        id=id_,
        site=site,
        started_at=datetime.fromtimestamp(summary.from_unix_s, UTC),
        watched_s=summary.watched_s,
        measured=summary.measured,
        segment=Segment(summary.segment) if summary.segment is not None else None,
        troubles=summary.events_total,
    )


def summary_of(text: str) -> WatchSummary:
    """The summary that the watch wrote; NotAWatchError. Fields that this version does not know are passed over."""
    try:
        data = json.loads(text)
        if data["schema"] != WATCH:
            raise ValueError(data["schema"])
        summary = WatchSummary(
            from_unix_s=datetime.fromisoformat(data["from"]).timestamp(),
            to_unix_s=datetime.fromisoformat(data["to"]).timestamp(),
            watched_s=float(data["watched_s"]),
            slept_s=float(data["slept_s"]),
            segment=None if data["segment"] is None else Segment(data["segment"]).value,
            measured=bool(data["measured"]),
            by_segment={Segment(name).value: _made(SegmentTotal, each) for name, each in data["by_segment"].items()},
            legs=tuple(_made(LegTotal, each) for each in data["legs"]),
            events_total=int(data["events"]),
            events=tuple(_made(WatchEvent, each) for each in data["events_kept"]),
        )
        list(closing(summary))  # what cannot be told is not read either: a hand may have been at it
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError) as error:
        raise NotAWatchError("This is not the summary of a watch that this version can read.") from error
    return summary


T = TypeVar("T")


def _made(kind: type[T], data: Mapping[str, Any]) -> T:
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]  # each is a dataclass
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name in known}
    )


def watches_page(
    watches: Sequence[PastWatch], *, more: bool, all_wanted: bool = True, zone: tzinfo = UTC, command: str
) -> Iterator[Line]:
    """Two lines a watch: what it came to, when, and its id.

    more: there are more than these. all_wanted: nothing was filtered out, and all could be read.
    """
    if not watches:
        yield Line("No watch is kept." if all_wanted else "No watch is like that.")
        return
    for watch in watches:
        word, style, said = _came_to(watch)
        when = f"{watch.started_at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield Line(
            f"{when}, {watch.site}, for {duration(watch.watched_s)}: {said}",
            lead=word.ljust(_WORD_WIDTH),
            lead_style=style,
        )
        yield Line(watch.id, indent=_WORD_WIDTH)
    yield Line()
    if more:
        yield Line("There are more: --limit 100 shows more of them.")
    yield Line(f"{command} history show {watches[0].id}", lead="To read one: ", style="strong")


def _came_to(watch: PastWatch) -> tuple[str, str, str]:
    if watch.segment is not None:
        often = "once" if watch.troubles == 1 else f"{watch.troubles} times"
        return "SLOW", "bad", f"{SEGMENT_WORDS[watch.segment]} longest; something was bad {often}"
    if not watch.measured:
        return "UNSURE", "unsure", "nothing could be told"
    return "FINE", "good", "nothing was slow"


def watch_page(summary: WatchSummary) -> Iterator[Line]:
    """As the watch itself ended."""
    for line in closing(summary):
        parts = _COLUMNS.match(line)
        if parts is None:
            yield Line(line.strip(), indent=len(line) - len(line.lstrip()))
        else:
            yield Line(parts[3], lead=parts[2], indent=len(parts[1]))


def render_json(watches: Sequence[PastWatch]) -> str:
    """One JSON document in ASCII; ends with a newline."""
    from emrnetcheck.reports.json import plain_data

    return json.dumps({"schema": SCHEMA, "watches": plain_data(watches)}, indent=2, allow_nan=False) + "\n"
