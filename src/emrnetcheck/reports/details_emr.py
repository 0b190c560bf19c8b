"""What does an IT helper want to see of the EMR's page?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import Emr, PageGet
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import megabytes


def emr_lines(seen: Seen) -> Iterator[Line]:
    """The page, the way there, and the times of each try."""
    if seen.emr is None:
        return
    emr = seen.emr
    yield Line(_what(emr), lead="emr: ")
    if emr.tls_failure is not None:
        yield Line(f"asked by plain HTTP, since TLS failed: {emr.tls_failure.in_words()}", lead="emr: ")
    for to in emr.redirects:
        place = f"{to.scheme}://{to.host}:{to.port}{to.path}" if to.host else to.path
        yield Line(f"sent on ({to.status}) to {place}{'' if to.followed else ', not followed'}", lead="emr: ")
    for get in emr.sent_on:
        yield Line(f"sent on: {_times(get)}", lead="emr: ")
    for number, get in enumerate(emr.gets, 1):
        yield Line(f"try {number}: {_times(get)}", lead="emr: ")
    if emr.bulk is not None:
        bulk = emr.bulk
        cut = ", not all of it" if bulk.cut_short else ""
        parts = f"{len(bulk.assets)} of {emr.assets_named} parts: {megabytes(bulk.body_bytes)} in {bulk.seconds:.1f} s"
        yield Line(f"{parts} on {bulk.connections} connections{cut}", lead="emr: ")


def _what(emr: Emr) -> str:
    where = f"{emr.scheme}://{emr.host}:{emr.port}{emr.path} at {emr.address}"
    if emr.status is None:
        why = f" ({emr.failure.in_words()})" if emr.failure is not None else ""
        return f"{where}: no page in {emr.waited_s:.1f} s{why}"
    form = "asks for a password" if emr.asks_password else "no password asked for"
    whole = "" if emr.whole else ", not its end"
    server = f", server {emr.server}" if emr.server else ""
    title = f'titled "{emr.title}"' if emr.title else "no title"
    return f"{where}: {emr.status}, {title}, looks like {emr.kind}, {form}, {emr.body_bytes} bytes{whole}{server}"


def _times(get: PageGet) -> str:
    if get.first_byte_ms is None:
        return get.failure.in_words() if get.failure is not None else "nothing"
    tls = f", TLS {get.tls_ms:.1f} ms" if get.tls_ms is not None else ""
    end = f"end {get.total_ms:.1f} ms" if get.total_ms is not None else "no end"
    return f"connected {get.connect_ms or 0.0:.1f} ms{tls}, first byte {get.first_byte_ms:.1f} ms, {end}"
