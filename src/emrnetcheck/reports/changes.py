"""What changed between two reports, in words?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import CheckResult, Severity, Status
from emrnetcheck.model.past import through_a_tunnel
from emrnetcheck.placing.belonging import CLIENT
from emrnetcheck.reports import wording
from emrnetcheck.reports.client_page import verdict_words
from emrnetcheck.reports.line import Line, heading, section
from emrnetcheck.reports.wording import sentence

SCHEMA = "emrnetcheck/changes/1"
_NOT_THERE = "not there"
_ROUTER_ANSWERS = "Router answers in"
_OF_THE_OFFICE = frozenset({_ROUTER_ANSWERS})
_WITHOUT_FIGURES = "the figures and the address of the office's own line cannot be compared"
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class CheckChange:
    """A check that says something else. before, after: its status; None: the report has no such check."""

    id: str
    title: str
    before: str | None
    after: str | None
    new_codes: tuple[str, ...]
    gone_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing in both reports; None: not measured."""

    name: str
    unit: str
    before: float | str | None
    after: float | str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that is told of two reports. doubts: why they may not be meant to be compared."""

    verdict_before: str
    verdict_after: str
    checks: tuple[CheckChange, ...]
    unchanged: int
    figures: tuple[Figure, ...]
    doubts: tuple[str, ...]


def changes(before: ClinicReport, after: ClinicReport) -> Changes:
    """What changed. A good finding that a bad one took the place of is told by the bad one's code."""
    ids = list(dict.fromkeys(check.id for report in (before, after) for check in report.checks))
    told = [
        change for id_ in ids if (change := _check_change(id_, _check(before, id_), _check(after, id_))) is not None
    ]
    return Changes(
        verdict_before=before.verdict.value,
        verdict_after=after.verdict.value,
        checks=tuple(told),
        unchanged=len(ids) - len(told),
        figures=tuple(
            Figure(name, unit, was, now)
            for (name, unit, was), (_, _, now) in zip(_figures(before), _figures(after), strict=True)
            if (was, now) != (None, None) and (name in _OF_THE_OFFICE or not (_by_tunnel(before) or _by_tunnel(after)))
        ),
        doubts=tuple(_doubts(before, after)),
    )


def _check(report: ClinicReport, id_: str) -> CheckResult | None:
    return next((check for check in report.checks if check.id == id_), None)


def _check_change(id_: str, before: CheckResult | None, after: CheckResult | None) -> CheckChange | None:
    was, now = _codes(before), _codes(after)
    status = tuple(check.status.value if check is not None else None for check in (before, after))
    if was == now and status[0] == status[1]:
        return None
    title = next(check.title for check in (after, before) if check is not None)
    new, gone = (tuple(code for code in these if code not in those) for these, those in ((now, was), (was, now)))
    return CheckChange(id_, title, status[0], status[1], new, gone)


def _codes(check: CheckResult | None) -> list[str]:
    """What is not fine: that something is fine is said by the check's status."""
    found = [] if check is None else [each.code for each in check.findings if each.severity is not Severity.OK]
    return list(dict.fromkeys(found))


def _by_tunnel(report: ClinicReport) -> bool:
    """Whether its figures and its address are not those of the office's own line."""
    return through_a_tunnel(report.codes)


def _figures(report: ClinicReport) -> list[tuple[str, str, float | str | None]]:
    seen = report.evidence
    router = next((each for each in seen.lan.targets if each.role == "gateway"), None) if seen.lan else None
    upload, download = seen.upload, seen.download
    return [
        ("Upload", "Mbps", upload.goodput_mbps if upload else None),
        ("Download", "Mbps", download.goodput_mbps if download else None),
        ("Round trip, line idle", "ms", upload.idle_rtt_ms if upload else None),
        ("Round trip, line busy", "ms", upload.loaded_rtt_ms if upload else None),
        (_ROUTER_ANSWERS, "ms", router.p50_ms if router else None),
        ("Public address", "", seen.address.public_v4 if seen.address else None),
    ]


def _doubts(before: ClinicReport, after: ClinicReport) -> Iterator[str]:
    if before.site != after.site:
        yield f"They are of two sites: {before.site}, and {after.site}."
    if before.vantage != after.vantage:
        yield "One is of the clinic, the other was made elsewhere: `compare` places a fault by such two."
    if before.mode is not after.mode:
        yield f"One is a {wording.MODE_WORDS[before.mode]}, the other a {wording.MODE_WORDS[after.mode]}."
    for which, report in (("first", before), ("second", after)):
        if _by_tunnel(report):
            yield f"The {which} was made through a VPN or a proxy: {_WITHOUT_FIGURES}."
    if before.started_at > after.started_at:
        yield "The first is the later one."


def changes_page(found: Changes, before: ClinicReport, after: ClinicReport, *, zone: tzinfo = UTC) -> Iterator[Line]:
    """The two verdicts, the checks that say something else, and the figures of both."""
    for name, report in (("Before", before), ("After", after)):
        when = wording.day_and_time(report.started_at.astimezone(zone))
        yield Line(f"{answer(report)}. {report.site}, {when} ({report.id})", lead=f"{name}: ".ljust(8), style="strong")
    for doubt in found.doubts:
        yield Line(doubt, style="unsure")
    yield Line()
    yield heading("What changed")
    if not found.checks:
        yield Line("Nothing: every check says the same.")
    for change in found.checks:
        yield Line(_in_words(change), lead="- ")
    if found.checks and found.unchanged:
        yield Line(f"The other checks ({found.unchanged}) say the same.")
    yield from section("Figures", (Line(_both(each), lead=f"{each.name}: ", hang=3) for each in found.figures))


def answer(report: ClinicReport) -> str:
    """Its verdict in the words of its own page."""
    return verdict_words(report) if report.vantage == CLIENT else wording.VERDICT_WORDS[report.verdict]


def _in_words(change: CheckChange) -> str:
    was, now = (
        _NOT_THERE if status is None else wording.STATE_WORDS[Status(status)]
        for status in (change.before, change.after)
    )
    words = [f"{change.title}: still {now}" if was == now else f"{change.title}: {was} -> {now}"]
    words += [f"new: {', '.join(change.new_codes)}"] if change.new_codes else []
    words += [f"no longer: {', '.join(change.gone_codes)}"] if change.gone_codes else []
    return sentence("; ".join(words))


def _both(figure: Figure) -> str:
    was, now = (_one(value, figure.unit) for value in (figure.before, figure.after))
    if was == now:
        return f"{now}, as before"
    more = ""
    if isinstance(figure.before, float | int) and isinstance(figure.after, float | int) and figure.before > 0:
        more = f" ({(figure.after / figure.before - 1) * _PERCENT:+.0f} %)"
    return f"{was} -> {now}{more}"


def _one(value: float | str | None, unit: str) -> str:
    if value is None:
        return "not measured"
    return f"{value:.1f} {unit}" if isinstance(value, float | int) else value


def render_json(found: Changes, before: ClinicReport, after: ClinicReport) -> str:
    """One JSON document in ASCII; ends with a newline."""
    made = {"schema": SCHEMA, "before": before.id, "after": after.id, **asdict(found)}
    return json.dumps(made, indent=2, allow_nan=False).encode("utf-8", "replace").decode("utf-8") + "\n"
