"""Do this office's resolvers answer, how fast, and do they invent names?"""

from __future__ import annotations

import math
import secrets
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.dns import Dns, ResolverHealth
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import dns, lookup, routes
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.interception import intercepted_at
from emrnetcheck.probes.together import together

STABLE_NAME = "example.com"  # RFC 2606: it exists for good, and nobody minds the question
RELIABLE_TLD = "com"  # its registry has not invented names since 2003; .ws, .vg and .ph do (netfacts.md 1)
OFFICE_QUESTIONS = 5
PUBLIC_QUESTIONS = 3
RANDOM_LABELS = 2
SYSTEM_QUESTIONS = 2  # at once, and the quicker counts: a lost datagram costs one of them 5 s, a dead server both
_TIMEOUT_S = 1.0
_SYSTEM_DEADLINE_S = 4.0
_GIVE_UP_AFTER = 3  # so many unanswered, and none answered: more would only cost time
_TOLD = "that this office asks for a well-known name"


@dataclass(frozen=True, slots=True)
class _Invents:
    server: str
    invents: bool


@dataclass(frozen=True, slots=True)
class _System:
    ms: float | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class _Intercepted:
    at: tuple[str, ...]


_Part = ResolverHealth | _Invents | _System | _Intercepted


def measure(site: Site, seen: Seen, context: Context) -> Dns | Failure:  # noqa: ARG001 - the shape of every probe
    """Each resolver by itself, all of them side by side. A Failure only where the settings cannot be read."""
    configured = dns.system_resolvers()
    if isinstance(configured, Failure):
        return configured
    context.progress("asking the name servers", None, None)
    for server in site.resolvers:
        context.ledger.told(server, _TOLD)
    everybody = tuple(dict.fromkeys((*configured, *site.resolvers)))
    tasks: list[Callable[[], _Part]] = [
        *(partial(_health, server, OFFICE_QUESTIONS, context) for server in configured),
        *(partial(_health, server, PUBLIC_QUESTIONS, context) for server in site.resolvers),
        *(partial(_invents, server, context) for server in everybody),
        *[_system] * SYSTEM_QUESTIONS,
        lambda: _Intercepted(intercepted_at(site, context)),
    ]
    parts = together(tasks, context)
    health = [
        part if isinstance(part, ResolverHealth) else _late(server)
        for server, part in zip((*configured, *site.resolvers), parts, strict=False)
    ]
    late = _System(None, Failure(FailureKind.OUT_OF_TIME, "look up", STABLE_NAME))
    looked_up = [part for part in parts if isinstance(part, _System)]
    system = min(looked_up, key=_worth, default=late)
    return Dns(
        office=tuple(health[: len(configured)]),
        public=tuple(health[len(configured) :]),
        invented_by=tuple(part.server for part in parts if isinstance(part, _Invents) and part.invents),
        intercepted_at=next((part.at for part in parts if isinstance(part, _Intercepted)), ()),
        system_ms=system.ms,
        system_failure=system.failure,
    )


def _worth(part: _System) -> tuple[bool, float]:
    """An address counts before a failure, however quick that was; then the quicker."""
    return part.failure is not None, math.inf if part.ms is None else part.ms


def _late(server: str) -> ResolverHealth:
    return ResolverHealth(server, 0, 0, None, Failure(FailureKind.OUT_OF_TIME, "ask", server))


def _health(server: str, questions: int, context: Context) -> ResolverHealth:
    """One after the other, so that a question never waits for another of ours. Who says that the well-known name is not
    there has answered nothing: so do filters, login pages, and forwarders that have lost their way out."""
    if ":" in server and isinstance(no_v6 := routes.source_address(server, version=6), Failure):
        return ResolverHealth(server, 0, 0, None, no_v6)
    asked = 0
    rtts_ms: list[float] = []
    failure: Failure | None = None
    while asked < questions and not context.stopping():
        if not rtts_ms and asked >= _GIVE_UP_AFTER:
            break
        answer = dns.query(server, STABLE_NAME, "A", timeout_s=min(_TIMEOUT_S, context.remaining_s()))
        asked += 1
        if isinstance(answer, Failure):
            failure = answer
            continue
        context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
        nothing = dns.failure_of(answer) or dns.nothing_in(answer, STABLE_NAME)
        if nothing is None:
            rtts_ms.append(answer.rtt_ms)
        failure = nothing or failure
    rtt_ms = statistics.median(rtts_ms) if rtts_ms else None
    return ResolverHealth(server, asked, len(rtts_ms), rtt_ms, failure)


def _system() -> _System:
    """What a program on this computer waits for an address: the operating system asks its servers in turn."""
    started_s = time.perf_counter()
    found = lookup.system_addresses(STABLE_NAME, version=4, deadline_s=_SYSTEM_DEADLINE_S)
    if isinstance(found, Failure) and found.kind is FailureKind.OUT_OF_TIME:
        return _System(None, found)
    return _System((time.perf_counter() - started_s) * 1000, found if isinstance(found, Failure) else None)


def _invents(server: str, context: Context) -> _Invents:
    """Whether names that surely do not exist have an address there: every one of the random labels has."""
    for _ in range(RANDOM_LABELS):
        name = f"{secrets.token_hex(10)}.{RELIABLE_TLD}"
        answer = dns.query(server, name, "A", timeout_s=min(_TIMEOUT_S, context.remaining_s()))
        if isinstance(answer, Failure) or not answer.values:
            return _Invents(server, invents=False)
    return _Invents(server, invents=True)


PROBE = Probe(
    name="dns",
    title="Name look-up in the office",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 6.0),
    leaves_office=True,
)
