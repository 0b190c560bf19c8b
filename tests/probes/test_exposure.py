"""Is nobody asked to try an address that may not be the office's, and each door only once where it is?"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from emrnetcheck.evidence import Seen
from emrnetcheck.evidence.address import Address, Hop
from emrnetcheck.evidence.exposure import HeldBack
from emrnetcheck.evidence.port import OutsideCertificate, OutsideTry
from emrnetcheck.evidence.wan import SecondBox
from emrnetcheck.model import Access, Failure, FailureKind, Mode, Site
from emrnetcheck.net import listeners
from emrnetcheck.probes import exposure as probe
from emrnetcheck.probes import outside as ask
from emrnetcheck.profiles import CONTROL_PORTS, closed_ports
from tests.checks import builders as b
from tests.probes.contexts import context

SITE = Site(emr_declared=True, lan_address="192.0.2.99", outside_consent=True, outside_services=("echoip+http://one",))
PORTS = tuple(each.port for each in closed_ports("oscar", 8443))
SHUT_PORT = b.port(b.outside(False))


def seen(address: Address | None = None, **changes: Any) -> Seen:
    return Seen(**{"link": b.LINK, "address": address or b.address(), "port": SHUT_PORT, **changes})


class Asked:
    """Instead of asking anybody: all doors are shut but for what is told here."""

    def __init__(self, *open_: int, silent: Sequence[str] = (), lying: Sequence[str] = ()) -> None:
        self.calls: list[tuple[str, tuple[int, ...], str | None]] = []
        self.open, self.silent, self.lying = open_, silent, lying

    def __call__(
        self, service: str, ports: Sequence[int], site: Site, context: object, *, address: str | None, ends_s: float
    ) -> tuple[OutsideTry, ...]:
        self.calls.append((service, tuple(ports), address))
        if service in self.silent:
            return tuple(OutsideTry(service, None, port, None, Failure(FailureKind.TIMEOUT)) for port in ports)
        lying = service in self.lying
        return tuple(OutsideTry(service, address, port, lying or port in self.open, None) for port in ports)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    instead = Asked()
    monkeypatch.setattr(ask, "ask_many", instead)
    return instead


def test_each_door_and_a_control_port_are_tried_once_at_the_offices_own_address(asked: Asked) -> None:
    found = probe.measure(SITE, seen(), context())
    ((service, ports, address),) = asked.calls
    assert (service, address) == ("echoip+http://one", b.PUBLIC)
    assert ports[:-1] == PORTS == found.ports
    assert ports[-1] == found.control_port
    assert found.control_port in CONTROL_PORTS
    assert len(ports) <= 20
    assert (found.address, found.held_back, found.is_emr_host, found.listeners) == (b.PUBLIC, None, False, None)


MANY = b.address(b.witness(b.PUBLIC), b.witness(b.OLD))
STUN_DIFFERS = b.address(b.witness(b.PUBLIC), b.witness(b.PUBLIC), b.witness(b.OLD, "stun"))
ONE_ODD = b.address(b.witness(b.PUBLIC), b.witness(b.PUBLIC), b.witness(b.OLD), b.witness(b.PUBLIC, "stun"))
TWO_ODD = b.address(b.witness(b.PUBLIC), b.witness(b.PUBLIC), b.witness(b.PUBLIC), b.witness(b.OLD), b.witness(b.OLD))
UNTOLD: dict[str, Any] = {"wan_v4": None, "wan_source": None}
HOPS = (Hop(1, b.ROUTER, 0.5), Hop(2, "100.64.0.1", 8.0))
PRIVATE_HOPS = (Hop(1, b.ROUTER, 0.5), Hop(2, "10.0.0.1", 8.0), Hop(3, "93.184.0.1", 8.0))
SILENT_HOPS = (Hop(1, b.ROUTER, 0.5), Hop(2, None, None))
OWN, OTHERS = "a" * 64, "b" * 64


def through(shown: str | None, **changes: Any) -> dict[str, Any]:
    """Somebody outside got through to the EMR's port, and was shown this certificate."""
    certificate = OutsideCertificate(shown) if shown else None
    return {"port": b.port(b.outside(True, certificate=certificate), spoken_lan=b.spoken(OWN), **changes)}


