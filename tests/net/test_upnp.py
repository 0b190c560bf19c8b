"""Is the router's XML read without trust, and followed nowhere but to the router?"""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrnetcheck.model import Failure, FailureKind
from emrnetcheck.net import upnp, upnp_xml
from emrnetcheck.net.upnp_xml import Description, SoapAnswer, WanService, parse_description, parse_soap
from tests.router_servers import IP_1, IP_2, PPP_1, description, fault, plain_router, soap, web_router
from tests.servers import LOOPBACK, http_reply, http_server, silent_tcp_port

GATEWAY = "192.168.1.1"
GOOD = description((IP_1, "/ctl/IPConn"), (PPP_1, "/ctl/PPP"))
ANSWER = soap("GetExternalIPAddress", NewExternalIPAddress="21.99.0.10")
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><root>&c;</root>'
)


def test_description_is_read() -> None:
    services = (WanService(IP_1, "/ctl/IPConn"), WanService(PPP_1, "/ctl/PPP"))
    assert parse_description(GOOD) == Description(1, "Home Router", "Maker", "Model 7", None, services)


@pytest.mark.parametrize(
    "data",
    [
        GOOD + b"\0",
        GOOD + b"\r\n\0\0\n",
        b"\r\n" + GOOD,
        b" \n\t" + GOOD + b"\0",
        GOOD.decode().replace('"1.0"?>', '"1.0" encoding="utf-16"?>').encode("utf-16"),
    ],
    ids=["NUL", "NULs and lines", "a line before", "both", "UTF-16"],
)
def test_what_routers_put_around_the_xml_is_passed_over(data: bytes) -> None:
    assert parse_description(data) == parse_description(GOOD)
    assert isinstance(parse_description(data), Description)


def test_second_version_is_read() -> None:
    said = parse_description(description((IP_2, "/c"), version=2, base="http://192.168.1.1:80/"))
    assert isinstance(said, Description)
    assert (said.igd_version, said.base_url, said.services) == (2, "http://192.168.1.1:80/", (WanService(IP_2, "/c"),))


def test_what_is_no_gateway_has_no_service() -> None:
    said = parse_description(b"<root><device><deviceType>x</deviceType><friendlyName>TV</friendlyName></device></root>")
    assert said == Description(None, "TV", "", "", None, ())


def test_names_are_cleaned_and_cut() -> None:
    said = parse_description(description((IP_1, "/c"), name="A&#x202e;B&#xa;C&#x85;" + "x" * 100_000))
    assert isinstance(said, Description)
    assert said.friendly_name.startswith("A B C")
    assert len(said.friendly_name) <= 80
    assert said.friendly_name.isprintable()


def test_services_are_counted_off() -> None:
    said = parse_description(description(*((IP_1, f"/{number}") for number in range(50))))
    assert isinstance(said, Description)
    assert len(said.services) == 4


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", FailureKind.MALFORMED),
        (b"<html><p>log in</html>", FailureKind.MALFORMED),
        (GOOD[:-4], FailureKind.MALFORMED),
        (BOMB, FailureKind.MALFORMED),
        (b'<!DOCTYPE r SYSTEM "http://192.168.1.1/x.dtd"><root/>', FailureKind.MALFORMED),
        (b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><root>&x;</root>', FailureKind.MALFORMED),
        (b"<a>" * 33 + b"</a>" * 33, FailureKind.MALFORMED),
        (b"<a>" * 80_000, FailureKind.MALFORMED),
        (b"<a>" + b"<b/>" * 3000 + b"</a>", FailureKind.MALFORMED),
        (b'<?xml version="1.0" encoding="klingon"?><root/>', FailureKind.MALFORMED),
        (b'<?xml version="1.0" encoding="utf-7"?><root/>', FailureKind.MALFORMED),
        (b"<root>" + b"x" * upnp_xml.XML_MAX_BYTES + b"</root>", FailureKind.TOO_LARGE),
    ],
)
def test_other_xml_is_a_failure(data: bytes, kind: FailureKind) -> None:
    said = parse_description(data)
    assert isinstance(said, Failure)
    assert said.kind is kind
    assert said.detail.isprintable()


