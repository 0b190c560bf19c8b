"""What does one name server answer to one question? Robust against servers that answer nonsense."""

from __future__ import annotations

import itertools
import socket
import struct
import time
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import arrival
from emrnetcheck.net.clock import Deadline, ms_since
from emrnetcheck.net.failures import classify, clean

PORT = 53
OVER_TCP = "ask over TCP"
"""The operation in a Failure: the answer over UDP was cut, and TCP did not work."""
_DATAGRAM_MAX_BYTES = 65_535
_RECORDS_MAX = 200
_RESOLV_CONF = "/etc/resolv.conf"
_STUBS = frozenset(("127.0.0.53", "127.0.0.54"))  # systemd-resolved.service(8)
_BEHIND_STUB = "/run/systemd/resolve/resolv.conf"


@dataclass(frozen=True, slots=True)
class Record:
    """One resource record, its owner and value as text in lower case without the final dot."""

    owner: str
    type: str
    ttl_s: int
    value: str


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
    got = _by_udp(server, port, question, deadline)
    over_tcp = isinstance(got, Got) and bool(got.message.flags & dns.flags.TC)
    if over_tcp:
        got = _by_tcp(server, port, question, deadline)
    return got if isinstance(got, Failure) else read_message(server, question, got, over_tcp=over_tcp)


@dataclass(frozen=True, slots=True)
class Got:
    """A message that answers the question, how long it took and how many bytes went each way."""

    message: dns.message.Message
    rtt_ms: float
    sent_bytes: int
    received_bytes: int


def _by_udp(server: str, port: int, question: dns.message.QueryMessage, deadline: Deadline) -> Got | Failure:
    wire = question.to_wire()
    failure = Failure(FailureKind.NAME_TIMEOUT, "ask", server)
    try:
        with socket.socket(_family(server), socket.SOCK_DGRAM) as sock:
            # Connected: only this server's answers are seen, and "nothing listens" becomes an error at once.
            arrival.note_arrivals(sock)
            sock.connect((server, port))
            sent = arrival.Sent.now()
            sock.send(wire)
            while not deadline.passed():
                sock.settimeout(max(deadline.remaining_s(), 0.001))
                data, wall_ns = arrival.receive(sock, _DATAGRAM_MAX_BYTES)
                message = read_answer(data, question)
                if isinstance(message, dns.message.Message):
                    return Got(message, sent.rtt_ms(wall_ns), len(wire), len(data))
                # It may be a late answer to somebody's older question: the right one may still come.
                failure = Failure(message.kind, "ask", server, message.detail)
    except TimeoutError:
        pass  # `failure` says what came until then
    except OSError as error:
        return classify(error, "ask", server)
    return failure


def _by_tcp(server: str, port: int, question: dns.message.QueryMessage, deadline: Deadline) -> Got | Failure:
    wire = question.to_wire()
    started_s = time.perf_counter()
    try:
        with socket.socket(_family(server), socket.SOCK_STREAM) as sock:
            sock.settimeout(max(deadline.remaining_s(), 0.001))
            sock.connect((server, port))
            sock.sendall(struct.pack("!H", len(wire)) + wire)
            head = _exactly(sock, 2, deadline)
            data = _exactly(sock, struct.unpack("!H", head)[0], deadline)
            rtt_ms = ms_since(started_s)
    except TimeoutError:
        return Failure(FailureKind.NAME_TIMEOUT, OVER_TCP, server)
    except (OSError, EOFError) as error:
        return classify(error, OVER_TCP, server)
    message = read_answer(data, question)
    if isinstance(message, Failure):
        return Failure(message.kind, OVER_TCP, server, message.detail)
    return Got(message, rtt_ms, len(wire) + 2, len(data) + 2)


def _exactly(sock: socket.socket, size_bytes: int, deadline: Deadline) -> bytes:
    data = b""
    while len(data) < size_bytes:
        if deadline.passed():
            raise TimeoutError
        sock.settimeout(max(deadline.remaining_s(), 0.001))
        piece = sock.recv(size_bytes - len(data))
        if not piece:
            raise ConnectionResetError
        data += piece
    return data


def _family(server: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server else socket.AF_INET


def read_answer(data: bytes, question: dns.message.Message) -> dns.message.Message | Failure:
    """A datagram as the answer to `question`, or MALFORMED; never an exception, whatever the bytes are."""
    try:
        # TC is looked at by the caller: dnspython does not raise for it unless asked to.
        message = dns.message.from_wire(data, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, IndexError, struct.error) as error:
        return Failure(FailureKind.MALFORMED, "read answer", detail=type(error).__name__)
    if not question.is_response(message):
        return Failure(FailureKind.MALFORMED, "read answer", detail="it does not answer the question")
    return message


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
    answer = _records(got.message.answer)
    wanted = dns.rdatatype.to_text(asked.rdtype)
    chain, alias_ttls_s, end = _follow(_plain(asked.name), answer)
    here = [record for record in answer if record.owner == end and record.type == wanted]
    authority = _records(got.message.authority)
    return DnsAnswer(
        server=server,
        rcode=dns.rcode.to_text(got.message.rcode()),
        authoritative=bool(got.message.flags & dns.flags.AA),
        values=tuple(sorted(record.value for record in here)),
        cname=chain,
        ttl_s=min([*alias_ttls_s, *(record.ttl_s for record in here)]) if here else None,
        serial=_serial(here),
        answer=answer,
        authority=authority,
        rtt_ms=got.rtt_ms,
        sent_bytes=got.sent_bytes,
        received_bytes=got.received_bytes,
        over_tcp=over_tcp,
        cname_ttls_s=tuple(alias_ttls_s),
        negative_ttl_s=_negative_ttl_s((*here, *authority)),
        additional=_records(got.message.additional),
    )


def _records(section: list[dns.rrset.RRset]) -> tuple[Record, ...]:
    """The first of them: writing out thousands would take a hostile server's victim half a second of its processor."""
    rows = ((rrset, clean(value.to_text()).lower().rstrip(".")) for rrset in section for value in rrset)
    return tuple(
        Record(_plain(rrset.name), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, value)
        for rrset, value in itertools.islice(rows, _RECORDS_MAX)
    )


def _plain(name: dns.name.Name) -> str:
    return clean(name.to_text(omit_final_dot=True)).lower()


def _follow(name: str, records: tuple[Record, ...]) -> tuple[tuple[str, ...], list[int], str]:
    """The aliases from `name` on, their TTLs, and where they end; a loop ends where it closes."""
    alias = {record.owner: record for record in records if record.type == "CNAME"}
    chain: list[str] = []
    ttls_s: list[int] = []
    while name in alias:
        record = alias.pop(name)
        chain.append(record.value)
        ttls_s.append(record.ttl_s)
        name = record.value
    return tuple(chain), ttls_s, name


def _negative_ttl_s(records: tuple[Record, ...]) -> int | None:
    for record in records:
        minimum = record.value.split()[-1:] if record.type == "SOA" else []
        if minimum and minimum[0].isascii() and minimum[0].isdigit():
            return min(record.ttl_s, int(minimum[0]))
    return None


def _serial(records: list[Record]) -> int | None:
    for record in records:
        fields = record.value.split()
        if record.type == "SOA" and len(fields) > 2 and fields[2].isdigit():  # noqa: PLR2004 - mname rname serial
            return int(fields[2])
    return None
