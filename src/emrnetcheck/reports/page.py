"""What does a physician read, in which order? Plain lines; how they are laid out is terminal's business.

short: what fits a screen; the whole page says all of it at length, and how it was measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, tzinfo
from itertools import chain

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Cause, ReportFinding, Severity, Status, Verdict, first_sentence
from emrnetcheck.reports import wording
from emrnetcheck.reports.accepted import accepted
from emrnetcheck.reports.glossary import GLOSSARY, words
from emrnetcheck.reports.good import MOST_NAMES, fine, fine_in_short
from emrnetcheck.reports.line import AT_LENGTH, INTERRUPTED, STATE_INDENT, Line, heading, in_brief, section, state_line
from emrnetcheck.reports.method import MEASURED, measured
from emrnetcheck.reports.reasons import deciding, first_of_all, is_of, left, left_open
from emrnetcheck.reports.to_do import DO, MOST_CAUSES, what_to_do
from emrnetcheck.reports.validity import VALIDITY, validity
from emrnetcheck.reports.wording import sentence

_LEFT_OUT = wording.STATE_WORDS[Status.SKIPPED]

_WHY = "Why, and what to do"

VERDICT_STYLE = {
    Verdict.READY: "good",
    Verdict.READY_WITH_WARNINGS: "warn",
    Verdict.NOT_READY: "bad",
    Verdict.INCONCLUSIVE: "unsure",
}
STATE_OF = {
    Severity.OK: Status.PASS,
    Severity.NOTICE: Status.NOTICE,
    Severity.WARN: Status.WARN,
    Severity.UNKNOWN: Status.UNKNOWN,
    Severity.FAIL: Status.FAIL,
}

MORE = "What else there is"
"""The heading of what page one has no room for: the reasons beyond the first three. It comes with the evidence."""


def physician(
    report: ClinicReport, *, zone: tzinfo = UTC, command: str = "emrnetcheck", short: bool = False
) -> Iterator[Line]:
    """The page: the verdict, why, what is fine, worth knowing, open, how sure, how; the verdict again."""
    verdict = Line(wording.VERDICT_WORDS[report.verdict], style=VERDICT_STYLE[report.verdict])
    yield verdict
    first = [*_opening(report, zone), *_causes(report, short)]
    first += section("What else", _what_else(report, short))
    first += section("Accepted for now", accepted(report))
    fine_is_brief = short and bool(deciding(report))
    if not fine_is_brief:
        by_name = short or _is_full(report)
        first += section("What is fine", fine_in_short(report, short) if by_name else fine(report.checks))
    first += section("Worth knowing", _worth_knowing(report, short, fine_is_brief))
    open_questions = list(_open_questions(report, short))
    only_left_out = fine_is_brief and all(line.lead.startswith(_LEFT_OUT) for line in open_questions)
    first += section("What could not be told", () if only_left_out else open_questions)
    sure = list(validity(report, zone, short=short))
    if short:
        told = [*in_brief("Fine", fine_in_short(report, short) if fine_is_brief else ())]
        told += in_brief("Not told", (Line(line.text) for line in open_questions) if only_left_out else ())
        told += in_brief("Notes", _notes(report) if fine_is_brief else ())
        told += in_brief("How sure", sure)
        told += in_brief("Words", words([verdict, *first, *told], short=True))
        yield from (*first, *section("", told), AT_LENGTH)
    else:
        first += section(VALIDITY, sure)
        more = list(section(MORE, _more(report)))
        yield from (*first, *more, *section(GLOSSARY, words([*first, *more])))
        yield from (*section(MEASURED, measured(report)), Line())
    yield next_command(report, command)
    yield Line()
    yield verdict


def _opening(report: ClinicReport, zone: tzinfo) -> Iterator[Line]:
    when = wording.day_and_time(report.started_at.astimezone(zone))
    mode = wording.MODE_WORDS[report.mode].capitalize()
    # "this clinic", where the settings give no name, begins a sentence here.
    site = report.site.capitalize() if report.site.islower() else report.site
    yield Line(f"{site}. {when}. {mode}, took {wording.seconds(report.duration_s)}.")
    if not _repeats(report):
        yield Line(sentence(report.headline))
    if report.interrupted:
        yield Line(INTERRUPTED, style="unsure")


def _repeats(report: ClinicReport) -> bool:
    """Whether the headline (for mails and one-line outputs) says no more than the lines around it."""
    bare = report.headline.rstrip(".").casefold()
    verdict = wording.VERDICT_WORDS[report.verdict].casefold()
    told = [first_sentence(cause.summary) for cause in report.causes]
    told += chain.from_iterable(left_open(report).values())
    return bare in verdict or any(each in report.headline for each in told)


def _causes(report: ClinicReport, short: bool) -> Iterator[Line]:
    causes = deciding(report)
    if not causes:
        yield from section(_WHY, _left_out(report))
        return
    yield Line()
    yield heading("What to improve" if report.verdict is Verdict.READY_WITH_WARNINGS else _WHY)
    affected = {check.id: check.title for check in report.checks if check.status is not Status.SKIPPED}
    for number, cause in enumerate(causes[:MOST_CAUSES], start=1):
        if number > 1 and not short:
            yield Line()
        yield Line(sentence(cause.summary), lead=f"{number}. ", style="strong")
        if first := first_of_all(report, cause):
            yield Line(sentence(first), lead="First: ", indent=3)
        yield from what_to_do(cause, short=short)
        followers = [affected[id_] for id_ in cause.explains if id_ in affected and not is_of(cause.code, id_)]
        if followers:
            named = wording.first_few(followers, MOST_NAMES if short else len(followers))
            yield Line(sentence(named), lead="Also affected: ", indent=3)
    if len(causes) > MOST_CAUSES and not short:
        yield Line()
        yield _below(len(causes) - MOST_CAUSES)


def _left_out(report: ClinicReport) -> Iterator[Line]:
    """Where nothing that was found leaves the verdict open: what was needed for it and not asked."""
    for number, (because, left_out) in enumerate(left_open(report).items(), start=1):
        why = wording.why_skipped(because, {check.id: check.title for check in report.checks})
        yield Line(sentence(f"{why}: {', '.join(left_out)}"), lead=f"{number}. ", style="strong")
        if advice := wording.TO_FIND_OUT.get(because):
            yield Line(sentence(advice), lead=DO, indent=3)


def _is_full(report: ClinicReport) -> bool:
    """Whether there are so many reasons that all else has to be short, so that a sheet of paper holds page one."""
    return len(deciding(report)) >= MOST_CAUSES


def _below(number: int) -> Line:
    return Line(f'And {number} more, with what to do: "{MORE}", below.', style="strong")


def _what_else(report: ClinicReport, short: bool) -> Iterator[Line]:
    """Nothing that failed goes unsaid, also where no cause covers it. Where nothing follows, the causes are named."""
    for cause in deciding(report)[MOST_CAUSES:] if short else ():
        yield Line(sentence(cause.summary), lead="- ")
    for finding in left(report, Severity.FAIL):
        yield from _finding_lines(report, finding, DO, short=short)


def _more(report: ClinicReport) -> Iterator[Line]:
    """The causes beyond the first three, each as the three are told."""
    for cause in deciding(report)[MOST_CAUSES:]:
        yield Line(sentence(cause.summary), lead="- ")
        yield from what_to_do(cause, indent=2)
    for finding in _remarks(report)[MOST_CAUSES:] if _is_full(report) else ():
        yield from _finding_lines(report, finding, DO)


def _finding_lines(
    report: ClinicReport, finding: ReportFinding, advice_lead: str, *, short: bool = False
) -> Iterator[Line]:
    yield state_line(STATE_OF[finding.severity], sentence(finding.summary))
    cause = next((each for each in report.causes if each.code == finding.code), None)
    whom = cause or Cause(finding.code, "", "", None, ())
    for line in what_to_do(replace(whom, advice=finding.advice), short=short, indent=STATE_INDENT):
        yield replace(line, lead=advice_lead) if line.lead == DO else line


def _remarks(report: ClinicReport) -> list[ReportFinding]:
    return [*left(report, Severity.WARN), *left(report, Severity.NOTICE)]


def _worth_knowing(report: ClinicReport, short: bool, fine_is_brief: bool) -> Iterator[Line]:
    """A note is no fault, so where it is short it can wait until what is to be mended was read."""
    found = _remarks(report)
    told = [each for each in found if each.severity is Severity.WARN] if fine_is_brief else found
    told = told[:MOST_CAUSES] if _is_full(report) and not short else told
    for finding in told:
        yield from _in_a_line(report, finding) if fine_is_brief else _finding_lines(report, finding, DO, short=short)
    if not short and len(told) < len(found):
        yield _below(len(found) - len(told))


def _notes(report: ClinicReport) -> Iterator[Line]:
    """How many there are: a screen has no room for them while something is to be mended."""
    if notes := sum(finding.severity is Severity.NOTICE for finding in _remarks(report)):
        yield Line(f"{notes}, which -v shows: no {'fault' if notes == 1 else 'faults'}.")


def _in_a_line(report: ClinicReport, finding: ReportFinding) -> Iterator[Line]:
    """What is to be mended comes first: beside it a screen says what it is and whom to call, and -v what to do."""
    call = next(
        (wording.whom_and_when(each.contact, each.when) for each in report.causes if each.code == finding.code), ""
    )
    yield state_line(STATE_OF[finding.severity], f"{sentence(finding.summary)}{f' Call {call}.' if call else ''}")


def _open_questions(report: ClinicReport, short: bool) -> Iterator[Line]:
    for finding in left(report, Severity.UNKNOWN):
        yield from _finding_lines(report, finding, "To find out: ", short=short)
    for check in report.checks:
        if check.status is Status.UNKNOWN and not check.findings:
            yield state_line(Status.UNKNOWN, sentence(check.title))
    yield from _skipped(report, short)


def _skipped(report: ClinicReport, short: bool) -> Iterator[Line]:
    """One line for all that was left out for the same reason: one broken thing is not told nine times."""
    titles = {check.id: check.title for check in report.checks}
    groups: dict[str, list[str]] = {}
    told = set() if deciding(report) else set(chain.from_iterable(left_open(report).values()))
    for check in report.checks:
        if check.status is Status.SKIPPED and check.title not in told:
            groups.setdefault(check.skipped_because or "", []).append(check.title)
    for because, left_out in groups.items():
        why = wording.why_skipped(because, titles)
        named = wording.first_few(left_out, MOST_NAMES if short else len(left_out))
        yield state_line(Status.SKIPPED, sentence(f"{why}: {named}"))


def next_command(report: ClinicReport, command: str) -> Line:
    """What to type next."""
    codes = [cause.code for cause in deciding(report)]
    for severity in (Severity.FAIL, Severity.UNKNOWN, Severity.WARN, Severity.NOTICE):
        codes += [f.code for check in report.checks for f in check.findings if f.severity is severity]
    if codes:
        return Line(f"{command} explain {codes[0]}", lead="To read more: ", style="strong")
    return Line(f"{command} checks", lead="To see what is checked, and by which limits: ", style="strong")
