"""Is a service outside asked only with consent, and by its form, and does its answer count only if it is one?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net.lookup import Lookup, Resolved
from emrnetcheck.probes import outside
from emrnetcheck.probes.outside import api, echoip, responder
from emrnetcheck.probes.outside.common import Service, parse
from tests.probes.contexts import TableLookup, context
from tests.probes.services import Answer, json_service
from tests.servers import LOOPBACK, closed_tcp_port

CLINIC = "45.76.10.20"
CONSENT = Site(outside_consent=True)
PIN = "ab" * 32


def kind_of(tried: OutsideTry) -> FailureKind | None:
    return tried.failure.kind if tried.failure is not None else None


def echo(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
    return 200, {}, {"ip": CLINIC, "port": int(path.split("/")[-1]), "reachable": path.endswith("443")}


def ask(service: str, site: Site = CONSENT, **over: Any) -> OutsideTry:
    return outside.ask(service, 8443, site, context(**over), address=CLINIC, ends_s=time.monotonic() + 5)


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("globalping", Service("globalping", True, "api.globalping.io", 443)),
        ("globalping+http://127.0.0.1:81", Service("globalping", False, "127.0.0.1", 81)),
        ("echoip+https://echo.example.org/", Service("echoip", True, "echo.example.org", 443)),
        ("echoip+http://[::1]:8080", Service("echoip", False, "::1", 8080)),
        ("responder+http://192.168.1.30:8089", Service("responder", False, "192.168.1.30", 8089)),
        (f"responder+https://x.example.org#sha256={PIN}", Service("responder", True, "x.example.org", 443, PIN)),
        (
            f"responder+https://x.example.org/#sha256={':'.join(['AB'] * 32)}",
            Service("responder", True, "x.example.org", 443, PIN),
        ),
        ("echoip+ftp://x", None),
        ("echoip+http://x/y", None),
        ("echoip+http://x:0", None),
        ("echoip+http://x:65536", None),
        ("responder+https://x#sha256=ab", None),
        (f"responder+http://x#sha256={PIN}", None),
        (f"echoip+https://x#sha256={PIN}", None),
        ("globalping+https://", None),
        ("somebody", None),
    ],
)
def test_a_service_is_known_by_its_form(text: str, service: Service | None) -> None:
    assert parse(text) == service


@pytest.mark.parametrize("name", ["globalping+http", "echoip+http", "responder+http"])
def test_nobody_is_asked_without_consent_or_offline(name: str) -> None:
    asked: list[str] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        asked.append(path)
        return 200, {}, {}

    with json_service(handle) as port:
        service = f"{name}://{LOOPBACK}:{port}"
        refused = ask(service, Site())
        inside = replace(context(), stay_inside=Failure(FailureKind.OFFLINE))
        offline = outside.ask(service, 8443, CONSENT, inside, address=CLINIC, ends_s=time.monotonic() + 5)
        many = outside.ask_many(service, [1, 2], Site(), context(), address=CLINIC, ends_s=time.monotonic() + 5)
    assert [kind_of(tried) for tried in (refused, offline, *many)] == [
        FailureKind.NO_CONSENT,
        FailureKind.OFFLINE,
        FailureKind.NO_CONSENT,
        FailureKind.NO_CONSENT,
    ]
    assert asked == []
    assert inside.ledger.third_parties == []


def test_a_service_of_no_known_form_is_said_to_be_one() -> None:
    assert kind_of(ask("somebody\x1b[31m")) is FailureKind.UNSUPPORTED
    assert "\x1b" not in str(ask("somebody\x1b[31m").failure)


def test_echoip_is_asked_for_each_port_in_the_order_given() -> None:
    with json_service(echo) as port:
        service = f"echoip+http://{LOOPBACK}:{port}"
        ctx = context()
        tried = outside.ask_many(service, [3306, 443, 22], CONSENT, ctx, address=None, ends_s=time.monotonic() + 5)
    assert [(each.port, each.reachable) for each in tried] == [(3306, False), (443, True), (22, False)]
    assert len(ctx.ledger.third_parties) == 1


def test_after_too_many_questions_the_rest_is_not_asked() -> None:
    asked: list[str] = []
    lock = threading.Lock()

    def handle(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        with lock:
            asked.append(path)
        return 429, {"Retry-After": "61"}, {"error": "slow down"}

    ports = list(range(1, 61))
    with json_service(handle) as port:
        service = f"echoip+http://{LOOPBACK}:{port}"
        tried = outside.ask_many(service, ports, CONSENT, context(), address=None, ends_s=time.monotonic() + 5)
    assert {kind_of(each) for each in tried} == {FailureKind.RATE_LIMITED}
    assert tried[0].failure is not None
    assert "try again in 2 min" in tried[0].failure.in_words()
    assert len(asked) <= 20


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((429, {}, {}), FailureKind.RATE_LIMITED, "try again later"),
        ((429, {"Retry-After": "Wed, 25 Nov 2026 10:00:00 GMT"}, {}), FailureKind.RATE_LIMITED, "try again later"),
        ((429, {"X-RateLimit-Reset": "2220"}, {}), FailureKind.RATE_LIMITED, "try again in 37 min"),
        ((429, {"Retry-After": "59"}, []), FailureKind.RATE_LIMITED, "try again in 59 s"),
        ((500, {}, {"error": "broken\x1b[2J"}), FailureKind.HTTP_STATUS, "500: broken [2J"),
        ((400, {}, {"error": {"type": "x", "message": "bad"}}), FailureKind.HTTP_STATUS, "400: bad"),
        ((302, {"Location": "http://127.0.0.1/"}, {}), FailureKind.HTTP_STATUS, "302"),
        ((200, {}, []), FailureKind.MALFORMED, "no JSON object"),
        ((200, {}, "x" * 70_000), FailureKind.TOO_LARGE, ""),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{"a"', FailureKind.MALFORMED, ""),
        (b"SSH-2.0-OpenSSH\r\n\r\n", FailureKind.MALFORMED, ""),
    ],
)
def test_an_answer_that_is_none_is_a_failure_with_its_reason(answer: Answer, kind: FailureKind, words: str) -> None:
    with json_service(lambda *_: answer) as port:
        tried = ask(f"echoip+http://{LOOPBACK}:{port}")
    assert (tried.reachable, kind_of(tried)) == (None, kind)
    assert tried.failure is not None
    assert words in tried.failure.in_words()


def test_a_service_that_is_not_there_is_a_failure() -> None:
    assert kind_of(ask(f"echoip+http://{LOOPBACK}:{closed_tcp_port()}")) is FailureKind.REFUSED
    assert kind_of(ask("echoip+https://nowhere.example.org")) is FailureKind.NAME_NOT_FOUND


class _Dual(TableLookup):
    """A service with an address of each version; notes which was wanted."""

    def __init__(self) -> None:
        super().__init__({"echo.example.org": LOOPBACK})
        self.wanted: list[int] = []

    def resolve(self, host: str, *, version: int = 4) -> Resolved | Failure:
        self.wanted.append(version)
        return super().resolve(host, version=version)


def by_ipv6(service: str, address: str, site: Site = CONSENT, **over: Any) -> OutsideTry:
    return outside.ask_by_ipv6(service, 8443, site, context(**over), address=address, ends_s=time.monotonic() + 5)


def test_by_ipv6_whoever_dials_its_caller_is_asked_from_the_address() -> None:
    lookup = _Dual()
    with json_service(echo) as port:
        tried = by_ipv6(f"echoip+http://echo.example.org:{port}", LOOPBACK, lookup=lookup)
        # An address that this computer does not have cannot be asked about.
        foreign = by_ipv6(f"echoip+http://echo.example.org:{port}", "2a00:1:2::10", lookup=lookup)
    assert (tried.address, tried.reachable, lookup.wanted) == (CLINIC, True, [6, 6])
    assert (foreign.reachable, foreign.failure is not None) == (None, True)


def test_by_ipv6_nobody_is_asked_without_consent_or_without_an_address_of_that_kind() -> None:
    assert kind_of(by_ipv6("echoip+https://echo.example.org", "2a00:1:2::10", Site())) is FailureKind.NO_CONSENT
    lookup = Lookup(())
    assert kind_of(by_ipv6(f"echoip+http://{LOOPBACK}", "2a00:1:2::10", lookup=lookup)) is FailureKind.NAME_NO_ADDRESS


def test_globalping_is_asked_by_ipv4_for_an_ipv6_address() -> None:
    targets: list[str] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        targets.append(body["target"])
        assert "ipVersion" not in body["measurementOptions"]
        return 429, {}, {}

    with json_service(handle) as port:
        tried = by_ipv6(f"globalping+http://{LOOPBACK}:{port}", "2a00:1:2::10", lookup=Lookup(()))
    assert (targets, kind_of(tried)) == (["2a00:1:2::10"], FailureKind.RATE_LIMITED)


def test_no_time_is_out_of_time() -> None:
    with json_service(echo) as port:
        service = f"echoip+http://{LOOPBACK}:{port}"
        tried = outside.ask(service, 8443, CONSENT, context(), address=None, ends_s=time.monotonic())
        many = outside.ask_many(service, [1, 2], CONSENT, context(), address=None, ends_s=time.monotonic())
    assert {kind_of(each) for each in (tried, *many)} == {FailureKind.OUT_OF_TIME}


def test_patience_is_that_of_the_slowest_service() -> None:
    assert outside.patience_s(()) == 0
    assert outside.patience_s(("echoip+https://x.example.org",)) < outside.patience_s(("globalping",))
    assert outside.patience_s(("globalping",)) < outside.patience_s(("globalping",), ports=20)


@given(
    st.binary(max_size=100) | st.recursive(st.none() | st.text(), st.lists).map(lambda said: json.dumps(said).encode())
)
def test_any_bytes_are_an_object_or_a_failure(body: bytes) -> None:
    assert isinstance(api.read_object(body), Failure | dict)


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 20_000, b'{"port":' + b"9" * 60_000 + b"}"])
def test_hostile_json_is_malformed(body: bytes) -> None:
    said = api.read_object(body)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED


@given(
    st.dictionaries(
        st.sampled_from(["ip", "port", "reachable"]),
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists),
    )
)
def test_any_object_is_an_answer_of_echoip_or_a_failure(said: dict[str, Any]) -> None:
    assert isinstance(echoip.read(said, 8443), Failure | tuple)


@pytest.mark.parametrize(
    ("told", "address"),
    [
        (CLINIC, CLINIC),
        (f"::ffff:{CLINIC}", CLINIC),
        ("2a00:1:2::10", "2a00:1:2::10"),
        ("192.168.1.10", FailureKind.UNSUPPORTED),
        ("::ffff:192.168.1.10", FailureKind.UNSUPPORTED),
        ("10.0.0.1", FailureKind.UNSUPPORTED),
        ("100.64.0.9", FailureKind.UNSUPPORTED),
        ("127.0.0.1", FailureKind.UNSUPPORTED),
        ("fe80::1", FailureKind.UNSUPPORTED),
        ("fd00::1", FailureKind.UNSUPPORTED),
        ("nowhere", FailureKind.MALFORMED),
        (None, FailureKind.MALFORMED),
    ],
)
def test_only_an_address_on_the_internet_counts_as_from_outside(told: object, address: str | FailureKind) -> None:
    by_echoip = echoip.read({"ip": told, "port": 8443, "reachable": True}, 8443)
    said = {"address": told, "port": 8443, "state": "open", "dial_ms": 1.0, "fingerprint_sha256": None}
    by_responder = responder.read("responder+https://x", said, 8443)
    if isinstance(address, FailureKind):
        assert isinstance(by_echoip, Failure)
        assert by_responder.failure is not None
        assert (by_echoip.kind, by_responder.failure.kind, by_responder.reachable) == (address, address, None)
    else:
        assert by_echoip == (address, True)
        assert (by_responder.address, by_responder.reachable, by_responder.failure) == (address, True, None)
