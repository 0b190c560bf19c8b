"""Is the router heard, and nobody else?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import ssdp
from tests.router_servers import ssdp_reply
from tests.servers import LOOPBACK, can_bind, udp_server

HERE = f"http://{LOOPBACK}:5000/rootDesc.xml"


@pytest.fixture(autouse=True)
def no_multicast(monkeypatch: pytest.MonkeyPatch) -> None:
    """The group is played by the router's own address: multicast would leave this computer."""
    monkeypatch.setattr(ssdp, "GROUP", LOOPBACK)


def search(monkeypatch: pytest.MonkeyPatch, port: int, gateway: str = LOOPBACK) -> ssdp.SsdpFound | Failure:
    monkeypatch.setattr(ssdp, "PORT", port)
    return ssdp.search(gateway, LOOPBACK, timeout_s=0.4)


def test_answer_is_read() -> None:
    assert ssdp.parse_answer(ssdp_reply(HERE)) == ssdp.SsdpAnswer(HERE, ssdp.GATEWAY_DEVICES[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"NOTIFY * HTTP/1.1\r\nLOCATION: http://127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 404 No\r\nLOCATION: http://127.0.0.1/\r\n\r\n",
        b"HTTP/1.1\r\nLOCATION: http://127.0.0.1/\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nST: x\r\n\r\n",
        ssdp_reply("http://127.0.0.1/\x1b[31m"),
        ssdp_reply("http://127.0.0.1/" + "x" * 400),
        ssdp_reply("http://127.0.0.1/é"),
    ],
)
def test_other_datagrams_are_failures(data: bytes) -> None:
    said = ssdp.parse_answer(data)
    assert isinstance(said, Failure)
    assert said.kind is FailureKind.MALFORMED


def test_router_is_asked_for_both_versions_and_its_description_found(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def answer(data: bytes) -> list[bytes]:
        asked.append(data)
        return [ssdp_reply(HERE + "2", "upnp:rootdevice"), ssdp_reply(HERE)] if b"Device:1" in data else []

    with udp_server(answer) as port:
        found = search(monkeypatch, port)
    assert isinstance(found, ssdp.SsdpFound)
    assert found.locations == (HERE, HERE + "2")
    assert all(data.startswith(b"M-SEARCH * HTTP/1.1\r\nHOST: ") and data.endswith(b"\r\n\r\n") for data in asked)
    assert {data.split(b"\r\nST: ")[1].strip() for data in asked} >= {name.encode() for name in ssdp.GATEWAY_DEVICES}


@pytest.mark.skipif(not can_bind("127.0.0.2"), reason="needs a second loopback address")
def test_answer_of_another_host_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssdp, "GROUP", "127.0.0.2")
    with udp_server(lambda _data: ssdp_reply(HERE), "127.0.0.2") as port:
        found = search(monkeypatch, port, LOOPBACK)
    assert isinstance(found, Failure)
    assert found.kind is FailureKind.TIMEOUT


def test_flood_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    count = iter(range(10_000))

    def flood(_data: bytes) -> list[bytes]:
        return [ssdp_reply(f"http://{LOOPBACK}:{next(count) + 1}/", "upnp:rootdevice") for _ in range(100)]

    with udp_server(flood) as port:
        found = search(monkeypatch, port)
    assert isinstance(found, ssdp.SsdpFound)
    assert len(found.locations) == 4


def test_once_the_router_is_found_nothing_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    started_s = time.monotonic()
    with udp_server(lambda _data: ssdp_reply(HERE)) as port:
        monkeypatch.setattr(ssdp, "PORT", port)
        found = ssdp.search(LOOPBACK, LOOPBACK, timeout_s=5)
    assert isinstance(found, ssdp.SsdpFound)
    assert time.monotonic() - started_s < 2


def test_silence_and_junk_are_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    with udp_server(lambda _data: None) as port:
        silent = search(monkeypatch, port)
    with udp_server(lambda _data: b"junk") as port:
        junk = search(monkeypatch, port)
    assert isinstance(silent, Failure)
    assert silent.kind is FailureKind.TIMEOUT
    assert isinstance(junk, Failure)
    assert junk.kind is FailureKind.MALFORMED


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: b"HTTP/1.1 200 OK\r\nLOCATION: " + tail))
def test_any_datagram_is_a_value(data: bytes) -> None:
    said = ssdp.parse_answer(data)
    assert isinstance(said, Failure) or said.location.isprintable()
