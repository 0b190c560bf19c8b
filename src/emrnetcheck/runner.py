"""Measure each need once, in order; judge; leave out consequences; tell what happens meanwhile; give one Report."""

from __future__ import annotations

import os
import platform
import queue
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from emrnetcheck import __version__
from emrnetcheck.diagnosis import causes_of, headline_of, verdict_of
from emrnetcheck.evidence import Case, ClinicReport, Evidence, Seen
from emrnetcheck.judging import judge_all
from emrnetcheck.model import (
    Check,
    CheckResult,
    Ended,
    Environment,
    Event,
    Failure,
    FailureKind,
    Mode,
    Progressed,
    Report,
    Site,
    Started,
    Tool,
    Traffic,
)
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.net.privilege import is_administrator
from emrnetcheck.probes.context import Context, Ledger, Probe

SCHEMA = "emrnetcheck/report/1"
BUDGET_S: Mapping[Mode, float] = {Mode.QUICK: 75.0, Mode.STANDARD: 170.0, Mode.THOROUGH: 270.0}
# After Ctrl-C the probes get this long to close their sockets; the run must end within about a second.
_STOP_GRACE_S = 0.7
_POLL_S = 0.1

Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How one run is made. only, skip: ids of checks. also: names of the probes on request that are wanted.
    strict: bugs are raised instead of reported (for tests)."""

    mode: Mode = Mode.STANDARD
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    offline: bool = False
    also: tuple[str, ...] = ()
    strict: bool = False


@dataclass(slots=True)
class _Run:
    """What one run has so far."""

    site: Site
    options: Options
    tell: Tell
    ends_monotonic_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    ledger: Ledger = field(default_factory=Ledger)
    seen: Seen = field(default_factory=Seen)
    unmeasured: dict[str, Failure] = field(default_factory=dict)
    durations_s: dict[str, float] = field(default_factory=dict)
    bugs: list[BaseException] = field(default_factory=list)


def run(
    site: Site,
    options: Options,
    *,
    probes: Sequence[Probe],
    checks: Sequence[Check[Case, Any]],
    tell: Tell = lambda _event: None,
) -> ClinicReport:
    """One whole run. Ctrl-C ends the measuring: the report then says so and holds what was measured until then."""
    started_at, started_s = datetime.now(UTC), time.monotonic()
    chosen = _chosen(checks, options)
    unasked = {probe.name for probe in probes if probe.on_request and probe.name not in options.also}
    wanted = _wanted(checks, chosen, site) - unasked - _spared(probes, checks, chosen, options)
    # What was asked for on top has its time on top: it must not take it from the rest.
    extra_s = sum(probe.deadline_s[options.mode] for probe in probes if probe.on_request and probe.name in wanted)
    state = _Run(site, options, tell, started_s + BUDGET_S[options.mode] + extra_s)
    interrupted = False
    try:
        _measure(state, [probe for probe in probes if probe.name in wanted])
    except KeyboardInterrupt:
        interrupted = True
        state.stop.set()
        for name in wanted:
            if getattr(state.seen, name) is None:
                state.unmeasured.setdefault(name, Failure(FailureKind.INTERRUPTED))
    if options.strict and state.bugs:
        raise state.bugs[0]
    results = judge_all(
        checks,
        Case(site, state.seen),
        state.unmeasured,
        state.durations_s,
        not_asked=frozenset(check.id for check in checks if check not in chosen),
        strict=options.strict,
    )
    return _report(state, results, checks, started_at, time.monotonic() - started_s, interrupted=interrupted)


def _chosen(checks: Sequence[Check[Case, Any]], options: Options) -> list[Check[Case, Any]]:
    """What the user asked for. A check that lives on a skipped one (how many people an upload carries) goes with it."""
    return [
        check
        for check in checks
        if not {check.id, check.lives_on} & set(options.skip) and (not options.only or check.id in options.only)
    ]


def _wanted(checks: Sequence[Check[Case, Any]], chosen: Sequence[Check[Case, Any]], site: Site) -> set[str]:
    """Names of the evidence that the chosen checks look at, less what this clinic's way of access has no need of."""
    active = [check for check in chosen if site.access in check.needed_for]
    needless = {name for check in checks if site.access not in check.needed_for for name in check.needs}
    needed = {name for check in active for name in check.needs}
    return needed | ({name for check in active for name in check.uses} - needless)


def _spared(
    probes: Sequence[Probe], checks: Sequence[Check[Case, Any]], chosen: Sequence[Check[Case, Any]], options: Options
) -> set[str]:
    """What loads the line is not measured for those that only look at it, where the user skipped its own check."""
    needed = {name for check in chosen for name in check.needs}
    skipped = {name for check in checks if check.id in options.skip for name in check.needs}
    return {probe.name for probe in probes if probe.alone and probe.leaves_office and probe.name in skipped - needed}


def _measure(state: _Run, probes: list[Probe]) -> None:
    """Each probe once: neighbours in the list run side by side, but for those that must be alone or come after."""
    waves: list[list[Probe]] = []
    for probe in probes:
        together = waves and not probe.alone and not waves[-1][-1].alone
        if together and not any(other.name in probe.after for other in waves[-1]):
            waves[-1].append(probe)
        else:
            waves.append([probe])
    lookup = Lookup(() if state.options.offline else state.site.resolvers)
    for wave in waves:
        todo = []
        for probe in wave:
            reason = _not_now(state, probe)
            if reason is None:
                todo.append(probe)
            else:
                state.unmeasured[probe.name] = reason
        _measure_together(state, todo, lookup)


