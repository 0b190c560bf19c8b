"""How long does it take to look up the EMR's name from here, and do all whom this computer could ask say the same?"""

from __future__ import annotations

import ipaddress
import secrets
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.lookups import LookupAnswer, Lookups
from emrnetcheck.evidence.names import AddressTry
from emrnetcheck.model import NO_SUCH_NAME, Failure, FailureKind, Mode, Site
from emrnetcheck.net import dns, lookup, routes, tcp
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.together import together

OWN_QUESTIONS = 5
ANEW_QUESTIONS = 3  # for names that nobody has kept: what is kept hides a slow server behind the one that keeps it
PUBLIC_QUESTIONS = 2
SYSTEM_TRIES = 4  # the first may fetch what the later ones find kept
_OWN_TIMEOUT_S = 3.0  # a slow one is to be told from a dead one
_TIMEOUT_S = 1.0
_SYSTEM_DEADLINE_S = 6.0  # a resolver that is dead costs 5 s before the next is asked (resolv.conf(5))
_GIVE_UP_AFTER = 2
_CONNECT_TIMEOUT_S = 2.0
_TRIED_MAX = 4
_NOT_SENT = (FailureKind.NO_ROUTE, FailureKind.NETWORK_UNREACHABLE)
_TOLD = "the EMR's name"
_RECORDS = {4: "A", 6: "AAAA"}

_System = tuple[tuple[str, ...], tuple[float, ...], Failure | None]


@dataclass(frozen=True, slots=True)
class _Anew:
    """How long one name server took for what it cannot have kept."""

    server: str
    took_ms: tuple[float, ...]


def measure(site: Site, seen: Seen, context: Context) -> Lookups | Failure:  # noqa: ARG001 - the shape of every probe
    """NOT_NEEDED where the EMR is named by its address: there is nothing to look up then."""
    hostname = site.hostname
    if hostname is None or is_address(hostname):
        return Failure(FailureKind.NOT_NEEDED, "look up", hostname or "", "the EMR is given by its address")
    context.progress(f"looking up {hostname}", None, None)
    own = dns.system_resolvers()
    own_servers = own if isinstance(own, tuple) else ()
    public = tuple(server for server in site.resolvers if server not in own_servers)
    versions = _versions()
    asks: list[Callable[[], LookupAnswer | _System | _Anew]] = [
        partial(_system, hostname, versions, context),
        *(partial(_ask, server, "own", hostname, versions, context) for server in own_servers),
        *(partial(_ask, server, "public", hostname, versions, context) for server in public),
        *(partial(_ask_anew, server, hostname, context) for server in own_servers),
    ]
    results = together(asks, context)
    late = Failure(FailureKind.OUT_OF_TIME, "look up", hostname)
    first = results[0]
    system, system_ms, system_failure = first if isinstance(first, tuple) else ((), (), late)
    anew = {each.server: each.took_ms for each in results if isinstance(each, _Anew)}
    answers = tuple(
        replace(each, anew_ms=anew.get(each.server, ()) if each.kind == "own" else ())
        for each in results
        if isinstance(each, LookupAnswer)
    )
    tried = _tried(_to_try(system, answers), site.port, context)
    return Lookups(hostname, answers, system, system_ms, system_failure, tried)


def is_address(host: str) -> bool:
    """Whether it is an IP address, not a name."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _versions() -> tuple[int, int]:
    """Which addresses of the name are asked for, and which where there are none: those that this computer can reach."""
    return (6, 4) if routes.is_v6_only() else (4, 6)


def _system(hostname: str, versions: tuple[int, int], context: Context) -> _System:
    """What a browser waits for, again and again: the operating system's own look-up."""
    ends_s = time.monotonic() + min(_SYSTEM_DEADLINE_S, context.remaining_s())
    addresses: tuple[str, ...] = ()
    took_ms: list[float] = []
    for _ in range(SYSTEM_TRIES):
        left_s = ends_s - time.monotonic()
        if left_s <= 0 or context.stopping():
            break
        started_s = time.perf_counter()
        found = lookup.system_addresses(hostname, version=versions[0], deadline_s=left_s)
        left_s = ends_s - time.monotonic()
        if isinstance(found, Failure) and found.kind in NO_SUCH_NAME and left_s > 0:
            other = lookup.system_addresses(hostname, version=versions[1], deadline_s=left_s)
            found = other if isinstance(other, tuple) else found
        if isinstance(found, Failure):
            return addresses, tuple(took_ms), found
        took_ms.append((time.perf_counter() - started_s) * 1000.0)
        addresses = found
    return addresses, tuple(took_ms), None


