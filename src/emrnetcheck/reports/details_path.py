"""What does an IT helper want to see of the way out: each router with its times, and the packet sizes?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.path import Mtu, Trace, TraceHop
from emrnetcheck.evidence.series import Series
from emrnetcheck.reports.line import Line


def path_lines(seen: Seen) -> Iterator[Line]:
    """Per way: the routers, the target, and which packets get through."""
    if seen.path is None:
        return
    for trace in seen.path.traces:
        yield from _trace(trace)
    for witness in seen.path.witnesses:
        yield Line(f"{witness.address}, asked at the same time: {_series(witness)}", lead="path: ")
    for mtu in seen.path.mtus:
        yield Line(f"packets to {mtu.towards}: {_sizes(mtu)}", lead="path: ")


def _trace(trace: Trace) -> Iterator[Line]:
    address = f" ({trace.address})" if trace.address != trace.towards else ""
    why = f"; no routers seen: {trace.failure.in_words()}" if trace.failure is not None else ""
    yield Line(
        f"to {trace.towards}{address}, routers by {trace.method}: the target itself {_series(trace.end)}{why}",
        lead="path: ",
    )
    for hop in trace.hops:
        yield Line(_hop(hop), lead="path: ")


def _hop(hop: TraceHop) -> str:
    if hop.address is None:
        return f"{hop.ttl:>2} no answer"
    others = f" (and {', '.join(hop.others)})" if hop.others else ""
    times = f"answered {hop.probed.sent - hop.probed.lost} of {hop.probed.sent}, median {_ms(hop.probed.p50_ms)}"
    asked = f"; asked itself {_series(hop.asked)}" if hop.asked is not None else ""
    return f"{hop.ttl:>2} {hop.address}{others}: {times}{asked}"


def _series(series: Series) -> str:
    if series.p50_ms is None:
        return f"no answer to {series.sent} probes" if series.sent else "not asked"
    return (
        f"by {series.method}: {series.lost} of {series.sent} lost, median {_ms(series.p50_ms)}, "
        f"95 of 100 within {_ms(series.p95_ms)}"
    )


def _sizes(mtu: Mtu) -> str:
    """Each size in one word or two, the largest first."""
    if mtu.failure is not None:
        return f"not tried: {mtu.failure.in_words()}"
    words = []
    for size in mtu.sizes:
        if size.answered:
            words.append(f"{size.size_bytes} bytes answered")
        elif size.told_mtu is not None:
            fits = f", {size.told_mtu} fit" if size.told_mtu else ""
            words.append(f"{size.size_bytes} too large for {size.told_by or 'this computer'}{fits}")
        elif size.sent:
            words.append(f"{size.size_bytes} without any answer ({size.sent} tries)")
    if mtu.tcp_packet_bytes is not None:
        words.append(f"TCP makes packets of {mtu.tcp_packet_bytes}")
    return "; ".join(words) or "none was sent"


def _ms(value: float | None) -> str:
    return f"{value:.1f} ms" if value is not None else "not known"
