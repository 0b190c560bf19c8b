"""How much does the line carry up, as a server confirms it? Asks the settings' servers in turn until one tells."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.upload import SecondServer, ServerTry, Upload
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.lan_beside import beside_a_load, who_answers_ping
from emrnetcheck.probes.throughput import backends, beside, engine, reach
from emrnetcheck.probes.throughput.course import Decide, Hooks, enough
from emrnetcheck.probes.throughput.figures import figures
from emrnetcheck.probes.throughput.plan import MB, LoadPlan
from emrnetcheck.probes.throughput.reporter import Reporter
from emrnetcheck.probes.throughput.sequential import Rules, Sequential, at_the_end
from emrnetcheck.probes.throughput.target import BackEnd, Target
from emrnetcheck.probes.throughput.verdict import better, evidence, rules_of, tested, wants_another

_FAR_ABOVE_RECOMMENDED = 2.0
_LEAST_COUNT_S = 3.0
_SEVERAL = 2
_SPARE_S = 2.0  # for connecting and closing
_TOLD = "this office's Internet address, and random data"


def measure(site: Site, seen: Seen, context: Context) -> Upload | Failure:
    """Upload goodput: bodies of POSTs, as the receiver's kernel or the server's answers confirm them."""
    if not site.upload_servers:
        return Failure(FailureKind.NO_CONSENT, "upload", detail="the settings name no server for it")
    with beside_a_load(who_answers_ping(seen.lan)) as beside_it:
        found = measure_with(site, context, plan_of(site, context.mode), rules=rules_of(site, context.mode))
    if isinstance(found, Failure):
        return found
    return replace(found, office=beside_it.between(found.window_start_unix_s, found.window_end_unix_s))


def plan_of(site: Site, mode: Mode) -> LoadPlan:
    """The load of a mode, with the site's limits."""
    return LoadPlan(
        count_s=rules_of(site, mode).looks_s[-1],
        cap_bytes=int(site.max_mb * MB),
        pace_mbps=_FAR_ABOVE_RECOMMENDED * site.recommended_mbps,
    )


def measure_with(
    site: Site, context: Context, plan: LoadPlan, *, rules: Rules | None = None, ca_file: str | None = None
) -> Upload | Failure:
    """As measure, with the load's parameters and the trusted authorities given. NO_SERVER if none could be used,
    STALLED if with several it began and then stopped.

    rules None: all of plan.count_s is counted. A result below the minimum, or one that the test itself may have
    limited, is measured once more at the next server that can be used; verdict.better says which of the two counts.
    """
    attempt = _Attempt(site, context, plan, rules or replace(rules_of(site, context.mode), looks_s=()), ca_file)
    skipped: list[ServerTry] = []
    first: Upload | None = None
    second: SecondServer | None = None
    for server in site.upload_servers:
        known = len(skipped)
        outcome = attempt.server(server, skipped)
        if isinstance(outcome, Upload):
            if first is not None:
                return replace(better(first, outcome), skipped_servers=tuple(skipped))
            first = outcome
            if not wants_another(first, attempt.rules):
                break
            continue
        if outcome is not None and first is None:
            return outcome
        if first is not None:
            second = SecondServer(clean(server), None, None, None, outcome or skipped[known].failure)
            if outcome is not None:
                break
    if first is None:
        kind = FailureKind.STALLED if _all_stalled(skipped) else FailureKind.NO_SERVER
        return Failure(kind, "upload", "", reach.reasons(skipped))
    return replace(first, skipped_servers=tuple(skipped), second=second)


def _all_stalled(skipped: list[ServerTry]) -> bool:
    """Whether it began and stopped everywhere: one server may be ill, but not several in different hands."""
    stalled = {each.server for each in skipped if each.failure.kind is FailureKind.STALLED}
    return len(stalled) >= _SEVERAL and all(each.failure.kind is FailureKind.STALLED for each in skipped)