BOX = SecondBox("192.168.0.1", ("http",), 0.5, None)
REACHED = {"port": b.port(b.outside(True))}


@pytest.mark.parametrize(
    ("site", "what", "why"),
    [
        (SITE, seen(), None),
        (SITE, seen(ONE_ODD), None),
        (SITE, seen(b.address(b.witness(b.PUBLIC), b.witness(b.PUBLIC))), None),
        (SITE, seen(b.address(**UNTOLD)), None),
        (replace(SITE, access=Access.VPN), seen(), None),
        (replace(SITE, outside_consent=False), seen(), HeldBack.NO_CONSENT),
        (replace(SITE, outside_services=()), seen(), HeldBack.NO_SERVICE),
        (replace(SITE, outside_services=("globalping",)), seen(), HeldBack.QUICK),
        (SITE, replace(seen(), address=None), HeldBack.NO_ADDRESS),
        (replace(SITE, access=Access.LAN_ONLY), replace(seen(), address=None), HeldBack.OFFICE_ONLY),
        (SITE, seen(b.address(b.witness(b.PUBLIC))), HeldBack.NO_ADDRESS),
        (SITE, seen(b.address(b.witness(None))), HeldBack.NO_ADDRESS),
        (SITE, seen(link=replace(b.LINK, vpn=True)), HeldBack.VPN),
        (SITE, seen(MANY), HeldBack.NOT_ONE_ADDRESS),
        (SITE, seen(STUN_DIFFERS), HeldBack.NOT_ONE_ADDRESS),
        (SITE, seen(TWO_ODD), HeldBack.NOT_ONE_ADDRESS),
        (SITE, seen(b.address(wan_v4="100.64.0.9")), HeldBack.SHARED),
        (SITE, seen(b.address(wan_v4="100.64.0.9"), **REACHED), HeldBack.SHARED),
        (SITE, seen(b.address(local_v4="192.0.0.4", **UNTOLD)), HeldBack.SHARED),
        (SITE, seen(b.address(b.witness("10.0.0.1"), b.witness("10.0.0.1"))), HeldBack.SHARED),
        (SITE, seen(b.address(wan_v4="192.168.0.2")), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(wan_v4="192.168.0.2"), **REACHED), None),
        (SITE, seen(b.address(wan_v4=b.OLD)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=HOPS, **UNTOLD)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=HOPS, **UNTOLD), **REACHED), None),
        (SITE, seen(b.address(hops=PRIVATE_HOPS, **UNTOLD)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=SILENT_HOPS, **UNTOLD)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=(), **UNTOLD)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=(), **{**UNTOLD, "local_v4": b.PUBLIC})), None),
        (SITE, seen(b.address(hops=(), **UNTOLD), **through(OWN)), None),
        (SITE, seen(b.address(hops=(), **UNTOLD), **through(OTHERS)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=(), **UNTOLD), **through(None)), None),
        (SITE, seen(b.address(hops=(), **UNTOLD), **through(None, syn_seen=False)), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(hops=(), **UNTOLD), **through(OWN, syn_seen=False)), None),
        (SITE, seen(b.address(**{**UNTOLD, **b.router(b.by_upnp(None))})), HeldBack.BEHIND_ANOTHER),
        (SITE, seen(b.address(**{**UNTOLD, **b.router(b.by_upnp(None), box=BOX)})), HeldBack.BEHIND_ANOTHER),
    ],
)
def test_nobody_is_asked_where_the_address_is_not_certainly_the_offices(
    asked: Asked, site: Site, what: Seen, why: HeldBack | None
) -> None:
    found = probe.measure(site, what, context())
    assert found.held_back is why
    assert bool(asked.calls) is (why is None)
    assert (found.address is None) is (why is not None)
    assert found.tries or why is not None


def test_offline_sends_nothing_and_still_tells_who_listens(asked: Asked) -> None:
    inside = replace(context(), stay_inside=Failure(FailureKind.OFFLINE))
    found = probe.measure(replace(SITE, lan_address=None), seen(), inside)
    assert (found.held_back, asked.calls) == (HeldBack.OFFLINE, [])
    assert found.is_emr_host
    assert found.listeners is not None or found.listeners_failure is not None


