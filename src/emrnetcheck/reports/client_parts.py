"""How was each part of the way to the EMR, in a row of its own: its state in a word, and its figures?"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from emrnetcheck.evidence import ClinicReport, Seen
from emrnetcheck.evidence.series import Series
from emrnetcheck.model import Status
from emrnetcheck.reports import wording
from emrnetcheck.reports.details_lan import lost_below
from emrnetcheck.reports.line import STATE_INDENT, Line

SEGMENT_CHECK = "segment"


def fact(report: ClinicReport, name: str) -> object:
    """A fact of the answer; None where there is none."""
    findings = (finding for check in report.checks if check.id == SEGMENT_CHECK for finding in check.findings)
    return next((finding.facts.get(name) for finding in findings), None)


def legs(report: ClinicReport, name: str) -> tuple[str, ...]:
    """Legs by name, as the answer has them among its facts."""
    value = fact(report, name)
    return tuple(str(each) for each in value) if isinstance(value, (list, tuple)) else ()


def parts(report: ClinicReport) -> Iterator[Line]:
    """A row for each part: its state in a word, what it is, its figures."""
    for name, told_by, figures in _rows(report.evidence):
        state, word = _state(report, told_by, measured=bool(figures))
        yield Line(
            f"{name}: {figures or 'not measured'}", lead=word.ljust(STATE_INDENT), lead_style=_STATE_STYLE[state]
        )


_STATE_STYLE = {Status.PASS: "good", Status.FAIL: "bad", Status.WARN: "warn", Status.UNKNOWN: "unsure"}


def _state(report: ClinicReport, told_by: tuple[str, ...], *, measured: bool) -> tuple[Status, str]:
    """BAD is what the answer and its Also rest on; "bad" is bad as well, but follows from it or matters little."""
    if set(told_by) & {*legs(report, "because"), *legs(report, "also_because")}:
        return Status.FAIL, "BAD"
    if set(told_by) & set(legs(report, "excused")):
        return Status.PASS, "GOOD*"
    if set(told_by) & set(legs(report, "bad")):
        return Status.WARN, "bad"
    if measured and set(told_by) & set(legs(report, "normal")):
        return Status.PASS, "GOOD"
    unsure = measured and not set(told_by) & set(legs(report, "absent"))
    return Status.UNKNOWN, "UNSURE" if unsure else "-"


def _rows(seen: Seen) -> Iterator[tuple[str, tuple[str, ...], str]]:
    yield "This computer", ("own",), _computer(seen)
    yield "Router here", ("router", "addresses"), _of(seen, "router")
    yield "Provider", ("isp",), _of(seen, "isp")
    yield "Internet", ("outside", "own_bulk"), _outside(seen)
    yield "EMR's name", ("name",), _name(seen)
    yield "Way between", ("path",), _way_between(seen)
    yield "EMR's computer", ("server_tcp",), _of(seen, "server")
    yield "EMR's program", ("server_answer",), _program(seen)
    yield "EMR's pages", ("server_bulk", "server_loaded"), _pages(seen)


def _computer(seen: Seen) -> str:
    link = seen.link
    if link is None:
        return ""
    no_address = link.interface is None or link.address is None
    if (no_address or not link.is_up) and not (no_address and link.ipv6) and _nobody_answers(seen):
        return "no network connection"
    if no_address:
        return "no way out by IPv4"
    how = {"wired": "by cable", "wifi": "by Wi-Fi"}.get(link.medium, "connected")
    speed = f", {link.speed_mbps} Mbps" if link.speed_mbps is not None and link.medium != "wifi" else ""
    duplex = f", {link.duplex} duplex" if link.duplex == "half" else ""
    signal = f", signal {link.signal_dbm} dBm" if link.signal_dbm is not None else ""
    return f"{how}{speed}{duplex}{signal}{', through a VPN' if link.vpn else ''}"


def _nobody_answers(seen: Seen) -> bool:
    return not any(target.series.p50_ms is not None for target in (seen.way.targets if seen.way is not None else ()))


def _of(seen: Seen, leg: str) -> str:
    """The quickest of those who were asked on this leg."""
    asked = seen.way.of(leg) if seen.way is not None else ()
    answered = [series for series in asked if series.p50_ms is not None]
    if answered:
        return _times(min(answered, key=lambda series: series.p50_ms or 0.0))
    return f"no answer ({asked[0].sent} tries)" if asked and asked[0].sent else ""


def _times(series: Series) -> str:
    return f"{_ms(series.p50_ms)} (95 % within {_ms(series.p95_ms)}), {lost_below(series.sent, series.lost)}"


def _ms(duration_ms: float | None) -> str:
    if duration_ms is None:
        return "not known"
    return f"{duration_ms:.1f} ms" if duration_ms < 10.0 else f"{duration_ms:.0f} ms"  # noqa: PLR2004 - two digits


def _outside(seen: Seen) -> str:
    times = _of(seen, "outside")
    if seen.download is None or not times:
        return times
    return f"{times}; {seen.download.goodput_mbps:.1f} Mbps down"


def _name(seen: Seen) -> str:
    found = seen.lookups
    if found is None:
        return "given by its address" if seen.way is not None and seen.way.emr_address else ""
    if not found.system:
        return "not found"
    took = f"{_ms(median(found.system_ms))}, " if found.system_ms else ""
    anew = f" (fetched anew {_ms(found.anew_ms)})" if found.anew_ms is not None else ""
    return f"{took}{', '.join(found.system)}{anew}"


def _way_between(seen: Seen) -> str:
    traces = seen.path.traces if seen.path is not None else ()
    hops = max((len(trace.hops) for trace in traces), default=0)
    if hops:
        return f"{hops} routers seen on the way to the EMR"
    return "the EMR is in this network" if seen.way is not None and seen.way.inside else ""


def _program(seen: Seen) -> str:
    if seen.pages is None:
        return ""
    later = (*seen.pages.fresh[1:], *seen.pages.kept) or seen.pages.fresh
    firsts_ms = [get.first_byte_ms for get in later if get.first_byte_ms is not None]
    if not firsts_ms:
        return "no page came"
    agreed_ms = [get.tls_ms for get in seen.pages.fresh if get.tls_ms is not None]
    agreed = f"; encryption agreed on after {_ms(median(agreed_ms))}" if agreed_ms else ""
    sent_ms = [get.first_byte_ms for get in seen.pages.sent_on if get.first_byte_ms is not None]
    sent_on = f"; sent on to the page after {_ms(max(sent_ms))} at most" if sent_ms else ""
    return f"first byte after {_ms(median(firsts_ms))}, round trip included ({len(firsts_ms)} times){agreed}{sent_on}"


def _pages(seen: Seen) -> str:
    if seen.pages is None:
        return ""
    parts = []
    for what, gets in (("new", seen.pages.fresh), ("kept", seen.pages.kept)):
        totals_ms = [
            (get.connect_ms or 0.0) + (get.tls_ms or 0.0) + get.total_ms for get in gets if get.total_ms is not None
        ]
        if totals_ms:
            parts.append(f"{_ms(median(totals_ms))} on a {what} connection (longest {_ms(max(totals_ms))})")
    bulk = seen.pages.bulk
    if bulk is not None:
        rate = f" ({bulk.mbps:.1f} Mbps)" if bulk.mbps is not None else ""
        parts.append(f"{wording.megabytes(bulk.body_bytes)} that belong to it in {bulk.seconds:.1f} s{rate}")
    begun = any(get.first_byte_ms is not None for get in seen.pages.fresh)
    return ". ".join(parts) or ("none came to its end" if begun else "")
