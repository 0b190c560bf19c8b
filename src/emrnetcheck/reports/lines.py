"""Which lines does a physician read, in which order? Plain data; how they are laid out is terminal's business."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo

from emrnetcheck.evidence import ClinicReport
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.model import FAILURE_WORDS, Cause, CheckResult, ReportFinding, Severity, Status, Verdict
from emrnetcheck.reports import wording
from emrnetcheck.reports.wording import sentence

MOST_CAUSES = 3
STATE_INDENT = 9  # as wide as the widest state word and two spaces

VERDICT_STYLE = {
    Verdict.READY: "good",
    Verdict.READY_WITH_WARNINGS: "warn",
    Verdict.NOT_READY: "bad",
    Verdict.INCONCLUSIVE: "unsure",
}
STATE_STYLE = {
    Status.PASS: "good",
    Status.NOTICE: "",
    Status.WARN: "warn",
    Status.FAIL: "bad",
    Status.UNKNOWN: "unsure",
    Status.SKIPPED: "",
}
STATE_OF = {
    Severity.OK: Status.PASS,
    Severity.NOTICE: Status.NOTICE,
    Severity.WARN: Status.WARN,
    Severity.UNKNOWN: Status.UNKNOWN,
    Severity.FAIL: Status.FAIL,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One folded paragraph: `lead` stands before the text, and what does not fit goes on below the text, or `hang`
    columns in where the lead is too long for that."""

    text: str = ""
    lead: str = ""
    indent: int = 0
    hang: int | None = None
    style: str = ""
    lead_style: str = ""


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


def heading(title: str) -> Line:
    """The title of a part, told by its capitals where there is no colour."""
    return Line(title.upper(), style="heading")


def _opening(report: ClinicReport, zone: tzinfo) -> Iterator[Line]:
    when = wording.day_and_time(report.started_at.astimezone(zone))
    mode = wording.MODE_WORDS[report.mode].capitalize()
    yield Line(f"{report.site}. {when}. {mode}, took {wording.seconds(report.duration_s)}.")
    said = {cause.summary for cause in report.causes[:MOST_CAUSES]}
    if report.headline and report.headline not in said:
        yield Line(sentence(report.headline))
    if report.interrupted:
        yield Line("The check was interrupted. Below is what was measured until then.", style="unsure")


def _causes(report: ClinicReport) -> Iterator[Line]:
    if not report.causes:
        return
    yield Line()
    yield heading("What to improve" if report.verdict is Verdict.READY_WITH_WARNINGS else "Why, and what to do")
    affected = {check.id: check.title for check in report.checks if check.status is not Status.SKIPPED}
    for number, cause in enumerate(report.causes[:MOST_CAUSES], start=1):
        if number > 1:
            yield Line()
        yield Line(sentence(cause.summary), lead=f"{number}. ", style="strong")
        yield from _what_to_do(cause)
        followers = [affected[id_] for id_ in cause.explains if id_ in affected and not _is_of(cause.code, id_)]
        if followers:
            yield Line(sentence(", ".join(followers)), lead="Also affected: ", indent=3)


def _what_to_do(cause: Cause) -> Iterator[Line]:
    if cause.advice:
        yield Line(sentence(cause.advice), lead="Do:   ", indent=3)
    if cause.contact is not None:
        yield Line(sentence(wording.CONTACT_WORDS[cause.contact]), lead="Call: ", indent=3)


def _also_to_mend(report: ClinicReport) -> Iterator[Line]:
    """Nothing that failed goes unsaid: the causes beyond the first three, and failures that no cause covers."""
    lines: list[Line] = []
    for cause in report.causes[MOST_CAUSES:]:
        lines.append(Line(sentence(cause.summary), lead="- "))
        lines += [replace(line, indent=2) for line in _what_to_do(cause)]
    covered = {cause.code for cause in report.causes}
    for _, finding in _findings(report, Severity.FAIL, shown=report.causes):
        if finding.code not in covered:
            lines += _finding_lines(finding, "Do: ")
    yield from _section("What else", iter(lines))


def _is_of(code: str, check_id: str) -> bool:
    return code.partition(".")[0] == check_id


def _findings(
    report: ClinicReport, *severities: Severity, shown: Sequence[Cause]
) -> Iterator[tuple[CheckResult, ReportFinding]]:
    """Findings of these severities that are neither a shown cause nor the consequence of one."""
    codes = {cause.code for cause in shown}
    followers = {id_ for cause in shown for id_ in cause.explains if not _is_of(cause.code, id_)}
    for check in report.checks:
        for finding in check.findings:
            if finding.severity in severities and finding.code not in codes and check.id not in followers:
                yield check, finding


