"""How did the EMR answer: its first byte, its pages, and what is loaded from elsewhere to compare?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.emr import PageGet, server_part_ms
from emrnetcheck.evidence.pages import Pages
from emrnetcheck.evidence.series import Series
from emrnetcheck.evidence.way import Way
from emrnetcheck.model import FailureKind
from emrnetcheck.placing.limits import LegLimits
from emrnetcheck.placing.loads import is_slow_load
from emrnetcheck.placing.states import GOOD, UNKNOWN, Fault, Health, State
from emrnetcheck.placing.trips import is_more
from emrnetcheck.profiles import FOREIGN, PageKind

_LATER, _LATER_MS, _FULL_MS = 1.5, 3.0, 40.0  # a queue of 5 kB holds up 40 ms at 1 Mbps; a busy computer seldom does
_LEAST_LATE, _LATE_SHARE = 2, 0.2  # one late page is chance; every fifth is what people complain of


def first_bytes_ms(pages: Pages) -> list[float]:
    """How long the server took to begin its answer, each time it was asked; the first of all may be slower by right."""
    gets = (*pages.fresh[1:], *pages.kept) or pages.fresh
    return [get.first_byte_ms for get in gets if get.first_byte_ms is not None]


def page_totals_ms(gets: Iterable[PageGet]) -> list[float]:
    """How long each whole page took, connection included."""
    return [(get.connect_ms or 0.0) + (get.tls_ms or 0.0) + get.total_ms for get in gets if get.total_ms is not None]


def server_time_ms(seen: Seen) -> float | None:
    """The median first byte less the round trip; None where no page came."""
    if seen.pages is None:
        return None
    waits_ms = first_bytes_ms(seen.pages)
    if not waits_ms:
        return None
    trips_ms = [series.p50_ms for series in (seen.way.of("server") if seen.way is not None else ())]
    rtt_ms = next((each for each in trips_ms if each is not None), 0.0)
    return max(0.0, median(waits_ms) - rtt_ms)


class Before(StrEnum):
    """What a late answer was waited for."""

    PAGE = "page"
    TLS = "tls"  # until the encryption is agreed on
    SENT_ON = "sent_on"  # until the address that people type sends on to the page


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """own_ms: the server's own time, without the way there and back. always: not only at times."""

    own_ms: float
    always: bool
    before: Before


def late_answer(seen: Seen, limits: LegLimits) -> LateAnswer | None:
    """Where the server's own time is too long: the median, or what one answer in five and more than one takes.

    Of a new connection TLS counts as well: nobody gets a page before. None where it is not too long.
    """
    page_ms = server_time_ms(seen)
    if seen.pages is None or page_ms is None:
        return None
    trip_ms = median(first_bytes_ms(seen.pages)) - page_ms
    new = [own_ms for get in seen.pages.fresh[1:] or seen.pages.fresh if (own_ms := _own_ms(get, trip_ms)) is not None]
    new_ms = median(new) if new else 0.0
    if max(page_ms, new_ms) > limits.answer_ms:
        before = Before.PAGE if page_ms > limits.answer_ms or 2 * page_ms >= new_ms else Before.TLS
        return LateAnswer(max(page_ms, new_ms), True, before)
    sent_on = _late([_own_ms(get, trip_ms) for get in seen.pages.sent_on], limits)
    if sent_on is not None:
        return LateAnswer(sent_on, True, Before.SENT_ON)  # each was asked again, and was late again
    at_times = _late([*new, *(_own_ms(get, trip_ms) for get in seen.pages.kept)], limits)
    return LateAnswer(at_times, False, Before.PAGE) if at_times is not None else None


def _own_ms(get: PageGet, trip_ms: float) -> float | None:
    if get.first_byte_ms is None:
        return None
    return server_part_ms(get.first_byte_ms, get.tls_ms, get.connect_ms, trip_ms)