@dataclass(slots=True)
class _Attempt:
    """One run's tries. The data cap is for all of them together."""

    site: Site
    context: Context
    plan: LoadPlan
    rules: Rules
    ca_file: str | None
    spent_bytes: int = 0
    live_mbps: float | None = None
    """Of the last second, while a load is on."""

    def server(self, server: str, skipped: list[ServerTry]) -> Upload | Failure | None:
        """The evidence; a failure that ends the probe; or None: it went into `skipped`, the next may be tried."""
        back_end = backends.choose(server, self.site.responder_token)
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
            if not (reach.is_not_found(outcome) or isinstance(back_end, Reporter)):
                break
        return None

    def _target(self, back_end: BackEnd, target: Target) -> Upload | Failure:
        self.live_mbps = None
        endpoint = reach.endpoint_of(target, self.context, target.told or _TOLD, self.ca_file)
        if isinstance(endpoint, Failure):
            return endpoint
        reporter = back_end if isinstance(back_end, Reporter) else None
        rules = self.rules if reporter is None or reporter.looks_meanwhile else at_the_end(self.rules)
        plan = self._plan_for_what_is_left(rules)
        if isinstance(plan, Failure):
            return plan
        test = Sequential(rules, plan.pace_mbps, max(plan.count_s, self._left_to_count_s()), plan.streams)
        hooks = self._hooks(target, test if rules.looks_s else enough(plan.count_s))
        if reporter is not None:
            load = reporter.measure(target, endpoint, plan, hooks)
        else:
            load = engine.measure(target, endpoint, plan, hooks, reach.AGENT)
        if isinstance(load, Failure):
            return load
        self.live_mbps = None
        if reporter is not None and not reporter.looks_meanwhile:
            hooks.decide(load.samples, load.posts)
        found = figures(load, plan, max(1, len(rules.looks_s)), rules.minimum_mbps)
        if found is None:
            return Failure(FailureKind.OUT_OF_TIME, "upload", target.url, "too little was confirmed to tell a rate")
        seen = tested(evidence(back_end, target, endpoint, plan, load, found), found, test)
        return beside.with_what_was_beside(seen, load)

    def _plan_for_what_is_left(self, rules: Rules) -> LoadPlan | Failure:
        plan = self.plan if rules.only_look_s is None else replace(self.plan, count_s=rules.only_look_s)
        left_s = self._left_to_count_s()
        if left_s < min(_LEAST_COUNT_S, plan.count_s):
            return Failure(FailureKind.OUT_OF_TIME, "upload")
        left_bytes = plan.cap_bytes - self.spent_bytes
        if left_bytes < plan.streams * plan.first_body_bytes:
            detail = f"upload.max_mb leaves {max(0, left_bytes) / MB:.1f} MB to send"
            return Failure(FailureKind.OUT_OF_TIME, "upload", "", detail)
        return replace(plan, count_s=min(plan.count_s, left_s), cap_bytes=left_bytes)

    def _left_to_count_s(self) -> float:
        return self.context.remaining_s() - self.plan.idle_s - self.plan.slow_ramp_s - _SPARE_S

    def _hooks(self, target: Target, decided: Decide) -> Hooks:
        def progress(text: str, seconds_left: float | None, live_mbps: float | None) -> None:
            self.live_mbps = live_mbps
            self.context.progress(f"{text} ({target.host})", seconds_left, live_mbps)

        def traffic(sent_bytes: int, received_bytes: int) -> None:
            self.spent_bytes += sent_bytes
            self.context.ledger.count(sent_bytes=sent_bytes, received_bytes=received_bytes)

        return Hooks(self._stopped, progress, traffic, decided)

    def _stopped(self) -> Failure | None:
        failure = self.context.stopped("upload")
        if failure is None or self.live_mbps is None:
            return failure
        return replace(failure, detail=f"about {self.live_mbps:.1f} Mbps just before, not a result")


PROBE = Probe(
    name="upload",
    title="upload speed",
    measure=measure,
    # Twice, if the first result is below the minimum: each connects, ramps, counts (after a burst up to 16 s more), and
    # waits for answers.
    deadline_s={Mode.QUICK: 60.0, Mode.STANDARD: 110.0, Mode.THOROUGH: 150.0},
    alone=True,
    after=("link", "lan", "address", "dns", "names", "port"),
    leaves_office=True,
)
