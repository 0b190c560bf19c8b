"""What does an IT helper want to see of the way to the EMR, as a computer saw it that uses it?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import PageGet
from emrnetcheck.evidence.lookups import LookupAnswer
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.series import Series
from emrnetcheck.reports.details_lan import lost_in_words
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import because, megabytes

_ASSETS_TOLD = 8


def client_lines(seen: Seen) -> Iterator[Line]:
    """Every host that was asked, every name server, every page."""
    for target in seen.way.targets if seen.way is not None else ():
        yield Line(f"{target.leg} {target.series.address} {_answers(target.series)}", lead="way: ")
    if seen.way is not None:
        yield from _way(seen)
    if seen.lookups is not None:
        for answer in seen.lookups.answers:
            said = ", ".join(answer.addresses) or "no address"
            yield Line(
                f"{answer.kind} {answer.server}: {said}, {answer.answered} of {answer.asked} answered, "
                f"median {_ms(answer.ms)}{_anew(answer)}{because(answer.failure)}",
                lead="name: ",
            )
        tries = ", ".join(_ms(each) for each in seen.lookups.system_ms)
        said = ", ".join(seen.lookups.system) or "no address"
        yield Line(f"this computer: {said} ({tries}){because(seen.lookups.system_failure)}", lead="name: ")
        for tried in seen.lookups.tried:
            state = "open" if tried.open else "shut"
            yield Line(f"{tried.address}:{tried.port} {state}{because(tried.failure)}", lead="name: ")
    for router in seen.last_routers.routers if seen.last_routers is not None else ():
        yield Line(f"{router.address} {_answers(router)}", lead="last routers: ")
    if seen.pages is not None:
        yield from _pages(seen.pages)
    if seen.clinic is not None:
        clinic = seen.clinic
        yield Line(
            f"{clinic.site}, {clinic.made_at}: address {clinic.public_v4 or 'not told'}"
            f"{' (made through a VPN or a proxy)' if clinic.by_tunnel else ''}, "
            f"{len(clinic.fingerprints)} certificates told",
            lead="clinic's report: ",
        )


def _way(seen: Seen) -> Iterator[Line]:
    assert seen.way is not None
    way = seen.way
    where = {True: "in this network", False: "elsewhere", None: "not known"}[way.inside]
    yield Line(
        f"the EMR is {way.emr_address or 'not found'}, {where}; this place is seen as {way.public_v4 or 'not known'}",
        lead="way: ",
    )
    if way.router_by_tcp is not None:
        yield Line(f"router by connecting: {_answers(way.router_by_tcp)}", lead="way: ")
    for holder in way.holders:
        if len(holder.macs) > 1:
            yield Line(f"{holder.address} is held by {' and by '.join(holder.macs)}", lead="way: ")


def _pages(pages: Pages) -> Iterator[Line]:
    titled = f', titled "{pages.title}"' if pages.title else ""
    yield Line(
        f"{pages.scheme}://{pages.host}:{pages.port}{pages.path} at {pages.address}: {pages.status or 'no answer'}"
        f"{titled}{because(pages.failure)}",
        lead="page: ",
    )
    rows = (("sent on", pages.sent_on), ("new connection", pages.fresh), ("kept connection", pages.kept))
    for what, gets in rows:
        for get in gets:
            yield Line(f"{what}: {_get(get)}", lead="page: ")
    if pages.kept_failure is not None:
        yield Line(f"kept connection: {pages.kept_failure.in_words()}", lead="page: ")
    if pages.by_small_packets is not None:
        yield Line(f"once more in small packets: {_get(pages.by_small_packets)}", lead="page: ")
    if pages.bulk is not None:
        bulk = pages.bulk
        cut = ", not all of it" if bulk.cut_short else ""
        yield Line(
            f"{len(bulk.assets)} of {pages.assets_named} parts: {megabytes(bulk.body_bytes)} in {bulk.seconds:.1f} s "
            f"on {bulk.connections} connections{cut}",
            lead="page: ",
        )
        for asset in bulk.assets[:_ASSETS_TOLD]:
            took = f"{megabytes(asset.body_bytes)}, {_ms(asset.total_ms)}"
            yield Line(f"{asset.path}: {asset.status or 'nothing'}, {took}{because(asset.failure)}", lead="page: ")
        if bulk.loaded is not None:
            yield Line(f"round trip meanwhile {_answers(bulk.loaded)}", lead="page: ")


def _anew(answer: LookupAnswer) -> str:
    return f", anew {', '.join(_ms(each) for each in answer.anew_ms)}" if answer.anew_ms else ""


def _get(get: PageGet) -> str:
    if get.failure is not None and get.first_byte_ms is None:
        return get.failure.in_words()
    connected = f"connect {_ms(get.connect_ms)}, TLS {_ms(get.tls_ms)}, " if get.connect_ms is not None else ""
    return f"{connected}first byte {_ms(get.first_byte_ms)}, whole {_ms(get.total_ms)}{because(get.failure)}"


def _answers(series: Series) -> str:
    lost = f"by {series.method}: {lost_in_words(series.sent, series.lost)}"
    if series.p50_ms is None:
        return lost + because(series.failure)
    return (
        f"{lost}, median {_ms(series.p50_ms)}, 95 of 100 within {_ms(series.p95_ms)}, 99 within {_ms(series.p99_ms)}, "
        f"longest {_ms(series.max_ms)}, jitter {_ms(series.jitter_ms)}"
    )


def _ms(duration_ms: float | None) -> str:
    return f"{duration_ms:.2f} ms" if duration_ms is not None else "none"