def _not_now(state: _Run, probe: Probe) -> Failure | None:
    """Why this probe is not even started."""
    if state.options.mode is Mode.QUICK and not probe.in_quick:
        return Failure(FailureKind.LEFT_OUT)
    if probe.leaves_office and (inside := _stay_inside(state)) is not None:
        return inside
    if time.monotonic() >= state.ends_monotonic_s:
        return Failure(FailureKind.OUT_OF_TIME, probe.title)
    address = state.seen.address
    if probe.alone and probe.leaves_office and address is not None and not address.outside_reached:
        return Failure(FailureKind.NETWORK_UNREACHABLE, probe.title, detail="nothing on the Internet answers")
    return None


def _stay_inside(state: _Run) -> Failure | None:
    """Why nothing outside the office is contacted, if so."""
    if state.options.offline:
        return Failure(FailureKind.OFFLINE)
    link = state.seen.link
    return Failure(FailureKind.NO_ROUTE) if link is not None and link.address is None else None


def _measure_together(state: _Run, probes: list[Probe], lookup: Lookup) -> None:
    """Run the probes in threads; one past its deadline is given up (a daemon thread that sees its own deadline)."""
    done: queue.Queue[tuple[Probe, Evidence | Failure, float]] = queue.Queue()
    seen = state.seen
    deadlines: dict[str, float] = {}
    pending: dict[str, Probe] = {}
    try:
        for probe in probes:
            allowed_s = min(probe.deadline_s[state.options.mode], max(0.0, state.ends_monotonic_s - time.monotonic()))
            deadlines[probe.name] = time.monotonic() + allowed_s
            state.tell(Started(probe.name, probe.title, allowed_s))
            pending[probe.name] = probe
            context = _context(state, probe, deadlines[probe.name], lookup)
            threading.Thread(target=_measure_one, args=(state, probe, seen, context, done), daemon=True).start()
        while pending:
            _collect(state, done, pending, deadlines)
    except KeyboardInterrupt:
        state.stop.set()
        ends = time.monotonic() + _STOP_GRACE_S
        while pending and time.monotonic() < ends:
            _collect(state, done, pending, deadlines)
        raise


def _context(state: _Run, probe: Probe, deadline_monotonic_s: float, lookup: Lookup) -> Context:
    def progress(text: str, seconds_left: float | None = None, live_mbps: float | None = None) -> None:
        state.tell(Progressed(probe.name, text, seconds_left, live_mbps))

    return Context(
        state.options.mode, deadline_monotonic_s, state.stop, lookup, state.ledger, progress, _stay_inside(state)
    )


def _measure_one(
    state: _Run,
    probe: Probe,
    seen: Seen,
    context: Context,
    done: queue.Queue[tuple[Probe, Evidence | Failure, float]],
) -> None:
    started_s = time.monotonic()
    outcome: Evidence | Failure
    try:
        outcome = probe.measure(state.site, seen, context)
    except Exception as bug:  # noqa: BLE001 - a bug in one probe must not cost the report; `strict` raises it in tests
        state.bugs.append(bug)
        outcome = Failure(FailureKind.INTERNAL, probe.title, detail=f"{type(bug).__name__}: {bug}"[:200])
    except BaseException as bug:  # noqa: BLE001 - the tests' no-network guard: it must end the run, not the thread
        state.bugs.append(bug)
        outcome = Failure(FailureKind.INTERNAL, probe.title, detail=type(bug).__name__)
    done.put((probe, outcome, time.monotonic() - started_s))


def _collect(
    state: _Run,
    done: queue.Queue[tuple[Probe, Evidence | Failure, float]],
    pending: dict[str, Probe],
    deadlines: dict[str, float],
) -> None:
    """Take one finished probe, or give up those whose time is over."""
    try:
        probe, outcome, duration_s = done.get(timeout=_POLL_S)
    except queue.Empty:
        for name in [name for name in pending if time.monotonic() > deadlines[name]]:
            late = pending.pop(name)
            _keep(state, late, Failure(FailureKind.OUT_OF_TIME, late.title), late.deadline_s[state.options.mode])
        return
    if pending.pop(probe.name, None) is not None:
        _keep(state, probe, outcome, duration_s)


def _keep(state: _Run, probe: Probe, outcome: Evidence | Failure, duration_s: float) -> None:
    failure = outcome if isinstance(outcome, Failure) else None
    if isinstance(outcome, Failure):
        state.unmeasured[probe.name] = outcome
    else:
        new: dict[str, Any] = {probe.name: outcome}
        state.seen = replace(state.seen, **new)
    state.durations_s[probe.name] = round(duration_s, 3)
    state.tell(Ended(probe.name, probe.title, failure, duration_s))


def _report(
    state: _Run,
    results: tuple[CheckResult, ...],
    checks: Sequence[Check[Case, Any]],
    started_at: datetime,
    duration_s: float,
    *,
    interrupted: bool,
) -> ClinicReport:
    verdict = verdict_of(results)
    causes = causes_of(results, {code: known.contact for check in checks for code, known in check.codes.items()})
    return Report(
        id=f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        schema=SCHEMA,
        site=state.site.name,
        vantage="host",
        mode=state.options.mode,
        started_at=started_at.replace(microsecond=0),
        duration_s=round(duration_s, 2),
        tool=Tool("emrnetcheck", __version__),
        environment=_environment(),
        verdict=verdict,
        headline=headline_of(verdict, causes),
        causes=causes,
        checks=results,
        evidence=state.seen,
        unmeasured=dict(state.unmeasured),
        traffic=Traffic(state.ledger.sent_bytes, state.ledger.received_bytes),
        third_parties=tuple(state.ledger.third_parties),
        interrupted=interrupted,
    )


def _environment() -> Environment:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return Environment(
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        privileged=is_administrator(),
        proxy=any(os.environ.get(name) for name in proxies),
    )
