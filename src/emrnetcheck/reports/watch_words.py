"""How is what a watch sees said: one line an event, one line a leg, the summary at the end?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from emrnetcheck.evidence.watch import LegFigures, LegTotal, Watched, WatchEvent, WatchSummary
from emrnetcheck.reports import wording
from emrnetcheck.reports.details_lan import lost_below

LEG_WORDS: Mapping[str, str] = {
    "router": "Router",
    "peer": "Neighbour",
    "isp": "Provider",
    "outside": "Internet",
    "name": "Name look-up",
    "server_tcp": "EMR connects",
    "server_answer": "EMR answers",
    "server_bulk": "EMR's parts",
    "path": "Full packets",
}
SEGMENT_WORDS: Mapping[str, str] = {
    "computer": "this computer",
    "lan": "office network",
    "router": "router",
    "line": "line",
    "path": "Internet beyond the line",
    "name": "name",
    "far": "the EMR's side",
    "server": "EMR server",
}
WHOM: Mapping[str, str] = {
    "computer": "Look at this computer's own cable or Wi-Fi. Turn a VPN off.",
    "lan": "Whoever looks after the office network: cable, switch, Wi-Fi.",
    "router": "Whoever set up the router.",
    "line": "Your internet provider: the line of this place.",
    "path": "Your internet provider: the way beyond this place's line.",
    "name": "Check the name you typed. Your DDNS or name provider, and whoever set the name server of this place.",
    "far": "The clinic that the EMR stands in: its line, its router.",
    "server": "Whoever looks after the EMR server.",
}
FAULT_WORDS: Mapping[str, str] = {
    "latency": "slow",
    "jitter": "uneven",
    "loss": "losing",
    "dead": "no answer",
    "refused": "refuses",
    "wrong": "wrong address",
    "missing": "no such name",
    "rate": "slow",
    "size": "vanish",
    "no_page": "no page",
}
HEALTH_WORDS: Mapping[str, str] = {"good": "ok", "unknown": "?", "absent": "-"}
METHOD_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("icmp", "icmp_raw", "icmp_api"), "by ping"),
    "udp_errors": "by packets that die there",
    "tcp": "by connecting",
    "dns": "by DNS",
    "system": "as the system does",
    "http": "by HTTP",
}
EVENTS_TOLD = 20
_TIMED = ("latency", "jitter")
_MS = 10.0
_SECOND_MS = 1000.0
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400


def clock(unix_s: float) -> str:
    """ "14:02:10", in this place's time."""
    return f"{datetime.fromtimestamp(unix_s).astimezone():%H:%M:%S}"


def day(unix_s: float) -> str:
    """ "26 Nov ", in this place's time."""
    moment = datetime.fromtimestamp(unix_s).astimezone()
    return f"{moment.day} {wording.MONTHS[moment.month - 1]} "


def iso(unix_s: float) -> str:
    """For programs, in UTC."""
    return datetime.fromtimestamp(unix_s, UTC).isoformat(timespec="milliseconds")


def ms(value: float | None) -> str:
    """ "0.4 ms", "20 ms", "1.2 s"; "-" of nothing."""
    if value is None:
        return "-"
    if value >= _SECOND_MS:
        return f"{value / _SECOND_MS:.1f} s"
    return f"{value:.1f} ms" if value < _MS else f"{value:.0f} ms"


def duration(seconds: float) -> str:
    """ "40 s", "5 min 10 s", "2 h 5 min", "1 d 3 h"."""
    whole = max(0, round(seconds))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min {whole % _MINUTE_S} s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def event_line(event: WatchEvent) -> str:
    """ "14:02:10  line: latency 20 -> 900 ms, router normal"."""
    return f"{clock(event.at_unix_s)}  {wording.clean(_event(event))}"


def _event(event: WatchEvent) -> str:
    if event.kind in ("begin", "end"):
        return _trouble(event)
    lasted = duration(abs(event.duration_s or 0.0))
    way = "forward" if (event.duration_s or 0.0) > 0 else "back"
    return {
        "slept": f"this computer slept for {lasted}; that time counts for nothing",
        "clock_set": f"this computer's clock was set {way} by {lasted}",
        "no_connection": "this computer: no connection (cable pulled, Wi-Fi off?)",
        "connection_back": "this computer: connected again",
        "own_address": f"this computer has another address: {event.old or 'none'} -> {event.new}",
        "gateway": f"another router: {event.old or 'none'} -> {event.new}",
        "public_address": f"this place has another public address: {event.old} -> {event.new}",
        "server_address": f"the EMR's name leads to another address: {event.old} -> {event.new}",
        "server_other": f"the EMR opens at another address of its name: {event.old} -> {event.new}",
    }.get(event.kind, event.kind)