def state_line(status: Status, text: str) -> Line:
    """A sentence behind its state as a word."""
    lead = wording.STATE_WORDS[status].ljust(STATE_INDENT)
    return Line(text, lead=lead, lead_style=STATE_STYLE[status])


def _finding_lines(finding: ReportFinding, advice_lead: str) -> Iterator[Line]:
    yield state_line(STATE_OF[finding.severity], sentence(finding.summary))
    if finding.advice:
        yield Line(sentence(finding.advice), lead=advice_lead, indent=STATE_INDENT)


def _fine(report: ClinicReport) -> Iterator[Line]:
    for check in report.checks:
        good = [f for f in check.findings if f.severity is Severity.OK] if check.status is not Status.FAIL else []
        for finding in good:
            yield state_line(Status.PASS, sentence(finding.summary))
        if not good and check.status is Status.PASS:
            yield state_line(Status.PASS, sentence(check.title))


def _worth_knowing(report: ClinicReport) -> Iterator[Line]:
    shown = report.causes
    for severity in (Severity.WARN, Severity.NOTICE):
        for _, finding in _findings(report, severity, shown=shown):
            yield from _finding_lines(finding, "Do: ")


def _open_questions(report: ClinicReport) -> Iterator[Line]:
    shown = report.causes
    said: set[str] = set()
    for check, finding in _findings(report, Severity.UNKNOWN, shown=shown):
        said.add(check.id)
        yield from _finding_lines(finding, "To find out: ")
    for check in report.checks:
        if check.status is Status.UNKNOWN and check.id not in said and not check.findings:
            yield state_line(Status.UNKNOWN, sentence(check.title))
    yield from _skipped(report)


def _skipped(report: ClinicReport) -> Iterator[Line]:
    """One line for all that was left out for the same reason: one broken thing is not told nine times."""
    titles = {check.id: check.title for check in report.checks}
    groups: dict[str | None, list[str]] = {}
    for check in report.checks:
        if check.status is Status.SKIPPED:
            groups.setdefault(check.skipped_because, []).append(check.title)
    for because, left_out in groups.items():
        if because is None:
            why = "Not checked"
        elif because in titles:
            why = f'Not checked, because of "{titles[because]}"'
        else:
            why = f"Not checked ({because})"
        yield state_line(Status.SKIPPED, sentence(f"{why}: {', '.join(left_out)}"))


def measured(report: ClinicReport) -> Iterator[Line]:
    """By which server and method, with how many bytes, and who was told what."""
    if report.evidence.upload is not None:
        yield from _upload_lines(report.evidence.upload)
    lan = report.evidence.lan
    if lan is not None and lan.targets:
        methods = dict.fromkeys(wording.by_which_method(target.method) for target in lan.targets)
        yield Line(sentence("Answer times in the office: " + ", ".join(methods)))
    used = report.traffic
    yield Line(
        f"Data used: {wording.megabytes(used.sent_bytes)} sent, {wording.megabytes(used.received_bytes)} received."
    )
    if report.third_parties:
        yield Line("Others who were asked, and what they learned:")
        for party in report.third_parties:
            yield Line(sentence(f"{party.who}: {party.told}"), lead="- ")
    else:
        yield Line("Nobody outside the office was asked.")
    if report.environment.proxy:
        yield Line("A web proxy is set on this computer. It may change what was measured.")
    user = "with administrator rights" if report.environment.privileged else "as a normal user"
    tool = report.tool
    yield Line(f"Made by {tool.name} {tool.version} on {report.environment.system}, {user}.")


def _upload_lines(upload: Upload) -> Iterator[Line]:
    how = wording.UPLOAD_METHOD_WORDS.get(upload.method, upload.method)
    size = wording.megabytes(upload.sent_bytes)
    yield Line(f"Upload: {size} in {wording.seconds(upload.seconds)} to {upload.server} ({upload.back_end}), {how}.")
    for tried in upload.skipped_servers:
        why = FAILURE_WORDS[tried.failure.kind]
        yield Line(sentence(f"Could not be used for it: {tried.server} ({tried.back_end}): {why}"))
    yield Line("Mbps is megabits per second, the unit on the bill of an internet provider.")


def next_command(report: ClinicReport, command: str) -> Line:
    """What to type next."""
    codes = [cause.code for cause in report.causes]
    for severity in (Severity.FAIL, Severity.UNKNOWN, Severity.WARN, Severity.NOTICE):
        codes += [f.code for check in report.checks for f in check.findings if f.severity is severity]
    if codes:
        return Line(f"{command} explain {codes[0]}", lead="To read more: ", style="strong")
    return Line(f"{command} checks", lead="To see what is checked, and by which limits: ", style="strong")
