"""Whatever name servers answer, is a name's evidence found in time, and judged without a word that a terminal obeys?"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, replace
from unittest import mock

import dns.message
import dns.rrset
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.checks.ddns import CHECK
from emrnetcheck.evidence.names import Names
from emrnetcheck.model import Failure
from emrnetcheck.net import dns as net_dns
from emrnetcheck.net import dns_transport
from emrnetcheck.probes.source_view import ask, source_view
from emrnetcheck.probes.zone import NameServer, Recursive
from tests.checks.builders import address, case, codes_of, judged
from tests.probes.contexts import context

NAME = "emr.dyn.example.org"
OWNERS = (
    NAME,
    "dyn.example.org",
    "example.org",
    ".",
    "ns1.dyn.example.org",
    "a\\000b.example.org",
    "x" * 63 + ".example",
)
RECORDS = (
    "A 93.184.216.34",
    "A 10.0.0.1",
    "AAAA ::ffff:10.0.0.1",
    "AAAA 2600:1f18::1",
    "NS ns1.dyn.example.org.",
    "NS .",
    "NS \\027[31m.example.",
    f"CNAME {NAME}.",
    "CNAME home.example.net.",
    "CNAME " + ".".join(["\\255" * 60] * 3) + ".",
    "SOA . . 1 2 3 4 5",
    "SOA ns1.example. a.example. 4294967295 1 1 1 4294967295",
    'TXT "\\027]0;gone\\007"',
)
TTLS = (0, 1, 60, 2**31 - 1)
record = st.tuples(st.sampled_from(OWNERS), st.sampled_from(TTLS), st.sampled_from(RECORDS))
section = st.lists(record, max_size=5)
reply = st.tuples(
    section, section, section, st.sampled_from([0x8000, 0x8400, 0x8180]), st.sampled_from([0, 0, 0, 2, 3, 5])
)
changes = st.lists(st.tuples(st.integers(12, 600), st.integers(0, 255)), max_size=2)


def wire(question: dns.message.Message, made: tuple[object, ...], changed: list[tuple[int, int]]) -> bytes:
    """The reply as bytes, some of them changed."""
    message = dns.message.make_response(question)
    *sections, flags, rcode = made
    for target, rows in zip((message.answer, message.authority, message.additional), sections, strict=True):
        assert isinstance(rows, list)
        for owner, ttl_s, text in rows:
            target.append(dns.rrset.from_text(f"{owner.rstrip('.')}.", ttl_s, "IN", *text.split(" ", 1)))
    assert isinstance(flags, int)
    message.flags = flags
    assert isinstance(rcode, int)
    message.set_rcode(dns.rcode.Rcode(rcode))
    data = bytearray(message.to_wire())
    for at, byte in changed:
        if at < len(data):
            data[at] = byte
    return bytes(data)


@given(st.lists(st.tuples(reply, changes), min_size=1, max_size=6), st.integers(0, 2**16))
def test_no_answer_of_a_name_server_is_an_exception_or_hangs(
    replies: list[tuple[tuple[object, ...], list[tuple[int, int]]]], seed: int
) -> None:
    choose = random.Random(seed)
    asked = 0

    def query(
        server: str, name: str, rdtype: str, *, timeout_s: float, tries: int = 1, recursion_desired: bool = True
    ) -> net_dns.DnsAnswer | Failure:
        nonlocal asked
        asked += 1
        question = net_dns.question_for(name, rdtype, server, recursion_desired=recursion_desired)
        if isinstance(question, Failure):
            return question
        data = wire(question, *choose.choice(replies))
        message = dns_transport.read_answer(data, question)
        if isinstance(message, Failure):
            return message
        return net_dns.read_message(server, question, dns_transport.Got(message, 1.0, 40, len(data)), over_tcp=False)

    with mock.patch.object(net_dns, "query", query):
        ctx = context()
        view = source_view(NAME, Recursive((("1.1.1.1",), ("192.168.1.1",)), ctx))
        resolver = ask(NameServer("", "1.1.1.1"), NAME, ctx)
    assert asked < 200
    seen = Names(
        hostname=NAME,
        zone=view.zone,
        zone_failure=view.failure,
        authoritative=view.answers,
        resolvers=(resolver,),
        local=(replace(resolver, server="192.168.1.1"),),
        system=resolver.addresses,
        system_failure=None,
        wildcard=view.wildcard,
        delegation=view.delegation,
        aliases=view.aliases,
    )
    for over_https in ((), (resolver,)):
        judged_case = case(names=replace(seen, over_https=over_https), address=address())
        assert codes_of(CHECK, judged_case)
        for finding in judged(CHECK, judged_case):
            said = CHECK.codes[finding.code].summary.format_map(finding.facts)
            assert said.isprintable()
            assert len(said) < 20_000
    assert json.dumps(asdict(seen)).isascii()
