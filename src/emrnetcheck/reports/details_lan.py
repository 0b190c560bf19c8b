"""What does an IT helper want to see of the office network's answer times?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lan import LanTarget
from emrnetcheck.evidence.series import Series, loss_upper_ratio
from emrnetcheck.reports.line import Line

_FEW_SENT = 20
_FEW_LOST = 1000


def lan_lines(seen: Seen) -> Iterator[Line]:
    """Each host with its figures, and what a loss of none could still hide."""
    for target in seen.lan.targets if seen.lan is not None else ():
        yield Line(
            f"{target.role} {target.address} by {target.method}: {lost_in_words(target.sent, target.lost)}"
            f"{_times(target)}{_because(target)}{_hardware(target)}",
            lead="lan: ",
        )
    by_tcp = seen.lan.router_by_tcp if seen.lan is not None else None
    if by_tcp is not None:
        yield Line(f"router {by_tcp.address} by {by_tcp.method} meanwhile: {_answers(by_tcp)}", lead="lan: ")
    if seen.lan is not None and seen.lan.received_per_s is not None and seen.lan.sent_per_s is not None:
        yield Line(
            f"{seen.lan.received_per_s:.0f} packets a second came in, {seen.lan.sent_per_s:.0f} went out", lead="lan: "
        )
    yield from _loaded(seen)


def _loaded(seen: Seen) -> Iterator[Line]:
    """The office while the line was full, and while it was full itself."""
    for doing, load in (("upload", seen.upload), ("download", seen.download)):
        for series in load.office if load is not None else ():
            yield Line(f"{series.address} {_answers(series)}", lead=f"lan, {doing}: ")
    if seen.lan_load is None:
        return
    if seen.lan_load.damaged_frames is not None:
        yield Line(f"{seen.lan_load.damaged_frames} damaged frames at this computer meanwhile", lead="lan load: ")
    for doing, way in (("to", seen.lan_load.upload), ("from", seen.lan_load.download)):
        lead = f"lan load {doing}: "
        if way.failure is not None or way.goodput_mbps is None:
            yield Line(way.failure.in_words() if way.failure is not None else "nothing told", lead=lead)
            continue
        resent = "" if way.resent is None else f", {way.resent} segments sent again"
        limited = "" if way.tester_limited is None else f" ({way.tester_limited})"
        yield Line(f"{seen.lan_load.address} {way.goodput_mbps:.1f} Mbps{resent}{limited}", lead=lead)
        for series in way.hosts:
            yield Line(f"{series.address} {_answers(series)}", lead=lead)


def _answers(series: Series) -> str:
    lost = lost_in_words(series.sent, series.lost)
    if series.p50_ms is None or series.p95_ms is None:
        return lost
    return f"{lost}, median {series.p50_ms:.2f} ms, 95 of 100 within {series.p95_ms:.2f} ms"


def _hardware(target: LanTarget) -> str:
    """Whose network card it is, and that there are two."""
    if len(target.holders) > 1:
        return f"; held by {' and by '.join(target.holders)}"
    if target.mac is None:
        return ""
    return f"; {target.mac}" + (f", {target.maker}" if target.maker else "")


def lost_in_words(sent: int, lost: int) -> str:
    """Loss with what these probes cannot rule out (95 % confidence): "0 of 60 lost (up to 4.9 % possible)"."""
    possible = loss_upper_ratio(sent, lost)
    if possible is None:
        return "nothing sent"
    return f"{lost} of {sent} lost" + ("" if lost == sent else f" (up to {possible * 100:.1f} % possible)")


def lost_below(sent: int, lost: int) -> str:
    """The same for a short line, rounded up: "0 of 60 lost (below 4.9 %)". Few probes rule out nothing; of many lost it
    is hardly more than the share that was."""
    possible = loss_upper_ratio(sent, lost) if sent >= _FEW_SENT and lost <= _FEW_LOST else None
    said = "" if possible is None or lost == sent else f" (below {math.ceil(possible * 1000) / 10:.1f} %)"
    return f"{lost} of {sent} lost{said}"


def _times(target: LanTarget) -> str:
    if target.p50_ms is None:
        return ""
    shares = (("95", target.p95_ms), ("99", target.p99_ms))
    within = [f"{share} of 100 within {ms:.2f} ms" for share, ms in shares if ms is not None]
    longest = [] if target.max_ms is None else [f"longest {target.max_ms:.2f} ms"]
    jitter = [] if target.jitter_ms is None else [f"jitter {target.jitter_ms:.2f} ms"]
    return ", " + ", ".join([f"median {target.p50_ms:.2f} ms", *within, *longest, *jitter])


def _because(target: LanTarget) -> str:
    there = {True: "; it is there, ARP says", False: "; ARP finds nobody there", None: ""}[target.answers_arp]
    return "" if target.failure is None else f" ({target.failure.in_words()}{there})"
