"""How much did the line carry, both ways, for an IT helper?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.upload import Upload
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import because, mbps, megabytes, ms


def upload_lines(seen: Seen) -> Iterator[Line]:
    """The rate, by which server and method, and how it was decided."""
    if seen.upload is None:
        return
    upload = seen.upload
    yield Line(
        f"{mbps(upload.goodput_mbps)} of payload ({mbps(upload.lower_mbps)} to {mbps(upload.upper_mbps)}), "
        f"as a line about {mbps(upload.line_rate_mbps)}; {upload.streams} streams, method {upload.method}, "
        f"cross-check {mbps(upload.confirmed_goodput_mbps)}",
        lead="upload: ",
    )
    yield Line(f"{upload.server} {upload.address}, {upload.back_end}", lead="upload: ")
    yield Line(f"answer time idle {ms(upload.idle_rtt_ms)}, loaded {ms(upload.loaded_rtt_ms)}", lead="upload: ")
    if upload.loaded_probes and upload.loaded_rtt_p95_ms is not None:
        yield Line(
            f"95 % of answers within {ms(upload.idle_rtt_p95_ms)} idle, {ms(upload.loaded_rtt_p95_ms)} loaded; "
            f"{upload.idle_probes} and {upload.loaded_probes} probes, {upload.rpm or 0:.0f} round trips a minute, "
            f"by {upload.congestion or 'TCP'}",
            lead="upload: ",
        )
    if upload.other_sent_mbps is not None or upload.other_during_mbps is not None:
        yield Line(
            f"others on this computer sent {mbps(upload.other_sent_mbps)} before and "
            f"{mbps(upload.other_during_mbps)} during, received {mbps(upload.other_received_mbps)} before",
            lead="upload: ",
        )
    yield from _sequential(upload)
    for tried in upload.skipped_servers:
        yield Line(f"not used: {tried.server}, {tried.back_end}{because(tried.failure)}", lead="upload: ")
    if upload.tester_limited:
        yield Line(f"this computer may have been the limit: {upload.tester_limited}", lead="upload: ")


def _sequential(upload: Upload) -> Iterator[Line]:
    if upload.decided_seconds is not None and upload.decided_bytes is not None:
        yield Line(
            f"decided after {upload.decided_seconds:.1f} s of load and {megabytes(upload.decided_bytes)}; then "
            f"only watched whether it lasts; {upload.looks} looks",
            lead="upload: ",
        )
    if upload.burst_mbps is not None:
        yield Line(f"{mbps(upload.burst_mbps)} for the first {upload.burst_seconds or 0:.1f} s", lead="upload: ")
    if upload.second is not None:
        rate, why = mbps(upload.second.goodput_mbps), because(upload.second.failure)
        began = f", after {mbps(upload.second.burst_mbps)} at first" if upload.second.burst_mbps else ""
        yield Line(f"other server {upload.second.server}: {rate}{began}{why}", lead="upload: ")


def second_opinion_lines(seen: Seen) -> Iterator[Line]:
    """speedtest-cli's own figure."""
    said = seen.second_opinion
    if said is None:
        return
    held = f", held to {megabytes(said.cap_bytes)} by upload.max_mb" if said.capped else ""
    yield Line(
        f"speedtest-cli to {said.server or 'no server'}: {mbps(said.mbps)} by its own count, "
        f"{megabytes(said.sent_bytes)} in {said.seconds:.1f} s{held}{because(said.failure)}",
        lead="second opinion: ",
    )


def download_lines(seen: Seen) -> Iterator[Line]:
    """The rate, by which server, and the delay meanwhile."""
    if seen.download is None:
        return
    down = seen.download
    yield Line(
        f"{mbps(down.goodput_mbps)} of payload ({mbps(down.lower_mbps)} to {mbps(down.upper_mbps)}), "
        f"as a line about {mbps(down.line_rate_mbps)}; {down.streams} streams, {down.seconds:.1f} s counted",
        lead="download: ",
    )
    yield Line(f"{down.server} {down.address}, {down.back_end}", lead="download: ")
    yield Line(
        f"answer time idle {ms(down.idle_rtt_ms)}, loaded {ms(down.loaded_rtt_ms)}; 95 % of answers within "
        f"{ms(down.idle_rtt_p95_ms)} idle, {ms(down.loaded_rtt_p95_ms)} loaded; {down.idle_probes} and "
        f"{down.loaded_probes} probes, {down.rpm or 0:.0f} round trips a minute",
        lead="download: ",
    )
    yield Line(
        f"others on this computer received {mbps(down.other_received_mbps)} before and "
        f"{mbps(down.other_during_mbps)} during",
        lead="download: ",
    )
    if down.burst_mbps is not None:
        yield Line(f"{mbps(down.burst_mbps)} for the first {down.burst_seconds or 0:.1f} s", lead="download: ")
    for tried in down.skipped_servers:
        yield Line(f"not used: {tried.server}, {tried.back_end}{because(tried.failure)}", lead="download: ")
    if down.tester_limited:
        yield Line(f"the test may have been the limit: {down.tester_limited}", lead="download: ")
