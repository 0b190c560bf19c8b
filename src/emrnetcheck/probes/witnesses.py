"""Who sees which address of this office: Web services, STUN servers, and name servers that tell who asks?"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from emrnetcheck.evidence.address import AddressSource
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import dns, http, stun
from emrnetcheck.net.failures import clean
from emrnetcheck.probes.context import Context
from emrnetcheck.probes.together import together

TOLD = "this office's Internet address"
_HTTP_TIMEOUT_S = 3.5
_STUN_TIMEOUT_S = 2.0
_DNS_TIMEOUT_S = 1.0
_LOOKUP_LIMIT_S = 4.0
_HTTP_PORT, _HTTPS_PORT = 80, 443
_JSON_KEYS = ("ip", "ip_addr", "address", "origin", "query")

Sources = tuple[AddressSource, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be asked; late: what is to be said where it was not done in time."""

    ask: Callable[[], Sources]
    late: Sources


def tasks(site: Site, context: Context, *, versions: Sequence[int]) -> list[Task]:
    """Everybody who is to be asked, by each of these versions of IP (4, 6)."""
    found = [_web_task(url, 4, context) for url in site.address_services if 4 in versions]  # noqa: PLR2004 - IP versions
    found += [_web_task(url, 6, context) for url in site.address_services_v6 if 6 in versions]  # noqa: PLR2004
    if site.stun:
        found += [_stun_task(site.stun, version, context) for version in versions]
    return found + [_whoami_task(each, context) for each in site.whoami]


def _late(service: str, method: str, version: int) -> AddressSource:
    return _none(service, method, version, Failure(FailureKind.OUT_OF_TIME, "ask", clean(service)))


def _none(service: str, method: str, version: int, failure: Failure, resolved_by: str | None = None) -> AddressSource:
    return AddressSource(service, method, None, resolved_by, None, failure, version)


def _web_task(url: str, version: int, context: Context) -> Task:
    return Task(partial(_ask_web, url, version, context), (_late(url, urlsplit(url).scheme, version),))


def _ask_web(url: str, version: int, context: Context) -> Sources:
    """The service asked at an address of this version, so that no other is used in secret."""
    parts = urlsplit(url)
    host, tls = parts.hostname or "", parts.scheme == "https"
    nothing = partial(_none, url, parts.scheme, version)
    try:
        port = parts.port or (_HTTPS_PORT if tls else _HTTP_PORT)
    except ValueError:
        return (nothing(Failure(FailureKind.NOT_CONFIGURED, "ask", clean(url), "no port number")),)
    found = context.lookup.resolve(host, version=version)
    if isinstance(found, Failure):
        return (nothing(found),)
    context.ledger.told(host, TOLD)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    timeout_s = min(_HTTP_TIMEOUT_S, context.remaining_s())
    answer = http.get(found.addresses[0], port, host, path, tls=tls, timeout_s=timeout_s)
    if isinstance(answer, Failure):
        return (nothing(answer, found.by),)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    address = address_in(answer.response.body, version=version)
    if address is None:
        unclear = Failure(FailureKind.MALFORMED, "ask", host, f"no IPv{version} address in the answer")
        return (AddressSource(url, parts.scheme, None, found.by, answer.connect_ms, unclear, version),)
    return (AddressSource(url, parts.scheme, address, found.by, answer.connect_ms, None, version),)


def address_in(body: bytes, *, version: int = 4) -> str | None:
    """The one address of this IP version that an address service's body says, as plain text or in JSON; else None."""
    text = body.decode("utf-8", errors="replace").strip()
    if text.startswith("{"):
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return None
        values = [parsed[key] for key in _JSON_KEYS if isinstance(parsed.get(key), str)]
        text = values[0].strip() if values else ""
    return _plain(text, version)


def _plain(text: str, version: int) -> str | None:
    """The address, if the text is one and nothing else. A zone ("%eth0") is none of what somebody else sees."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return str(address) if address.version == version and "%" not in text else None


def _stun_task(servers: Sequence[str], version: int, context: Context) -> Task:
    late = tuple(_late(server, "stun", version) for server in servers)
    return Task(partial(_ask_stun, servers, version, context), late)


def _ask_stun(servers: Sequence[str], version: int, context: Context) -> Sources:
    """All servers from one socket, once their names are looked up."""
    hosts = [server.rpartition(":")[0].strip("[]") for server in servers]
    looked_up = together(
        [partial(context.lookup.resolve, host, version=version) for host in hosts], context, limit_s=_LOOKUP_LIMIT_S
    )
    found = [
        each or Failure(FailureKind.OUT_OF_TIME, "look up", host) for each, host in zip(looked_up, hosts, strict=True)
    ]
    known = [
        (server, each.addresses[0], int(server.rpartition(":")[2]))
        for server, each in zip(servers, found, strict=True)
        if not isinstance(each, Failure)
    ]
    for server, _, _ in known:
        context.ledger.told(server.rpartition(":")[0].strip("[]"), TOLD)
    timeout_s = min(_STUN_TIMEOUT_S, context.remaining_s())
    said = stun.ask_several([(address, port) for _, address, port in known], timeout_s=timeout_s) if known else ()
    answers = {server: answer for (server, _, _), answer in zip(known, said, strict=True)}
    return tuple(
        _none(server, "stun", version, each)
        if isinstance(each, Failure)
        else _by_stun(server, version, each.by, answers[server], context)
        for server, each in zip(servers, found, strict=True)
    )


def _by_stun(
    server: str, version: int, resolved_by: str, answer: stun.StunAnswer | Failure, context: Context
) -> AddressSource:
    if isinstance(answer, Failure):
        return _none(server, "stun", version, answer, resolved_by)
    context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
    address = _plain(answer.mapped.address, version)
    if address is None:
        return _none(server, "stun", version, Failure(FailureKind.MALFORMED, "STUN", server, "another IP version"))
    return AddressSource(server, "stun", address, resolved_by, answer.rtt_ms, None, version, answer.mapped.port)


def _whoami_task(asked: str, context: Context) -> Task:
    return Task(partial(_ask_whoami, asked, context), (_late(asked, "dns", 4),))


def _ask_whoami(asked: str, context: Context) -> Sources:
    """A name server that answers a certain name with the address that the question came from, as A or as TXT."""
    name, _, server = asked.partition("@")
    nothing = partial(_none, asked, "dns", 4)
    found = context.lookup.resolve(server)
    if isinstance(found, Failure):
        return (nothing(found),)
    context.ledger.told(server, TOLD)
    query = partial(dns.query, found.addresses[0], name, timeout_s=_DNS_TIMEOUT_S, tries=2)
    answers = together([partial(query, "A"), partial(query, "TXT")], context, limit_s=2 * _DNS_TIMEOUT_S + 0.2)
    failure = Failure(FailureKind.OUT_OF_TIME, "ask", clean(asked))
    for answer in answers:
        if answer is None or isinstance(answer, Failure):
            failure = answer or failure
            continue
        context.ledger.count(sent_bytes=answer.sent_bytes, received_bytes=answer.received_bytes)
        told = {address for value in answer.values if (address := _plain(value.strip('"'), 4)) is not None}
        if len(told) == 1:
            return (AddressSource(asked, "dns", told.pop(), found.by, answer.rtt_ms, None),)
        failure = dns.failure_of(answer) or Failure(FailureKind.MALFORMED, "ask", server, "no address in the answer")
    return (nothing(failure, found.by),)