def _ask(server: str, kind: str, hostname: str, versions: tuple[int, int], context: Context) -> LookupAnswer:
    """One after the other, so that a question never waits for another of ours."""
    questions = OWN_QUESTIONS if kind == "own" else PUBLIC_QUESTIONS
    asked, took_ms = 0, list[float]()
    addresses: dict[str, None] = {}
    failure: Failure | None = None
    first, other = (_RECORDS[version] for version in versions)
    record = first
    while asked < questions and not context.stopping() and (took_ms or asked < _GIVE_UP_AFTER):
        timeout_s = min(_OWN_TIMEOUT_S if kind == "own" else _TIMEOUT_S, context.remaining_s())
        answer = dns.query(server, hostname, record, timeout_s=timeout_s)
        asked += 1
        if kind == "public" and not (isinstance(answer, Failure) and answer.kind in _NOT_SENT):
            context.ledger.told(server, _TOLD)
        if isinstance(answer, Failure):
            failure = answer
            continue
        context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
        nothing = dns.nothing_in(answer, hostname)
        if record == first and nothing is not None and nothing.kind is FailureKind.NAME_NO_ADDRESS:
            record = other  # the next question is for its address of the other version
        failure = nothing or failure
        if dns.failure_of(answer) is None:
            took_ms.append(answer.rtt_ms)
            addresses |= dict.fromkeys(answer.values)
    ms = statistics.median(took_ms) if took_ms else None
    return LookupAnswer(server, kind, asked, len(took_ms), ms, tuple(addresses), failure)


def _ask_anew(server: str, hostname: str, context: Context) -> _Anew:
    """For names below the EMR's own that surely nobody has asked for: the answer, mostly a "no", is fetched."""
    took_ms = list[float]()
    for _ in range(ANEW_QUESTIONS):
        timeout_s = min(_OWN_TIMEOUT_S, context.remaining_s())
        if context.stopping() or timeout_s <= 0:
            break
        answer = dns.query(server, f"{secrets.token_hex(10)}.{hostname}", "A", timeout_s=timeout_s)
        if isinstance(answer, Failure):
            if not took_ms:
                break  # whether it is dead is asked with the name itself
            continue
        context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
        if dns.failure_of(answer) is None:
            took_ms.append(answer.rtt_ms)
    return _Anew(server, tuple(took_ms))


def _to_try(system: tuple[str, ...], answers: tuple[LookupAnswer, ...]) -> list[str]:
    """The addresses that were named, this computer's own first; () where all name the same."""
    named = dict.fromkeys((*system, *(address for answer in answers for address in answer.addresses)))
    return list(named)[:_TRIED_MAX] if len(named) > 1 else []


def _connect(address: str, port: int, timeout_s: float, context: Context) -> tcp.Answered | Failure:
    first = tcp.connect(address, port, timeout_s)
    again_s = min(timeout_s, context.remaining_s())
    silent = isinstance(first, Failure) and first.kind is FailureKind.TIMEOUT
    return tcp.connect(address, port, again_s) if silent and again_s > 0 and not context.stopping() else first


def _tried(addresses: list[str], port: int, context: Context) -> tuple[AddressTry, ...]:
    """Whether the EMR's port opens at each; who was silent is tried again, since packets may be lost."""
    timeout_s = min(_CONNECT_TIMEOUT_S, context.remaining_s())
    results = together([partial(_connect, address, port, timeout_s, context) for address in addresses], context)
    late = Failure(FailureKind.OUT_OF_TIME, "connect")
    tried = []
    for address, result in zip(addresses, results, strict=True):
        answered = result if isinstance(result, tcp.Answered) else None
        failure = answered.refusal if answered else result if isinstance(result, Failure) else late
        tried.append(AddressTry(address, port, answered is not None and answered.refusal is None, failure))
    return tuple(tried)


PROBE = Probe(
    name="lookups",
    title="The EMR's name",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 10.0),
    leaves_office=True,
)