def _late(owns_ms: list[float | None], limits: LegLimits) -> float | None:
    """What the late ones take, where they are many."""
    came_ms = [own_ms for own_ms in owns_ms if own_ms is not None]
    late_ms = [own_ms for own_ms in came_ms if own_ms > limits.answer_ms]
    return median(late_ms) if _is_often(len(late_ms), len(came_ms)) else None


def _is_often(late: int, of: int) -> bool:
    return late >= _LEAST_LATE and late >= _LATE_SHARE * of


def answer_state(seen: Seen, limits: LegLimits) -> State:
    """The first byte of the EMR's pages."""
    pages = seen.pages
    if pages is None:
        return UNKNOWN
    own_ms = server_time_ms(seen)
    if own_ms is None:
        if _ends_encryption(pages):
            return State(Health.BAD, Fault.NO_PAGE, late=True)
        if pages.failure is not None and pages.failure.operation == "connect":
            # That its own port does not open is told by its round trips; of another one they know nothing.
            return State(Health.BAD, Fault.REFUSED) if pages.redirects and not _is_at(seen.way, pages) else UNKNOWN
        return State(Health.BAD, Fault.DEAD, late=True)
    if any(_is_unanswered(get) for get in pages.fresh):
        return State(Health.BAD, Fault.DEAD, own_ms)  # it answers at times
    if is_error(pages):
        return State(Health.BAD, Fault.WRONG, own_ms, late=True)
    if _sends_round(pages):
        return State(Health.BAD, Fault.NO_PAGE, own_ms, late=True)
    if pages.kind in FOREIGN:
        return State(Health.UNKNOWN, None, own_ms)  # how the EMR is was not seen
    late = late_answer(seen, limits)
    if late is not None:
        return State(Health.BAD, Fault.LATENCY, late.own_ms, late=late.always)
    return State(Health.GOOD, None, own_ms)


def is_error(pages: Pages) -> bool:
    """Whether the program says that it failed, by the status or in words."""
    by_status = pages.status is not None and pages.status >= 500  # noqa: PLR2004 - RFC 9110 15.6, server errors
    return by_status or pages.kind is PageKind.ERROR_PAGE


def why_no_page(pages: Pages) -> str | None:
    """In words, what comes from one that answers, and is no page; None where a page comes, or nothing does."""
    if _ends_encryption(pages) and pages.failure is not None:
        return f"https fails: {pages.failure.in_words()}"
    if _sends_round(pages):
        return f"it sends on to itself again and again, {len(pages.redirects)} times"
    return "its page does not come to an end: only the first 2 MB were read" if _is_endless(pages) else None


def _ends_encryption(pages: Pages) -> bool:
    return pages.failure is not None and pages.failure.kind.value.startswith("tls_")


def _sends_round(pages: Pages) -> bool:
    """Whether it still sends on within the same host, after more times than a browser needs."""
    last = pages.redirects[-1] if pages.redirects else None
    if last is None or last.followed or last.scheme not in ("https", "http"):
        return False
    return last.host in (pages.host.lower().rstrip("."), pages.address)


def _is_endless(pages: Pages) -> bool:
    """Whether no page was read to its end, and more came than a log-in page has."""
    too_large = any(get.failure is not None and get.failure.kind is FailureKind.TOO_LARGE for get in pages.fresh)
    return too_large and not page_totals_ms(pages.fresh)


def _is_seen(pages: Pages) -> bool:
    """Whether it is the page that people want: no refusal, not another's, nor one that sends on to where nobody
    looked."""
    away = bool(pages.redirects) and not pages.redirects[-1].followed
    return not away and pages.kind not in FOREIGN and (pages.status is None or pages.status < 400)  # noqa: PLR2004 - RFC 9110 15.5, client errors


def _is_at(way: Way | None, pages: Pages) -> bool:
    """Whether the page was asked for at the port whose round trips were measured."""
    return way is None or pages.port == way.emr_port


def _is_unanswered(get: PageGet) -> bool:
    """Whether it was asked for, and nothing came."""
    return get.first_byte_ms is None and get.failure is not None and get.failure.operation != "connect"


