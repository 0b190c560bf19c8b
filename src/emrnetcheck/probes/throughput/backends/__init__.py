"""Which kinds of throughput servers are there? An explicit list, in no order of preference."""

from __future__ import annotations

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.throughput.backends.cloudflare import Cloudflare
from emrnetcheck.probes.throughput.backends.iperf3 import Iperf3
from emrnetcheck.probes.throughput.backends.librespeed import LibreSpeed
from emrnetcheck.probes.throughput.backends.ndt7 import Ndt7
from emrnetcheck.probes.throughput.backends.responder import Responder
from emrnetcheck.probes.throughput.backends.speedtest import Speedtest
from emrnetcheck.probes.throughput.target import BackEnd

ALL: tuple[BackEnd, ...] = (LibreSpeed(), Cloudflare(), Speedtest(), Iperf3(), Ndt7(), Responder())


def choose(server: str, token_source: str | None = None) -> BackEnd | Failure:
    """The back end for one line of the settings' upload.servers; a failure naming the line if there is none.

    token_source: where the token is kept that makes this office known to a responder; no other kind has it.
    """
    for back_end in ALL:
        if back_end.accepts(server):
            return Responder(token_source) if isinstance(back_end, Responder) else back_end
    known = ", ".join(back_end.name for back_end in ALL)
    return Failure(FailureKind.NOT_CONFIGURED, "upload", clean(server), f"no such kind of server; known are {known}")