def test_as_many_elements_as_are_allowed_are_read() -> None:
    assert isinstance(parse_description(b"<a>" + b"<b/>" * 2999 + b"</a>"), Description)


def test_soap_answers_and_faults_are_read() -> None:
    assert parse_soap(ANSWER, "GetExternalIPAddress") == SoapAnswer({"NewExternalIPAddress": "21.99.0.10"})
    said = parse_soap(fault(714), "GetSpecificPortMappingEntry")
    assert isinstance(said, Failure)
    assert (said.kind, said.detail) == (FailureKind.REJECTED, upnp.MAPPING_ABSENT)
    other = parse_soap(ANSWER, "GetStatusInfo")
    assert isinstance(other, Failure)
    assert other.kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://192.168.1.1:5000/rootDesc.xml", upnp.Place(5000, "/rootDesc.xml")),
        ("http://192.168.1.1", upnp.Place(80, "/")),
        ("http://192.168.1.1:1780/d?x=1", upnp.Place(1780, "/d?x=1")),
        ("https://192.168.1.1/", None),
        ("http://192.168.1.2/", None),
        ("http://router.lan/", None),
        ("http://192.168.1.1@evil.example/", None),
        ("http://evil.example@192.168.1.1/", None),
        ("http://192.168.1.1:99999/", None),
        ("http://192.168.1.1:0x/", None),
        ("http://[::1", None),
        ("http://3232235777/", None),
        ("file:///etc/passwd", None),
        ("http://192.168.1.1/a b", None),
        ("http://192.168.1.1/\x1b", None),
        ("http://192.168.1.1/" + "x" * 400, None),
        ("", None),
    ],
)
def test_urls_lead_to_the_router_or_nowhere(url: str, place: upnp.Place | None) -> None:
    assert upnp.place_of(url, GATEWAY) == place


@pytest.mark.parametrize(
    ("base", "control", "place"),
    [
        (None, "/ctl", upnp.Place(5000, "/ctl")),
        (None, "ctl", upnp.Place(5000, "/ctl")),
        (None, "http://192.168.1.1:80/ctl", upnp.Place(80, "/ctl")),
        (None, "http://192.168.1.9/ctl", None),
        (None, "//evil.example/ctl", None),
        (None, "http://[", None),
        ("http://192.168.1.1:81/", "/ctl", upnp.Place(81, "/ctl")),
        ("http://evil.example/", "/ctl", None),
    ],
)
def test_control_is_on_the_router_or_nowhere(base: str | None, control: str, place: upnp.Place | None) -> None:
    told = Description(1, "", "", "", base, (WanService(IP_1, control),))
    described = upnp.Described(upnp.Place(5000, "/rootDesc.xml"), told, 0, 0)
    assert upnp.control_place(described, told.services[0], GATEWAY) == place


def test_router_is_described_and_asked() -> None:
    with web_router(plain_router("21.99.0.10")) as port:
        described = upnp.describe(LOOPBACK, upnp.Place(port, "/rootDesc.xml"), timeout_s=2)
        said = upnp.call(LOOPBACK, upnp.Place(port, "/ctl"), IP_1, "GetExternalIPAddress", {}, timeout_s=2)
        absent = upnp.call(LOOPBACK, upnp.Place(port, "/ctl"), IP_1, "GetX", upnp.mapping_question(8443), timeout_s=2)
    assert isinstance(described, upnp.Described)
    assert described.description.igd_version == 1
    assert isinstance(said, upnp.Said)
    assert said.answer.arguments == {"NewExternalIPAddress": "21.99.0.10"}
    assert isinstance(absent, Failure)
    assert absent.detail == upnp.MAPPING_ABSENT


