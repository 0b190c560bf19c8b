"""Does Globalping's word count only where its probes measured something, and is it asked as it wants to be?"""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.evidence.port import OutsideTry
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.probes import outside
from emrnetcheck.probes.outside import globalping, globalping_says
from tests.probes.contexts import context
from tests.probes.services import Answer, json_service
from tests.servers import LOOPBACK

CLINIC = "45.76.10.20"
CONSENT = Site(outside_consent=True)
CERTIFICATE = {
    "authorized": False,
    "error": "ERR_TLS_CERT_ALTNAME_INVALID",
    "expiresAt": "2027-01-02T03:04:05.000Z",
    "subject": {"CN": "emr.example.org", "alt": "DNS:emr.example.org, DNS:www.example.org"},
    "fingerprint256": ":".join(["AB"] * 32),
}

Result = dict[str, Any]
PAUSE_S = 0.05


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    assert globalping._PAUSE_S == 0.5, "two looks a second is what it allows"
    monkeypatch.setattr(globalping, "_PAUSE_S", PAUSE_S)


def probe(asn: object, result: Result) -> Result:
    place = {"asn": asn, "network": f"Net {asn}", "city": "Toronto", "country": "CA", "continent": "NA"}
    return {"probe": place, "result": {"rawOutput": "Reply from x: tcp_conn=1", "resolvedAddress": CLINIC, **result}}


def got(received: object, **more: Any) -> Result:
    return {"status": "finished", "stats": {"rcv": received, "total": 3, "min": 11.5}, **more}


OPEN, SHUT = got(3), got(0)
OFFLINE: Result = {"status": "offline"}
INTERNAL: Result = {"status": "failed", "failureSource": "internal"}
WAITING: Result = {"status": "in-progress"}


