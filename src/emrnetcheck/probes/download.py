"""How much does the line carry down, and how long do answers take meanwhile? Short; the upload is what decides."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.download import Download
from emrnetcheck.evidence.upload import ServerTry, Upload
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net.failures import clean
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.lan_beside import beside_a_load, who_answers_ping
from emrnetcheck.probes.throughput import backends, beside, engine, reach
from emrnetcheck.probes.throughput.address import parse_base
from emrnetcheck.probes.throughput.backends.responder import Responder
from emrnetcheck.probes.throughput.course import Hooks, enough
from emrnetcheck.probes.throughput.figures import GOODPUT_PER_LINE_RATE, Figures, figures
from emrnetcheck.probes.throughput.plan import MB, Load, LoadPlan
from emrnetcheck.probes.throughput.sequential import CONFIDENCE
from emrnetcheck.probes.throughput.target import BackEnd, Downloads, Source, Target

_COUNT_S = {Mode.QUICK: 4.0, Mode.STANDARD: 4.0, Mode.THOROUGH: 8.0}  # after 2 s of ramp
_CAP_BYTES = 25 * MB
"""4 s of load at 50 Mbps, enough to see the delay. A thorough run may take upload.max_mb; no run takes more."""
_LEAST_COUNT_S = 2.0
_SPARE_S = 1.0  # for connecting and closing
_STALL_BYTES = 16 * 1024  # in 4 s: 33 kbps. Less is a server that trickles, or a line that is as good as dead
_BUSY_CPU_SHARE = 0.8
_LEAST_SECONDS = 1.0
_MS_PER_MINUTE = 60_000.0
_TOLD = "this office's Internet address"


def measure(site: Site, seen: Seen, context: Context) -> Download | Failure:
    """Download goodput: bodies of answers, as this program reads them. NO_SERVER if none could be used."""
    if not site.upload_servers:
        return Failure(FailureKind.NO_CONSENT, "download", detail="the settings name no server for it")
    cap_bytes = int(site.max_mb * MB)
    plan = LoadPlan(
        count_s=_COUNT_S[context.mode],
        cap_bytes=cap_bytes if context.mode is Mode.THOROUGH else min(cap_bytes, _CAP_BYTES),
        stall_bytes=_STALL_BYTES,
        pace_mbps=math.inf,
    )
    with beside_a_load(who_answers_ping(seen.lan)) as beside_it:
        found = measure_with(site, seen, context, plan)
    if isinstance(found, Failure):
        return found
    return replace(found, office=beside_it.between(found.window_start_unix_s, found.window_end_unix_s))


def measure_with(
    site: Site, seen: Seen, context: Context, plan: LoadPlan, *, ca_file: str | None = None
) -> Download | Failure:
    """As measure, with the load's parameters and the trusted authorities given.

    The server that the upload used is asked first, then those of the settings in order, until one tells.
    """
    attempt = _Attempt(context, plan, ca_file)
    skipped: list[ServerTry] = []
    for server, found in _servers(site, seen.upload, context):
        ended = reach.stopped(context, "download")
        if ended is not None:
            return ended
        if isinstance(found, ServerTry):
            skipped.append(found)
            continue
        for source in found:
            outcome = attempt.source(server, source)
            if isinstance(outcome, Download):
                return replace(outcome, skipped_servers=tuple(skipped))
            skipped.append(ServerTry(server, source.url, outcome))
            if not reach.is_not_found(outcome):
                break
    ended = reach.stopped(context, "download")
    return ended or Failure(FailureKind.NO_SERVER, "download", "", reach.reasons(skipped))


def _servers(
    site: Site, upload: Upload | None, context: Context
) -> Iterator[tuple[str, tuple[Source, ...] | ServerTry]]:
    """(back end, where to ask), each looked for only when it is wanted: a list of servers takes seconds to get."""
    used = None if upload is None else _used(upload, site, context)
    if used is not None:
        yield used
    for server in site.upload_servers:
        back_end = backends.choose(server, site.responder_token)
        if isinstance(back_end, Failure):
            yield "", ServerTry("", clean(server), replace(back_end, operation="download"))
            continue
        if upload is not None and used is not None and back_end.name == upload.back_end == server:
            continue  # that was it
        found = back_end.find(server, context) if isinstance(back_end, Downloads) else _other_kind(server)
        if isinstance(found, Failure):
            yield back_end.name, ServerTry(back_end.name, clean(server), replace(found, operation="download"))
        elif upload is None or used is None or found[0].authority != _authority(upload.server):
            yield back_end.name, _sources(back_end, found)


def _used(upload: Upload, site: Site, context: Context) -> tuple[str, tuple[Source, ...]] | None:
    """The server of the upload, asked the other way."""
    if upload.back_end == Responder().name:
        return _used_responder(upload, site, context)
    base = parse_base(upload.server)
    back_end = next((each for each in backends.ALL if each.name == upload.back_end), None)
    if base is None or not isinstance(back_end, Downloads):
        return None
    return upload.back_end, back_end.sources(Target(base.host, base.port, base.tls, base.path))


def _used_responder(upload: Upload, site: Site, context: Context) -> tuple[str, tuple[Source, ...]] | None:
    """Its pin and its token are in the settings only."""
    back_end = Responder(site.responder_token)
    for server in filter(back_end.accepts, site.upload_servers):
        found = back_end.find(server, context)
        if not isinstance(found, Failure) and found[0].url == upload.server:
            return back_end.name, back_end.sources(found[0])
    return None


def _authority(url: str) -> str:
    base = parse_base(url)
    return "" if base is None else Target(base.host, base.port, base.tls, base.path).authority


def _sources(back_end: BackEnd, targets: tuple[Target, ...]) -> tuple[Source, ...]:
    return back_end.sources(targets[0]) if isinstance(back_end, Downloads) else ()


def _other_kind(server: str) -> Failure:
    return Failure(FailureKind.UNSUPPORTED, "download", clean(server), "not measured with this kind of server")


@dataclass(slots=True)
class _Attempt:
    """One run's tries. The data cap is for all of them together."""

    context: Context
    plan: LoadPlan
    ca_file: str | None
    spent_bytes: int = 0

    def source(self, back_end: str, source: Source) -> Download | Failure:
        plan = self._plan_for_what_is_left()
        if isinstance(plan, Failure):
            return plan
        endpoint = reach.endpoint_of(source, self.context, _TOLD, self.ca_file)
        if isinstance(endpoint, Failure):
            return endpoint
        load = engine.fetch(source, endpoint, plan, self._hooks(source, plan), reach.AGENT)
        if isinstance(load, Failure):
            return load
        found = figures(load, plan, 1)
        if found is None:
            return Failure(FailureKind.OUT_OF_TIME, "download", source.url, "too little was received to tell a rate")
        return _evidence(back_end, source, endpoint, plan, load, found)

    def _plan_for_what_is_left(self) -> LoadPlan | Failure:
        plan = self.plan
        left_s = self.context.remaining_s() - plan.idle_s - plan.slow_ramp_s - _SPARE_S
        if left_s < min(_LEAST_COUNT_S, plan.count_s):
            return Failure(FailureKind.OUT_OF_TIME, "download")
        left_bytes = plan.cap_bytes - self.spent_bytes
        if left_bytes < plan.receive_bytes:
            detail = f"the limit leaves {max(0, left_bytes) / MB:.1f} MB to receive"
            return Failure(FailureKind.OUT_OF_TIME, "download", "", detail)
        return replace(plan, count_s=min(plan.count_s, left_s), cap_bytes=left_bytes)

    def _hooks(self, source: Source, plan: LoadPlan) -> Hooks:
        def progress(text: str, seconds_left: float | None, live_mbps: float | None) -> None:
            self.context.progress(f"{text} ({source.host})", seconds_left, live_mbps)

        def traffic(sent_bytes: int, received_bytes: int) -> None:
            self.spent_bytes += received_bytes
            self.context.ledger.count(sent_bytes=sent_bytes, received_bytes=received_bytes)

        return Hooks(lambda: reach.stopped(self.context, "download"), progress, traffic, enough(plan.count_s))


