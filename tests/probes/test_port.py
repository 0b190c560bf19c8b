"""Is the EMR's port told to be listening, reachable and open from outside, only where that was seen?"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.port import OutsideTry, Port
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import listeners, routes, tcp
from emrnetcheck.probes import outside, port_inside
from emrnetcheck.probes import port as probe
from tests.checks.builders import PUBLIC, names, source
from tests.probes.contexts import TableLookup, context
from tests.servers import LOOPBACK, closed_tcp_port, http_reply, http_server, silent_tcp_port

OTHER = "192.168.1.10"


def measure(site: Site, *, lookup: TableLookup | None = None, deadline_s: float = 9.0) -> Port:
    seen = probe.measure(site, Seen(), context(lookup=lookup, deadline_s=deadline_s))
    assert isinstance(seen, Port)
    return seen


def site(port: int, *services: str, consent: bool = True, lan_address: str | None = LOOPBACK) -> Site:
    return Site(
        port=port, emr_declared=True, lan_address=lan_address, outside_services=services, outside_consent=consent
    )


def echoip(**said: object) -> Callable[[str], bytes]:
    """As echoip answers GET /port/N; what is said here replaces its words."""

    def reply(path: str) -> bytes:
        answer = {"ip": "21.99.0.10", "port": int(path.split("/")[-1]), "reachable": True, **said}
        return http_reply(json.dumps(answer).encode(), content_type="application/json")

    return reply


def test_undeclared_emr_is_not_configured() -> None:
    seen = probe.measure(Site(), Seen(), context())
    assert isinstance(seen, Failure)
    assert seen.kind is FailureKind.NOT_CONFIGURED


def test_listener_on_this_computer_is_seen_and_reached() -> None:
    with silent_tcp_port() as port:
        seen = measure(site(port))
    assert (seen.is_emr_host, seen.listening, seen.bind) == (True, True, (LOOPBACK,))
    assert seen.loopback is not None
    assert seen.loopback.open is True
    assert seen.lan is not None
    assert (seen.lan.address, seen.lan.open) == (LOOPBACK, True)


def test_no_listener_is_seen_as_none() -> None:
    seen = measure(site(closed_tcp_port()))
    assert (seen.listening, seen.bind) == (False, ())
    assert seen.lan is not None
    assert seen.lan.failure is not None
    assert (seen.lan.open, seen.lan.failure.kind) == (False, FailureKind.REFUSED)


def test_a_listener_on_one_address_is_asked_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(port_inside, "LOOPBACK", "127.0.0.3")
    with socket.create_server(("127.0.0.2", 0)) as listener:
        seen = measure(site(listener.getsockname()[1], lan_address="127.0.0.1"))
    assert (seen.lan, seen.loopback) != (None, None)
    assert seen.bind == ("127.0.0.2",)
    assert seen.bound is not None
    assert (seen.bound.address, seen.bound.open) == ("127.0.0.2", True)


def test_where_the_office_gets_in_nothing_else_is_asked() -> None:
    with silent_tcp_port() as port:
        assert measure(site(port)).bound is None


def test_table_that_may_not_be_read_leaves_it_to_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listeners, "listening_on", lambda _port: Failure(FailureKind.PERMISSION))
    with silent_tcp_port() as port:
        assert measure(site(port)).listening is True
    assert measure(site(closed_tcp_port())).listening is None


def test_server_elsewhere_is_only_asked_over_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "own_addresses", lambda: {"192.168.1.50": "eth0"})
    with silent_tcp_port() as port:
        seen = measure(site(port))
    assert (seen.is_emr_host, seen.listening, seen.bind, seen.loopback) == (False, None, (), None)
    assert seen.lan is not None
    assert seen.lan.open is True


def test_silence_on_the_lan_is_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def connect(address: str, port: int, timeout_s: float) -> Failure:
        tried.append(address)
        return Failure(FailureKind.TIMEOUT, "connect", address)

    monkeypatch.setattr(tcp, "connect", connect)
    seen = measure(site(8443, lan_address=OTHER))
    assert tried == [OTHER, OTHER]
    assert seen.lan is not None
    assert seen.lan.open is False


@pytest.mark.parametrize("reachable", [True, False])
def test_echoip_says_whether_the_port_is_open(reachable: bool) -> None:
    with http_server(echoip(reachable=reachable)) as service:
        name = f"echoip+http://{LOOPBACK}:{service}"
        ctx = context()
        seen = probe.measure(site(8443, name), Seen(), ctx)
    assert isinstance(seen, Port)
    (tried,) = seen.outside
    assert (tried.service, tried.address, tried.port) == (name, "21.99.0.10", 8443)
    assert (tried.reachable, tried.failure) == (reachable, None)
    assert [(entry.who, entry.told) for entry in ctx.ledger.third_parties] == [
        (LOOPBACK, "this office's Internet address, and which of its ports it was asked to try")
    ]
    assert ctx.ledger.received_bytes > 0


def test_without_consent_nobody_is_asked() -> None:
    asked: list[str] = []

    def reply(path: str) -> bytes:
        asked.append(path)
        return http_reply(b"")

    with http_server(reply) as service:
        ctx = context()
        seen = probe.measure(site(8443, f"echoip+http://{LOOPBACK}:{service}", consent=False), Seen(), ctx)
    assert isinstance(seen, Port)
    assert asked == []
    assert ctx.ledger.third_parties == []
    assert seen.outside[0].failure is not None
    assert (seen.outside[0].reachable, seen.outside[0].failure.kind) == (None, FailureKind.NO_CONSENT)


def test_offline_nobody_outside_is_asked_and_the_inside_is_measured() -> None:
    with silent_tcp_port() as port:
        inside = replace(context(), stay_inside=Failure(FailureKind.OFFLINE))
        declared = replace(site(port, "echoip+http://nowhere.example.org"), hostname="emr.example.org")
        seen = probe.measure(declared, Seen(), inside)
    assert isinstance(seen, Port)
    assert (seen.listening, seen.hairpin) == (True, None)
    assert [tried.failure.kind for tried in seen.outside if tried.failure] == [FailureKind.OFFLINE]
    assert inside.ledger.third_parties == []


def test_service_that_gives_no_answer_leaves_it_open() -> None:
    (tried,) = measure(site(8443, f"echoip+http://{LOOPBACK}:{closed_tcp_port()}")).outside
    assert tried.failure is not None
    assert (tried.reachable, tried.failure.kind) == (None, FailureKind.REFUSED)


@pytest.mark.parametrize(
    "said", [{"port": 1}, {"port": "8443"}, {"reachable": "true"}, {"reachable": None}, {"ip": "nowhere"}]
)
def test_answer_about_something_else_does_not_count(said: dict[str, object]) -> None:
    with http_server(echoip(**said)) as service:
        (tried,) = measure(site(8443, f"echoip+http://{LOOPBACK}:{service}")).outside
    assert tried.failure is not None
    assert (tried.reachable, tried.failure.kind) == (None, FailureKind.MALFORMED)


def test_server_with_the_public_address_itself_has_no_hairpin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "connect", lambda address, port, timeout_s: Failure(FailureKind.TIMEOUT))
    declared = Site(emr_declared=True, lan_address="21.99.0.10", hostname="emr.example.org", outside_services=())
    assert measure(declared, lookup=TableLookup({"emr.example.org": "21.99.0.10"})).hairpin is None


def hairpin_of(monkeypatch: pytest.MonkeyPatch, address: str) -> tuple[Port, list[str]]:
    tried: list[str] = []
    lock = threading.Lock()

    def connect(where: str, port: int, timeout_s: float) -> Failure:
        with lock:
            tried.append(where)
        return Failure(FailureKind.TIMEOUT, "connect", where)

    monkeypatch.setattr(tcp, "connect", connect)
    declared = Site(port=8443, emr_declared=True, lan_address=OTHER, hostname="emr.example.org", outside_services=())
    return measure(declared, lookup=TableLookup({"emr.example.org": address})), tried


def test_hairpin_is_tried_at_the_public_name(monkeypatch: pytest.MonkeyPatch) -> None:
    seen, tried = hairpin_of(monkeypatch, "21.99.0.10")
    assert seen.hairpin is not None
    assert (seen.hairpin.address, seen.hairpin.open) == ("21.99.0.10", False)
    assert "21.99.0.10" in tried


@pytest.mark.parametrize("address", [OTHER, "10.0.0.1", "100.64.0.1"])
def test_name_that_leads_straight_to_the_server_is_no_hairpin(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    seen, _ = hairpin_of(monkeypatch, address)
    assert seen.hairpin is None


V6, OTHERS_V6 = "2a00:1:2::10", "2a00:1:2::99"


def asked_by_ipv6(
    monkeypatch: pytest.MonkeyPatch, declared: Site, published: tuple[str, ...] | None, *, offline: bool = False
) -> tuple[Port, list[str]]:
    """The addresses that were asked about, where this computer has V6 and the name leads to those published."""
    asked: list[str] = []

    def ask_by_ipv6(service: str, *, port: int, address: str, **_: object) -> OutsideTry:
        asked.append(address)
        return OutsideTry(service, address, port, True, None)

    monkeypatch.setattr(routes, "own_addresses", lambda: {LOOPBACK: "lo", V6: "eth0", "fd00::1": "eth0"})
    monkeypatch.setattr(outside, "ask_by_ipv6", ask_by_ipv6)
    known = names(source(PUBLIC, addresses_v6=published)) if published is not None else None
    run = replace(context(), stay_inside=Failure(FailureKind.OFFLINE)) if offline else context()
    seen = probe.measure(declared, Seen(names=known), run)
    assert isinstance(seen, Port)
    return seen, asked


def test_by_ipv6_the_published_address_of_this_computer_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    service = f"echoip+http://{LOOPBACK}:{closed_tcp_port()}"
    seen, asked = asked_by_ipv6(monkeypatch, site(closed_tcp_port(), service), (OTHERS_V6, V6))
    assert asked == [V6]
    assert [(each.service, each.address, each.reachable) for each in seen.outside_v6] == [(service, V6, True)]
    assert [each.reachable for each in seen.outside] == [None]


@pytest.mark.parametrize("published", [None, (), (OTHERS_V6,), ("fd00::1",)])
def test_by_ipv6_nothing_is_asked_where_the_name_does_not_lead_to_this_computer(
    monkeypatch: pytest.MonkeyPatch, published: tuple[str, ...] | None
) -> None:
    service = f"echoip+http://{LOOPBACK}:{closed_tcp_port()}"
    seen, asked = asked_by_ipv6(monkeypatch, site(closed_tcp_port(), service), published)
    assert (asked, seen.outside_v6) == ([], ())


def test_by_ipv6_nothing_is_asked_from_elsewhere_without_consent_or_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    service, port = f"echoip+http://{LOOPBACK}:{closed_tcp_port()}", closed_tcp_port()
    monkeypatch.setattr(tcp, "connect", lambda address, port, timeout_s: Failure(FailureKind.TIMEOUT))
    assert asked_by_ipv6(monkeypatch, site(port, service, lan_address=OTHER), (V6,))[1] == []
    assert asked_by_ipv6(monkeypatch, site(port, service, consent=False), (V6,))[1] == []
    assert asked_by_ipv6(monkeypatch, site(port, service), (V6,), offline=True)[1] == []


def test_silent_service_ends_within_the_deadline() -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        name = f"echoip+http://{LOOPBACK}:{silent.getsockname()[1]}"
        (tried,) = measure(site(closed_tcp_port(), name), deadline_s=0.5).outside
    assert tried.failure is not None
    assert (tried.reachable, tried.failure.kind) in [(None, FailureKind.TIMEOUT), (None, FailureKind.OUT_OF_TIME)]
