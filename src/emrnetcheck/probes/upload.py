"""How much does the line carry up, as a server confirms it? Asks the settings' servers in turn until one tells."""

from __future__ import annotations

import ipaddress
import statistics
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from emrnetcheck import __version__
from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.upload import ServerTry, Upload
from emrnetcheck.model import FAILURE_WORDS, Failure, FailureKind, Mode, Site
from emrnetcheck.net.failures import DETAIL_MAX_CHARS, clean
from emrnetcheck.net.stream import Endpoint
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.throughput import backends, engine
from emrnetcheck.probes.throughput.course import Hooks, enough
from emrnetcheck.probes.throughput.figures import CONFIDENCE, GOODPUT_PER_LINE_RATE, Figures, figures
from emrnetcheck.probes.throughput.plan import MB, Load, LoadPlan
from emrnetcheck.probes.throughput.reporter import Reporter
from emrnetcheck.probes.throughput.target import BackEnd, Target

_COUNT_S = {Mode.QUICK: 5.0, Mode.STANDARD: 8.0, Mode.THOROUGH: 28.0}
_FAR_ABOVE_RECOMMENDED = 2.0
_LEAST_COUNT_S = 3.0
_SPARE_S = 2.0  # for connecting and closing
_BUSY_CPU_SHARE = 0.8
_TOLD = "this office's Internet address, and random data"
_NOT_FOUND_DETAIL = "HTTP 404"
_AGENT = f"emrnetcheck/{__version__}"


def measure(site: Site, seen: Seen, context: Context) -> Upload | Failure:  # noqa: ARG001 - the shape of every probe
    """Upload goodput: bodies of POSTs, as the receiver's kernel or the server's answers confirm them."""
    plan = LoadPlan(
        count_s=_COUNT_S[context.mode],
        cap_bytes=int(site.max_mb * MB),
        pace_mbps=_FAR_ABOVE_RECOMMENDED * site.recommended_mbps,
    )
    return measure_with(site, context, plan)


def measure_with(site: Site, context: Context, plan: LoadPlan, *, ca_file: str | None = None) -> Upload | Failure:
    """As measure, with the load's parameters and the trusted authorities given. NO_SERVER if none could be used."""
    attempt = _Attempt(context, plan, ca_file)
    skipped: list[ServerTry] = []
    for server in site.upload_servers:
        outcome = attempt.server(server, skipped)
        if isinstance(outcome, Upload):
            return replace(outcome, skipped_servers=tuple(skipped))
        if outcome is not None:
            return outcome
    return Failure(FailureKind.NO_SERVER, "upload", "", _reasons(skipped))


def _reasons(skipped: list[ServerTry]) -> str:
    """Why none could be used, each in a few words; with what the servers said if there is room for it."""
    named = [(urlsplit(entry.server).hostname or entry.server, entry.failure) for entry in skipped]
    full = "; ".join(f"{name}: {Failure(why.kind, detail=why.detail).in_words()}" for name, why in named)
    short = "; ".join(f"{name}: {FAILURE_WORDS[why.kind]}" for name, why in named)
    return clean((full if len(full) <= DETAIL_MAX_CHARS else short) or "no server is set")


