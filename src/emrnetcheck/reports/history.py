"""How is a list of past runs said?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta, tzinfo

from emrnetcheck.model import Verdict
from emrnetcheck.model.past import PastRun
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import sentence

SCHEMA = "emrnetcheck/history/1"
CLIENT = "client"

SHORT_WORDS: Mapping[Verdict, str] = {
    Verdict.READY: "READY",
    Verdict.READY_WITH_WARNINGS: "WARNINGS",
    Verdict.NOT_READY: "NOT READY",
    Verdict.INCONCLUSIVE: "UNSURE",
}
_CLIENT_WORDS: Mapping[Verdict, str] = {
    **SHORT_WORDS,
    Verdict.READY: "FINE",
    Verdict.NOT_READY: "SLOW",
}
STYLES: Mapping[Verdict, str] = {
    Verdict.READY: "good",
    Verdict.READY_WITH_WARNINGS: "warn",
    Verdict.NOT_READY: "bad",
    Verdict.INCONCLUSIVE: "unsure",
}
_WORD_WIDTH = 11


def short_word(verdict: Verdict, vantage: str) -> str:
    """The verdict in a word: of a client nobody asked whether it is ready."""
    return (_CLIENT_WORDS if vantage == CLIENT else SHORT_WORDS)[verdict]


def history_page(
    runs: Sequence[PastRun], *, more: bool, all_wanted: bool, zone: tzinfo = UTC, command: str = "emrnetcheck"
) -> Iterator[Line]:
    """Two lines a run: what and when; and the headline.

    more: there are more than these. all_wanted: nothing was filtered out.
    """
    if not runs:
        yield Line("Nothing is kept yet: each run is, from the next one on." if all_wanted else "No run is like that.")
        return
    for run in runs:
        seen = ", seen from elsewhere" if run.vantage == CLIENT else ""
        part = "" if run.whole else " (only a part was asked)"
        when = f"{run.started_at.astimezone(zone):%Y-%m-%d %H:%M}"
        yield Line(
            f"{when}, {run.site}{seen}{part}",
            lead=short_word(run.verdict, run.vantage).ljust(_WORD_WIDTH),
            lead_style=STYLES[run.verdict],
        )
        yield Line(sentence(run.headline), indent=_WORD_WIDTH)
        yield Line(run.id, indent=_WORD_WIDTH)
    yield Line()
    if more:
        yield Line("There are more: --limit 100 shows more of them.")
    yield Line(f"{command} history show {runs[0].id}", lead="To read one: ", style="strong")


def as_data(run: PastRun) -> dict[str, object]:
    """A run as JSON has it."""
    return {
        "id": run.id,
        "site": run.site,
        "vantage": run.vantage,
        "mode": run.mode.value,
        "started_at": run.started_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "verdict": run.verdict.value,
        "headline": run.headline,
        "segment": run.segment.value if run.segment is not None else None,
        "whole": run.whole,
        "goodput_mbps": run.goodput_mbps,
        "idle_rtt_ms": run.idle_rtt_ms,
        "loaded_rtt_ms": run.loaded_rtt_ms,
        "codes": list(run.codes),
        "public_v4": run.public_v4,
        "statuses": {check: status.value for check, status in run.statuses.items()},
    }


def render_json(runs: Sequence[PastRun]) -> str:
    """One JSON document in ASCII; ends with a newline."""
    return json.dumps({"schema": SCHEMA, "runs": [as_data(run) for run in runs]}, indent=2, allow_nan=False) + "\n"


def status_page(
    run: PastRun | None, age: timedelta | None, *, stale: bool, max_age: str, zone: tzinfo = UTC
) -> Iterator[Line]:
    """What a monitoring program shows: the verdict first, and in the same line when it was found."""
    if run is None or age is None:
        yield Line("COULD NOT TELL: no whole run is kept.", style="unsure")
        return
    when = f"{wording.day_and_time(run.started_at.astimezone(zone))} ({_ago(age)})"
    if stale:
        why = f"is older than {max_age}" if age > timedelta(0) else "is from a time to come"
        yield Line(f"COULD NOT TELL: the last whole run {why}: {when}.", style="unsure")
        yield Line(f"Then: {short_word(run.verdict, run.vantage)}. {sentence(run.headline)}")
        return
    yield Line(f"{short_word(run.verdict, run.vantage)}: {run.site}, {when}.", style=STYLES[run.verdict])
    yield Line(sentence(run.headline))


def _ago(age: timedelta) -> str:
    """Whole units, the largest that is not 0."""
    if age < timedelta(0):
        return "the clock was or is wrong"
    for word, unit in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        count = age // unit
        if count:
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"
