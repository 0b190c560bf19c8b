"""Is every way of asking the router tried, and is what it says kept as it said it?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from emrnetcheck.evidence.address import Hop
from emrnetcheck.evidence.address_class import AddressClass
from emrnetcheck.evidence.wan import SecondBox, Told, UpnpDevice, Wan, WanAnswer
from emrnetcheck.model import FailureKind, Site
from emrnetcheck.net import ddwrt, natpmp, pcp, ssdp, upnp
from emrnetcheck.probes import wan
from tests.net.test_ddwrt import PAGE
from tests.net.test_upnp import BOMB, MAPPING
from tests.probes.contexts import context
from tests.router_servers import (
    IP_1,
    IP_2,
    PPP_1,
    Answers,
    description,
    natpmp_reply,
    pcp_reply,
    plain_router,
    ssdp_reply,
    web_router,
)
from tests.servers import LOOPBACK, closed_tcp_port, http_reply, http_server, udp_server


class Router:
    """A router on loopback: each part of it is missing until it is started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self.stack = monkeypatch, ExitStack()
        nobody = closed_tcp_port()
        for module in (natpmp, pcp, ddwrt, ssdp):
            monkeypatch.setattr(module, "PORT", nobody)
        monkeypatch.setattr(natpmp.ask, "__kwdefaults__", {"port": nobody})
        monkeypatch.setattr(pcp.announce, "__kwdefaults__", {"port": nobody})
        monkeypatch.setattr(ddwrt.ask, "__kwdefaults__", {"port": nobody})
        monkeypatch.setattr(ssdp, "GROUP", LOOPBACK)
        monkeypatch.setattr(upnp, "WELL_KNOWN_PORTS", (nobody,))
        monkeypatch.setattr(wan, "_WEB_PORTS", ((nobody, "http"),))

    def upnp(self, answers: Answers, *, silent_ssdp: bool = False, location: str | None = None) -> int:
        port = self.stack.enter_context(web_router(answers))
        if silent_ssdp:
            self._patch.setattr(upnp, "WELL_KNOWN_PORTS", (port,))
        else:
            reply = ssdp_reply(location or f"http://{LOOPBACK}:{port}/gatedesc/rootDesc.xml")
            self._patch.setattr(ssdp, "PORT", self.stack.enter_context(udp_server(lambda _data: reply)))
        return port

    def ask_for_ports(self, natpmp_: bytes | None, pcp_: bytes | None) -> None:
        """Both are on one port: the first byte tells which it is."""
        port = self.stack.enter_context(udp_server(lambda data: natpmp_ if data[0] == 0 else pcp_))
        self._patch.setattr(natpmp.ask, "__kwdefaults__", {"port": port})
        self._patch.setattr(pcp.announce, "__kwdefaults__", {"port": port})

    def ddwrt(self, page: bytes) -> None:
        port = self.stack.enter_context(http_server(http_reply(page)))
        self._patch.setattr(ddwrt.ask, "__kwdefaults__", {"port": port})


@pytest.fixture
def router(monkeypatch: pytest.MonkeyPatch) -> Iterator[Router]:
    made = Router(monkeypatch)
    with made.stack:
        yield made


def ask() -> Wan:
    return wan.ask_router(LOOPBACK, Site(port=8443), context())


def answers_of(found: Wan) -> list[tuple[str, Told, str | None]]:
    return [(answer.method, answer.told, answer.address) for answer in found.answers]


def upnp_of(found: Wan) -> WanAnswer:
    (answer,) = [answer for answer in found.answers if answer.method == "upnp"]
    return answer


def test_all_ways_are_asked_and_agree(router: Router) -> None:
    port = router.upnp(plain_router("21.99.0.10", mapping=MAPPING | {"NewPortMappingDescription": "emr"}))
    router.ask_for_ports(natpmp_reply("21.99.0.10"), pcp_reply())
    router.ddwrt(PAGE)
    found = ask()
    assert answers_of(found) == [
        ("upnp", Told.ADDRESS, "21.99.0.10"),
        ("natpmp", Told.ADDRESS, "21.99.0.10"),
        ("pcp", Told.NOT_TOLD, None),
        ("ddwrt", Told.ADDRESS, "21.99.0.10"),
    ]
    assert (upnp_of(found).state, upnp_of(found).service) == ("Connected", "WANIPConnection:1")
    location = f"http://{LOOPBACK}:{port}/gatedesc/rootDesc.xml"
    assert found.device == UpnpDevice(location, 1, "Home Router", "Maker", "Model 7")
    assert found.mapping is not None
    assert (found.mapping.internal_client, found.mapping.internal_port) == ("192.168.1.10", 8443)
    assert found.addresses() == ("21.99.0.10",)
    assert found.opens_ports() == ("upnp", "natpmp", "pcp")


@pytest.mark.parametrize("said", [None, "0.0.0.0"])
def test_empty_answer_is_a_router_without_an_address(router: Router, said: str | None) -> None:
    router.upnp(plain_router(said))
    router.ask_for_ports(natpmp_reply(None, 3), None)
    found = ask()
    assert answers_of(found)[:2] == [("upnp", Told.NONE, None), ("natpmp", Told.NONE, None)]
    assert found.says_none()
    assert found.line_state() == "Connected"
    assert found.mapping_failure is not None
    assert found.mapping_failure.detail == upnp.MAPPING_ABSENT


