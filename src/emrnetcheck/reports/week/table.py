"""How do this week and the one before stand side by side? No data is told apart from all good, in every cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from emrnetcheck.model import Verdict
from emrnetcheck.model.spells import Spell
from emrnetcheck.reports.week.seven import DAYS, Question, Range, Seven
from emrnetcheck.reports.week.summary import Week

NO_DATA = "no data"
NOT_MEASURED = "not measured"
HEAD = ("", "This week", "The week before")
_HOUR_S, _DAY_S = 3600.0, 86_400.0
_WORDS = {
    Verdict.READY: "ready",
    Verdict.READY_WITH_WARNINGS: "with warnings",
    Verdict.NOT_READY: "not ready",
    Verdict.INCONCLUSIVE: "could not tell",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in both weeks; our own words and figures only."""

    name: str
    this: str
    last: str


def rows(week: Week) -> Iterator[Row]:
    """All of them, whatever is known."""
    yield Row("Runs", _runs(week.this, week.planned), _runs(week.last, week.planned_before))
    for name, cell in _CELLS:
        yield Row(name, *(cell(each) if each.runs else NO_DATA for each in (week.this, week.last)))


def _runs(seen: Seven, planned: int | None) -> str:
    elsewhere = f"; {seen.elsewhere} more on another network, not counted" if seen.elsewhere else ""
    if not seen.runs:
        return (NO_DATA if not planned else f"none of {planned} planned") + elsewhere
    # Second looks and runs that somebody started are counted as well: there may be more than were planned.
    count = f"{seen.runs} of {planned} planned" if planned is not None and seen.runs <= planned else str(seen.runs)
    by_tunnel = f"; {seen.by_tunnel} through a VPN or a proxy, whose figures do not count" if seen.by_tunnel else ""
    unconnected = f"; {seen.unconnected} without a network connection" if seen.unconnected else ""
    # Verdicts are those of the whole ones: 340 runs beside 7 verdicts would look as if most were lost.
    whole = f" ({seen.whole} whole)" if seen.whole != seen.runs else ""
    return f"{count}{whole}, on {seen.days} of {DAYS} days{by_tunnel}{unconnected}{elsewhere}"


def _verdicts(seen: Seven) -> str:
    if not seen.whole:
        return "none could tell" if seen.unconnected else "only parts were asked"
    return ", ".join(f"{seen.verdicts[each]} {_WORDS[each]}" for each in Verdict if seen.verdicts.get(each))


def _mbps(found: Range | None) -> str:
    if found is None:
        return NOT_MEASURED
    spread = f" ({found.lowest:.1f} to {found.highest:.1f})" if found.count > 1 else ""
    return f"{found.median:.1f} Mbps{spread}"


def _ms(found: Range | None) -> str:
    if found is None:
        return NOT_MEASURED
    spread = f" ({found.lowest:.0f} to {found.highest:.0f})" if found.count > 1 else ""
    return f"{found.median:.0f} ms{spread}"


def _by_day(seen: Seven) -> str:
    if seen.upload_mbps is None:
        return NOT_MEASURED
    return " ".join("-" if each is None else f"{each:.1f}" for each in seen.uploads_mbps)


def _question(asked: Question) -> str:
    if not asked.looks:
        return NOT_MEASURED
    said = f"{asked.right} of {asked.looks} times"
    return f"{said}; wrong {how_long(asked.wrong)}" if asked.wrong else said


def how_long(wrong: tuple[Spell, ...]) -> str:
    """What looks now and then tell of a time: bounds. "for 2 to 3 days"."""
    least_s = sum(each.at_least_s for each in wrong)
    if any(each.at_most_s is None for each in wrong):
        return f"for {_time(least_s)} or more" if least_s else "for a time that is not known"
    most_s = sum(each.at_most_s or 0.0 for each in wrong)
    if not least_s:
        return f"for less than {_time(most_s)}"
    least, most = _time(least_s), _time(most_s)
    least = least.partition(" ")[0] if least.split()[1].rstrip("s") == most.split()[1].rstrip("s") else least
    return f"for {least} to {most}"


def _time(length_s: float) -> str:
    for unit_s, word in ((_DAY_S, "day"), (_HOUR_S, "hour")):
        if length_s >= unit_s:
            count = round(length_s / unit_s)
            return f"{count} {word}{'s' if count > 1 else ''}"
    count = max(1, round(length_s / 60))
    return f"{count} minute{'s' if count > 1 else ''}"


def _moves(seen: Seven) -> str:
    if not seen.address_looks:
        return NOT_MEASURED
    count = len(seen.moves)
    return {0: "no", 1: "once"}.get(count, f"{count} times")


_CELLS = (
    ("Verdicts", _verdicts),
    ("Upload", lambda seen: _mbps(seen.upload_mbps)),
    ("Upload by day", _by_day),
    ("Answer time, line idle", lambda seen: _ms(seen.idle_rtt_ms)),
    ("Answer time, line busy", lambda seen: _ms(seen.loaded_rtt_ms)),
    ("The Internet was there", lambda seen: _question(seen.internet)),
    ("The EMR answered", lambda seen: _question(seen.emr)),
    ("Way in from outside", lambda seen: _question(seen.outside)),
    ("The name was right", lambda seen: _question(seen.name)),
    ("The address changed", _moves),
)
