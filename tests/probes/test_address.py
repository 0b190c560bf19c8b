"""Do the witnesses of the public address agree, and is "no Internet" told from "no name service"?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Address
from emrnetcheck.evidence.wan import Told, Wan, WanAnswer
from emrnetcheck.model import FailureKind, Site
from emrnetcheck.net import routes, trace
from emrnetcheck.probes import address
from emrnetcheck.probes.context import Context
from tests.checks.builders import LINK
from tests.probes.contexts import context
from tests.servers import LOOPBACK, answer, closed_tcp_port, dns_server, http_reply, http_server, stun_server

HOP = trace.TracedHop(1, "192.168.1.1", 0.5, end=False)


@pytest.fixture(autouse=True)
def on_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "source_address", lambda: "192.168.1.50")
    monkeypatch.setattr(trace, "first_hops", lambda _towards: (HOP,))
    monkeypatch.setattr(address, "_HTTPS_PORT", closed_tcp_port())
    monkeypatch.setattr(address, "_REACH_TIMEOUT_S", 0.4)
    monkeypatch.setattr("emrnetcheck.net.dns.PORT", closed_tcp_port())


def measure(site: Site, *, deadline_s: float = 8.0) -> tuple[Address, list[tuple[str, str]]]:
    ctx = context(deadline_s=deadline_s)
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
    ("typed", "told", "wan_v4", "wan_source"),
    [
        (None, ("upnp 21.1.1.1", "natpmp 21.1.1.1"), "21.1.1.1", "upnp, natpmp"),
        (None, ("upnp 21.1.1.1", "natpmp 10.0.0.2"), None, None),
        (None, (), None, None),
        ("21.1.1.9", ("upnp 21.1.1.1",), "21.1.1.9", "settings"),
    ],
)
def test_router_is_asked_and_the_settings_outweigh_it(
    monkeypatch: pytest.MonkeyPatch,
    typed: str | None,
    told: tuple[str, ...],
    wan_v4: str | None,
    wan_source: str | None,
) -> None:
    def ask(gateway: str | None, _site: Site, _context: Context) -> Wan:
        pairs = [each.split() for each in told]
        return Wan(gateway, tuple(WanAnswer(method, Told.ADDRESS, said) for method, said in pairs))

    monkeypatch.setattr(address, "ask_router", ask)
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
        (b"{" * 60_000, None),
        (b'{"a":' * 12_000 + b"1" + b"}" * 12_000, None),
    ],
)
def test_only_one_address_alone_counts(body: bytes, found: str | None) -> None:
    assert address.address_in(body) == found


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(st.text(), inner)).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_other_bodies_are_never_an_exception(body: bytes) -> None:
    found = address.address_in(body)
    assert found is None or found.count(".") == 3