def _evidence(
    back_end: str, source: Source, endpoint: Endpoint, plan: LoadPlan, load: Load, found: Figures
) -> Download:
    seconds = found.end_s - found.start_s
    limited = None
    if load.cpu_share > _BUSY_CPU_SHARE:
        limited = f"this computer used {load.cpu_share:.0%} of a processor core"
    elif load.stopped_by_cap and seconds < _LEAST_SECONDS:
        limited = f"the limit on data ended it after {seconds:.1f} s"
    loaded_ms = statistics.median(load.loaded_ms) if load.loaded_ms else None
    return Download(
        goodput_mbps=found.goodput_mbps,
        line_rate_mbps=found.goodput_mbps / GOODPUT_PER_LINE_RATE,
        lower_mbps=found.lower_mbps,
        upper_mbps=found.upper_mbps,
        confidence=None if found.lower_mbps is None else CONFIDENCE,
        settled=found.settled,
        seconds=seconds,
        received_bytes=load.received_bytes,
        method="received",
        back_end=back_end,
        server=source.url,
        address=endpoint.text(),
        idle_rtt_ms=statistics.median(load.idle_ms) if load.idle_ms else None,
        loaded_rtt_ms=loaded_ms,
        idle_rtt_p95_ms=beside.p95(load.idle_ms),
        loaded_rtt_p95_ms=beside.p95(load.loaded_ms),
        idle_probes=len(load.idle_ms),
        loaded_probes=len(load.loaded_ms),
        loaded_seconds=load.loaded_s,
        rpm=_MS_PER_MINUTE / loaded_ms if loaded_ms else None,
        slot_s=plan.slot_s,
        ramp_s=found.ramp_s,
        samples=found.samples,
        streams=load.streams,
        window_start_unix_s=found.start_s + load.wall_ahead_s,
        window_end_unix_s=found.end_s + load.wall_ahead_s,
        tester_limited=limited,
        skipped_servers=(),
        other_received_mbps=load.idle_others.received_mbps if load.idle_others else None,
        other_during_mbps=load.loaded_others.received_mbps if load.loaded_others else None,
        burst_mbps=found.drop.mbps if found.drop else None,
        burst_seconds=found.drop.seconds if found.drop else None,
    )


PROBE = Probe(
    name="download",
    title="download speed",
    measure=measure,
    # One load is 8 s, or 12; one more at another server, and the list of speedtest.net, have room beside it.
    deadline_s={Mode.QUICK: 25.0, Mode.STANDARD: 25.0, Mode.THOROUGH: 35.0},
    alone=True,
    after=("link", "lan", "address", "dns", "names", "port", "upload"),
    leaves_office=True,
    in_quick=False,
)