def test_listeners_of_the_list_are_told_and_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(probe, "closed_ports", lambda *_: [replace(closed_ports("oscar", 1)[0], port=port)])
        found = probe.measure(replace(SITE, lan_address=None, outside_services=()), seen(), context())
    if found.listeners is None:
        pytest.skip("this system does not show its listeners")
    assert [(each.port, each.bind) for each in found.listeners] == [(port, ("127.0.0.1",))]


def test_listeners_of_a_computer_that_may_be_anybodys_are_not_looked_at(asked: Asked) -> None:
    found = probe.measure(replace(SITE, emr_declared=False, lan_address=None), seen(), context())
    assert (found.is_emr_host, found.listeners, found.listeners_failure) == (False, None, None)


def test_table_that_may_not_be_read_is_a_failure(monkeypatch: pytest.MonkeyPatch, asked: Asked) -> None:
    monkeypatch.setattr(listeners, "listening_at", lambda _ports: Failure(FailureKind.PERMISSION))
    found = probe.measure(replace(SITE, lan_address=None), seen(), context())
    assert found.listeners is None
    assert found.listeners_failure is not None


THREE = replace(SITE, outside_services=("globalping", "echoip+http://one", "responder+https://two"))


@pytest.mark.parametrize(
    ("instead", "order"),
    [
        (Asked(), ["responder+https://two"]),
        (Asked(silent=["responder+https://two"]), ["responder+https://two", "echoip+http://one"]),
        (Asked(lying=["responder+https://two"]), ["responder+https://two", "echoip+http://one"]),
        (
            Asked(silent=["responder+https://two", "echoip+http://one"]),
            ["responder+https://two", "echoip+http://one", "globalping"],
        ),
    ],
    ids=["one is enough", "silent", "lying", "two silent"],
)
def test_another_service_is_asked_only_where_the_one_before_told_nothing(
    monkeypatch: pytest.MonkeyPatch, instead: Asked, order: list[str]
) -> None:
    monkeypatch.setattr(ask, "ask_many", instead)
    probe.measure(THREE, seen(port=b.port()), context(mode=Mode.STANDARD))
    assert [service for service, _, _ in instead.calls] == order


ONE, TWO = "echoip+http://one", "responder+https://two"


@pytest.mark.parametrize(
    ("access", "said", "order"),
    [
        (Access.DIRECT, {ONE: True, TWO: False}, [ONE]),
        (Access.DIRECT, {ONE: False, TWO: False}, [TWO, ONE]),
        (Access.DIRECT, {ONE: False, TWO: None}, [TWO]),
        (Access.VPN, {ONE: False, TWO: False}, [TWO]),
        (Access.VPN, {ONE: True, TWO: False}, [ONE]),
    ],
    ids=["the one that got through", "neither got through", "one not", "VPN, neither", "VPN, one got through"],
)
def test_those_are_asked_first_that_got_through_to_the_emr_and_others_not_alone(
    asked: Asked, access: Access, said: dict[str, bool | None], order: list[str]
) -> None:
    port = b.port(*(b.outside(reachable, service) for service, reachable in said.items()))
    site = replace(SITE, access=access, outside_services=(ONE, TWO))
    probe.measure(site, seen(port=port), context())
    assert [service for service, _, _ in asked.calls] == order


def test_the_second_service_is_asked_only_for_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Partly(Asked):
        def __call__(self, *arguments: Any, **named: Any) -> tuple[OutsideTry, ...]:
            said = super().__call__(*arguments, **named)
            if len(self.calls) > 1:
                return said
            return tuple(replace(each, reachable=None) if each.port == 445 else each for each in said)

    instead = Partly()
    monkeypatch.setattr(ask, "ask_many", instead)
    probe.measure(THREE, seen(), context())
    assert instead.calls[1][1][:-1] == (445,)


def test_an_interrupted_run_asks_nobody_any_more(asked: Asked) -> None:
    found = probe.measure(SITE, seen(), context(stopped=True))
    assert asked.calls == []
    assert found.tries == ()