@dataclass
class Service:
    """Globalping on loopback. results: of a ping; each look gives the next, the last one stays."""

    looks: list[tuple[str, list[Result]]]
    http: list[Result] = field(default_factory=lambda: [probe(1, {"status": "finished", "tls": CERTIFICATE})])
    orders: list[Any] = field(default_factory=list)
    looked: list[tuple[float, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    over: Callable[[str, str], Answer | None] = lambda _method, _path: None

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: Any) -> Answer:
        self.headers.append(headers)
        instead = self.over(method, path)
        if instead is not None:
            return instead
        if method == "POST":
            self.orders.append(body)
            given = f"{body['type']}{len(self.orders)}"
            return 202, {"Location": f"/v1/measurements/{given}"}, {"id": given, "probesCount": body["limit"]}
        given = path.rsplit("/", 1)[-1]
        self.looked.append((time.monotonic(), given))
        if given.startswith("http"):
            return 200, {}, {"id": given, "target": CLINIC, "status": "finished", "results": self.http}
        status, results = self.looks[0] if len(self.looks) == 1 else self.looks.pop(0)
        return 200, {}, {"id": given, "target": CLINIC, "status": status, "results": results}


@contextmanager
def serving(service: Service) -> Iterator[str]:
    with json_service(service) as port:
        yield f"globalping+http://{LOOPBACK}:{port}"


def ask(
    service: Service, *, certificate: bool = False, limit_s: float = 6.0, address: str | None = CLINIC
) -> OutsideTry:
    ends_s = time.monotonic() + limit_s
    with serving(service) as name:
        return outside.ask(name, 8443, CONSENT, context(), address=address, ends_s=ends_s, certificate=certificate)


def finished(*results: Result) -> Service:
    return Service([("finished", [probe(number, result) for number, result in enumerate(results, start=100)])])


def kind_of(tried: OutsideTry) -> FailureKind | None:
    return tried.failure.kind if tried.failure is not None else None


def test_three_probes_try_the_address_and_the_results_are_polled_politely() -> None:
    service = finished(OPEN, SHUT, OFFLINE)
    results = service.looks[0][1]
    service.looks = [("in-progress", []), ("in-progress", []), ("finished", results)]
    tried = ask(service)
    assert service.orders == [
        {
            "type": "ping",
            "target": CLINIC,
            "limit": 3,
            "inProgressUpdates": False,
            "measurementOptions": {"protocol": "TCP", "port": 8443, "packets": 3},
        }
    ]
    assert (tried.address, tried.port, tried.reachable, tried.how_shut, tried.failure) == (
        CLINIC,
        8443,
        True,
        None,
        None,
    )
    assert [(each.reachable, each.where) for each in tried.probes] == [
        (True, "AS100, Net 100, Toronto, CA"),
        (False, "AS101, Net 101, Toronto, CA"),
        (None, "AS102, Net 102, Toronto, CA"),
    ]
    assert tried.probes[0].rtt_ms == 11.5
    times = [when for when, _ in service.looked]
    assert len(times) == 3
    assert all(later - earlier >= PAUSE_S for earlier, later in itertools.pairwise(times))
    assert {headers["user-agent"].split("/")[0] for headers in service.headers} == {"emrnetcheck"}
    assert service.headers[0]["content-type"] == "application/json"


def test_it_is_told_who_learned_what() -> None:
    ctx = context()
    with serving(finished(OPEN)) as name:
        outside.ask(name, 8443, CONSENT, ctx, address=CLINIC, ends_s=time.monotonic() + 5)
    ((who, told),) = [(entry.who, entry.told) for entry in ctx.ledger.third_parties]
    assert who == LOOPBACK
    assert "Internet address" in told
    assert "7 days" in told


@pytest.mark.parametrize("address", [None, "192.168.1.10", "100.64.1.1", "203.0.113.5", "2a0e::1"])
def test_without_a_public_address_nothing_is_asked(address: str | None) -> None:
    service = finished(OPEN)
    tried = ask(service, address=address)
    assert kind_of(tried) is FailureKind.UNSUPPORTED
    assert service.orders == []


def test_the_certificate_is_asked_for_by_head_of_two_probes_and_compared_by_its_digits() -> None:
    service = finished(OPEN, OPEN, OPEN)
    tried = ask(service, certificate=True)
    order = next(order for order in service.orders if order["type"] == "http")
    assert (order["limit"], order["measurementOptions"]["request"]) == (2, {"method": "HEAD", "path": "/"})
    assert order["measurementOptions"]["protocol"] == "HTTPS"
    assert tried.certificate is not None
    assert tried.certificate.fingerprint_sha256 == "ab" * 32
    assert tried.certificate.trusted is None, "it asked by address, so the name says nothing"
    assert tried.certificate.expires_at == "2027-01-02T03:04:05+00:00"
    assert tried.certificate.names == ("emr.example.org", "www.example.org")


@pytest.mark.parametrize(
    ("told", "trusted"),
    [
        ({"authorized": True, "error": None}, True),
        ({"error": "DEPTH_ZERO_SELF_SIGNED_CERT"}, False),
        ({"authorized": "yes"}, None),
    ],
)
def test_trust_is_what_it_said(told: Result, trusted: bool | None) -> None:
    service = finished(OPEN, OPEN, OPEN)
    service.http = [probe(1, {"status": "finished", "tls": CERTIFICATE | told})]
    tried = ask(service, certificate=True)
    assert tried.certificate is not None
    assert tried.certificate.trusted is trusted


def no_tls(said: str, source: str | None = "target", **more: Any) -> Result:
    return {"status": "failed", "failureSource": source, "rawOutput": said, "tls": None, **more}


WRONG = "write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl.c:354:\n - EPROTO"
PLAIN = no_tls(WRONG)
LATE = no_tls("Timeout awaiting 'request' for 10000ms - ETIMEDOUT")


@pytest.mark.parametrize(
    ("results", "kind"),
    [
        ((PLAIN, PLAIN), FailureKind.NOT_TLS),
        ((PLAIN, no_tls("write EPROTO packet length too long - EPROTO", None)), FailureKind.NOT_TLS),
        ((PLAIN,), None),
        ((PLAIN, LATE), None),
        ((LATE, LATE), None),
        ((PLAIN, no_tls(WRONG, "internal")), None),
        ((PLAIN, INTERNAL), None),
        ((PLAIN, OFFLINE), None),
        ((PLAIN, no_tls("unsupported protocol - EPROTO")), None),
        ((PLAIN, no_tls("socket hang up - ECONNRESET")), None),
        ((PLAIN, {"status": "finished", "tls": CERTIFICATE}), None),
        ((PLAIN, PLAIN | {"resolvedAddress": "45.76.10.21"}), None),
        ((PLAIN, PLAIN | {"rawOutput": 7}), None),
    ],
)
def test_no_tls_is_believed_only_of_two(results: tuple[Result, ...], kind: FailureKind | None) -> None:
    service = finished(OPEN, OPEN, OPEN)
    service.http = [probe(number, result) for number, result in enumerate(results)]
    tried = ask(service, certificate=True)
    assert tried.reachable is True
    assert (tried.certificate_failure and tried.certificate_failure.kind) is kind


def test_a_shut_port_has_no_certificate_and_costs_no_more_looks() -> None:
    service = finished(SHUT, SHUT, SHUT)
    tried = ask(service, certificate=True)
    assert (tried.reachable, tried.certificate) == (False, None)
    assert [given for _, given in service.looked if given.startswith("http")] == []


@pytest.mark.parametrize("tls", [None, [], {"fingerprint256": "zz"}, {"fingerprint256": 7}, {"authorized": True}])
def test_a_certificate_without_a_fingerprint_is_none(tls: object) -> None:
    service = finished(OPEN)
    service.http = [probe(1, {"status": "finished", "tls": tls})]
    tried = ask(service, certificate=True, limit_s=3.0)
    assert (tried.reachable, tried.certificate) == (True, None)


@pytest.mark.parametrize(
    ("results", "reachable", "kind"),
    [
        ([SHUT, SHUT, SHUT], False, None),
        ([SHUT, SHUT, OFFLINE], False, None),
        ([SHUT, SHUT, INTERNAL], False, None),
        ([SHUT, {"status": "failed", "failureSource": "target"}], False, None),
        ([OFFLINE, INTERNAL, OPEN], True, None),
        ([SHUT, OFFLINE, INTERNAL], None, FailureKind.NO_SERVER),
        ([OFFLINE, OFFLINE, OFFLINE], None, FailureKind.NO_SERVER),
        ([INTERNAL, {"status": "failed", "failureSource": "resolver"}], None, FailureKind.NO_SERVER),
        ([{"status": "failed"}, {"status": "failed"}], None, FailureKind.NO_SERVER),
        ([got(0, failureSource="internal"), got(0, failureSource="resolver")], None, FailureKind.NO_SERVER),
        ([got(1, resolvedAddress="45.76.10.99")], None, FailureKind.MALFORMED),
        ([got(None), got("3"), got(-1)], None, FailureKind.MALFORMED),
        ([got(True), got(1e9)], None, FailureKind.MALFORMED),
        ([], None, FailureKind.NO_SERVER),
    ],
)
def test_what_counts_as_open_shut_and_nothing(
    results: list[Result], reachable: bool | None, kind: FailureKind | None
) -> None:
    tried = ask(finished(*results))
    assert (tried.reachable, kind_of(tried)) == (reachable, kind)
    assert (tried.address is None) == (reachable is None)


def test_three_probes_of_one_network_do_not_make_a_port_shut() -> None:
    tried = ask(Service([("finished", [probe(7, SHUT), probe(7, SHUT), probe(None, SHUT)])]))
    assert (tried.reachable, kind_of(tried)) == (None, FailureKind.NO_SERVER)
    assert tried.failure is not None
    assert "2 networks" in tried.failure.in_words()


def test_one_probe_that_got_through_does_not_wait_for_the_slow_one_for_ever() -> None:
    service = Service([("in-progress", [probe(1, OPEN), probe(2, WAITING)])])
    tried = ask(service, limit_s=30.0)
    assert tried.reachable is True
    assert [each.reachable for each in tried.probes] == [True, None]
    assert len(service.looked) < 40


@pytest.mark.parametrize("results", [[], [probe(1, WAITING), probe(2, SHUT)]])
def test_one_that_never_ends_is_out_of_time(results: list[Result]) -> None:
    tried = ask(Service([("in-progress", results)]), limit_s=1.6)
    assert tried.reachable is None
    # A busy computer may be in the middle of asking when the time is over.
    assert kind_of(tried) in (FailureKind.OUT_OF_TIME, FailureKind.TIMEOUT)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((429, {"X-RateLimit-Reset": "1800", "X-RateLimit-Remaining": "0"}, {"error": {}}), FailureKind.RATE_LIMITED),
        ((400, {}, {"error": {"type": "validation_error", "message": "no"}}), FailureKind.HTTP_STATUS),
        ((503, {}, {}), FailureKind.HTTP_STATUS),
        ((202, {}, {"id": "../probes"}), FailureKind.MALFORMED),
        ((202, {}, {"id": 7}), FailureKind.MALFORMED),
        ((202, {}, {"id": "x" * 65}), FailureKind.MALFORMED),
        ((202, {}, {}), FailureKind.MALFORMED),
    ],
)
def test_an_order_that_is_refused_is_a_failure(answer: Answer, kind: FailureKind) -> None:
    tried = ask(Service([], over=lambda _method, _path: answer))
    assert (tried.reachable, kind_of(tried)) == (None, kind)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((200, {}, {"id": "other", "status": "finished", "results": []}), FailureKind.MALFORMED),
        ((200, {}, {"id": "ping1", "target": "1.1.1.1", "status": "finished", "results": []}), FailureKind.MALFORMED),
        ((200, {}, {"id": "ping1", "status": "finished", "results": {}}), FailureKind.MALFORMED),
        ((200, {}, {"id": "ping1", "status": 1, "results": []}), FailureKind.MALFORMED),
        ((200, {}, {"id": "ping1", "status": "finished", "results": [{}] * 60}), FailureKind.MALFORMED),
        ((200, {}, {"id": "ping1", "status": "finished", "results": ["x" * 90_000]}), FailureKind.TOO_LARGE),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{]}", FailureKind.MALFORMED),
        ((404, {}, {"error": {"message": "gone"}}), FailureKind.HTTP_STATUS),
        ((429, {"Retry-After": "5"}, {}), FailureKind.RATE_LIMITED),
    ],
)
def test_a_result_that_is_none_is_a_failure(answer: Answer, kind: FailureKind) -> None:
    service = Service([("finished", [])], over=lambda method, _path: answer if method == "GET" else None)
    tried = ask(service)
    assert (tried.reachable, kind_of(tried)) == (None, kind)


