"""How was it measured: against whom, by which method, with how much data, and who learned what by it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.upload import ServerTry, Upload
from emrnetcheck.model import FAILURE_WORDS
from emrnetcheck.reports import wording
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import sentence

MEASURED = "How it was measured"
"""The heading of what `measured` tells."""


def measured(report: ClinicReport) -> Iterator[Line]:
    """By which server and method, with how many bytes, and who was told what."""
    if report.evidence.upload is not None:
        yield from _upload_lines(report.evidence.upload)
    if report.evidence.download is not None:
        yield from _download_lines(report.evidence.download)
    said = report.evidence.second_opinion
    if said is not None and said.mbps is not None:
        size, held = wording.megabytes(said.sent_bytes), " (held to what upload.max_mb left)" if said.capped else ""
        took = wording.seconds(said.seconds)
        yield Line(sentence(f"Second opinion: speedtest-cli handed over {size}{held} in {took} to {said.server}"))
    yield from _connection_lines(report.evidence)
    yield from _path_lines(report.evidence)
    used = report.traffic
    yield Line(
        f"Data used: {wording.megabytes(used.sent_bytes)} sent, {wording.megabytes(used.received_bytes)} received, "
        "without what TCP, IP and TLS add."
    )
    if report.third_parties:
        yield Line("Who outside the office was asked, and what they could learn by it:")
        for told, who in _by_what_was_told(report).items():
            yield Line(sentence(f"{told}: {', '.join(who)}"), lead="- ")
    else:
        yield Line("Nobody outside the office was asked.")
    if report.environment.proxy:
        yield Line("A web proxy is set on this computer. It may change what was measured.")
    user = "with administrator rights" if report.environment.privileged else "as a normal user"
    tool = report.tool
    yield Line(f"Made by {tool.name} {tool.version} on {report.environment.system}, {user}.")


def _connection_lines(seen: Seen) -> Iterator[Line]:
    """This computer's card, the office, and who came in from outside: by the words of docs/privileges.md."""
    link, wear = seen.link, seen.wear
    parts = [
        ("cable or Wi-Fi, speed and duplex", link.method if link is not None else None),
        ("the Wi-Fi's signal", link.radio_method if link is not None else None),
        ("damaged frames", wear.method if wear is not None else None),
    ]
    if told := ", ".join(f"{what} by {method}" for what, method in parts if method is not None):
        yield Line(sentence(f"This computer's connection: {told}"))
    if seen.lan is not None and seen.lan.targets:
        methods = dict.fromkeys(wording.by_which_method(target.method) for target in seen.lan.targets)
        yield Line(sentence("Answer times in the office: " + ", ".join(methods)))
    if seen.way is not None and (ways := _by_which(each.series for each in seen.way.targets)):
        yield Line(sentence("Answer times on the way: " + ", ".join(ways)))
    arrivals = seen.port.arrivals if seen.port is not None else None
    if arrivals is not None and arrivals.method is not None:
        yield Line(sentence(f"Connections from outside that arrive here: watched by {arrivals.method}"))


def _path_lines(seen: Seen) -> Iterator[Line]:
    path = seen.path
    if path is None:
        return
    routes = dict.fromkeys(wording.ROUTE_METHOD_WORDS.get(trace.method) for trace in path.traces if trace.hops)
    sizes = dict.fromkeys(mtu.method for mtu in path.mtus if any(size.sent for size in mtu.sizes))
    parts = [
        ("the routers", [words for words in routes if words is not None]),
        ("answer times", _by_which([*(trace.end for trace in path.traces), *path.witnesses])),
        ("packet sizes", [wording.by_which_method(method) for method in sizes]),
    ]
    if told := "; ".join(f"{what} {', '.join(words)}" for what, words in parts if words):
        yield Line(sentence(f"The way out: {told}"))


def _by_which(asked: Iterable[Series]) -> list[str]:
    """The methods of those that were asked, each once, in words."""
    used = (each.method for each in asked if each.sent and each.method != "none")
    return list(dict.fromkeys(wording.by_which_method(method) for method in used))


def _by_what_was_told(report: ClinicReport) -> dict[str, list[str]]:
    """Hosts by what they learned: a line each would be longer than the rest of the page."""
    told: dict[str, list[str]] = {}
    for party in report.third_parties:
        told.setdefault(party.told[:1].upper() + party.told[1:], []).append(party.who)
    return told


def _upload_lines(upload: Upload) -> Iterator[Line]:
    how = wording.UPLOAD_METHOD_WORDS.get(upload.method, upload.method)
    size = wording.megabytes(upload.sent_bytes)
    yield Line(f"Upload: {size} in {wording.seconds(upload.seconds)} to {upload.server} ({upload.back_end}), {how}.")
    yield from _not_used(upload.skipped_servers)


def _download_lines(download: Download) -> Iterator[Line]:
    size, lasted = wording.megabytes(download.received_bytes), wording.seconds(download.seconds)
    yield Line(f"Download: {size} in {lasted} from {download.server} ({download.back_end}), counted as it arrived.")
    yield from _not_used(download.skipped_servers)


def _not_used(skipped: tuple[ServerTry, ...]) -> Iterator[Line]:
    for tried in skipped:
        why = FAILURE_WORDS[tried.failure.kind]
        kind = f" ({tried.back_end})" if tried.back_end else ""
        yield Line(sentence(f"Could not be used for it: {tried.server}{kind}: {why}"))
