"""What is read at a computer that uses the EMR: which part of the way is slow, and how was each of them?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Cause, CheckResult, Segment, Severity, Status, Verdict
from emrnetcheck.reports import wording
from emrnetcheck.reports.client_parts import SEGMENT_CHECK, fact, legs, parts
from emrnetcheck.reports.glossary import GLOSSARY, words
from emrnetcheck.reports.line import AT_LENGTH, INTERRUPTED, STATE_INDENT, Line, heading, in_brief, section, state_line
from emrnetcheck.reports.method import MEASURED, measured
from emrnetcheck.reports.to_do import what_to_do
from emrnetcheck.reports.wording import sentence

CLIENT = "client"
_STYLE = {
    Verdict.READY: "good",
    Verdict.READY_WITH_WARNINGS: "good",
    Verdict.NOT_READY: "bad",
    Verdict.INCONCLUSIVE: "unsure",
}
SEGMENT_WORDS = {
    Segment.COMPUTER: "this computer's own connection",
    Segment.LAN: "the network of this place",
    Segment.ROUTER: "the router of this place",
    Segment.LINE: "the Internet line of this place",
    Segment.PATH: "the network of a provider",
    Segment.NAME: "the look-up of the EMR's name",
    Segment.FAR: "the clinic's side",
    Segment.SERVER: "the EMR's own computer or program",
}
_SEGMENTS = frozenset(segment.value for segment in Segment)
# What the table of the parts has told already, and what follows from the answer.
_TOLD = ("nearby.bad", "nearby.silent", "internet.bad", "internet.none", "route.bad", "route.unseen", "server.bad")
_TOLD_TOO = ("server.refused", "server.silent", "page.begins_late", "page.comes_slowly", "page.none", "name.slow")


def verdict_words(report: ClinicReport) -> str:
    """The answer in a line."""
    if report.segment is not None:
        word = "FAILS" if fact(report, "does") == "fails" else "SLOW"
        where = SEGMENT_WORDS[report.segment]
        if _finding_of(report, "segment.server_or_router"):
            where = "the EMR's own computer or program, or the router before it"
        return f"{word}: {where}"
    if report.verdict is Verdict.NOT_READY:
        return "SOMETHING IS BROKEN on the way to the EMR"
    if report.verdict is Verdict.INCONCLUSIVE:
        return "COULD NOT TELL which part of the way to the EMR is slow"
    return "NOTHING SLOW on the way to the EMR"


def client_page(
    report: ClinicReport, *, zone: tzinfo = UTC, command: str = "emrnetcheck", short: bool = False
) -> Iterator[Line]:
    """The page: the answer and what to do, each part of the way, what else there is, how; the answer again."""
    answer = Line(verdict_words(report), style=_STYLE[report.verdict])
    yield answer
    when = wording.day_and_time(report.started_at.astimezone(zone))
    yield Line(f"{report.site}, seen from this computer. {when}. Took {wording.seconds(report.duration_s)}.")
    if report.interrupted:
        yield Line(INTERRUPTED, style="unsure")
    first = [*_causes(report, short), *section("Each part of the way, from near to far", parts(report))]
    first += section("Worth knowing", _remarks(report, Severity.NOTICE, Severity.WARN))
    brief = short and bool(_broken(report))
    first += section("What could not be told", _remarks(report, Severity.UNKNOWN, brief=brief))
    yield from first
    if short:
        yield from (*section("", in_brief("Words", words([answer, *first], short=True))), Line(), AT_LENGTH)
    else:
        yield from (*section(GLOSSARY, words(first)), *section(MEASURED, measured(report)), Line())
    yield _next(report, command)
    yield Line()
    yield answer


def _causes(report: ClinicReport, short: bool) -> Iterator[Line]:
    causes = _broken(report)
    if causes:
        yield Line()
        yield heading("Why, and what to do")
    else:
        good = _finding_of(report, "segment.none")
        if good:
            yield Line(sentence(good))
    for number, cause in enumerate(causes, start=1):
        yield Line(sentence(cause.summary), lead=f"{number}. ", style="strong")
        yield from what_to_do(cause, short=short)
    also = [SEGMENT_WORDS[Segment(word)] for word in legs(report, "also") if word in _SEGMENTS]
    if also:
        yield Line(sentence(f"Besides, something is wrong with {', '.join(also)}"), indent=3)


def _broken(report: ClinicReport) -> list[Cause]:
    return [cause for cause in report.causes if _severity(report, cause) is not Severity.WARN]


def _severity(report: ClinicReport, cause: Cause) -> Severity | None:
    return next((f.severity for check in report.checks for f in check.findings if f.code == cause.code), None)


def _finding_of(report: ClinicReport, code: str) -> str:
    return next((f.summary for check in report.checks for f in check.findings if f.code == code), "")


def _remarks(report: ClinicReport, *severities: Severity, brief: bool = False) -> Iterator[Line]:
    """brief: what to do about them is left to -v, because something else has to be mended first."""
    for check in report.checks:
        if check.id == SEGMENT_CHECK:
            continue
        yield from _remarks_of(check, severities, brief)
    excused = Severity.NOTICE in severities and legs(report, "excused")
    if excused:
        yield Line("* answers badly itself and passes everything on well: that is no fault.")


def _remarks_of(check: CheckResult, severities: tuple[Severity, ...], brief: bool) -> Iterator[Line]:
    states = {Severity.NOTICE: Status.NOTICE, Severity.WARN: Status.WARN, Severity.UNKNOWN: Status.UNKNOWN}
    for finding in check.findings:
        if finding.severity in severities and finding.code not in (*_TOLD, *_TOLD_TOO):
            yield state_line(states[finding.severity], sentence(finding.summary))
            if finding.advice and not brief:
                yield Line(sentence(finding.advice), lead="Do:   ", indent=STATE_INDENT)


def _next(report: ClinicReport, command: str) -> Line:
    if report.segment in (Segment.FAR, Segment.SERVER, Segment.PATH, Segment.LINE):
        return Line(
            f"{command} compare CLINIC.json THIS.json",
            lead="With a report of the clinic too (--format json), the place is told better: ",
            style="strong",
        )
    code = report.causes[0].code if report.causes else "segment.none"
    return Line(f"{command} explain {code}", lead="To read more: ", style="strong")
