"""Does anything come quickly to this computer, if the EMR's pages do not? A short download from somewhere else."""

from __future__ import annotations

import math

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.download import Download
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.probes import download
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.throughput.plan import MB, LoadPlan

_PLAN = LoadPlan(
    idle_s=0.4,
    ramp_s=1.0,
    count_s=2.0,
    cap_bytes=15 * MB,
    stall_bytes=16 * 1024,
    pace_mbps=math.inf,
)
"""Whether it is far more than what the EMR sends is asked, no more: that needs neither long nor much."""


def measure(site: Site, seen: Seen, context: Context) -> Download | Failure:
    """As for the clinic, shorter. Not begun where nobody on the Internet answers."""
    outside = seen.way.of("outside") if seen.way is not None else ()
    if outside and all(series.p50_ms is None for series in outside):
        return Failure(FailureKind.NETWORK_UNREACHABLE, "download", detail="nothing on the Internet answers")
    return download.measure_with(site, seen, context, _PLAN)


PROBE = Probe(
    name="download",
    title="A short download",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 15.0),
    alone=True,
    after=("link", "lookups", "way", "pages"),
    leaves_office=True,
)