def _is_broken_off(get: PageGet) -> bool:
    """Whether its answer began and never came to its end; one that is too large to be read was not waited for."""
    whole_enough = get.failure is not None and get.failure.kind is FailureKind.TOO_LARGE
    return get.first_byte_ms is not None and get.total_ms is None and not whole_enough


def own_bulk_state(seen: Seen, limits: LegLimits) -> State:
    """What comes here from elsewhere; where the EMR's pages come slowly, compared with them."""
    if seen.download is None:
        return UNKNOWN
    own_mbps = seen.download.goodput_mbps
    pages_mbps = seen.pages.bulk.mbps if seen.pages is not None and seen.pages.bulk is not None else None
    no_faster = pages_mbps is not None and own_mbps < limits.like_bulk * pages_mbps
    slow_pages = server_bulk_state(seen.pages, limits).health is Health.BAD
    bad = own_mbps < limits.own_mbps or (slow_pages and no_faster)
    return State(Health.BAD, Fault.RATE) if bad else GOOD


def server_bulk_state(pages: Pages | None, limits: LegLimits) -> State:
    """How the EMR's pages come, once they have begun."""
    if pages is None:
        return UNKNOWN
    if any(_is_broken_off(get) for get in (*pages.fresh, *pages.kept)):
        return State(Health.BAD, Fault.DEAD)
    if _is_endless(pages):
        return State(Health.BAD, Fault.NO_PAGE)
    if not page_totals_ms(pages.fresh):
        return UNKNOWN
    transfers_ms = [
        get.total_ms - get.first_byte_ms
        for get in (*pages.fresh, *pages.kept)
        if get.total_ms is not None and get.first_byte_ms is not None
    ]
    slow = sum(each_ms > 1000.0 * limits.page_s for each_ms in transfers_ms)
    bulk = pages.bulk
    slow_page = slow * 2 > len(transfers_ms) or _is_often(slow, len(transfers_ms))
    slow_assets = bulk is not None and is_slow_load(bulk.seconds, bulk.body_bytes, limits)
    if slow_page or slow_assets:
        return State(Health.BAD, Fault.RATE)
    return GOOD if _is_seen(pages) else UNKNOWN


def loaded_state(seen: Seen, limits: LegLimits) -> State:
    """The round trip while the pages come, against the one before. Good: it did not grow, and nothing was lost.

    Between that and what is bad it is not known: a short queue fills without holding anything up for long.
    """
    bulk = seen.pages.bulk if seen.pages is not None else None
    idle = next((each for each in (seen.way.of("server") if seen.way is not None else ()) if each.p50_ms), None)
    if bulk is None or bulk.loaded is None or bulk.loaded.p50_ms is None or idle is None or idle.p50_ms is None:
        return UNKNOWN
    loaded_ms, idle_ms = bulk.loaded.p50_ms, idle.p50_ms
    grown = loaded_ms > idle_ms + limits.loaded_ms and loaded_ms > idle_ms * limits.loaded_factor
    state = State(Health.GOOD, None, loaded_ms, bulk.loaded.jitter_ms, bulk.loaded.sent, bulk.loaded.lost)
    if is_more(bulk.loaded.sent, bulk.loaded.lost, limits.far_loss_ratio):
        return replace(state, health=Health.BAD, fault=Fault.LOSS)
    if grown:
        return replace(state, health=Health.BAD, fault=Fault.LATENCY)
    return replace(state, health=Health.UNKNOWN) if bulk.loaded.lost or _is_later(bulk.loaded, idle) else state


def _is_later(loaded: Series, idle: Series) -> bool:
    """Whether a queue shows in the round trips, however short: in half of them, or in those that found it full."""
    if loaded.p50_ms is None or idle.p50_ms is None or loaded.p95_ms is None or idle.p95_ms is None:
        return True
    by_half = loaded.p50_ms > _LATER * idle.p50_ms and loaded.p50_ms > idle.p50_ms + _LATER_MS
    return by_half or loaded.p95_ms > _LATER * idle.p95_ms + _FULL_MS