def _trouble(event: WatchEvent) -> str:
    segment = SEGMENT_WORDS.get(event.segment or "", event.segment or "somewhere")
    if event.withdrawn:
        return f"{segment}: this was told too early, see the next line"
    if event.kind == "end" and event.unseen:
        lasted = duration(event.duration_s or 0.0)
        return f"{segment}: after {lasted} nobody can see any more whether it goes on ({_figures(event)})"
    if event.kind == "end":
        return f"{segment}: well again after {duration(event.duration_s or 0.0)} ({_figures(event)})"
    shown = [leg for leg in event.normal if leg in ("router", "isp", "outside") and leg not in event.legs]
    normal = [LEG_WORDS[leg].lower() for leg in shown]
    beside = f"; {', '.join(normal)} normal" if normal else ""
    likely = " (likely)" if event.sure == "likely" else ""
    return f"{segment}{likely}: {_figures(event)}{beside}"


def _figures(event: WatchEvent) -> str:
    lost = f"{event.lost} of {event.sent} lost" if event.sent else "lost"
    if event.fault == "loss":
        return lost
    if event.fault in _TIMED:
        word = "latency" if event.fault == "latency" else "uneven, up to"
        before = f"{ms(event.before_ms)} -> " if event.before_ms is not None and event.fault == "latency" else ""
        also = f", {lost}" if event.lost else ""
        return f"{word} {before}{ms(event.now_ms)}{also}"
    return {
        "dead": _no_answer(event),
        "refused": _refuses(event),
        "no_page": "answers, and no page comes: it sends on to itself again and again",
        "missing": "no such name: typed wrong, or gone at the DDNS provider",
        "wrong": _WRONG.get(event.segment or "", "the name leads elsewhere than for others"),
        "rate": "its link is at 10 Mbps or half duplex" if event.segment == "computer" else _slow_parts(event),
        "size": "packets of full size vanish without a word, so large pages never come",
    }.get(event.fault, event.fault or "bad")


def _refuses(event: WatchEvent) -> str:
    # In an office it is unsure where the EMR is asked at the office's own public address.
    router = ", or the router does not lead back inside: try the EMR's address in the office"
    return f"refuses (nothing listens{router if event.segment == 'server' and event.sure == 'likely' else ''})"


def _no_answer(event: WatchEvent) -> str:
    if event.legs == ("own",):
        return "no connection (cable pulled, Wi-Fi off?)"
    by_vpn = event.segment == "computer" and set(event.legs) <= {"isp", "outside"}
    return "no answer through its VPN" if by_vpn else "no answer"


_WRONG: Mapping[str, str] = {
    "server": "answers with an error",
    "lan": "two computers take turns in having one address",
}


def _slow_parts(event: WatchEvent) -> str:
    """Single answers are quick, and what is large comes slowly."""
    most = "at least {}, not all of it" if event.cut else "up to {}"
    took = f" ({most.format(ms(event.now_ms))})" if event.now_ms else ""
    what = (
        "the EMR's page begins, and the rest of it"
        if "server_answer" in event.legs
        else "what belongs to the EMR's page"
    )
    return f"{what} comes slowly{took}"


def state_word(figures: LegFigures, *, excused: bool) -> str:
    """One short word; never by colour alone."""
    if figures.health == "bad" and figures.fault == "wrong" and figures.leg != "name":
        return "error"
    if figures.health != "bad":
        return HEALTH_WORDS.get(figures.health, "?")
    if excused:
        return "silent" if figures.fault == "dead" else "ok*"
    return FAULT_WORDS.get(figures.fault, "bad")


