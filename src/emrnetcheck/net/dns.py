"""What does one name server answer to one question? Robust against servers that answer nonsense."""

from __future__ import annotations

from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net.clock import Deadline
from emrnetcheck.net.dns_records import Record, followed, negative_ttl_s_of, plain_name, records_of, serial_of
from emrnetcheck.net.dns_transport import Got, by_tcp, by_udp
from emrnetcheck.net.failures import classify, clean

PORT = 53
_RESOLV_CONF = "/etc/resolv.conf"
_STUBS = frozenset(("127.0.0.53", "127.0.0.54"))  # systemd-resolved.service(8)
_BEHIND_STUB = "/run/systemd/resolve/resolv.conf"


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What a server said, whatever its rcode ("NOERROR", "NXDOMAIN", "SERVFAIL" ...).

    values: the records of the type asked for, at the end of the alias chain. cname: the aliases passed, in order, with
    their own TTLs. ttl_s: the smallest TTL on the way; None where there are no values. serial: of an SOA in the answer.
    negative_ttl_s: how long the SOA lets a "no" be kept (RFC 2308 section 5: the lesser of its TTL and its last field);
    of a resolver what is left of that. additional: what came beside the answer, such as the addresses of name servers.
    """

    server: str
    rcode: str
    authoritative: bool
    values: tuple[str, ...]
    cname: tuple[str, ...]
    ttl_s: int | None
    serial: int | None
    answer: tuple[Record, ...]
    authority: tuple[Record, ...]
    rtt_ms: float
    sent_bytes: int
    received_bytes: int
    over_tcp: bool
    cname_ttls_s: tuple[int, ...] = ()
    negative_ttl_s: int | None = None
    additional: tuple[Record, ...] = ()


def failure_of(answer: DnsAnswer) -> Failure | None:
    """The Failure for an rcode by which a server declines to answer; NOERROR and NXDOMAIN are answers."""
    if answer.rcode in ("NOERROR", "NXDOMAIN"):
        return None
    refused = answer.rcode == "REFUSED"
    kind = FailureKind.NAME_SERVER_REFUSED if refused else FailureKind.NAME_SERVER_FAILED
    return Failure(kind, "ask", answer.server, "" if answer.rcode in ("REFUSED", "SERVFAIL") else answer.rcode)


def nothing_in(answer: DnsAnswer, target: str) -> Failure | None:
    """The Failure for an answer without the values asked for, whatever its rcode; None where it has some."""
    if answer.values:
        return None
    missing = FailureKind.NAME_NOT_FOUND if answer.rcode == "NXDOMAIN" else FailureKind.NAME_NO_ADDRESS
    return failure_of(answer) or Failure(missing, "look up", clean(target))


def system_resolvers() -> tuple[str, ...] | Failure:
    """The name servers that this computer is set to use; () where none is set.

    Where that is only systemd-resolved on this computer itself, those that it asks come after it.
    """
    configured = _name_servers(_RESOLV_CONF)
    if isinstance(configured, Failure) or not configured or not set(configured) <= _STUBS:
        return configured
    asked = _name_servers(_BEHIND_STUB)
    return configured if isinstance(asked, Failure) else tuple(dict.fromkeys((*configured, *asked)))


def _name_servers(file: str) -> tuple[str, ...] | Failure:
    """Of a file like resolv.conf; of the registry on Windows, whatever the file is."""
    try:
        return tuple(dict.fromkeys(str(server) for server in dns.resolver.Resolver(file).nameservers))
    except dns.resolver.NoResolverConfiguration:
        return ()
    except (dns.exception.DNSException, OSError, ValueError) as error:
        # dnspython issues 1112, 1135, 1191: it stumbles over some Windows settings.
        return classify(error, "read the name server settings")


def query(
    server: str,
    name: str,
    rdtype: str,
    *,
    timeout_s: float,
    tries: int = 1,
    recursion_desired: bool = True,
    port: int | None = None,
) -> DnsAnswer | Failure:
    """One question to the server at an IP address over UDP, over TCP where the answer was cut (TC).

    timeout_s: for each try. Without EDNS, which some small routers do not understand. Failures: NAME_TIMEOUT,
    REFUSED and the like for the network, MALFORMED for an answer that makes no sense or answers something else.
    """
    question = question_for(name, rdtype, server, recursion_desired=recursion_desired)
    if isinstance(question, Failure):
        return question
    port = PORT if port is None else port
    outcome: DnsAnswer | Failure = Failure(FailureKind.NAME_TIMEOUT, "ask", server)
    for _ in range(tries):
        outcome = _ask_once(server, port, question, Deadline.after(timeout_s))
        if not (isinstance(outcome, Failure) and outcome.kind is FailureKind.NAME_TIMEOUT):
            break
    return outcome


def _ask_once(server: str, port: int, question: dns.message.QueryMessage, deadline: Deadline) -> DnsAnswer | Failure:
    got = by_udp(server, port, question, deadline)
    over_tcp = isinstance(got, Got) and bool(got.message.flags & dns.flags.TC)
    if over_tcp:
        got = by_tcp(server, port, question, deadline)
    return got if isinstance(got, Failure) else read_message(server, question, got, over_tcp=over_tcp)


def question_for(
    name: str, rdtype: str, target: str, *, recursion_desired: bool = True
) -> dns.message.QueryMessage | Failure:
    """The message that asks `target` for the name, which counts as absolute; MALFORMED for what is no name."""
    try:
        question = dns.message.make_query(dns.name.from_text(name), rdtype, use_edns=False)
    except dns.exception.DNSException as error:
        return Failure(FailureKind.MALFORMED, "ask", target, clean(f"{name} is no name: {error}"))
    if not recursion_desired:
        question.flags &= ~dns.flags.RD
    return question


def read_message(server: str, question: dns.message.QueryMessage, got: Got, *, over_tcp: bool) -> DnsAnswer:
    """What the message says, as text and numbers."""
    asked = question.question[0]
    answer = records_of(got.message.answer)
    wanted = dns.rdatatype.to_text(asked.rdtype)
    chain, alias_ttls_s, end = followed(plain_name(asked.name), answer)
    here = [record for record in answer if record.owner == end and record.type == wanted]
    authority = records_of(got.message.authority)
    return DnsAnswer(
        server=server,
        rcode=dns.rcode.to_text(got.message.rcode()),
        authoritative=bool(got.message.flags & dns.flags.AA),
        values=tuple(sorted(record.value for record in here)),
        cname=chain,
        ttl_s=min([*alias_ttls_s, *(record.ttl_s for record in here)]) if here else None,
        serial=serial_of(here),
        answer=answer,
        authority=authority,
        rtt_ms=got.rtt_ms,
        sent_bytes=got.sent_bytes,
        received_bytes=got.received_bytes,
        over_tcp=over_tcp,
        cname_ttls_s=tuple(alias_ttls_s),
        negative_ttl_s=negative_ttl_s_of((*here, *authority)),
        additional=records_of(got.message.additional),
    )
