"""Do the witnesses of the public address agree, and is "no Internet" told from "no name service"?"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import dns.message
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.wan import Told, Wan, WanAnswer
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import proxies, routes, trace
from emrnetcheck.net.lookup import Lookup, Resolved
from emrnetcheck.probes import address, witnesses
from emrnetcheck.probes.context import Context
from tests.checks.builders import LINK
from tests.probes.contexts import TableLookup, context
from tests.servers import LOOPBACK, answer, closed_tcp_port, dns_server, http_reply, http_server, stun_server

HOP = trace.TracedHop(1, "192.168.1.1", 0.5, end=False)


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {4: "192.168.1.50", 6: "fd00::50"}
    monkeypatch.setattr(routes, "source_address", lambda _towards="", *, version=4: own[version])
    monkeypatch.setattr(proxies, "proxies", lambda: ("https",))
    monkeypatch.setattr(trace, "first_hops", lambda _towards: (HOP,))
    monkeypatch.setattr(address, "_HTTPS_PORT", closed_tcp_port())
    monkeypatch.setattr(address, "_REACH_TIMEOUT_S", 0.4)
    monkeypatch.setattr("emrnetcheck.net.dns.PORT", closed_tcp_port())


def measure(
    site: Site, *, deadline_s: float = 8.0, lookup: TableLookup | None = None
) -> tuple[Address, list[tuple[str, str]]]:
    ctx = context(deadline_s=deadline_s, lookup=lookup)
    site = replace(site, whoami=site.whoami if site.whoami != Site().whoami else ())
    seen = address.measure(site, Seen(), ctx)
    assert isinstance(seen, Address)
    assert ctx.ledger.sent_bytes > 0 or not seen.outside_reached
    return seen, [(entry.who, entry.told) for entry in ctx.ledger.third_parties]


def test_agreeing_witnesses_give_the_address() -> None:
    with (
        http_server(http_reply(b"21.99.0.10\n")) as first,
        http_server(http_reply(b'{"ip": "21.99.0.10"}')) as second,
        stun_server("21.99.0.10") as stun,
    ):
        services = (f"http://{LOOPBACK}:{first}/", f"http://{LOOPBACK}:{second}/json?x=y")
        site = Site(address_services=services, stun=(f"{LOOPBACK}:{stun}",), resolvers=(), wan_address="21.99.0.10")
        seen, told = measure(site)
    assert seen.public_v4 == "21.99.0.10"
    assert [(source.service, source.method, source.address) for source in seen.sources] == [
        (services[0], "http", "21.99.0.10"),
        (services[1], "http", "21.99.0.10"),
        (f"{LOOPBACK}:{stun}", "stun", "21.99.0.10"),
    ]
    assert all(source.rtt_ms is not None and source.failure is None for source in seen.sources)
    assert (seen.wan_v4, seen.wan_source, seen.local_v4) == ("21.99.0.10", "settings", "192.168.1.50")
    assert seen.outside_reached == ("http", "stun")
    assert told == [(LOOPBACK, "this office's Internet address")]


@pytest.mark.parametrize(
    ("typed", "told", "seen_as", "wan_v4", "wan_source"),
    [
        (None, ("upnp 21.1.1.1", "natpmp 21.1.1.1"), None, "21.1.1.1", "upnp, natpmp"),
        (None, ("upnp 21.1.1.1", "natpmp 10.0.0.2"), None, None, None),
        (None, ("upnp 21.1.1.1", "natpmp 10.0.0.2"), "21.1.1.5", None, None),
        (None, ("upnp 10.0.0.2", "upnp 21.1.1.1"), "21.1.1.1", "21.1.1.1", "upnp"),
        (None, (), None, None, None),
        ("21.1.1.9", ("upnp 21.1.1.1",), None, "21.1.1.9", "settings"),
        ("21.1.1.9", ("upnp 21.1.1.1",), "21.1.1.5", "21.1.1.9", "settings"),
        ("21.1.1.9", ("upnp 21.1.1.1",), "21.1.1.1", "21.1.1.1", "upnp"),
        ("21.1.1.9", (), "21.1.1.1", "21.1.1.9", "settings"),
    ],
)
def test_router_is_asked_and_the_settings_outweigh_it_unless_it_names_what_the_internet_sees(
    monkeypatch: pytest.MonkeyPatch,
    typed: str | None,
    told: tuple[str, ...],
    seen_as: str | None,
    wan_v4: str | None,
    wan_source: str | None,
) -> None:
    def ask(gateway: str | None, _site: Site, _context: Context) -> Wan:
        pairs = [each.split() for each in told]
        return Wan(gateway, tuple(WanAnswer(method, Told.ADDRESS, said) for method, said in pairs))

    monkeypatch.setattr(address, "ask_router", ask)
    monkeypatch.setattr(address, "agreed_address", lambda _sources, version=4: seen_as)
    site = Site(address_services=(), stun=(), resolvers=(), wan_address=typed)
    seen = address.measure(site, Seen(link=LINK), context())
    assert isinstance(seen, Address)
    assert (seen.wan_v4, seen.wan_source) == (wan_v4, wan_source)
    assert seen.router is not None
    assert seen.router.gateway == LINK.gateway


def test_router_at_the_end_of_a_vpn_is_not_asked() -> None:
    seen = address.measure(
        Site(address_services=(), stun=(), resolvers=()), Seen(link=replace(LINK, vpn=True)), context()
    )
    assert isinstance(seen, Address)
    assert seen.router == Wan(None)


def test_disagreement_is_no_address() -> None:
    with http_server(http_reply(b"21.1.1.1")) as first, http_server(http_reply(b"21.1.1.2")) as second:
        site = Site(
            address_services=(f"http://{LOOPBACK}:{first}", f"http://{LOOPBACK}:{second}"), stun=(), resolvers=()
        )
        seen, _ = measure(site)
    assert seen.public_v4 is None
    assert {source.address for source in seen.sources} == {"21.1.1.1", "21.1.1.2"}


def test_dead_name_service_is_not_no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    with dns_server(lambda question, _over: answer(question, "example.com. 60 IN A 21.1.1.1")) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        site = Site(
            address_services=("https://a.example.org", "https://b.example.org"),
            stun=("stun.example.org:3478",),
            resolvers=(LOOPBACK,),
        )
        seen, _ = measure(site)
    assert {source.failure.kind for source in seen.sources if source.failure} == {FailureKind.NAME_NOT_FOUND}
    assert seen.outside_reached == ("dns",)


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
def test_resolver_that_only_declines_may_be_the_router_and_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, rcode: str
) -> None:
    with dns_server(lambda question, _over: answer(question, rcode=rcode)) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        seen, _ = measure(Site(address_services=(), stun=(), resolvers=(LOOPBACK,)))
    assert seen.outside_reached == ()


def test_refusals_prove_no_internet() -> None:
    shut = closed_tcp_port()
    site = Site(address_services=(f"http://{LOOPBACK}:{shut}",), stun=(f"{LOOPBACK}:{shut}",), resolvers=(LOOPBACK,))
    seen, _ = measure(site)
    assert seen.outside_reached == ()
    assert seen.public_v4 is None
    assert next(source.failure.kind for source in seen.sources if source.failure) is FailureKind.REFUSED


def test_page_of_a_captive_portal_is_no_witness_and_no_internet() -> None:
    with http_server(http_reply(b"<html>please log in 21.1.1.1</html>")) as port:
        seen, _ = measure(Site(address_services=(f"http://{LOOPBACK}:{port}",), stun=(), resolvers=()))
    (source,) = seen.sources
    assert source.address is None
    assert source.failure is not None
    assert source.failure.kind is FailureKind.MALFORMED
    assert seen.outside_reached == ()


def test_ipv6_is_not_asked_where_this_computer_has_no_public_address_of_it() -> None:
    site = Site(address_services=(), address_services_v6=("http://[::1]:1",), stun=(), resolvers=())
    seen, told = measure(site)
    assert (seen.sources, seen.local_v6, seen.public_v6, told) == ((), None, None, [])


def test_each_version_of_ip_has_witnesses_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    own = {4: "192.168.1.50", 6: "2a0e:1::50"}
    monkeypatch.setattr(routes, "source_address", lambda _towards="", *, version=4: own[version])
    with http_server(http_reply(b"21.1.1.1")) as v4, v6_http_server(http_reply(b"2a0e:1::50")) as v6:
        site = Site(
            address_services=(f"http://{LOOPBACK}:{v4}",),
            address_services_v6=(f"http://[::1]:{v6}",),
            stun=(),
            resolvers=(),
        )
        seen, _ = measure(site, lookup=VersionedLookup())
    assert [(each.version, each.address) for each in seen.sources] == [(4, "21.1.1.1"), (6, "2a0e:1::50")]
    assert (seen.public_v4, seen.public_v6, seen.local_v6) == ("21.1.1.1", "2a0e:1::50", "2a0e:1::50")


def test_an_address_of_the_other_version_is_no_answer() -> None:
    with http_server(http_reply(b"2a0e:1::50")) as port:
        seen, _ = measure(Site(address_services=(f"http://{LOOPBACK}:{port}",), stun=(), resolvers=()))
    assert (seen.sources[0].address, seen.public_v6) == (None, None)


@pytest.mark.parametrize("record", ["who.example. 0 IN A 21.1.1.7", 'who.example. 0 IN TXT "21.1.1.7"'])
def test_a_name_server_tells_who_asks_and_does_not_decide(monkeypatch: pytest.MonkeyPatch, record: str) -> None:
    kind = record.split()[3]

    def handle(question: dns.message.Message, _over: str) -> bytes:
        asked = dns.rdatatype.to_text(question.question[0].rdtype)
        return answer(question, *([record] if asked == kind else []))

    with dns_server(handle) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        site = Site(address_services=(), stun=(), resolvers=(), whoami=(f"who.example@{LOOPBACK}",))
        seen, told = measure(site)
    (source,) = seen.sources
    assert (source.method, source.address, source.failure) == ("dns", "21.1.1.7", None)
    assert seen.public_v4 is None, "where somebody on the way asks, it is his address"
    assert told == [(LOOPBACK, "this office's Internet address")]


@pytest.mark.parametrize("rows", [(), ("who.example. 0 IN A 21.1.1.7", "who.example. 0 IN A 21.1.1.8")])
def test_a_name_server_that_tells_none_or_two_tells_nothing(monkeypatch: pytest.MonkeyPatch, rows: tuple[str]) -> None:
    with dns_server(lambda question, _over: answer(question, *rows)) as port:
        monkeypatch.setattr("emrnetcheck.net.dns.PORT", port)
        site = Site(address_services=(), stun=(), resolvers=(), whoami=(f"who.example@{LOOPBACK}",))
        seen, _ = measure(site)
    (source,) = seen.sources
    assert source.address is None
    assert source.failure is not None
    assert source.failure.kind is FailureKind.MALFORMED


def test_a_proxy_is_noted_and_not_used() -> None:
    seen, _ = measure(Site(address_services=(), stun=(), resolvers=()))
    assert seen.proxies == ("https",)


class VersionedLookup(TableLookup):
    """Literal addresses are themselves, in their own version only."""

    def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
        return Lookup.resolve(self, host, version=version)


@contextmanager
def v6_http_server(reply: bytes) -> Iterator[int]:
    """One answer over IPv6."""

    def serve(sock: socket.socket) -> None:
        connection, _ = sock.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(reply)

    with socket.create_server(("::1", 0), family=socket.AF_INET6) as sock:
        thread = threading.Thread(target=serve, args=(sock,), daemon=True)
        thread.start()
        yield sock.getsockname()[1]
        thread.join(timeout=5)


def test_hops_are_kept() -> None:
    seen, _ = measure(Site(address_services=(), stun=(), resolvers=(LOOPBACK,)))
    assert [(hop.ttl, hop.address, hop.rtt_ms) for hop in seen.hops] == [(1, "192.168.1.1", 0.5)]
    assert seen.hops_failure is None


def test_without_a_target_there_are_no_hops_and_a_reason() -> None:
    seen, _ = measure(Site(address_services=(), stun=(), resolvers=()))
    assert seen.hops == ()
    assert seen.hops_failure is not None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"21.1.1.1", "21.1.1.1"),
        (b" 21.1.1.1 \r\n", "21.1.1.1"),
        (b'{"ip":"21.1.1.1","country":"CA"}', "21.1.1.1"),
        (b'{"ip_addr":"21.1.1.1"}', "21.1.1.1"),
        (b'{"ip":7}', None),
        (b'{"ip":', None),
        (b"2001:db8::1", None),
        (b"21.1.1.1, 21.1.1.2", None),
        (b"<html>21.1.1.1</html>", None),
        (b"", None),
        (b"fe80::1%eth0", None),
        (b"{" * 60_000, None),
        (b'{"a":' * 12_000 + b"1" + b"}" * 12_000, None),
    ],
)
def test_only_one_address_alone_counts(body: bytes, found: str | None) -> None:
    assert witnesses.address_in(body) == found


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_other_bodies_are_never_an_exception(body: bytes) -> None:
    found = witnesses.address_in(body)
    assert found is None or found.count(".") == 3