@dataclass(slots=True)
class _Attempt:
    """One run's tries. The data cap is for all of them together."""

    context: Context
    plan: LoadPlan
    ca_file: str | None
    spent_bytes: int = 0

    def server(self, server: str, skipped: list[ServerTry]) -> Upload | Failure | None:
        """The evidence; a failure that ends the probe; or None: it went into `skipped`, the next may be tried."""
        back_end = backends.choose(server)
        if isinstance(back_end, Failure):
            skipped.append(ServerTry("", clean(server), back_end))
            return None
        targets = back_end.find(server, self.context)
        if isinstance(targets, Failure):
            skipped.append(ServerTry(back_end.name, clean(server), targets))
            return self._stopped()
        for target in targets:
            outcome = self._target(back_end, target)
            if isinstance(outcome, Upload):
                return outcome
            skipped.append(ServerTry(back_end.name, target.url, outcome))
            ended = self._stopped()
            if ended is not None:
                return ended
            not_found = outcome.kind is FailureKind.HTTP_STATUS and outcome.detail.startswith(_NOT_FOUND_DETAIL)
            if not (not_found or isinstance(back_end, Reporter)):
                break
        return None

    def _target(self, back_end: BackEnd, target: Target) -> Upload | Failure:
        address = _address(target.host, self.context)
        if isinstance(address, Failure):
            return address
        if ipaddress.ip_address(address).is_global:
            self.context.ledger.told(target.host, target.told or _TOLD)
        endpoint = Endpoint(address, target.port, target.host if target.tls else None, self.ca_file)
        plan = self._plan_for_what_is_left()
        if isinstance(plan, Failure):
            return plan
        reporter = back_end if isinstance(back_end, Reporter) else None
        if reporter is not None:
            load = reporter.measure(target, endpoint, plan, self._hooks(target, plan))
        else:
            load = engine.measure(target, endpoint, plan, self._hooks(target, plan), _AGENT)
        if isinstance(load, Failure):
            return load
        found = figures(load, plan)
        if found is None:
            return Failure(FailureKind.OUT_OF_TIME, "upload", target.url, "too little was confirmed to tell a rate")
        seen = _evidence(back_end, target, endpoint, plan, load, found)
        return _as_reported(seen, load) if reporter is not None else seen

    def _plan_for_what_is_left(self) -> LoadPlan | Failure:
        plan = self.plan
        left_s = self.context.remaining_s() - plan.idle_s - plan.slow_ramp_s - _SPARE_S
        if left_s < min(_LEAST_COUNT_S, plan.count_s):
            return Failure(FailureKind.OUT_OF_TIME, "upload")
        left_bytes = plan.cap_bytes - self.spent_bytes
        if left_bytes < plan.streams * plan.first_body_bytes:
            detail = f"upload.max_mb leaves {max(0, left_bytes) / MB:.1f} MB to send"
            return Failure(FailureKind.OUT_OF_TIME, "upload", "", detail)
        return replace(plan, count_s=min(plan.count_s, left_s), cap_bytes=left_bytes)

    def _hooks(self, target: Target, plan: LoadPlan) -> Hooks:
        def progress(text: str, seconds_left: float | None, live_mbps: float | None) -> None:
            self.context.progress(f"{text} ({target.host})", seconds_left, live_mbps)

        def traffic(sent_bytes: int, received_bytes: int) -> None:
            self.spent_bytes += sent_bytes
            self.context.ledger.count(sent_bytes=sent_bytes, received_bytes=received_bytes)

        return Hooks(self._stopped, progress, traffic, enough(plan.count_s))

    def _stopped(self) -> Failure | None:
        if not self.context.stopping():
            return None
        kind = FailureKind.INTERRUPTED if self.context.stop.is_set() else FailureKind.OUT_OF_TIME
        return Failure(kind, "upload")


def _address(host: str, context: Context) -> str | Failure:
    """One address, IPv4 if there is one: the report names it."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name
    found = context.lookup.resolve(host)
    if isinstance(found, Failure) and found.kind is FailureKind.NAME_NO_ADDRESS:
        found = context.lookup.resolve(host, version=6)
    if isinstance(found, Failure):
        return found
    return found.addresses[0]


def _evidence(
    back_end: BackEnd, target: Target, endpoint: Endpoint, plan: LoadPlan, load: Load, found: Figures
) -> Upload:
    busy = load.cpu_share > _BUSY_CPU_SHARE
    return Upload(
        goodput_mbps=found.goodput_mbps,
        line_rate_mbps=found.goodput_mbps / GOODPUT_PER_LINE_RATE,
        lower_mbps=found.lower_mbps,
        upper_mbps=found.upper_mbps,
        confidence=None if found.lower_mbps is None else CONFIDENCE,
        settled=found.settled,
        seconds=found.end_s - found.start_s,
        sent_bytes=load.sent_bytes,
        method=found.method,
        back_end=back_end.name,
        server=target.url,
        address=endpoint.text(),
        idle_rtt_ms=statistics.median(load.idle_ms) if load.idle_ms else None,
        loaded_rtt_ms=statistics.median(load.loaded_ms) if load.loaded_ms else None,
        slot_s=plan.slot_s,
        ramp_s=found.ramp_s,
        samples=found.samples,
        streams=load.streams,
        confirmed_goodput_mbps=found.confirmed_goodput_mbps,
        window_start_unix_s=found.start_s + load.wall_ahead_s,
        window_end_unix_s=found.end_s + load.wall_ahead_s,
        tester_limited=f"it used {load.cpu_share:.0%} of a processor core" if busy else None,
        skipped_servers=(),
    )


def _as_reported(seen: Upload, load: Load) -> Upload:
    """What a server's own count makes different: the method, the slots, and a cap that may have been the limit."""
    limited = load.limited or seen.tester_limited
    return replace(seen, method="server_report", slot_s=load.slot_s or seen.slot_s, tester_limited=limited)


PROBE = Probe(
    name="upload",
    title="upload speed",
    measure=measure,
    deadline_s={Mode.QUICK: 25.0, Mode.STANDARD: 30.0, Mode.THOROUGH: 60.0},
    alone=True,
    after=("link", "lan", "address", "dns", "names", "port"),
    leaves_office=True,
)