def test_hostile_words_are_made_harmless() -> None:
    hostile = probe(1, OPEN)
    hostile["probe"] |= {"network": "Net\x1b]0;x\x07" + "y" * 500, "city": "\u202eevil\r\n", "country": ["CA"]}
    service = Service([("finished", [hostile])])
    service.http = [
        probe(
            1, {"status": "finished", "tls": CERTIFICATE | {"error": "\x1b[2J", "subject": {"alt": "DNS:\x07a," * 900}}}
        )
    ]
    tried = ask(service, certificate=True)
    assert tried.certificate is not None
    for text in (tried.probes[0].where, tried.certificate.error, *tried.certificate.names):
        assert text.isprintable()
        assert len(text) <= 80
    assert len(tried.certificate.names) <= 20


def test_many_ports_have_one_probe_each_and_are_polled_in_turn() -> None:
    service = Service([("finished", [probe(1, SHUT)])])
    with serving(service) as name:
        tried = outside.ask_many(
            name, [22, 3306, 8080], CONSENT, context(), address=CLINIC, ends_s=time.monotonic() + 7
        )
    assert [(each.port, each.reachable) for each in tried] == [(22, False), (3306, False), (8080, False)]
    assert sorted(order["measurementOptions"]["port"] for order in service.orders) == [22, 3306, 8080]
    assert {(order["limit"], order["measurementOptions"]["packets"]) for order in service.orders} == {(1, 1)}
    times = [when for when, _ in service.looked]
    assert all(later - earlier >= PAUSE_S for earlier, later in itertools.pairwise(times))


