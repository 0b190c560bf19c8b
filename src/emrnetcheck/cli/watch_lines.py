"""The JSON lines of a watch: what is a line, and where does it go?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from emrnetcheck.cli.listener import Listener
    from emrnetcheck.evidence.watch import LegFigures, Moment, Watched, WatchEvent, WatchSummary
    from emrnetcheck.probes.watching.sampler import Sampler


class Out:
    """The JSON lines: to standard output, to a file, to both or none. failed: why the file takes no more."""

    def __init__(self, file: TextIO | None, listener: Listener | None) -> None:
        self.file, self.failed = file, ""
        self._listener = listener

    def write(self, data: dict[str, Any]) -> None:
        """One line."""
        text = json.dumps(rounded(data), allow_nan=False)
        if self.file is not None:
            try:
                self.file.write(f"{text}\n")
                self.file.flush()
            except OSError as error:  # a full disk ends the log, not the watch
                self.failed = error.strerror or str(error)
                self.close()
        if self._listener is not None:
            self._listener.line(text)

    def close(self) -> None:
        """The file takes no more."""
        file, self.file = self.file, None
        try:
            if file is not None:
                file.close()
        except OSError:
            pass  # what could not be written was told already


def rounded(data: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """A thousandth of a millisecond is finer than anything here is measured."""
    if isinstance(data, float):
        return round(data, 3)
    if isinstance(data, dict):
        return {name: rounded(value) for name, value in data.items()}
    return [rounded(each) for each in data] if isinstance(data, list | tuple) else data


def start_data(sampler: Sampler, began: Moment, legs: tuple[Watched, ...]) -> dict[str, Any]:
    """What is watched, and how."""
    from emrnetcheck.evidence.watch import SCHEMA
    from emrnetcheck.reports.watch_words import iso

    return {
        "event": "start",
        "schema": SCHEMA,
        "at": iso(began.wall_s),
        "host": sampler.target.host,
        "port": sampler.target.port,
        "inside": sampler.inside,
        "wireless": sampler.wireless,
        "legs": [asdict(each) for each in legs],
        "third_parties": [asdict(each) for each in sampler.ledger.third_parties],
    }


def sample_data(figures: tuple[LegFigures, ...], now: Moment) -> dict[str, Any]:
    """The figures of all legs now."""
    from emrnetcheck.reports.watch_words import iso

    legs = [{name: value for name, value in asdict(each).items() if name not in ("spark", "why")} for each in figures]
    return {"event": "sample", "at": iso(now.wall_s), "legs": legs}


def event_data(event: WatchEvent) -> dict[str, Any]:
    """One event."""
    from emrnetcheck.reports.watch_words import iso

    return {"event": event.kind, "at": iso(event.at_unix_s), **asdict(event)}


def summary_data(sampler: Sampler, summary: WatchSummary) -> dict[str, Any]:
    """What it came to; events_kept is for the file only."""
    from emrnetcheck.evidence.watch import SCHEMA
    from emrnetcheck.reports.watch_words import iso

    return {
        "event": "summary",
        "schema": SCHEMA,
        "segment": summary.segment,
        "by_segment": {name: asdict(total) for name, total in summary.by_segment.items()},
        "events": summary.events_total,
        "from": iso(summary.from_unix_s),
        "to": iso(summary.to_unix_s),
        "watched_s": summary.watched_s,
        "slept_s": summary.slept_s,
        "measured": summary.measured,
        "host": sampler.target.host,
        "port": sampler.target.port,
        "legs": [asdict(each) for each in summary.legs],
        "third_parties": [asdict(each) for each in sampler.ledger.third_parties],
        "events_kept": [event_data(each) for each in summary.events],
    }
