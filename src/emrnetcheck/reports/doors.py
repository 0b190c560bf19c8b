"""What does an IT helper want to see of the doors that must be shut: by whom they were tried, and which is open?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.exposure import Exposure
from emrnetcheck.evidence.port import HowShut, OutsideTry
from emrnetcheck.reports.line import Line


def exposure_lines(seen: Seen) -> Iterator[Line]:
    """One line for each service that was asked, and one for what listens on the server."""
    doors = seen.exposure
    if doors is None:
        return
    if doors.held_back is not None:
        yield Line(
            f"{len(doors.ports)} doors, nobody outside was asked: {doors.held_back.value.replace('_', ' ')}",
            lead="exposure: ",
        )
    for service in dict.fromkeys(each.service for each in doors.tries):
        yield Line(_said(doors, service), lead="exposure: ")
    if doors.listeners is not None:
        held = "; ".join(
            f"{each.port} on {', '.join(each.bind)}" + (f" by {', '.join(each.programs)}" if each.programs else "")
            for each in doors.listeners
        )
        yield Line(f"of these doors the EMR server itself holds open: {held or 'none'}", lead="exposure: ")
    elif doors.listeners_failure is not None:
        yield Line(f"what listens on the EMR server: {doors.listeners_failure.in_words()}", lead="exposure: ")


def _said(doors: Exposure, service: str) -> str:
    tries = [each for each in doors.tries if each.service == service]
    dialled = ", ".join(dict.fromkeys(each.address for each in tries if each.address)) or "an address it did not tell"
    parts = [f"open {_ports(each for each in tries if each.reachable)}"]
    for how, words in ((HowShut.REFUSED, "refused"), (HowShut.SILENT, "silent"), (None, "shut")):
        ports = _ports(each for each in tries if each.reachable is False and each.how_shut is how)
        if ports != "none":
            parts.append(f"{words} {ports}")
    unanswered = [each for each in tries if each.reachable is None]
    if unanswered:
        why = dict.fromkeys(each.failure.in_words() for each in unanswered if each.failure is not None)
        parts.append(f"no answer for {_ports(unanswered)} ({'; '.join(why)})")
    return f"by {service} to {dialled}, control port {doors.control_port}: {'; '.join(parts)}"


def _ports(tries: Iterable[OutsideTry]) -> str:
    return ", ".join(str(each.port) for each in tries) or "none"
