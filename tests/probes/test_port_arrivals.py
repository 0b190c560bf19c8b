"""Is only what came from outside counted as such, and is a certificate taken from whoever shows it?"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.port import Arrivals, OutsideCertificate, OutsideTry, Port, PortTry, Spoken
from emrnetcheck.model import Failure, FailureKind, Site
from emrnetcheck.net import syn_watch, tls
from emrnetcheck.net.syn_packets import Flow, Watched
from emrnetcheck.net.tls import TlsSeen
from emrnetcheck.probes import outside, port_hairpin
from emrnetcheck.probes import port as probe
from emrnetcheck.probes.arrivals import addresses_of_office, arrivals, syn_seen
from emrnetcheck.probes.port_inside import Inside
from emrnetcheck.probes.spoken import spoken
from tests.checks.builders import HEALTHY, PUBLIC, ROUTER
from tests.probes.contexts import TableLookup, context
from tests.servers import LOOPBACK, closed_tcp_port, silent_tcp_port

TESTER, OTHER = "21.99.0.10", "21.99.0.11"
OFFICE = frozenset({PUBLIC, "192.168.1.10"})


def counted(*flows: Flow, whole: bool = True, own_attempts: int = 0) -> Arrivals:
    return arrivals(Watched(flows, whole), office=OFFICE, gateway=ROUTER, own_attempts=own_attempts)


def test_what_came_from_outside_is_counted_by_what_became_of_it() -> None:
    seen = counted(
        Flow(TESTER, 1),
        Flow(TESTER, 2, accepted=True),
        Flow(OTHER, 1, accepted=True, finished=True),
        Flow(OTHER, 2, refused=True),
    )
    assert seen == Arrivals(outside=4, accepted=2, refused=1, finished=1, sources=2, whole=True)


@pytest.mark.parametrize(
    "remote", [PUBLIC, "192.168.1.10", "192.168.1.20", ROUTER, "127.0.0.1", "100.64.0.7", "169.254.1.1", "fe80::1"]
)
def test_what_came_from_the_office_is_not_from_outside(remote: str) -> None:
    assert counted(Flow(remote, 1)).outside == 0


@pytest.mark.parametrize(("attempts", "behind"), [(3, 1), (2, 1), (1, 2), (0, 3)])
def test_our_own_attempts_come_back_from_the_router_and_are_accepted(attempts: int, behind: int) -> None:
    flows = (Flow(ROUTER, 1, accepted=True), Flow(ROUTER, 2, accepted=True), Flow(ROUTER, 3))
    assert counted(*flows, own_attempts=attempts).behind_router == behind


def test_who_is_kept_out_is_told_by_address() -> None:
    seen = counted(Flow(TESTER, 1), Flow(TESTER, 2), Flow(OTHER, 1), Flow("21.99.0.12", 1, accepted=True))
    assert (seen.outside, seen.accepted, seen.kept_out) == (4, 1, 2)


@pytest.mark.parametrize(
    ("attempt", "here", "there", "made"),
    [
        (None, Spoken(("aa",)), None, 0),
        (PortTry(PUBLIC, 1, False, None, None), Spoken(("aa",)), None, 0),
        (PortTry(PUBLIC, 1, True, 1.0, None), None, None, 1),
        (PortTry(PUBLIC, 1, True, 1.0, None), Spoken(("aa",)), Spoken(("aa",)), 2),
        (PortTry(PUBLIC, 1, True, 1.0, None), Spoken(("aa",)), Spoken(("bb", "aa")), 3),
        (PortTry(PUBLIC, 1, True, 1.0, None), Spoken(("aa",)), Spoken(("bb",)), 0),
        (PortTry(PUBLIC, 1, True, 1.0, None), Spoken(), Spoken(), 2),
    ],
)
def test_only_attempts_that_were_made_and_got_back_in_are_our_own(
    attempt: PortTry | None, here: Spoken | None, there: Spoken | None, made: int
) -> None:
    inside = Inside(True, None, None, None, None, here, None)
    declared = replace(site(1), hostname="emr.example.org")
    assert port_hairpin.came_back(port_hairpin.Hairpin(attempt, there), declared, inside) == made


def test_what_came_by_ipv6_says_nothing_of_ipv4() -> None:
    assert counted(Flow("2a00:9::1", 1, accepted=True, finished=True)) == Arrivals(whole=True)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (None, None),
        (Arrivals(failure=Failure(FailureKind.PERMISSION)), None),
        (Arrivals(outside=1), True),
        (Arrivals(whole=True), False),
        (Arrivals(whole=False), None),
        (Arrivals(whole=True, behind_router=1), None),
    ],
)
def test_that_nothing_arrived_is_said_only_where_nothing_was_missed(
    seen: Arrivals | None, expected: bool | None
) -> None:
    assert syn_seen(seen) is expected


def test_every_address_that_the_internet_names_is_the_offices() -> None:
    assert addresses_of_office(HEALTHY, "93.184.216.99") >= {PUBLIC, "93.184.216.99"}
    assert addresses_of_office(Seen(), None) == frozenset()


@contextmanager
def certificates(monkeypatch: pytest.MonkeyPatch, shown: dict[str | None, str | Failure]) -> Iterator[list[str | None]]:
    asked: list[str | None] = []

    def look(address: str, port: int, *, server_name: str | None, timeout_s: float, oldest: bool) -> TlsSeen | Failure:
        asked.append(server_name)
        answer = shown[server_name]
        if isinstance(answer, Failure):
            return answer
        return TlsSeen("TLSv1.3", "", (), chain_whole=True, fingerprint_sha256=answer, connect_ms=1.0, handshake_ms=1.0)

    monkeypatch.setattr(tls, "look", look)
    yield asked


def test_a_server_may_have_one_certificate_for_its_name_and_another_without(monkeypatch: pytest.MonkeyPatch) -> None:
    with certificates(monkeypatch, {"emr.example.org": "aa", None: "bb"}):
        assert spoken(LOOPBACK, 1, "emr.example.org").fingerprints == ("aa", "bb")


def test_nothing_more_is_asked_once_it_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    with certificates(monkeypatch, {"emr.example.org": "aa", None: "bb"}) as asked:
        assert spoken(LOOPBACK, 1, "emr.example.org", stop_at=frozenset({"aa"})).fingerprints == ("aa",)
    assert asked == ["emr.example.org"]


def test_what_speaks_no_tls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Failure(FailureKind.PLAIN_HTTP)
    with certificates(monkeypatch, {"emr.example.org": plain}) as asked:
        seen = spoken(LOOPBACK, 1, "emr.example.org")
    assert (seen.fingerprints, seen.failure) == ((), plain)
    assert asked == ["emr.example.org"]


class StubWatch:
    """Sees what it is told to."""

    def __init__(self, *flows: Flow) -> None:
        self.saw = Watched(flows, whole=True)
        self.ended = threading.Event()

    def end(self) -> Watched:
        self.ended.set()
        return self.saw


def site(port: int, *services: str, consent: bool = True) -> Site:
    return Site(port=port, emr_declared=True, lan_address=LOOPBACK, outside_services=services, outside_consent=consent)


def measured(
    monkeypatch: pytest.MonkeyPatch, watch: StubWatch | Failure, declared: Site, answer: OutsideTry | None = None
) -> tuple[Port, list[bool]]:
    """The probe with a watch and a service that are told what to see; and whether certificates were asked for."""
    asked: list[bool] = []

    def ask(service: str, *, port: int, certificate: bool, **_more: object) -> OutsideTry:
        asked.append(certificate)
        return answer or OutsideTry(service, PUBLIC, port, True, None)

    monkeypatch.setattr(syn_watch, "begin", lambda _port: watch)
    monkeypatch.setattr(outside, "ask", ask)
    monkeypatch.setattr(port_hairpin, "_public_address", lambda *_: None)  # no hairpin: nothing leaves this computer
    seen = probe.measure(declared, replace(HEALTHY, port=None), context(lookup=TableLookup()))
    assert isinstance(seen, Port)
    return seen, asked


SERVICE = "echoip+http://echo.example.org"


def test_the_watch_goes_on_while_somebody_outside_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = StubWatch(Flow(TESTER, 1, accepted=True))
    with silent_tcp_port() as port, certificates(monkeypatch, {None: "aa"}):
        seen, asked = measured(monkeypatch, watch, site(port, SERVICE))
    assert watch.ended.is_set()
    assert (seen.syn_seen, seen.fingerprint_lan) == (True, "aa")
    assert seen.arrivals == Arrivals(outside=1, accepted=1, sources=1, whole=True, method=syn_watch.method())
    assert asked == [True]


def test_who_may_not_watch_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = Failure(FailureKind.PERMISSION, "watch")
    seen, asked = measured(monkeypatch, denied, site(closed_tcp_port(), SERVICE))
    assert (seen.syn_seen, seen.arrivals) == (None, Arrivals(failure=denied))
    assert asked == [False]  # nothing speaks TLS there


@pytest.mark.parametrize("services", [(), (SERVICE,)])
def test_nobody_watches_where_nobody_outside_tries(monkeypatch: pytest.MonkeyPatch, services: tuple[str, ...]) -> None:
    watch = StubWatch()
    seen, _ = measured(monkeypatch, watch, site(closed_tcp_port(), *services, consent=False))
    assert (seen.arrivals, watch.ended.is_set()) == (None, False)


@pytest.mark.parametrize(("dialled", "shown"), [(PUBLIC, "cc"), (None, "cc"), ("93.184.216.99", None)])
def test_the_certificate_outside_is_that_of_this_office(
    monkeypatch: pytest.MonkeyPatch, dialled: str | None, shown: str | None
) -> None:
    answer = OutsideTry(SERVICE, dialled, 8443, True, None, certificate=OutsideCertificate("cc"))
    seen, _ = measured(monkeypatch, StubWatch(), site(closed_tcp_port(), SERVICE), answer)
    assert seen.fingerprint_outside == shown
