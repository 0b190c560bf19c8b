"""What does a physician read, in which order? Plain lines; how they are laid out is terminal's business."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.model import Cause, Contact, ReportFinding, Severity, Status, Verdict
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import STATE_INDENT, Line, heading, state_line
from emrnetcheck.reports.method import measured
from emrnetcheck.reports.wording import sentence

MOST_CAUSES = 3

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
DECIDES = {
    Verdict.NOT_READY: Severity.FAIL,
    Verdict.INCONCLUSIVE: Severity.UNKNOWN,
    Verdict.READY_WITH_WARNINGS: Severity.WARN,
}


def physician(report: ClinicReport, *, zone: tzinfo = UTC, command: str = "emrnetcheck") -> Iterator[Line]:
    """The whole page: the verdict, why, what is fine, what is worth knowing, what is open, how; the verdict again."""
    verdict = Line(wording.VERDICT_WORDS[report.verdict], style=VERDICT_STYLE[report.verdict])
    yield verdict
    yield from _opening(report, zone)
    yield from _causes(report)
    yield from _also_to_mend(report)
    yield from _section("What is fine", _fine(report))
    yield from _section("Worth knowing", _worth_knowing(report))
    yield from _section("What could not be told", _open_questions(report))
    yield from _section("How it was measured", measured(report))
    yield Line()
    yield next_command(report, command)
    yield Line()
    yield verdict


def _section(title: str, lines: Iterator[Line]) -> Iterator[Line]:
    """A headed part; nothing at all where it has no lines."""
    for number, line in enumerate(lines):
        if number == 0:
            yield Line()
            yield heading(title)
        yield line


def _opening(report: ClinicReport, zone: tzinfo) -> Iterator[Line]:
    when = wording.day_and_time(report.started_at.astimezone(zone))
    mode = wording.MODE_WORDS[report.mode].capitalize()
    # "this clinic", where the settings give no name, begins a sentence here.
    site = report.site.capitalize() if report.site.islower() else report.site
    yield Line(f"{site}. {when}. {mode}, took {wording.seconds(report.duration_s)}.")
    if not _repeats(report):
        yield Line(sentence(report.headline))
    if report.interrupted:
        yield Line("The check was interrupted. Below is what was measured until then.", style="unsure")


def _repeats(report: ClinicReport) -> bool:
    """Whether the headline (for mails and one-line outputs) says no more than the lines around it."""
    bare = report.headline.rstrip(".").casefold()
    verdict = wording.VERDICT_WORDS[report.verdict].casefold()
    return bare in verdict or any(cause.summary in report.headline for cause in report.causes)


def deciding(report: ClinicReport) -> tuple[Cause, ...]:
    """The causes that make the verdict what it is: a warning is no reason for NOT READY, nor is an open question."""
    severity = DECIDES.get(report.verdict)
    severities = {finding.code: finding.severity for check in report.checks for finding in check.findings}
    return tuple(cause for cause in report.causes if severities.get(cause.code, severity) is severity)


def _causes(report: ClinicReport) -> Iterator[Line]:
    causes = deciding(report)
    if not causes:
        return
    yield Line()
    yield heading("What to improve" if report.verdict is Verdict.READY_WITH_WARNINGS else "Why, and what to do")
    affected = {check.id: check.title for check in report.checks if check.status is not Status.SKIPPED}
    for number, cause in enumerate(causes[:MOST_CAUSES], start=1):
        if number > 1:
            yield Line()
        yield Line(sentence(cause.summary), lead=f"{number}. ", style="strong")
        yield from _what_to_do(cause.advice, cause.contact)
        followers = [affected[id_] for id_ in cause.explains if id_ in affected and not _is_of(cause.code, id_)]
        if followers:
            yield Line(sentence(", ".join(followers)), lead="Also affected: ", indent=3)


def _what_to_do(advice: str, contact: Contact | None) -> Iterator[Line]:
    if advice:
        yield Line(sentence(advice), lead="Do:   ", indent=3)
    if contact is not None:
        yield Line(sentence(wording.CONTACT_WORDS[contact]), lead="Call: ", indent=3)


def _also_to_mend(report: ClinicReport) -> Iterator[Line]:
    """Nothing that failed goes unsaid: the causes beyond the first three, and failures that no cause covers."""
    lines: list[Line] = []
    for cause in deciding(report)[MOST_CAUSES:]:
        lines.append(Line(sentence(cause.summary), lead="- "))
        lines += [replace(line, indent=2) for line in _what_to_do(cause.advice, cause.contact)]
    for finding in _findings(report, Severity.FAIL):
        lines += _finding_lines(report, finding, "Do:   ")
    yield from _section("What else", iter(lines))


def _is_of(code: str, check_id: str) -> bool:
    return code.partition(".")[0] == check_id


def _findings(report: ClinicReport, severity: Severity) -> Iterator[ReportFinding]:
    """Findings of this severity that were not told yet: neither a cause nor the consequence of one."""
    causes = deciding(report)
    codes = {cause.code for cause in causes}
    followers = {id_ for cause in causes for id_ in cause.explains if not _is_of(cause.code, id_)}
    for check in report.checks:
        for finding in check.findings:
            if finding.severity is severity and finding.code not in codes and check.id not in followers:
                yield finding


def _finding_lines(report: ClinicReport, finding: ReportFinding, advice_lead: str) -> Iterator[Line]:
    yield state_line(STATE_OF[finding.severity], sentence(finding.summary))
    if finding.advice:
        yield Line(sentence(finding.advice), lead=advice_lead, indent=STATE_INDENT)
    contact = next((cause.contact for cause in report.causes if cause.code == finding.code), None)
    if contact is not None:
        yield Line(sentence(wording.CONTACT_WORDS[contact]), lead="Call: ", indent=STATE_INDENT)


def _fine(report: ClinicReport) -> Iterator[Line]:
    for check in report.checks:
        good = [f for f in check.findings if f.severity is Severity.OK] if check.status is not Status.FAIL else []
        for finding in good:
            yield state_line(Status.PASS, sentence(finding.summary))
            if finding.advice:
                yield Line(sentence(finding.advice), lead="Safer: ", indent=STATE_INDENT)
        if not good and check.status is Status.PASS:
            yield state_line(Status.PASS, sentence(check.title))


def _worth_knowing(report: ClinicReport) -> Iterator[Line]:
    for severity in (Severity.WARN, Severity.NOTICE):
        for finding in _findings(report, severity):
            yield from _finding_lines(report, finding, "Do:   ")


def _open_questions(report: ClinicReport) -> Iterator[Line]:
    for finding in _findings(report, Severity.UNKNOWN):
        yield from _finding_lines(report, finding, "To find out: ")
    for check in report.checks:
        if check.status is Status.UNKNOWN and not check.findings:
            yield state_line(Status.UNKNOWN, sentence(check.title))
    yield from _skipped(report)


def _skipped(report: ClinicReport) -> Iterator[Line]:
    """One line for all that was left out for the same reason: one broken thing is not told nine times."""
    titles = {check.id: check.title for check in report.checks}
    groups: dict[str, list[str]] = {}
    for check in report.checks:
        if check.status is Status.SKIPPED:
            groups.setdefault(check.skipped_because or "", []).append(check.title)
    for because, left_out in groups.items():
        if because in titles:
            why = f'Not checked, because of "{titles[because]}"'
        else:
            why = wording.SKIPPED_WORDS.get(because) or f"Not checked ({because})"
        yield state_line(Status.SKIPPED, sentence(f"{why}: {', '.join(left_out)}"))


def next_command(report: ClinicReport, command: str) -> Line:
    """What to type next."""
    codes = [cause.code for cause in deciding(report)]
    for severity in (Severity.FAIL, Severity.UNKNOWN, Severity.WARN, Severity.NOTICE):
        codes += [f.code for check in report.checks for f in check.findings if f.severity is severity]
    if codes:
        return Line(f"{command} explain {codes[0]}", lead="To read more: ", style="strong")
    return Line(f"{command} checks", lead="To see what is checked, and by which limits: ", style="strong")
