"""Measure each need once, in order, side by side where they do not disturb each other; give up what is late."""

from __future__ import annotations

import queue
import threading
import time
from dataclasses import replace
from typing import Any

from emrnetcheck.evidence import Evidence, Seen
from emrnetcheck.model import Ended, Failure, FailureKind, Mode, Progressed, Started
from emrnetcheck.net.lookup import Lookup
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.runner.state import Run

# After Ctrl-C the probes get this long to close their sockets; the run must end within about a second.
_STOP_GRACE_S = 0.7
_POLL_S = 0.1


def measure(state: Run, probes: list[Probe]) -> None:
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


def _not_now(state: Run, probe: Probe) -> Failure | None:
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


def _stay_inside(state: Run) -> Failure | None:
    """Why nothing outside the office is contacted, if so."""
    if state.options.offline:
        return Failure(FailureKind.OFFLINE)
    link = state.seen.link
    return Failure(FailureKind.NO_ROUTE) if link is not None and link.address is None else None


def _measure_together(state: Run, probes: list[Probe], lookup: Lookup) -> None:
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


def _context(state: Run, probe: Probe, deadline_monotonic_s: float, lookup: Lookup) -> Context:
    def progress(text: str, seconds_left: float | None = None, live_mbps: float | None = None) -> None:
        state.tell(Progressed(probe.name, text, seconds_left, live_mbps))

    return Context(
        state.options.mode, deadline_monotonic_s, state.stop, lookup, state.ledger, progress, _stay_inside(state)
    )


def _measure_one(
    state: Run,
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
    state: Run,
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


def _keep(state: Run, probe: Probe, outcome: Evidence | Failure, duration_s: float) -> None:
    failure = outcome if isinstance(outcome, Failure) else None
    if isinstance(outcome, Failure):
        state.unmeasured[probe.name] = outcome
    else:
        new: dict[str, Any] = {probe.name: outcome}
        state.seen = replace(state.seen, **new)
    state.durations_s[probe.name] = round(duration_s, 3)
    state.tell(Ended(probe.name, probe.title, failure, duration_s))
