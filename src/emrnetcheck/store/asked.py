"""Which runs may be asked for, in SQL that every database understands, and what does a row of the answer mean?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emrnetcheck.model import Mode, Segment, Status, Verdict
from emrnetcheck.model.past import THROUGH_A_TUNNEL, PastFigures, PastRun
from emrnetcheck.store.faults import UnreadableError
from emrnetcheck.store.rows import LeftOut, is_number, moment_of, number_of, readable, shown, text_of, word_of

COLUMNS = (
    "id, site, vantage, mode, started_unix_s, verdict, headline, segment, whole, goodput_mbps, idle_rtt_ms, "
    "loaded_rtt_ms, codes, public_v4, statuses"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs; None: any."""

    site: str | None = None
    vantage: str | None = None
    verdict: Verdict | None = None
    since: datetime | None = None
    before: datetime | None = None
    whole: bool | None = None


ANY = Wanted()
_VERDICTS = frozenset(Verdict)


def conditions(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """What goes behind WHERE, and its parameters."""
    verdict = wanted.verdict.value if wanted.verdict is not None else None
    equal = {"site": wanted.site, "vantage": wanted.vantage, "verdict": verdict, "whole": wanted.whole}
    values: dict[str, Any] = {name: value for name, value in equal.items() if value is not None}
    parts = [f"{name} = :{name}" for name in values]
    if wanted.since is not None:
        values["since"] = int(wanted.since.timestamp())
        parts.append("started_unix_s >= :since")
    if wanted.before is not None:
        values["before"] = int(wanted.before.timestamp())
        parts.append("started_unix_s < :before")
    return " AND ".join(parts) or "1 = 1", values


def newest_first(wanted: Wanted, most: int | None) -> tuple[str, dict[str, Any]]:
    """The whole question for a list of runs."""
    where, values = conditions(wanted)
    limit = ""
    if most is not None:
        values["most"] = most
        limit = " LIMIT :most"
    return (
        f"SELECT {COLUMNS} FROM emrnetcheck_runs WHERE {where} ORDER BY started_unix_s DESC, id DESC{limit}",
        values,
    )


def figures_in_time(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The whole question for a trend, the oldest first."""
    where, values = conditions(wanted)
    columns = ", ".join(name for name in PastFigures._fields if name != "by_tunnel")
    tunnels = {f"tunnel_{number}": f"%{code}%" for number, code in enumerate(sorted(THROUGH_A_TUNNEL))}
    values |= tunnels
    by_tunnel = " OR ".join(f"codes LIKE :{name}" for name in tunnels)
    return f"SELECT {columns}, ({by_tunnel}) FROM emrnetcheck_runs WHERE {where} ORDER BY started_unix_s, id", values


def past_figures(rows: Iterable[Sequence[Any]], left_out: LeftOut | None = None) -> list[PastFigures]:
    """Without left_out: UnreadableError for what this version does not know."""
    return list(readable(map(PastFigures._make, rows), _sound_figures, left_out))


def past_runs(rows: Iterable[Mapping[str, Any]], left_out: LeftOut | None = None) -> list[PastRun]:
    """Without left_out: UnreadableError for what this version does not know."""
    return list(readable(rows, past, left_out))


def _sound_figures(figures: PastFigures) -> PastFigures:
    numbers = (figures.goodput_mbps, figures.idle_rtt_ms, figures.loaded_rtt_ms)
    if not isinstance(figures.started_unix_s, int):
        raise UnreadableError(f"a run: {shown(figures.started_unix_s)} is no time")
    if figures.verdict not in _VERDICTS:
        raise UnreadableError(f"{_began(figures)}: {shown(figures.verdict)} is no verdict")
    if not all(each is None or is_number(each) for each in numbers):
        raise UnreadableError(f"{_began(figures)}: a figure is no number")
    return figures


def _began(figures: PastFigures) -> str:
    return f"the run that began {moment_of(figures.started_unix_s):%Y-%m-%d %H:%M} UTC"


def past(row: Mapping[str, Any]) -> PastRun:
    """UnreadableError for what this version does not know."""
    try:
        return _past(row)
    except UnreadableError as error:
        raise UnreadableError(f"the run {str(row['id'])[:60]}: {error}") from error


def _past(row: Mapping[str, Any]) -> PastRun:
    return PastRun(
        id=text_of(row, "id"),
        site=text_of(row, "site"),
        vantage=text_of(row, "vantage"),
        mode=word_of(Mode, "mode", row["mode"]),
        started_at=moment_of(row["started_unix_s"]),
        verdict=word_of(Verdict, "verdict", row["verdict"]),
        headline=text_of(row, "headline"),
        segment=word_of(Segment, "segment", row["segment"]) if row["segment"] is not None else None,
        whole=bool(row["whole"]),
        goodput_mbps=number_of(row, "goodput_mbps"),
        idle_rtt_ms=number_of(row, "idle_rtt_ms"),
        loaded_rtt_ms=number_of(row, "loaded_rtt_ms"),
        codes=tuple(text_of(row, "codes").split()),
        public_v4=text_of(row, "public_v4") if row["public_v4"] is not None else None,
        statuses=_statuses(text_of(row, "statuses")),
    )


def _statuses(text: str) -> dict[str, Status]:
    pairs = (each.partition("=") for each in text.split())
    return {check: word_of(Status, "status", status) for check, _, status in pairs}
