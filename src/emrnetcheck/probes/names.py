"""Where does the EMR's name lead: at its source, at public resolvers, and in this office?"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address_class import AddressClass, address_class
from emrnetcheck.evidence.names import AddressTry, NameAnswer, Names, Reverse, published_v6
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import dns, doh, hosts_file, lookup, routes, tcp
from emrnetcheck.net.failures import clean
from emrnetcheck.probes import zone as zones
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.interception import intercepted_at
from emrnetcheck.probes.source_view import TOLD, SourceView, ask, failed, named, source_view
from emrnetcheck.probes.together import together
from emrnetcheck.probes.zone import NameServer, Recursive

_SYSTEM_DEADLINE_S = 3.0
_HTTPS_TIMEOUT_S = 2.0
_CONNECT_TIMEOUT_S = 1.0
_ROUND_TWO_S = 3.0
_AGAIN_AFTER_S = 1.1  # a TTL is told in whole seconds
_V6_MAX = 3
_REVERSE_MAX = 2
_REVERSE_NAMES_MAX = 4
_SPARE_S = 0.5  # kept of the deadline for putting the evidence together
_ANSWERS = ("NOERROR", "NXDOMAIN")


@dataclass(frozen=True, slots=True)
class _System:
    """What the operating system's own look-up gives."""

    addresses: tuple[str, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class _Intercepted:
    at: tuple[str, ...]


_Part = SourceView | _System | _Intercepted | NameAnswer


def measure(site: Site, seen: Seen, context: Context) -> Names | Failure:  # noqa: ARG001 - the shape of every probe
    """The three places side by side; then, only where it is needed, a second look. NOT_CONFIGURED without a name."""
    if site.hostname is None:
        return Failure(FailureKind.NOT_CONFIGURED, "the EMR's name", detail="[emr] hostname")
    hostname = site.hostname.rstrip(".").lower()
    context.progress(f"looking up {hostname}", None, None)
    asked_s = time.monotonic()
    first = _first_look(site, hostname, context)
    return _second_look(site, first, asked_s, context)


def _first_look(site: Site, hostname: str, context: Context) -> Names:
    configured = dns.system_resolvers()
    office = configured if isinstance(configured, tuple) else ()
    for server in site.resolvers:
        context.ledger.told(server, TOLD)
    servers = (*site.resolvers, *office)
    asked_unix_s = time.time()
    tasks: list[Callable[[], _Part]] = [
        *(partial(ask, NameServer("", server), hostname, context) for server in servers),
        partial(source_view, hostname, Recursive((site.resolvers, office), context)),
        partial(_system, hostname),
        lambda: _Intercepted(intercepted_at(site, context)),
    ]
    parts = together(tasks, context, limit_s=max(0.0, context.remaining_s() - _SPARE_S))
    answers = [
        part if isinstance(part, NameAnswer) else failed(NameServer("", server), _out_of_time(server))
        for server, part in zip(servers, parts, strict=False)
    ]
    late = _out_of_time(hostname)
    source = next((part for part in parts if isinstance(part, SourceView)), SourceView(failure=late))
    system = next((part for part in parts if isinstance(part, _System)), _System((), late))
    lines = hosts_file.lines_for(hostname)
    return Names(
        hostname=hostname,
        zone=source.zone,
        zone_failure=source.failure,
        authoritative=source.answers,
        resolvers=tuple(answers[: len(site.resolvers)]),
        local=tuple(answers[len(site.resolvers) :]),
        system=system.addresses,
        system_failure=system.failure,
        wildcard=source.wildcard,
        delegation=source.delegation,
        aliases=source.aliases,
        intercepted_at=next((part.at for part in parts if isinstance(part, _Intercepted)), ()),
        hosts_lines=lines if isinstance(lines, tuple) else (),
        asked_unix_s=round(asked_unix_s, 3),
    )


def _second_look(site: Site, names: Names, asked_s: float, context: Context) -> Names:
    """Over HTTPS where port 53 tells nothing; old answers once more; the EMR's address where the name failed here."""
    again = [answer for answer in (*names.resolvers, *names.local) if _may_be_old(answer, names)]
    urls = site.dns_over_https if names.intercepted_at or not any(map(_answered, names.resolvers)) else ()
    for url in urls:
        context.ledger.told(doh.host_of(url), TOLD)
    v6 = _own_v6_answers(names)
    tasks: list[Callable[[], NameAnswer | AddressTry | Reverse | None]] = [
        *(partial(_over_https, url, names.hostname, context) for url in urls),
        *(partial(_again, answer, names.hostname, asked_s, context) for answer in again),
        *((partial(_by_address, site),) if names.system_failure is not None else ()),
        *(partial(_try, address, site) for address in v6),
        *(partial(_reverse, address, site, context) for address in _static_addresses(site, names)),
    ]
    if not tasks:
        return names
    parts = together(tasks, context, limit_s=min(_ROUND_TWO_S, max(0.0, context.remaining_s() - _SPARE_S)))
    over_https = tuple(
        part if isinstance(part, NameAnswer) else failed(NameServer("", url), _out_of_time(url))
        for url, part in zip(urls, parts, strict=False)
    )
    newer = {
        old.server: part for old, part in zip(again, parts[len(urls) :], strict=False) if isinstance(part, NameAnswer)
    }
    tries = [part for part in parts if isinstance(part, AddressTry)]
    return replace(
        names,
        over_https=over_https,
        resolvers=tuple(newer.get(answer.server, answer) for answer in names.resolvers),
        local=tuple(newer.get(answer.server, answer) for answer in names.local),
        by_address=next((part for part in tries if part.address not in v6), None),
        by_v6=tuple(part for part in tries if part.address in v6),
        reverse=tuple(part for part in parts if isinstance(part, Reverse)),
    )


def _out_of_time(target: str) -> Failure:
    return Failure(FailureKind.OUT_OF_TIME, "ask", target)


def _answered(answer: NameAnswer) -> bool:
    return answer.rcode is not None


def _may_be_old(answer: NameAnswer, names: Names) -> bool:
    """It keeps another answer than the source gives."""
    source = names.aliases[-1].authoritative if names.aliases else names.authoritative
    right = {told.addresses for told in source if told.authoritative and told.rcode in _ANSWERS}
    return bool(right) and answer.ttl_s is not None and answer.addresses not in right


def _again(old: NameAnswer, hostname: str, asked_s: float, context: Context) -> NameAnswer | None:
    """The same question so much later that the time left must have fallen; None where the answer is another now."""
    wait_s = asked_s + _AGAIN_AFTER_S - time.monotonic()
    if context.stop.wait(max(0.0, wait_s)):
        return None
    after_s = time.monotonic() - asked_s
    answer = dns.query(old.server, hostname, "A", timeout_s=zones.TIMEOUT_S)
    if isinstance(answer, Failure) or answer.values != old.addresses:
        return None
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    return replace(old, again_ttl_s=answer.ttl_s, again_after_s=round(after_s, 3))


def _over_https(url: str, hostname: str, context: Context) -> NameAnswer:
    """A and AAAA from one service."""
    server = NameServer("", url)
    found = context.lookup.resolve(doh.host_of(url))
    if isinstance(found, Failure):
        return failed(server, found)
    query = partial(doh.query, url, found.addresses[0], hostname, timeout_s=_HTTPS_TIMEOUT_S)
    v4, v6 = together([partial(query, "A"), partial(query, "AAAA")], context, limit_s=_HTTPS_TIMEOUT_S + 0.2)
    if v4 is None or isinstance(v4, Failure):
        return failed(server, v4 or _out_of_time(url))
    for answer in (v4, v6):
        if isinstance(answer, dns.DnsAnswer):
            context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    return named(v4, v6, server, negative_ttl_s=None if v4.values else v4.negative_ttl_s)


def _by_address(site: Site) -> AddressTry | None:
    """Whether the EMR's port opens at its own address, without any name."""
    address = site.lan_address or routes.source_address()
    return None if isinstance(address, Failure) else _try(address, site)


def _try(address: str, site: Site) -> AddressTry:
    answered = tcp.connect(address, site.port, _CONNECT_TIMEOUT_S)
    if isinstance(answered, Failure):
        return AddressTry(address, site.port, open=False, failure=answered)
    return AddressTry(address, site.port, open=answered.refusal is None, failure=answered.refusal)


def _own_v6_answers(names: Names) -> list[str]:
    """The IPv6 addresses that the name's own servers give, where this computer has a public one to try them from."""
    told = sorted(published_v6(names))
    public = [address for address in told if address_class(address) is AddressClass.PUBLIC][:_V6_MAX]
    own = routes.source_address(public[0], version=6) if public else None
    return public if isinstance(own, str) and address_class(own) is AddressClass.PUBLIC else []


def _static_addresses(site: Site, names: Names) -> list[str]:
    """The addresses of the name that its owner says are static, where anybody gives addresses names."""
    if site.addressing != "static":
        return []
    source = names.aliases[-1].authoritative if names.aliases else names.authoritative
    told = sorted({address for answer in source if answer.authoritative for address in answer.addresses})
    return [address for address in told if address_class(address) is AddressClass.PUBLIC][:_REVERSE_MAX]


def _reverse(address: str, site: Site, context: Context) -> Reverse:
    """By the first public resolver that answers: all are asked at once, as one of them may be dead."""
    pointer = ipaddress.ip_address(address).reverse_pointer
    asking = [partial(dns.query, server, pointer, "PTR", timeout_s=zones.TIMEOUT_S) for server in site.resolvers]
    failure = Failure(FailureKind.NAME_TIMEOUT, "look up", pointer)
    for answer in together(asking, context, limit_s=zones.TIMEOUT_S + 0.2):
        if isinstance(answer, dns.DnsAnswer):
            context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
            if answer.rcode in _ANSWERS:
                named_so = tuple(clean(name) for name in answer.values[:_REVERSE_NAMES_MAX])
                return Reverse(address, named_so, answer.server, dns.nothing_in(answer, pointer))
            failure = dns.failure_of(answer) or failure
        elif answer is not None:
            failure = answer
    return Reverse(address, (), None, failure)


def _system(hostname: str) -> _System:
    found = lookup.system_addresses(hostname, version=4, deadline_s=_SYSTEM_DEADLINE_S)
    return _System(found, None) if isinstance(found, tuple) else _System((), found)


PROBE = Probe(
    name="names",
    title="The EMR's public name",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 8.0),
    leaves_office=True,
)
