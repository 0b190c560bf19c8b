"""Who got through to the EMR's port, for an IT helper?"""

from __future__ import annotations

from collections.abc import Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.reports.line import Line
from emrnetcheck.reports.wording import because, ms, opened


def port_lines(seen: Seen) -> Iterator[Line]:
    """Who got through to the EMR's port, and what arrived."""
    if seen.port is None:
        return
    port = seen.port
    listening = {True: "yes", False: "no", None: "not known"}[port.listening]
    bound = f" on {', '.join(port.bind)}" if port.bind else ""
    yield Line(f"{port.port}, listening here: {listening}{bound}", lead="port: ")
    for place, tried in (("loopback", port.loopback), ("LAN", port.lan), ("own public address", port.hairpin)):
        if tried is not None:
            state = opened(tried.open)
            yield Line(f"{place} {tried.address}: {state}, {ms(tried.rtt_ms)}{because(tried.failure)}", lead="port: ")
    for place, spoken in (("LAN", port.spoken_lan), ("own public address", port.spoken_hairpin)):
        if spoken is not None:
            shown = ", ".join(spoken.fingerprints) or "none"
            yield Line(f"certificate at the {place}: {shown}{because(spoken.failure)}", lead="port: ")
    for outside in port.outside:
        yield from _outside(outside)
    for outside in port.outside_v6:
        yield from _outside(outside, by=" by IPv6")
    if port.arrivals is not None:
        came = port.arrivals
        yield Line(
            f"connections from outside that arrived here meanwhile: {came.outside}, of them accepted {came.accepted}, "
            f"refused {came.refused}, ended by the other end {came.finished}; from {came.sources} addresses, "
            f"of which {came.kept_out} were never accepted"
            f"{because(came.failure)}",
            lead="port: ",
        )


def _outside(tried: OutsideTry, by: str = "") -> Iterator[Line]:
    how = f", {tried.how_shut.value}" if tried.how_shut is not None else ""
    yield Line(
        f"from outside{by} by {tried.service} to {tried.address or 'an address it did not tell'}: "
        f"{opened(tried.reachable)}{how}{because(tried.failure)}",
        lead="port: ",
    )
    for probe in tried.probes:
        yield Line(f"from {probe.where}: {opened(probe.reachable)}{because(probe.failure)}", lead="port: ")
    if tried.certificate is not None:
        yield Line(f"certificate from outside: {tried.certificate.fingerprint_sha256}", lead="port: ")
    if tried.certificate_failure is not None:
        yield Line(f"certificate from outside: none{because(tried.certificate_failure)}", lead="port: ")
