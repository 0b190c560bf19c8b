"""Is the Internet there, and which address does it see this office come from?"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Address, AddressSource, Hop, agreed_address
from emrnetcheck.evidence.wan import Wan
from emrnetcheck.model import Failure, FailureKind, Mode, Site
from emrnetcheck.net import dns, http, routes, stun, tcp, trace
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context, Probe
from emrnetcheck.probes.together import together
from emrnetcheck.probes.wan import ask_router, ask_second_box

_HTTP_TIMEOUT_S = 3.5
_STUN_TIMEOUT_S = 2.0
_REACH_TIMEOUT_S = 2.0
_HTTP_PORT, _HTTPS_PORT = 80, 443
_STABLE_NAME = "example.com"  # RFC 2606: it exists for good, and nobody minds the question
_TOLD = "this office's Internet address"
_JSON_KEYS = ("ip", "ip_addr", "address", "origin", "query")
# The certificate was good, so it was really the service that answered, whatever it said.
_ANSWERED_ANYWAY = (FailureKind.HTTP_STATUS, FailureKind.MALFORMED, FailureKind.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class _Hops:
    hops: tuple[Hop, ...]
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class _Reached:
    """A host on the Internet that was asked by its address. method: by which it answered, None if it did not."""

    method: str | None


_Part = AddressSource | _Hops | _Reached | Wan


def measure(site: Site, seen: Seen, context: Context) -> Address | Failure:
    """All witnesses at once, over IPv4. Names that the office's resolver does not give come from public resolvers.

    The public resolvers, reached by address alone, tell "no Internet" from "the name service is dead".
    """
    context.progress("asking who sees which address of this office", None, None)
    by_address = [address for address in site.resolvers if ":" not in address]
    gateway = seen.link.gateway if seen.link is not None and not seen.link.vpn else None
    tasks: list[Callable[[], _Part]] = [
        *(partial(_ask_web, url, context) for url in site.address_services),
        *(partial(_ask_stun, server, context) for server in site.stun),
        *(partial(_reach, address, by_dns, context) for address in by_address for by_dns in (True, False)),
        partial(_hops, by_address),
        partial(ask_router, gateway, site, context),
    ]
    parts = together(tasks, context)
    names = (*site.address_services, *site.stun)
    sources = tuple(
        part if isinstance(part, AddressSource) else _late(name, is_stun=name in site.stun)
        for name, part in zip(names, parts, strict=False)
    )
    hops = next((part for part in parts if isinstance(part, _Hops)), _Hops((), Failure(FailureKind.OUT_OF_TIME)))
    router = next((part for part in parts if isinstance(part, Wan)), Wan(gateway))
    router = replace(router, second_box=ask_second_box(gateway, hops.hops, context))
    wan_v4, wan_source = _wan_of(site, router)
    local = routes.source_address()
    return Address(
        public_v4=agreed_address(sources),
        public_v6=None,
        wan_v4=wan_v4,
        wan_source=wan_source,
        local_v4=local if isinstance(local, str) else None,
        sources=sources,
        outside_reached=_methods(sources, [part for part in parts if isinstance(part, _Reached)]),
        hops=hops.hops,
        hops_failure=hops.failure,
        router=router,
    )


def _wan_of(site: Site, router: Wan) -> tuple[str | None, str | None]:
    """The router's outside address and who says so: the settings first; a router must not contradict itself."""
    if site.wan_address is not None:
        return site.wan_address, "settings"
    named = router.addresses()
    return (named[0], ", ".join(router.named_by(named[0]))) if len(named) == 1 else (None, None)


def _methods(sources: tuple[AddressSource, ...], reached: list[_Reached]) -> tuple[str, ...]:
    """The methods by which anything on the Internet answered."""
    found = {
        source.method
        for source in sources
        if source.address is not None
        or (source.method == "https" and source.failure is not None and source.failure.kind in _ANSWERED_ANYWAY)
    }
    return tuple(sorted(found | {part.method for part in reached if part.method is not None}))


