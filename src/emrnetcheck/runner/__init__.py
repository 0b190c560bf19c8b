"""Measure each need once, in order; judge; leave out consequences; tell what happens meanwhile; give one Report."""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from emrnetcheck import __version__
from emrnetcheck.evidence import Case, ClinicReport, Seen
from emrnetcheck.judging import judge_all
from emrnetcheck.model import Check, CheckResult, Environment, Failure, FailureKind, Mode, Report, Site, Tool, Traffic
from emrnetcheck.net.privilege import is_administrator
from emrnetcheck.probes.context import Probe
from emrnetcheck.runner.answer import answer_of
from emrnetcheck.runner.choosing import chosen_of, spared, wanted_by
from emrnetcheck.runner.measuring import measure
from emrnetcheck.runner.state import Options, Run, Tell

__all__ = ["BUDGET_S", "SCHEMA", "Options", "Tell", "run"]

SCHEMA = "emrnetcheck/report/1"
BUDGET_S: Mapping[Mode, float] = {Mode.QUICK: 75.0, Mode.STANDARD: 170.0, Mode.THOROUGH: 270.0}


def run(
    site: Site,
    options: Options,
    *,
    probes: Sequence[Probe],
    checks: Sequence[Check[Case, Any]],
    tell: Tell = lambda _event: None,
    known: Seen | None = None,
) -> ClinicReport:
    """One whole run. Ctrl-C ends the measuring: the report then says so and holds what was measured until then.

    known: evidence that is there already.
    """
    started_at, started_s = datetime.now(UTC), time.monotonic()
    chosen = chosen_of(checks, options)
    unasked = {probe.name for probe in probes if probe.on_request and probe.name not in options.also}
    unasked |= {probe.name for probe in probes if not probe.asked_for(site)}
    wanted = wanted_by(checks, chosen, site) - unasked - spared(probes, checks, chosen, options)
    # What was asked for on top has its time on top: it must not take it from the rest.
    extra_s = sum(probe.deadline_s[options.mode] for probe in probes if probe.on_request and probe.name in wanted)
    state = Run(site, options, tell, started_s + BUDGET_S[options.mode] + extra_s, seen=known or Seen())
    interrupted = False
    try:
        measure(state, [probe for probe in probes if probe.name in wanted])
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


def _report(
    state: Run,
    results: tuple[CheckResult, ...],
    checks: Sequence[Check[Case, Any]],
    started_at: datetime,
    duration_s: float,
    *,
    interrupted: bool,
) -> ClinicReport:
    return Report(
        id=f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
        schema=SCHEMA,
        site=state.site.name,
        vantage=state.options.vantage,
        mode=state.options.mode,
        started_at=started_at.replace(microsecond=0),
        duration_s=round(duration_s, 2),
        tool=Tool("emrnetcheck", __version__),
        environment=_environment(),
        evidence=state.seen,
        unmeasured=dict(state.unmeasured),
        traffic=Traffic(state.ledger.sent_bytes, state.ledger.received_bytes),
        third_parties=tuple(state.ledger.third_parties),
        interrupted=interrupted,
        **answer_of(results, checks, state.options.vantage, state.site.accepted_on(started_at.astimezone().date())),
    )


def _environment() -> Environment:
    proxies = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    return Environment(
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        privileged=is_administrator(),
        proxy=any(os.environ.get(name) for name in proxies),
    )