def minute_line(figures: tuple[LegFigures, ...]) -> str:
    """All legs of the last minute on one line, for a log."""
    parts = []
    for each in figures:
        if not each.target:
            continue
        lost = f" ({each.lost}/{each.sent} lost)" if each.lost else ""
        parts.append(f"{LEG_WORDS.get(each.leg, each.leg).lower()} {ms(each.now_ms)}{lost}")
    return wording.clean(", ".join(parts))


def closing(summary: WatchSummary) -> Iterator[str]:
    """The summary, line by line."""
    slept = f", slept {duration(summary.slept_s)}" if summary.slept_s else ""
    yield f"Watched for {duration(summary.watched_s)}{slept}."
    for leg in summary.legs:
        if leg.sent or leg.unsent:
            yield f"  {_total(leg)}"
    yield from methods(leg for leg in summary.legs if leg.sent)
    yield from _happened(summary)
    if not summary.measured and not summary.by_segment:
        some = any(leg.leg.startswith("server") and leg.sent <= leg.unsent for leg in summary.legs)
        some = some and any(leg.sent > leg.lost for leg in summary.legs)
        told = "The EMR could not be asked, so nobody knows how it was; nothing else was slow."
        yield told if some else "Nothing could be measured."
        return
    if summary.segment is None:
        yield _unanswered(summary.legs) or "Nothing was slow."
        return
    for segment, total in sorted(summary.by_segment.items(), key=lambda each: -each[1].bad_s):
        times = "once" if total.events == 1 else f"{total.events} times"
        longest = f", the longest {duration(total.longest_s)}" if total.events > 1 else ""
        name = SEGMENT_WORDS[segment]
        yield f"{name[0].upper()}{name[1:]}: bad {times}, {duration(total.bad_s)} in all{longest}."
    yield f"Whom to call: {WHOM[summary.segment]}"


def _unanswered(legs: Iterable[LegTotal]) -> str:
    """Of a watch that ended before the EMR's silence could be called a fault; "" where it answered or was not asked."""
    silent = [leg for leg in legs if leg.leg.startswith("server") and 0 < leg.sent <= leg.lost]
    if not silent:
        return ""
    asked = max(leg.sent for leg in silent)
    return f"The EMR had not answered yet (0 of {asked}): too early to tell. Nothing else was slow."


def _happened(summary: WatchSummary) -> Iterator[str]:
    """The last events with their times; a trouble's beginning is told with its end, if that was told."""
    events = [each for each in summary.events if each.kind != "begin" and not each.withdrawn]
    if len(events) > EVENTS_TOLD:
        yield f"The last {EVENTS_TOLD} of {len(events)} events:"
    for event in events[-EVENTS_TOLD:]:
        if event.kind == "end" and event.duration_s is not None:
            began = f"{day(event.at_unix_s - event.duration_s)}{clock(event.at_unix_s - event.duration_s)}"
            segment = SEGMENT_WORDS.get(event.segment or "", event.segment or "")
            yield f"  {began}  {segment}: {_figures(event)} for {duration(event.duration_s)}"
        else:
            yield f"  {day(event.at_unix_s)}{event_line(event)}"


def method_word(method: str) -> str:
    """ "by ping", "by connecting"; "" of what is not asked."""
    return METHOD_WORDS.get(method.partition(":")[0], "")


def methods(legs: Iterable[Watched | LegTotal]) -> Iterator[str]:
    """By which method each leg is asked, a line each: "By ping: Router, Provider."."""
    by_word: dict[str, list[str]] = {}
    for leg in legs:
        if leg.target and (word := method_word(leg.method)):
            by_word.setdefault(word, []).append(LEG_WORDS[leg.leg])
    for word, names in by_word.items():
        yield f"{word[0].upper()}{word[1:]}: {', '.join(names)}."


def _total(leg: LegTotal) -> str:
    least = "at least " if leg.cut else ""  # the longest were not waited for to their end
    times = f"{ms(leg.p50_ms)} (95 %: {ms(leg.p95_ms)}, worst {least}{ms(leg.max_ms)})"
    if leg.p50_ms is None or leg.cut == leg.sent - leg.lost > 0:
        times = f"at least {ms(leg.p50_ms)}, not all of it" if leg.cut else "none"
    unsent = f", {leg.unsent} could not be sent" if leg.unsent else ""
    return f"{LEG_WORDS.get(leg.leg, leg.leg):<13} {times}, {lost_below(leg.sent, leg.lost)}{unsent}"
