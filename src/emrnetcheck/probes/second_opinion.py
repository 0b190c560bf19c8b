"""What does speedtest-cli say of the upload, beside our own figure? Made only when asked for, after our own test."""

from __future__ import annotations

import time

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.second_opinion import SecondOpinion
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import second_opinion
from emrnetcheck.net.speedtest_list import LIST_HOST
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.throughput.address import host_of
from emrnetcheck.probes.throughput.plan import MB

_MOST_S = 40.0
_SPARE_S = 1.0
_LEAST_BYTES = 2 * MB  # four of its smallest uploads


def measure(site: Site, seen: Seen, context: Context) -> SecondOpinion | Failure:
    """speedtest-cli's figure, or why it gave none. OTHER where our own test gave no figure to stand beside."""
    if seen.upload is None or seen.upload.goodput_mbps is None:
        return Failure(FailureKind.OTHER, "second opinion", "", "there is no first one")
    cap_bytes = int(site.max_mb * MB) - context.ledger.sent_bytes
    if cap_bytes < _LEAST_BYTES:
        detail = f"upload.max_mb leaves {max(0, cap_bytes) / MB:.1f} MB to send"
        failure = Failure(FailureKind.OUT_OF_TIME, "second opinion", "", detail)
        return SecondOpinion(None, 0.0, 0, None, max(0, cap_bytes), capped=True, failure=failure)
    context.ledger.told(f"{LIST_HOST} and its servers near by", "this office's Internet address")
    started_s = time.monotonic()
    until_s = started_s + min(_MOST_S, context.remaining_s() - _SPARE_S)

    def stopping() -> bool:
        context.progress("a second opinion by speedtest-cli", max(0.0, until_s - time.monotonic()), None)
        return context.stop.is_set()

    said = second_opinion.ask(cap_bytes, until_s - started_s, stopping)
    context.ledger.count(sent_bytes=said.sent_bytes)
    if said.server is not None:
        context.ledger.told(host_of(said.server), "this office's Internet address, and data")
    return SecondOpinion(
        mbps=said.mbps,
        seconds=time.monotonic() - started_s,
        sent_bytes=said.sent_bytes,
        server=said.server,
        cap_bytes=cap_bytes,
        capped=said.capped,
        failure=said.failure,
    )


PROBE = Probe(
    name="second_opinion",
    title="second opinion on the upload",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, _MOST_S + _SPARE_S),
    alone=True,
    after=("upload",),
    leaves_office=True,
    on_request=True,
)