def _late(service: str, *, is_stun: bool) -> AddressSource:
    method = "stun" if is_stun else urlsplit(service).scheme
    return AddressSource(service, method, None, None, None, Failure(FailureKind.OUT_OF_TIME, "ask", service))


def _ask_web(url: str, context: Context) -> AddressSource:
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    try:
        port = parts.port or (_HTTPS_PORT if tls else _HTTP_PORT)
    except ValueError:
        failure = Failure(FailureKind.NOT_CONFIGURED, "ask", clean(url), "no port number")
        return AddressSource(url, parts.scheme, None, None, None, failure)
    found = context.lookup.resolve(host)
    if isinstance(found, Failure):
        return AddressSource(url, parts.scheme, None, None, None, found)
    context.ledger.told(host, _TOLD)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    timeout_s = min(_HTTP_TIMEOUT_S, context.remaining_s())
    answer = http.get(found.addresses[0], port, host, path, tls=tls, timeout_s=timeout_s)
    if isinstance(answer, Failure):
        return AddressSource(url, parts.scheme, None, found.by, None, answer)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    address = address_in(answer.response.body)
    unclear = Failure(FailureKind.MALFORMED, "ask", host, "no IPv4 address in the answer") if address is None else None
    return AddressSource(url, parts.scheme, address, found.by, answer.connect_ms, unclear)


def address_in(body: bytes) -> str | None:
    """The one IPv4 address that an address service's body says, as plain text or in JSON; None for anything else."""
    text = body.decode("utf-8", errors="replace").strip()
    if text.startswith("{"):
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return None
        values = [parsed[key] for key in _JSON_KEYS if isinstance(parsed.get(key), str)]
        text = values[0].strip() if values else ""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        return None


def _ask_stun(server: str, context: Context) -> AddressSource:
    host, _, port = server.rpartition(":")
    found = context.lookup.resolve(host)
    if isinstance(found, Failure):
        return AddressSource(server, "stun", None, None, None, found)
    context.ledger.told(host.strip("[]"), _TOLD)
    answer = stun.ask(found.addresses[0], int(port), timeout_s=min(_STUN_TIMEOUT_S, context.remaining_s()))
    if isinstance(answer, Failure):
        return AddressSource(server, "stun", None, found.by, None, answer)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    return AddressSource(server, "stun", answer.mapped.address, found.by, answer.rtt_ms, None)


def _reach(address: str, by_dns: bool, context: Context) -> _Reached:
    """A public resolver, by its address: one question over UDP, or one connection to its Web port."""
    context.ledger.told(address, _TOLD)
    if not by_dns:
        answered = tcp.connect(address, _HTTPS_PORT, _REACH_TIMEOUT_S)
        # A refusal may come from this office's own router.
        return _Reached("tcp" if isinstance(answered, tcp.Answered) and answered.refusal is None else None)
    answer = dns.query(address, _STABLE_NAME, "A", timeout_s=_REACH_TIMEOUT_S / 2, tries=2)
    if isinstance(answer, Failure):
        return _Reached(None)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    # A router that takes all of port 53 for itself can say SERVFAIL or REFUSED without any Internet.
    return _Reached("dns" if dns.failure_of(answer) is None else None)


def _hops(by_address: list[str]) -> _Hops:
    if not by_address:
        return _Hops((), Failure(FailureKind.NOT_CONFIGURED, "trace", detail="no host on the Internet to trace to"))
    traced = trace.first_hops(by_address[0])
    if isinstance(traced, Failure):
        return _Hops((), traced)
    return _Hops(tuple(Hop(hop.ttl, hop.address, hop.rtt_ms) for hop in traced), None)


PROBE = Probe(
    name="address",
    title="Internet and public address",
    measure=measure,
    deadline_s=dict.fromkeys(Mode, 8.0),
    leaves_office=True,
    after=("link",),
)