def test_many_ports_stop_at_too_many_questions() -> None:
    service = Service([("finished", [probe(1, SHUT)])])
    service.over = lambda method, _path: (429, {"Retry-After": "30"}, {}) if len(service.orders) >= 2 else None
    ports = list(range(1, 30))
    with serving(service) as name:
        tried = outside.ask_many(name, ports, CONSENT, context(), address=CLINIC, ends_s=time.monotonic() + 7)
    assert {kind_of(each) for each in tried} == {FailureKind.RATE_LIMITED}
    assert len(service.headers) < 15


def test_many_ports_out_of_time_keep_what_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globalping, "_PAUSE_S", 0.5)
    service = Service([("finished", [probe(1, OPEN)])])
    with serving(service) as name:
        ends_s = time.monotonic() + 1.4
        tried = outside.ask_many(name, list(range(1, 9)), CONSENT, context(), address=CLINIC, ends_s=ends_s)
    assert tried[0].reachable is True
    assert (tried[7].reachable, kind_of(tried[7])) == (None, FailureKind.OUT_OF_TIME)


def test_a_service_that_says_nothing_ends_in_time() -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        name = f"globalping+http://{LOOPBACK}:{silent.getsockname()[1]}"
        ends_s = time.monotonic() + 0.8
        tried = outside.ask(name, 8443, CONSENT, context(), address=CLINIC, ends_s=ends_s, certificate=True)
    assert kind_of(tried) in (FailureKind.TIMEOUT, FailureKind.OUT_OF_TIME)