@pytest.mark.parametrize("action", ["AddPortMapping", "DeletePortMapping", "ForceTermination", "SetConnectionType"])
def test_what_changes_a_router_cannot_be_asked(action: str) -> None:
    with pytest.raises(ValueError, match="only asked"):
        upnp.call(LOOPBACK, upnp.Place(1, "/"), IP_1, action, {}, timeout_s=1)


def test_redirects_errors_floods_and_slow_routers_are_failures_in_time() -> None:
    place = "/rootDesc.xml"
    started_s = time.monotonic()
    moved = http_reply(b"", "301 Moved\r\nLocation: http://127.0.0.1/")
    kinds = []
    for reply in (moved, http_reply(b"x" * (upnp_xml.XML_MAX_BYTES + 1)), http_reply(BOMB)):
        with http_server(reply) as port:
            said = upnp.describe(LOOPBACK, upnp.Place(port, place), timeout_s=2)
        assert isinstance(said, Failure)
        kinds.append(said.kind)
        if said.kind is FailureKind.TOO_LARGE:
            assert said.operation == "GET"  # stopped while it came, not when it was all there
    assert kinds == [FailureKind.HTTP_STATUS, FailureKind.TOO_LARGE, FailureKind.MALFORMED]
    with silent_tcp_port() as port:
        slow = upnp.describe(LOOPBACK, upnp.Place(port, place), timeout_s=0.2)
        mute = upnp.call(LOOPBACK, upnp.Place(port, "/"), IP_1, "GetStatusInfo", {}, timeout_s=0.2)
    assert isinstance(slow, Failure)
    assert isinstance(mute, Failure)
    assert (slow.kind, mute.kind) == (FailureKind.TIMEOUT, FailureKind.TIMEOUT)
    assert time.monotonic() - started_s < 5


MAPPING = {
    "NewInternalPort": "8443",
    "NewInternalClient": "192.168.1.10",
    "NewEnabled": "1",
    "NewPortMappingDescription": "emr\x1b[31m",
    "NewLeaseDuration": "0",
}


def test_mapping_is_read() -> None:
    found = upnp.mapping_of(SoapAnswer(MAPPING), 8443)
    assert found == upnp.Mapping(8443, "192.168.1.10", 8443, True, "emr [31m", 0)
    odd = upnp.mapping_of(SoapAnswer(MAPPING | {"NewEnabled": "?", "NewInternalPort": "x" * 50}), 8443)
    assert isinstance(odd, upnp.Mapping)
    assert (odd.enabled, odd.internal_port) == (None, None)
    assert isinstance(upnp.mapping_of(SoapAnswer({}), 8443), Failure)


def mutated(base: bytes) -> st.SearchStrategy[bytes]:
    """The message with a piece of it replaced."""
    return st.tuples(st.integers(0, len(base)), st.integers(0, 40), st.binary(max_size=40)).map(
        lambda cut: base[: cut[0]] + cut[2] + base[cut[0] + cut[1] :]
    )


@given(st.binary(max_size=200) | mutated(GOOD) | mutated(BOMB))
def test_any_description_is_a_value(data: bytes) -> None:
    said = parse_description(data)
    assert isinstance(said, Failure) or (said.friendly_name + said.manufacturer + said.model + " ").isprintable()


@given(st.binary(max_size=200) | mutated(ANSWER) | mutated(fault(714)))
def test_any_soap_answer_is_a_value(data: bytes) -> None:
    said = parse_soap(data, "GetExternalIPAddress")
    assert isinstance(said, Failure) or len(said.arguments) <= 40


@given(st.text(max_size=80) | st.text(max_size=40).map(lambda tail: "http://192.168.1.1" + tail), st.text(max_size=30))
def test_any_url_leads_to_the_router_or_nowhere(url: str, control: str) -> None:
    place = upnp.place_of(url, GATEWAY)
    assert place is None or (place.path.startswith("/") and place.path.isprintable() and place.path.isascii())
    told = Description(1, "", "", "", url, (WanService(IP_1, control),))
    upnp.control_place(upnp.Described(upnp.Place(80, "/"), told, 0, 0), told.services[0], GATEWAY)
