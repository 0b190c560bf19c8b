"""How is an iperf3 server used? By the real iperf3; the figure is the server's own count."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from functools import partial

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import iperf3
from emrnetcheck.net.failures import clean
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.throughput.address import parse_base
from emrnetcheck.probes.throughput.beside import FRAME_PER_PAYLOAD, others_between
from emrnetcheck.probes.throughput.course import Hooks
from emrnetcheck.probes.throughput.meter import Meter
from emrnetcheck.probes.throughput.plan import MBPS_BYTES_PER_S, Load, LoadPlan
from emrnetcheck.probes.throughput.server_counts import Iperf3Report, iperf3_report, iperf3_sent_bytes, samples
from emrnetcheck.probes.throughput.target import Target

_SCHEME = "iperf3"
_DEFAULT_PORT = 5201
_SLOT_S = 1.0
_CAP_SHARE = 0.98  # -b is kept on average, and each stream may be a block ahead of it
_AT_THE_CAP = 0.9
_IDLE_LOOK_S = 1.0
_LOOK_EVERY_S = 0.1
_FRAME_BYTES = 1514
_GRACE_S = 3.0  # the end waits behind a full queue
_NOTHING_SENT = (FailureKind.UNSUPPORTED, FailureKind.REFUSED, FailureKind.REJECTED)


class Iperf3:
    """iperf3://HOST[:PORT]"""

    name = "iperf3"
    looks_meanwhile = False  # its JSON comes at the end

    def accepts(self, server: str) -> bool:
        return server.startswith(f"{_SCHEME}:")

    def find(self, server: str, context: Context) -> tuple[Target, ...] | Failure:  # noqa: ARG002
        authority = server.removeprefix(f"{_SCHEME}://").removesuffix("/")
        base = parse_base(f"http://{authority}")
        if base is None or base.path or not server.startswith(f"{_SCHEME}://"):
            detail = clean(f"{server} is not {_SCHEME}://HOST[:PORT]")
            return Failure(FailureKind.NOT_CONFIGURED, "upload", clean(server), detail)
        named = parse_base(f"https://{authority}")  # the other default: the same port means that one was given
        given = named is not None and named.port == base.port
        return (Target(base.host, base.port if given else _DEFAULT_PORT, False, "", scheme=_SCHEME),)

    def measure(self, target: Target, endpoint: Endpoint, plan: LoadPlan, hooks: Hooks) -> Load | Failure:
        """A run of fixed length: ramp and counted part. The data cap is kept by -b (the cap over the time), so a line
        faster than that shows as "at least". No round trips: the server takes any other connection for a client."""
        seconds = math.ceil(plan.ramp_s + plan.count_s)
        cap_mbps = plan.cap_bytes * _CAP_SHARE / seconds / MBPS_BYTES_PER_S
        meter = Meter(endpoint.address)
        idle_from = meter.mark(0, 0, 0)
        _let_others_show(plan, hooks)
        full_from = meter.mark(0, 0, 0)
        run = _run(endpoint, plan, seconds, cap_mbps)
        began_s = time.monotonic()
        ended = iperf3.upload(run, partial(_stopping, began_s + seconds, hooks))
        ended_s = time.monotonic()
        at_end = meter.mark(0, 0, 0)
        report = ended.failure or iperf3_report(ended.said, seconds)
        if isinstance(report, Failure | str):
            hooks.traffic(_sent_at_most(ended, ended_s - began_s, run, plan), 0)
            if isinstance(report, str):
                return Failure(FailureKind.MALFORMED, "upload", target.url, clean(report))
            return hooks.stopped() or report
        hooks.traffic(report.sent_bytes, 0)
        # What still waited in its send buffers counts as ours: that others sent is then said too late, not too soon.
        own_bytes = int(report.sent_bytes * FRAME_PER_PAYLOAD) + (report.resent_segments or 0) * _FRAME_BYTES
        full_to = replace(at_end, own_sent_bytes=own_bytes, own_known=report.resent_segments is not None)
        # iperf3 tells its start in whole seconds only. Some round trips before and after are not in the counts.
        start_s = (began_s + ended_s - report.counts[-1].at_s) / 2
        return replace(
            _load(report, plan, start_s, cap_mbps),
            idle_others=others_between(idle_from, full_from),
            loaded_others=others_between(full_from, full_to),
        )


def _let_others_show(plan: LoadPlan, hooks: Hooks) -> None:
    """The time before the load, in which only others send."""
    until_s = time.monotonic() + min(_IDLE_LOOK_S, plan.idle_s)
    while (left_s := until_s - time.monotonic()) > 0 and hooks.stopped() is None:
        hooks.progress("looking for other traffic", left_s, None)
        time.sleep(min(left_s, _LOOK_EVERY_S))


def _run(endpoint: Endpoint, plan: LoadPlan, seconds: int, cap_mbps: float) -> iperf3.Run:
    return iperf3.Run(
        address=endpoint.address,
        port=endpoint.port,
        seconds=seconds,
        streams=plan.streams,
        bits_per_s=int(cap_mbps * 1e6),
        connect_timeout_s=plan.connect_timeout_s,
        deadline_s=seconds + plan.connect_timeout_s + _GRACE_S,
    )


def _stopping(ends_s: float, hooks: Hooks) -> bool:
    hooks.progress("uploading with iperf3", max(0.0, ends_s - time.monotonic()), None)
    return hooks.stopped() is not None


def _load(report: Iperf3Report, plan: LoadPlan, start_s: float, cap_mbps: float) -> Load:
    mbps = report.counts[-1].n_bytes / report.counts[-1].at_s / MBPS_BYTES_PER_S
    at_the_cap = mbps >= _AT_THE_CAP * cap_mbps
    return Load(
        samples=samples(report.counts, start_s, plan.ramp_s),
        posts=(),
        sent_bytes=report.sent_bytes,
        idle_ms=(),
        loaded_ms=(),
        cpu_share=0.0,
        wall_ahead_s=time.time() - time.monotonic(),
        streams=plan.streams,
        stopped_by_cap=at_the_cap,
        limited=f"upload.max_mb allows no more than {cap_mbps:.1f} Mbps" if at_the_cap else None,
        slot_s=_SLOT_S,
        by_server=True,
    )


def _sent_at_most(ended: iperf3.Ended, took_s: float, run: iperf3.Run, plan: LoadPlan) -> int:
    """As it says itself; where it does not, what it could have sent in that time at the rate that it was given."""
    said = iperf3_sent_bytes(ended.said)
    if said is not None:
        return said
    if ended.failure is not None and (ended.failure.kind in _NOTHING_SENT or ended.failure.operation == "connect"):
        return 0
    return min(int(took_s * run.bits_per_s / 8), plan.cap_bytes)
