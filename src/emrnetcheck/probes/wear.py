"""What has the network card counted while everything else was measured? The last one to look."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.link import CardCounters
from emrnetcheck.evidence.wear import Wear
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import host
from emrnetcheck.probes.context import Context, Probe


def measure(site: Site, seen: Seen, context: Context) -> Wear | Failure:  # noqa: ARG001 - the shape of every probe
    """The counters of the card that `link` found, once more; reads only, sends nothing."""
    link = seen.link
    if link is None or link.interface is None:
        return Failure(FailureKind.NO_ROUTE, "compare the counters of the network card")
    way = host.way_out()
    card = link.card or link.interface
    grown = _grown(link.counters, host.counters(card))
    started_s = link.counted_at_s
    seconds = None if started_s is None else max(0.0, round(time.monotonic() - started_s, 1))
    return Wear(way.interface, way.address, seconds, grown, host.counted_by(card) if grown is not None else None)


def _grown(before: CardCounters | None, now: Mapping[str, int | None]) -> CardCounters | None:
    """Each counter's difference; None for one that went back, because the card was reset, or came up anew."""
    if before is None or not now:
        return None
    earlier = asdict(before)
    return CardCounters(**{name: _difference(earlier[name], value) for name, value in now.items()})


def _difference(earlier: int | None, later: int | None) -> int | None:
    return later - earlier if earlier is not None and later is not None and later >= earlier else None


PROBE = Probe(
    name="wear",
    title="The network card's counters",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 5.0),
    alone=True,
    after=("link",),
)
