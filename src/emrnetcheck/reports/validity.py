"""How far can this run be trusted: by cable or not, how many tests, against whom, when, and was the line busy?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line

VALIDITY = "How sure this is"
"""The heading of what `validity` tells."""

_YEAR_3000_UNIX_S = 32_503_680_000  # what any system can tell in any zone: a report may come from anywhere
_QUIET_MBPS = 0.1  # what an idle computer chats: less than a hundredth of any line that would do

_IN_BETWEEN = "address.proxied"

_AGAIN = "Measure again in a busy hour and in the evening."

_MEDIUM_WORDS = {
    "wired": "Measured by cable",
    "wifi": "Measured over Wi-Fi, which may be the slow part",
}
_NOT_KNOWN = "Whether by cable or Wi-Fi is not known"


def validity(report: ClinicReport, zone: tzinfo = UTC, *, short: bool = False) -> Iterator[Line]:
    """The connection, the tests with their servers and their hour, who else used the line, and what to repeat."""
    seen = report.evidence
    said = [*_connection(report), *_tests(seen, zone, short), *_busy(seen.upload, short)]
    if seen.upload is not None:
        said.append(_AGAIN if short else f"Lines are slower at some hours: {_AGAIN[0].lower()}{_AGAIN[1:]}")
    if said:
        yield Line(" ".join(said))


def _connection(report: ClinicReport) -> Iterator[str]:
    link = report.evidence.link
    if link is None or link.interface is None:
        return
    if link.vpn:
        yield "A VPN was on, so this was not the office's own line."
        return
    in_between = any(finding.code == _IN_BETWEEN for check in report.checks for finding in check.findings)
    no_vpn = "this computer shows no VPN, but one or a proxy was in between" if in_between else "no VPN was on"
    yield f"{_MEDIUM_WORDS.get(link.medium, _NOT_KNOWN)}; {no_vpn}."


def _tests(seen: Seen, zone: tzinfo, short: bool) -> Iterator[str]:
    upload, download = seen.upload, seen.download
    tests = []
    if upload is not None and upload.goodput_mbps is not None:
        tests.append(f"1 upload ({_host(upload.server)}{_at(upload, zone)})")
        if upload.second is not None and upload.second.goodput_mbps is not None:
            tests[0] = f"2 uploads ({_host(upload.server)} and {_host(upload.second.server)}{_at(upload, zone)})"
    if download is not None and download.goodput_mbps is not None:
        same = short and upload is not None and len(tests) == 1 and _host(download.server) == _host(upload.server)
        tests.append("1 download there" if same else f"1 download ({_host(download.server)})")
    if tests:
        yield f"Tests: {', '.join(tests)}."


def _host(server: str) -> str:
    """Who it was, without how it was spoken to."""
    return server.partition("://")[2].partition("/")[0] or server


def _at(upload: Upload, zone: tzinfo) -> str:
    started = upload.window_start_unix_s
    if started is None or not 0 <= started < _YEAR_3000_UNIX_S:
        return ""
    return f", {datetime.fromtimestamp(started, zone):%H:%M}"


def _busy(upload: Upload | None, short: bool) -> Iterator[str]:
    """Of this computer: what the others of the office send cannot be seen from here."""
    if upload is None:
        return
    known = [mbps for mbps in (upload.other_sent_mbps, upload.other_during_mbps) if mbps is not None]
    if not known:
        yield "Whether anything else used the line meanwhile is not known."
    elif max(known) < _QUIET_MBPS:
        others = "" if short else "; other computers cannot be seen from here"
        yield f"Nothing else on this computer used the line{others}."
    else:
        yield f"Something else on this computer was sending {wording.mbps(max(known))} meanwhile."