def test_usual_places_are_tried_where_ssdp_is_silent(router: Router) -> None:
    router.upnp(plain_router("21.99.0.10"), silent_ssdp=True)
    started_s = time.monotonic()
    assert upnp_of(ask()).address == "21.99.0.10"
    assert time.monotonic() - started_s < 0.9


def test_services_that_differ_are_all_kept(router: Router) -> None:
    def two_lines(path: str, action: str) -> tuple[str, bytes]:
        one = plain_router("21.99.0.10") if path == "/ip" else plain_router(None, state="Unconfigured")
        return one(path, action) if action else ("200 OK", description((IP_2, "/ip"), (PPP_1, "/ppp"), version=2))

    router.upnp(two_lines)
    found = ask()
    kept = [(answer.service, answer.told, answer.state) for answer in found.answers if answer.method == "upnp"]
    assert sorted(kept) == [
        ("WANIPConnection:2", Told.ADDRESS, "Connected"),
        ("WANPPPConnection:1", Told.NONE, "Unconfigured"),
    ]
    assert found.addresses() == ("21.99.0.10",)
    assert not found.says_none()
    assert found.line_state() == "Connected"
    assert found.device is not None
    assert found.device.igd_version == 2


def test_silent_router_costs_about_a_second(router: Router) -> None:
    started_s = time.monotonic()
    found = ask()
    assert time.monotonic() - started_s < 1.3
    assert {answer.told for answer in found.answers} == {Told.NO_ANSWER}
    assert all(answer.failure is not None for answer in found.answers)
    assert [answer.method for answer in found.answers] == ["upnp", "natpmp", "pcp", "ddwrt"]
    assert found.opens_ports() == ()


def test_without_a_router_nothing_is_asked() -> None:
    assert wan.ask_router(None, Site(), context()) == Wan(None)


@pytest.mark.parametrize(
    "location", ["http://127.0.0.9:5000/rootDesc.xml", "https://127.0.0.1/", "http://evil.example/"]
)
def test_description_elsewhere_is_not_fetched(router: Router, location: str) -> None:
    router.upnp(plain_router(), location=location)
    failure = upnp_of(ask()).failure
    assert failure is not None
    assert failure.kind is FailureKind.REJECTED


def test_control_elsewhere_is_not_asked(router: Router) -> None:
    router.upnp(plain_router("21.99.0.10", (IP_1, "http://evil.example/ctl")))
    answer = upnp_of(ask())
    assert (answer.told, answer.failure is not None and answer.failure.kind) == (Told.NO_ANSWER, FailureKind.REJECTED)


@pytest.mark.parametrize("said", ["21.99.0.10\x1b[31m".replace("\x1b", "&#x9b;"), "x" * 5000, "::1", "router.lan"])
def test_what_is_no_address_is_not_kept(router: Router, said: str) -> None:
    router.upnp(plain_router(said))
    answer = upnp_of(ask())
    assert (answer.told, answer.address) == (Told.NO_ANSWER, None)


def test_bomb_in_the_description_is_a_failure(router: Router) -> None:
    router.upnp(lambda _path, _action: ("200 OK", BOMB))
    answer = upnp_of(ask())
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.MALFORMED


def test_pcp_alone_is_said_so(router: Router) -> None:
    router.ask_for_ports(natpmp_reply(None, 1, version=2), pcp_reply())
    found = ask()
    by_method = {answer.method: answer for answer in found.answers}
    assert by_method["pcp"].told is Told.NOT_TOLD
    assert by_method["natpmp"].failure is not None
    assert by_method["natpmp"].failure.kind is FailureKind.UNSUPPORTED
    assert found.opens_ports() == ("pcp",)


def test_page_without_an_address_tells_none(router: Router) -> None:
    router.ddwrt(b"{uptime:: 1}")
    assert answers_of(ask())[-1] == ("ddwrt", Told.NOT_TOLD, None)


HOPS = (Hop(1, "192.168.1.1", 0.5), Hop(2, "10.0.0.1", 0.9))


@pytest.mark.parametrize(
    "hops",
    [
        (),
        HOPS[:1],
        (HOPS[0], Hop(2, None, None)),
        (HOPS[0], Hop(2, "21.1.1.1", 9.0)),
        (HOPS[0], Hop(2, "100.64.0.1", 9.0)),
    ],
)
def test_only_a_private_next_router_is_a_second_box(router: Router, hops: tuple[Hop, ...]) -> None:
    assert wan.ask_second_box("192.168.1.1", hops, context()) is None


def test_second_box_is_asked_what_a_router_answers(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wan, "_PRIVATE", (AddressClass.LOOPBACK,))
    hops = (Hop(1, "192.168.1.1", 0.5), Hop(2, LOOPBACK, 1.0))
    silent = wan.ask_second_box("192.168.1.1", hops, context())
    router.ask_for_ports(natpmp_reply("21.99.0.10"), None)
    monkeypatch.setattr(wan, "_WEB_PORTS", ((router.stack.enter_context(http_server(b"")), "http"),))
    answering = wan.ask_second_box("192.168.1.1", hops, context())
    assert silent == SecondBox(LOOPBACK, (), 0.5, None)
    assert answering == SecondBox(LOOPBACK, ("http", "natpmp"), 0.5, "21.99.0.10")