_KEYS = (
    "probe result status stats rcv min tls fingerprint256 subject alt asn expiresAt network failureSource "
    "resolvedAddress error authorized"
)
_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(CLINIC),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(_KEYS.split()),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@given(_ANYTHING, st.sampled_from(["finished", "in-progress", "failed"]))
def test_any_measurement_is_read_or_a_failure(results: Any, status: str) -> None:
    answer = json.loads(json.dumps({"id": "x", "status": status, "results": [results]}))
    found = globalping_says.measurement(answer, "x", CLINIC)
    assert isinstance(found, globalping_says.Measurement)
    assert isinstance(globalping_says.verdict(found, networks_min=2), bool | Failure)
    for said in found.said:
        assert said.probe.where.isprintable()


@given(st.dictionaries(st.sampled_from(["id", "status", "results", "target"]), _ANYTHING))
def test_any_answer_is_read_or_a_failure(answer: dict[str, Any]) -> None:
    assert isinstance(globalping_says.created(answer), str | Failure)
    assert isinstance(globalping_says.measurement(answer, "x", CLINIC), globalping_says.Measurement | Failure)


def test_an_address_that_is_none_of_ours_to_try_is_refused() -> None:
    assert globalping.unusable(CLINIC, "host") is None
    assert globalping.unusable("127.0.0.1", "host") is not None
    assert globalping.unusable("2a00:1:2::10", "host", version=6) is None
    assert globalping.unusable("2a00:1:2::10", "host") is not None
    assert globalping.unusable(CLINIC, "host", version=6) is not None
    assert globalping.unusable("fd00::1", "host", version=6) is not None
